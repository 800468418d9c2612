"""
Transcripts: situations as data, run on any backend through the public API.

A transcript is a TOML file named for its situation.  It has the ``rules`` it
shows, a ``plan`` in the format that users write, and ``steps``.  A step has
``at_ms`` after ``start``, and one of:

* ``event``: an event with its fields; ``expect`` lists all orders it must give,
  in their order, each with the fields that matter;
* ``advance = true``: time passes; ``expect`` likewise;
* ``reload``: another plan, under which the site goes on; ``expect`` likewise;
* ``refused``: beside ``event``, the code with which it must be refused;
* ``call``: that call is explained; ``verdicts``, ``also``, ``until_ms``, ``never``,
  ``order``, ``next``, ``changes_ms`` and ``competing`` are what the decision must say;
* ``idle``: it is explained why that agent has no call; ``verdict`` and ``calls`` are
  what must be said of the agent and of each waiting call.

``docs/reference/transcripts.md`` has the format with an example.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from importlib import resources
from typing import Any

import msgspec

from .. import actions, events
from ..contract import (
    AnyOf,
    Destination,
    Forbidden,
    Need,
    Preferred,
    PreferredAgent,
    Required,
)
from ..decisions import AgentQuery, ExplainQuery
from ..errors import EventRefusedError
from ..numbers import parse_party
from ..plan import parse_plan

__all__ = ["Step", "Transcript", "load_corpus", "load_transcript", "run"]

_EVENTS = {event.__name__: event for event in events.EVENTS}
_ACTIONS = {action.__name__: action for action in actions.ACTIONS}
_INSTANTS = ("from_ms", "until_ms", "hung_up_at_ms")
_CALLER = "+12025550100"


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    One step of a transcript.
    """

    at_ms: int
    event: dict[str, Any] | None = None
    advance: bool = False
    reload: str = ""
    """Another plan in the format that users write, in place of an event."""
    expect: list[dict[str, Any]] | None = None
    """None: the orders do not matter here."""
    refused: str = ""
    """Code of the refusal; empty: the event must be taken."""
    call: str = ""
    """A call to explain, in place of an event."""
    verdicts: dict[str, str] = {}
    also: dict[str, list[str]] = {}
    """Agent to the codes of all other tests that fail."""
    until_ms: dict[str, int] = {}
    """Agent to the instant, after ``start``, at which time alone clears it."""
    never: list[str] = []
    """Agents whom time alone does not clear."""
    order: list[str] | None = None
    """All eligible agents by rank; None: any."""
    next: str = ""
    changes_ms: int | None = None
    """When something changes next, after ``start``; None: whenever."""
    competing: list[str] | None = None
    """Other calls that wait for the same agents, in line order; None: any."""
    idle: str = ""
    """An agent to explain, in place of an event."""
    verdict: str = ""
    calls: dict[str, str] | None = None
    """All waiting calls, in line order, to the code that keeps each from the agent."""

    def __post_init__(self) -> None:
        """
        Refuse a step of which a part would be passed over in silence.
        """
        texts = (self.reload, self.call, self.idle)
        kinds = (self.event is not None, self.advance, *(text != "" for text in texts))
        if kinds.count(True) != 1:
            raise ValueError("a step has one of event, advance, reload, call and idle")
        if (self.call or self.idle) and (self.expect is not None or self.refused):
            raise ValueError("a step that explains gives no orders")
        asked = (self.verdicts, self.also, self.until_ms, self.never, self.next)
        others = (self.order, self.changes_ms, self.competing)
        is_asked = any(asked) or any(other is not None for other in others)
        if is_asked != bool(self.call):
            raise ValueError("a call and what is to be said of it go together")
        if (self.verdict != "" or self.calls is not None) != bool(self.idle):
            raise ValueError("an agent and what is to be said of them go together")


