"""
Pool histories: what is done with a pool, as data, run on any backend.

A history is a TOML file named for its situation.  It has the ``rules`` it shows
and ``steps``, each a table whose first key is a method of the pool and its first
argument; the other keys are the other arguments, and beside them

* ``gives``: what the method must answer;
* ``refused``: the code with which it must be refused.

Agents, needs and waiting calls have names in a history; the runner puts their
handles in.  ``docs/reference/pool-histories.md`` has the format with an example.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from importlib import resources
from typing import Any, NamedTuple

import msgspec

from ..errors import SkillrouteError

__all__ = ["PoolHistory", "PoolStep", "load_pool_corpus", "load_pool_history", "run"]

NOBODY = "none"
"""Stands in ``gives`` for None; nothing may be called so."""


class _Form(NamedTuple):
    """
    How an operation is written: what its keys name, "" what they are.
    """

    subject: str
    """Of the operation's own key."""
    keys: dict[str, str]
    makes: str = ""
    """What the subject is a new name of."""
    answers: str = ""
    """What the answer names; empty: there is none."""


_CHOICE = {"exclude": "agent", "draw": ""}
_COUNTERS = ("calls", "talk_ms", "wrap_up_ms", "logged_in_ms", "open_cases", "weight")
_NEEDS = ("required", "any_of", "forbidden", "prefer", "strategy")
_FORMS = {
    "add": _Form("", dict.fromkeys(("tags", "free", "idle_since_ms"), ""), "agent"),
    "remove": _Form("agent", {}),
    "retag": _Form("agent", {"tags": ""}),
    "take": _Form("agent", {}),
    "release": _Form("agent", {"idle_since_ms": ""}),
    "tell": _Form("agent", dict.fromkeys(_COUNTERS, "")),
    "tell_demand": _Form("", {"demand": "", "supply": ""}),
    "needs": _Form("", dict.fromkeys(_NEEDS, "") | {"members": "agent"}, "needs"),
    "set_member": _Form("needs", {"agent": "agent", "member": ""}),
    "select": _Form("needs", _CHOICE, answers="agent"),
    "rank": _Form("needs", {"count": "", **_CHOICE}, answers="agent"),
    "reserve": _Form("needs", _CHOICE, answers="agent"),
    "reserve_many": _Form("needs", {}, answers="agent"),
    "wait": _Form("", {"needs": "needs", "priority": "", "since_ms": ""}, "call"),
    "leave": _Form("call", {}),
    "best_waiting": _Form("agent", {}, answers="call"),
}


class PoolStep(msgspec.Struct, frozen=True, kw_only=True):
    """
    One step of a history.
    """

    operation: str
    """A method of the pool."""
    subject: Any
    """Its first argument, or the name of what it makes."""
    keywords: dict[str, Any]
    gives: Any = None
    """None: the method answers nothing, or a handle that does not matter."""
    refused: str = ""
    """Code of the refusal; empty: it must be done."""


class PoolHistory(msgspec.Struct, frozen=True, kw_only=True):
    """
    One situation.
    """

    name: str
    """The file's name without its ending."""
    about: str
    """What happens, in one sentence."""
    rules: list[str]
    """Numbers of the rules that it shows, such as ``6.5``."""
    uncounted: list[str]
    seed: int
    steps: list[PoolStep]


class _File(msgspec.Struct, forbid_unknown_fields=True):
    about: str
    rules: list[str]
    steps: list[dict[str, Any]]
    uncounted: list[str] = []
    seed: int = 0


def load_pool_history(name: str, text: str) -> PoolHistory:
    """
    Read one history.

    Args:
        name: The file's name without its ending.
        text: TOML.

    Raises:
        ValueError: A step would be passed over in part, or names what is not there.
        msgspec.ValidationError: A key is unknown or has a wrong type.
    """
    file = msgspec.convert(tomllib.loads(text), _File)
    steps = [_step(table) for table in file.steps]
    _check_names(steps)
    return PoolHistory(
        name=name,
        about=file.about,
        rules=file.rules,
        uncounted=file.uncounted,
        seed=file.seed,
        steps=steps,
    )


def load_pool_corpus() -> tuple[PoolHistory, ...]:
    """
    Read every history that ships with the package, sorted by name.
    """
    folder = resources.files(__package__) / "pool_corpus"
    files = sorted(folder.iterdir(), key=lambda file: file.name)
    return tuple(
        load_pool_history(file.name.removesuffix(".toml"), file.read_text("utf-8"))
        for file in files
        if file.name.endswith(".toml")
    )


