"""
Reads calls from a CSV file; what cannot be read is reported, never dropped silently.

The columns are described in ``docs/reference/calls-csv.md``.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from os import PathLike
from pathlib import Path

import msgspec

from ..contract import Required
from ..errors import PlanError
from ..plan import parse_needed
from ._model import SimulatedCall

__all__ = ["COLUMNS", "CallProblem", "read_calls", "read_need", "read_start_ms"]

COLUMNS = (
    "arrival_s",
    "call_id",
    "caller",
    "dialled",
    "needs",
    "priority",
    "patience_s",
    "handling_s",
)
"""Every column that is read; only the first must be there."""

# A year: what is longer is a mistake in the unit, and would run for ever.
_SECONDS_MAX = 366 * 24 * 3600
_PRIORITY_MAX = 1000
_ID = re.compile(r"[A-Za-z0-9._:@+/-]{1,128}")


class CallProblem(msgspec.Struct, frozen=True, kw_only=True):
    """
    One row that is not as it should be.
    """

    line: int
    """From 1, the header's is usually 1; 0: the file."""
    code: str
    message: str
    dropped: bool
    """True: the row was left out; False: it was used all the same."""


class _RowError(Exception):
    """
    A row that cannot be used.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def read_calls(
    path: str | PathLike[str],
) -> tuple[tuple[SimulatedCall, ...], tuple[CallProblem, ...]]:
    """
    Read the calls of a CSV file.

    Args:
        path: A file in UTF-8 with a header; lines that begin with ``#`` are comments.

    Returns:
        The calls, sorted by arrival, and what is wrong with rows, by line.  Codes:
        ``file_unreadable``, ``not_utf8``, ``column_missing``, ``column_unknown``,
        ``cells_too_many``, ``value_missing``, ``not_a_number``, ``out_of_range``,
        ``id_malformed``, ``id_repeated``, ``tag_malformed``, ``out_of_order``.

    Cost: linear in the file, about 100,000 rows a second.
    """
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            return _read(_numbered_rows(file.read()))
    except OSError as error:
        return (), (_whole("file_unreadable", f"cannot read it: {error.strerror}"),)
    except UnicodeDecodeError:
        return (), (_whole("not_utf8", "it is not UTF-8"),)


def read_start_ms(path: str | PathLike[str]) -> int | None:
    """
    Read the clock time of second 0 from a line ``# start: 1999-08-02T00:00:00Z``.

    Args:
        path: A file that ``read_calls`` could read.

    Returns:
        Epoch milliseconds; None: there is no such line, or no such time.  A time
        without an offset is taken as UTC.
    """
    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        for line in file:
            if not line.startswith("#"):
                return None
            key, _, value = line.lstrip("# ").partition(":")
            if key.strip() == "start":
                return _epoch_ms(value.strip())
    return None


def read_need(text: str) -> Required | None:
    """
    Read a tag as a call needs it: ``lang:pl`` or ``lang:pl>=60``.

    Returns:
        The need; None: it is no tag, or its level is not 1 to 100.
    """
    try:
        return Required(*parse_needed(text))
    except PlanError:
        return None


def _epoch_ms(text: str) -> int | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = datetime.fromisoformat(f"{text}+00:00")
    return int(moment.timestamp() * 1000)


def _whole(code: str, message: str) -> CallProblem:
    return CallProblem(line=0, code=code, message=message, dropped=True)


def _numbered_rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """
    Yield (line, cells) of every row that is neither empty nor a comment.
    """
    lines = text.splitlines(keepends=True)
    reader = csv.reader(lines)
    for cells in reader:
        blank = not any(cell.strip() for cell in cells)
        if not blank and not cells[0].startswith("#"):
            yield reader.line_num, cells


def _read(
    rows: Iterator[tuple[int, list[str]]],
) -> tuple[tuple[SimulatedCall, ...], tuple[CallProblem, ...]]:
    line, header = next(rows, (1, []))
    names = [name.strip() for name in header]
    if "arrival_s" not in names:
        found = ", ".join(names) or "nothing"
        message = f"the header has no column arrival_s: found {found}"
        problem = CallProblem(
            line=line, code="column_missing", message=message, dropped=True
        )
        return (), (problem,)
    problems = [
        CallProblem(
            line=line,
            code="column_unknown",
            message=f"column {name!r} is not read; known are {', '.join(COLUMNS)}",
            dropped=False,
        )
        for name in names
        if name not in COLUMNS
    ]
    reading = _Reading(problems)
    for number, cells in rows:
        reading.add(number, names, cells)
    calls = sorted(reading.calls, key=lambda call: call.arrival_after_ms)
    return tuple(calls), tuple(reading.problems)


class _Reading:
    """
    The rows read so far.
    """

    def __init__(self, problems: list[CallProblem]) -> None:
        self.problems = problems
        self.calls: list[SimulatedCall] = []
        self._lines: dict[str, int] = {}
        self._latest_ms = 0

    def add(self, line: int, names: list[str], cells: list[str]) -> None:
        """
        Read one row.
        """
        try:
            call = self._new_call(line, names, cells)
        except _RowError as error:
            self._report(line, error.code, str(error), dropped=True)
            return
        if call.arrival_after_ms < self._latest_ms:
            message = "it arrives before the row above: sorted"
            self._report(line, "out_of_order", message, dropped=False)
        self._latest_ms = max(self._latest_ms, call.arrival_after_ms)
        self._lines[call.call] = line
        self.calls.append(call)

    def _new_call(self, line: int, names: list[str], cells: list[str]) -> SimulatedCall:
        if len(cells) > len(names):
            message = f"{len(cells)} cells, the header has {len(names)}"
            raise _RowError("cells_too_many", message)
        # Cells left out at the end of a row are empty.
        row = dict(zip(names, map(str.strip, cells), strict=False))
        call = _call(line, row)
        if call.call in self._lines:
            first = self._lines[call.call]
            message = f"call {call.call!r} was in line {first} already"
            raise _RowError("id_repeated", message)
        return call

    def _report(self, line: int, code: str, message: str, *, dropped: bool) -> None:
        self.problems.append(
            CallProblem(line=line, code=code, message=message, dropped=dropped)
        )


def _call(line: int, row: dict[str, str]) -> SimulatedCall:
    arrival_ms = _milliseconds(row, "arrival_s")
    if arrival_ms is None:
        raise _RowError("value_missing", "arrival_s is empty")
    call = row.get("call_id") or f"line-{line}"
    if not _ID.fullmatch(call):
        raise _RowError("id_malformed", f"call_id {call!r} is no id")
    return SimulatedCall(
        call=call,
        arrival_after_ms=arrival_ms,
        caller=row.get("caller", ""),
        dialled=row.get("dialled", ""),
        needs=_needs(row.get("needs", "")),
        priority=_priority(row.get("priority", "")),
        patience_ms=_milliseconds(row, "patience_s"),
        handling_ms=_milliseconds(row, "handling_s"),
    )


def _milliseconds(row: dict[str, str], column: str) -> int | None:
    """
    Read seconds; None: the cell is empty.
    """
    text = row.get(column, "")
    if not text:
        return None
    seconds = _number(column, text, float)
    if not 0 <= seconds <= _SECONDS_MAX:
        message = f"{column} is {text}, not within 0 to {_SECONDS_MAX}"
        raise _RowError("out_of_range", message)
    return round(seconds * 1000)


def _priority(text: str) -> int:
    priority = int(_number("priority", text, int)) if text else 0
    if not -_PRIORITY_MAX <= priority <= _PRIORITY_MAX:
        message = f"priority is {text}, not within -{_PRIORITY_MAX} to {_PRIORITY_MAX}"
        raise _RowError("out_of_range", message)
    return priority


def _number(column: str, text: str, read: Callable[[str], float]) -> float:
    try:
        return read(text)
    except ValueError:
        raise _RowError("not_a_number", f"{column} is {text!r}, no number") from None


def _needs(text: str) -> tuple[Required, ...]:
    needs = []
    for word in text.replace(";", " ").split():
        need = read_need(word)
        if need is None:
            message = f"{word!r} is no tag: write lang:pl or lang:pl>=60"
            raise _RowError("tag_malformed", message)
        needs.append(need)
    return tuple(needs)
