"""
Documents in TOML: read, checked against a model, every fault with its place.

A plan is one, a scenario of a simulation another.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Generic, TypeVar

from ._positions import Positions
from ._problems import Fault, Path, Problem, dotted
from ._shape import convert

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = [
    "Document",
    "in_file_order",
    "parse_toml",
    "problem_at",
    "read_document",
    "read_file",
    "within",
]

_T = TypeVar("_T")


class Document(Generic[_T]):
    """
    One document as its model, and what is wrong with it.

    Attributes:
        model: The document; with faults, stand-ins are in it.
        faults: Faults of form, and those that ``check`` has added.
    """

    def __init__(self, text: str, file: str, model: type[_T], what: str) -> None:
        """
        Read a text.

        Args:
            text: TOML.
            file: The file's name as it was given; empty: the text is from memory.
            model: The class of the whole document.
            what: What the document is, such as ``the plan``.
        """
        self.text = text.removeprefix("\ufeff")
        self.file = file
        document, self.faults = parse_toml(self.text, file)
        self.is_toml = not self.faults
        self.model, formed = convert(document, model, what=what)
        if self.is_toml:
            self.faults = formed

    def check(self, find: Callable[[_T], Iterable[Fault]]) -> None:
        """
        Look for faults of meaning, unless the text cannot be read at all.

        Args:
            find: Yields faults; those of values that have a fault of form are left out.
        """
        if not self.is_toml:
            return
        formed = {fault.path for fault in self.faults}
        self.faults += (
            fault for fault in find(self.model) if not within(fault.path, formed)
        )

    def problems(self) -> tuple[Problem, ...]:
        """
        Return everything that was found, with its place, in the order of the file.
        """
        if not self.faults:
            return ()
        positions = Positions(self.text) if self.is_toml else Positions("")
        found = []
        for fault in self.faults:
            look_up = positions.of_key if fault.on_key else positions.of_value
            place = fault.place or (self.file, *look_up(fault.path))
            found.append(problem_at(fault, place))
        return tuple(sorted(found, key=in_file_order))


def read_document(file: str, model: type[_T], what: str) -> Document[_T] | Problem:
    """
    Read a document from its file.

    Args:
        file: The file's name.
        model: The class of the whole document.
        what: What the document is, such as ``the scenario``.

    Returns:
        The document, or the one problem with its file (``file_unreadable``,
        ``not_utf8``).
    """
    text = read_file(file, what)
    if isinstance(text, Problem):
        return text
    return Document(text, file, model, what)


def read_file(file: str, what: str = "the plan") -> str | Problem:
    """
    Return a file's text, or why there is none.

    Args:
        file: Its name.
        what: What it should be, for the message.
    """
    try:
        data = FilePath(file).read_bytes()
    except OSError as error:
        message = f"cannot read {what}: {error.strerror}"
        fault = Fault(code="file_unreadable", message=message, path=())
        return problem_at(fault, (file, 0, 0))
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        start = data.rfind(b"\n", 0, error.start) + 1
        column = len(data[start : error.start].decode("utf-8")) + 1
        message = f"{what} is not UTF-8"
        fault = Fault(
            code="not_utf8", message=message, path=(), hint="save it as UTF-8"
        )
        return problem_at(fault, (file, line, column))


def parse_toml(text: str, file: str) -> tuple[dict[str, object], list[Fault]]:
    """
    Parse TOML; with a fault the document is empty.
    """
    try:
        return tomllib.loads(text), []
    except RecursionError:
        fault = _syntax_fault("too many lists in one another", text, file)
    except ValueError as error:
        fault = _syntax_fault(str(error), text, file)
    return {}, [fault]


def _syntax_fault(message: str, text: str, file: str) -> Fault:
    """
    Make a fault of what ``tomllib`` says, such as "... (at line 3, column 5)".
    """
    what, _, _ = message.partition(" (at ")
    found = re.search(r"\(at line (\d+), column (\d+)\)", message)
    lines = text.split("\n")
    line, column = map(int, found.groups()) if found else (len(lines), 1)
    if "end of document" in message:
        column = len(lines[-1]) + 1
    twice = what.startswith("Cannot ") or "Duplicate" in what
    if twice:
        # tomllib stops behind the value; the key begins the line.
        column = len(lines[line - 1]) - len(lines[line - 1].lstrip()) + 1
    hints = (hint for words, hint in _SYNTAX_HINTS.items() if what.startswith(words))
    return Fault(
        code="duplicate_key" if twice else "toml_syntax",
        message=what[:1].lower() + what[1:],
        path=(),
        hint="this key or table is written already" if twice else next(hints, ""),
        place=(file, line, column),
    )


_SYNTAX_HINTS = {
    "Invalid value": 'text stands in quotes: "..."',
    "Illegal character": "is the quote at the end of the text missing?",
    "Unterminated string": "is the quote at the end of the text missing?",
    "Unclosed array": "is a comma or the closing bracket ] missing?",
    "Unclosed inline table": "is a comma or the closing brace } missing?",
    "Expected '=' after a key": "a key is letters, digits, _ and -; others need quotes",
    "Expected newline or end": "one key a line; text stands in quotes",
    "Unescaped '\\'": "write \\\\ for one backslash",
    "Invalid initial character": 'keys with other characters need quotes: "+7495..."',
    "Invalid statement": 'keys with other characters need quotes: "+7495..."',
}
"""What to do about a message of ``tomllib``, by its first words."""


def within(path: Path, others: set[Path]) -> bool:
    """
    Tell whether *path*, or what holds it, is one of *others*.
    """
    return any(path[:length] in others for length in range(1, len(path) + 1))


def problem_at(fault: Fault, place: tuple[str, int, int]) -> Problem:
    """
    Give a fault its place: file, line and column.
    """
    file, line, column = place
    return Problem(
        severity=fault.severity,
        code=fault.code,
        message=fault.message,
        path=dotted(fault.path),
        file=file,
        line=line,
        column=column,
        hint=fault.hint,
    )


def in_file_order(problem: Problem) -> tuple[str, int, int, str, str]:
    """
    Return what sorts problems as they stand in their files.
    """
    return problem.file, problem.line, problem.column, problem.code, problem.path