def run(history: PoolHistory, pool_class: Callable[..., Any]) -> list[str]:
    """
    Run a history on a pool.

    Args:
        history: The situation.
        pool_class: ``Pool`` of a backend.

    Returns:
        What differs from the expectation, a line each; empty: nothing.
    """
    pool = pool_class(uncounted=history.uncounted, seed=history.seed)
    handles: dict[str, dict[str, int]] = {"agent": {}, "needs": {}, "call": {}}
    wrong = []
    for number, step in enumerate(history.steps):
        found = _run_step(pool, handles, step)
        if found:
            wrong.append(f"{history.name}, step {number}: {step.operation} {found}")
    return wrong


def _step(table: Mapping[str, Any]) -> PoolStep:
    operation = next(iter(table), "")
    form = _FORMS.get(operation)
    if form is None:
        raise ValueError(f"a step begins with what is done, not with {operation!r}")
    others = {key: value for key, value in table.items() if key != operation}
    gives, refused = others.pop("gives", None), others.pop("refused", "")
    if unknown := sorted(others.keys() - form.keys.keys()):
        raise ValueError(f"{operation} has no {', '.join(unknown)}")
    if not (form.answers or form.makes) and gives is not None:
        raise ValueError(f"{operation} answers nothing")
    if (gives is None) == (not refused) and (form.answers or refused):
        raise ValueError(f"{operation} says what it gives, or how it is refused")
    return PoolStep(
        operation=operation,
        subject=table[operation],
        keywords=others,
        gives=gives,
        refused=refused,
    )


def _check_names(steps: list[PoolStep]) -> None:
    """
    Refuse a name that is not given before it is used, or is given twice.
    """
    given = {"agent": {NOBODY}, "needs": {NOBODY}, "call": {NOBODY}}
    for step in steps:
        form = _FORMS[step.operation]
        used = [(form.subject, step.subject), (form.answers, step.gives)]
        used += [(form.keys[key], value) for key, value in step.keywords.items()]
        for kind, value in used:
            for name in value if isinstance(value, list) else [value]:
                if kind and isinstance(name, str) and name not in given[kind]:
                    raise ValueError(f"{step.operation}: there is no {kind} {name!r}")
        if form.makes and not step.refused:
            if step.subject in given[form.makes]:
                raise ValueError(f"there is a {form.makes} {step.subject!r} already")
            given[form.makes].add(step.subject)


def _run_step(pool: Any, handles: dict[str, dict[str, int]], step: PoolStep) -> str:
    """
    Do one step, and say what is wrong with what came of it.
    """
    form = _FORMS[step.operation]
    arguments, keywords = _call(handles, step)
    answer: Any = None
    code = ""
    try:
        answer = getattr(pool, step.operation)(*arguments, **keywords)
    except SkillrouteError as error:
        code = error.code
    if code != step.refused:
        return f"was refused with {code!r}, expected {step.refused!r}"
    if code:
        return ""
    if form.makes:
        handles[form.makes][step.subject] = answer
        answer = answer if step.gives is not None else None
    elif form.answers:
        answer = _named(handles[form.answers], answer)
    return "" if answer == step.gives else f"gave {answer!r}, expected {step.gives!r}"


def _call(
    handles: dict[str, dict[str, int]], step: PoolStep
) -> tuple[list[Any], dict[str, Any]]:
    """
    Make the arguments of a step: handles in place of names.
    """
    form = _FORMS[step.operation]
    keywords = {
        key: _handle(handles, form.keys[key], value)
        for key, value in step.keywords.items()
    }
    if "draw" in keywords:
        keywords["draw"] = tuple(keywords["draw"])
    match step.operation:
        case "needs":
            return list(keywords.pop("required", [])), keywords
        case "wait":
            return [], keywords
    return [_handle(handles, form.subject, step.subject)], keywords


def _handle(handles: dict[str, dict[str, int]], kind: str, value: Any) -> Any:
    if isinstance(value, list) and kind:
        return [_handle(handles, kind, each) for each in value]
    return handles[kind][value] if kind and isinstance(value, str) else value


def _named(handles: Mapping[str, int], answer: Any) -> Any:
    """
    Put names in place of handles; a handle without a name stays a number.
    """
    if isinstance(answer, tuple):
        return [_named(handles, each) for each in answer]
    names = {handle: name for name, handle in handles.items()}
    return NOBODY if answer is None else names.get(answer, answer)
