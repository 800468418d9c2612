"""
What is wrong with a plan: as found (``Fault``), and as shown (``Problem``).

A check knows the path of what it found; only if there is anything to show are
paths looked up in the text.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Literal, TypeAlias

import msgspec

from ..errors import PlanError, PlanProblemsError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

__all__ = [
    "Fault",
    "Path",
    "Problem",
    "Severity",
    "dotted",
    "fault_from",
    "problem_of",
    "problems_error",
    "suggest",
]

Path: TypeAlias = tuple[str | int, ...]
"""Keys and indexes from the top of the plan: ``("agents", "anna", "tags", 1)``."""

Severity: TypeAlias = Literal["error", "warning", "note"]

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
# Comparing one name with a hundred thousand would take seconds.
_COMPARED_MAX = 2_000
_LISTED_MAX = 8


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """
    One thing that is wrong, by its path.
    """

    severity: Severity = "error"
    code: str
    message: str
    """A sentence without its place."""
    path: Path
    on_key: bool = False
    """The key itself is wrong, not what it is set to."""
    hint: str = ""
    place: tuple[str, int, int] | None = None
    """File, line and column if they are known already; None: look them up."""


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """
    One thing that is wrong, with its place in the file.
    """

    severity: Severity
    """
    ``error``: the plan cannot be used; ``warning``: it hardly means what it says;
    ``note``: it may, and somebody should know what follows from it.
    """
    code: str
    """What is wrong, snake_case, never renamed."""
    message: str
    """The same for a person, without the place."""
    path: str
    """Such as ``queues.sales.ring_s`` or ``agents.anna.tags[1]``; empty: the file."""
    file: str
    """The file's name as it was given; empty: the plan came from memory."""
    line: int
    """From 1; 0: unknown."""
    column: int
    """In characters, from 1; 0: unknown."""
    hint: str
    """What to do about it; may be empty."""


def problems_error(problems: Iterable[Problem]) -> PlanProblemsError:
    """
    Make one exception of all problems.

    Args:
        problems: At least one, in the order of the file.

    Returns:
        The exception; its message has a line per problem, with its place.
    """
    return PlanProblemsError(_error(problem) for problem in problems)


def problem_of(error: PlanError) -> Problem:
    """
    Return the problem of which an error was made.

    Args:
        error: One of those that ``PlanProblemsError.problems`` has.
    """
    before, behind = _place(error), _hint(error)
    return Problem(
        severity="error",
        code=error.code,
        message=error.message.removeprefix(before).removesuffix(behind),
        path=error.path,
        file=error.file,
        line=error.line,
        column=error.column,
        hint=error.hint,
    )


def _place(at: Problem | PlanError) -> str:
    """
    Write where a problem is; the whole file has no line.
    """
    line = f":{at.line}:{at.column}" if at.line else ""
    return f"{at.file or 'plan'}{line}: "


def _hint(of: Problem | PlanError) -> str:
    return f" ({of.hint})" if of.hint else ""


def _error(problem: Problem) -> PlanError:
    return PlanError(
        code=problem.code,
        message=f"{_place(problem)}{problem.message}{_hint(problem)}",
        path=problem.path,
        file=problem.file,
        line=problem.line,
        column=problem.column,
        hint=problem.hint,
    )


def fault_from(error: PlanError, path: Path, *, on_key: bool = False) -> Fault:
    """
    Make a fault of what a parser of tags or hours refused.
    """
    return Fault(
        code=error.code,
        message=error.message,
        path=path,
        on_key=on_key,
        hint=error.hint,
    )


def dotted(path: Path) -> str:
    """
    Write a path as people write it in TOML: ``numbers."+74951234567".needs[0]``.
    """
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
            continue
        key = part if _BARE_KEY.fullmatch(part) else f'"{part}"'
        text += f".{key}" if text else key
    return text


def suggest(word: str, known: Collection[str]) -> str:
    """
    Say which known name was probably meant, or which names there are.

    Args:
        word: What was written.
        known: All names that would be right; empty: there is none.

    Returns:
        A hint for a person.

    Cost: 2,000 comparisons at most, of names about as long as *word*.
    """
    close = get_close_matches(word.lower(), _candidates(word, known), n=1)
    if close:
        meant = next(name for name in known if name.lower() == close[0])
        return f"did you mean {meant!r}?"
    if not known:
        return "there is none"
    if len(known) <= _LISTED_MAX:
        return f"there is {', '.join(sorted(known))}"
    return ""


def _candidates(word: str, known: Collection[str]) -> list[str]:
    """
    Return known names in lower case; of very many only those alike in length.
    """
    if len(known) <= _COMPARED_MAX:
        return [name.lower() for name in known]
    alike = (name.lower() for name in known if abs(len(name) - len(word)) <= 1)
    start = word[:1].lower()
    return [name for name in alike if name[:1] == start][:_COMPARED_MAX]