class Transcript(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    One situation.
    """

    name: str = ""
    """The file's name without its ending."""
    about: str
    """What happens, in one sentence."""
    rules: list[str]
    """Numbers of the rules that it shows, such as ``7.4``."""
    start: datetime
    """Instant of ``at_ms = 0``."""
    plan: str
    steps: list[Step]

    @property
    def start_ms(self) -> int:
        """
        The instant of ``at_ms = 0``, epoch milliseconds.
        """
        return round(self.start.timestamp() * 1000)

    def plans(self) -> list[bytes]:
        """
        List the compiled plan that holds after each step that may give orders.
        """
        plan = parse_plan(self.plan, file=self.name).compiled
        plans = []
        for step in self.steps:
            if step.call or step.idle:
                continue
            if step.reload:
                plan = parse_plan(step.reload, file=self.name).compiled
            plans.append(plan)
        return plans


def load_transcript(name: str, text: str) -> Transcript:
    """
    Read one transcript.

    Args:
        name: The file's name without its ending.
        text: TOML.

    Raises:
        msgspec.ValidationError: A key is unknown or has a wrong type.
    """
    return msgspec.convert({**tomllib.loads(text), "name": name}, Transcript)


def load_corpus() -> tuple[Transcript, ...]:
    """
    Read every transcript that ships with the package, sorted by name.
    """
    folder = resources.files(__package__) / "corpus"
    files = sorted(folder.iterdir(), key=lambda file: file.name)
    return tuple(
        load_transcript(file.name.removesuffix(".toml"), file.read_text("utf-8"))
        for file in files
        if file.name.endswith(".toml")
    )


def run(
    transcript: Transcript,
    engine_class: Callable[[bytes], Any],
    *,
    after_step: Callable[[Any, tuple[Any, ...]], Any] | None = None,
) -> list[str]:
    """
    Run a transcript on an engine.

    Args:
        transcript: The situation.
        engine_class: ``Engine`` of a backend.
        after_step: Called with the engine and the orders after each event;
            may return another engine to go on with.

    Returns:
        What differs from the expectation, a line each; empty: nothing.
    """
    engine = engine_class(parse_plan(transcript.plan, file=transcript.name).compiled)
    wrong: list[str] = []
    for number, step in enumerate(transcript.steps):
        orders, found = _run_step(transcript, engine, step)
        wrong += [f"{transcript.name}, step {number}: {line}" for line in found]
        if after_step is not None and orders is not None:
            engine = after_step(engine, orders) or engine
    return wrong


def _run_step(
    transcript: Transcript, engine: Any, step: Step
) -> tuple[tuple[Any, ...] | None, list[str]]:
    now_ms = transcript.start_ms + step.at_ms
    if step.call:
        return None, list(_check_decision(transcript, engine, step, now_ms))
    if step.idle:
        return None, list(_check_agent(engine, step, now_ms))
    code = ""
    try:
        if step.reload:
            plan = parse_plan(step.reload, file=transcript.name)
            orders = engine.reload(plan.compiled, now_ms)
        elif step.event is None:
            orders = engine.advance(now_ms)
        else:
            event = make_event(step.event, transcript.start_ms)
            orders = engine.handle(event, now_ms)
    except EventRefusedError as error:
        orders, code = error.actions, error.code
    wrong = []
    if code != step.refused:
        wrong.append(f"refused with {code!r}, expected {step.refused!r}")
    if step.expect is not None:
        wrong += _differences(step.expect, orders)
    return orders, wrong


def _check_decision(
    transcript: Transcript, engine: Any, step: Step, now_ms: int
) -> Iterator[str]:
    decision = engine.explain(ExplainQuery(now_ms=now_ms, call=step.call))
    by_agent = {verdict.agent: verdict for verdict in decision.agents}
    for agent, expected in step.verdicts.items():
        found = by_agent[agent].verdict
        if found != expected:
            yield f"{agent} is {found}, expected {expected}"
    for agent, codes in step.also.items():
        others = list(by_agent[agent].also)
        if others != codes:
            yield f"{agent} fails also {others}, expected {codes}"
    for agent, after_ms in {**step.until_ms, **dict.fromkeys(step.never)}.items():
        until_ms = by_agent[agent].until_ms
        clears = None if until_ms is None else until_ms - transcript.start_ms
        if clears != after_ms:
            yield f"{agent} clears {clears} after the start, expected {after_ms}"
    order = [verdict.agent for verdict in decision.agents if verdict.rank is not None]
    if step.order is not None and order != step.order:
        yield f"order {order}, expected {step.order}"
    if step.next and decision.next != step.next:
        yield f"next is {decision.next}, expected {step.next}"
    changes_ms = decision.next_change_ms
    if changes_ms is not None:
        changes_ms -= transcript.start_ms
    if step.changes_ms is not None and changes_ms != step.changes_ms:
        yield f"it changes {changes_ms} after the start, expected {step.changes_ms}"
    competing = [other.call for other in decision.competing]
    if step.competing is not None and competing != step.competing:
        yield f"competing {competing}, expected {step.competing}"


def _check_agent(engine: Any, step: Step, now_ms: int) -> Iterator[str]:
    decision = engine.explain(AgentQuery(now_ms=now_ms, agent=step.idle))
    if step.verdict and decision.verdict != step.verdict:
        yield f"{step.idle} is {decision.verdict}, expected {step.verdict}"
    calls = {call.call: call.verdict for call in decision.calls}
    if step.calls is not None and list(calls.items()) != list(step.calls.items()):
        yield f"calls {calls}, expected {step.calls}"


def make_event(fields: Mapping[str, Any], start_ms: int = 0) -> events.Event:
    """
    Make an event of a table: parties are numbers, needs are short.

    Args:
        fields: ``type`` and the event's fields; ``needs`` are strings such as
            ``lang:pl>=60``, or tables with ``any_of``, ``forbidden`` or
            ``preferred`` and ``weight``.
        start_ms: What instants are counted from: ``from_ms``, ``until_ms`` and
            ``hung_up_at_ms``.
    """
    values = {
        name: value + start_ms if name in _INSTANTS else value
        for name, value in fields.items()
        if name != "type"
    }
    event = _EVENTS[fields["type"]]
    if event is events.CallArrived:
        values.setdefault("host", "sim")
        values["caller"] = parse_party(values.get("caller", _CALLER))
        values["dialled"] = parse_party(values["dialled"])
    if "needs" in values:
        values["needs"] = tuple(map(_need, values["needs"]))
    if "preferred" in values and event is events.CallArrived:
        values["preferred"] = tuple(PreferredAgent(**p) for p in values["preferred"])
    if "excluded" in values:
        values["excluded"] = tuple(values["excluded"])
    if event is events.HostResynced:
        values["unreachable"] = tuple(values.get("unreachable", ()))
        standings = values.get("calls", ())
        values["calls"] = tuple(_standing(one, start_ms) for one in standings)
    if event is events.TagsSet:
        values["tags"] = tuple(map(_held, values["tags"]))
    if isinstance(values.get("to"), dict):
        needs = tuple(map(_need, values["to"].get("needs", ())))
        values["to"] = Destination(**{**values["to"], "needs": needs})
    return event(**values)


def _standing(fields: Mapping[str, Any], start_ms: int) -> events.CallStanding:
    values = dict(fields)
    if "hung_up_at_ms" in values:
        values["hung_up_at_ms"] += start_ms
    return events.CallStanding(**values)


def _need(need: Any) -> Need:
    match need:
        case {"any_of": tags}:
            return AnyOf(tuple(tags))
        case {"forbidden": tag}:
            return Forbidden(tag)
        case {"preferred": tag}:
            return Preferred(tag, need.get("weight", 1))
    tag, _, level = str(need).partition(">=")
    return Required(tag, int(level or 1))


def _held(tag: str) -> tuple[str, int]:
    name, _, level = tag.partition("=")
    return name, int(level or 100)


def _differences(expected: list[dict[str, Any]], orders: tuple[Any, ...]) -> list[str]:
    names = [type(order).__name__ for order in orders]
    wanted = [fields["type"] for fields in expected]
    unknown = sorted(set(wanted) - set(_ACTIONS))
    if unknown:
        return [f"there are no orders {unknown}"]
    if names != wanted:
        return [f"orders {names}, expected {wanted}"]
    wrong = []
    for order, fields in zip(orders, expected, strict=True):
        for name, value in fields.items():
            if name == "type":
                continue
            found = getattr(order, name)
            found = list(found) if isinstance(found, tuple) else found
            if found != value:
                kind = type(order).__name__
                wrong.append(f"{kind}.{name} is {found!r}, expected {value!r}")
    return wrong
