"""
The files beside a scenario: columns of numbers, and real calls.
"""

from __future__ import annotations

import csv
from pathlib import Path

from ._calls_csv import CallProblem, read_calls, read_start_ms
from ._model import SimulatedCall

__all__ = ["FileProblemError", "ScenarioFiles"]

_LISTED_MAX = 8


class FileProblemError(Exception):
    """
    A file that cannot be used; it becomes a fault of the key that names it.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class ScenarioFiles:
    """
    Reads each file once.

    Args:
        folder: Where relative names begin.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._columns: dict[tuple[str, str], tuple[float, ...]] = {}
        self._calls: dict[str, tuple[SimulatedCall, ...]] = {}

    def numbers(self, file: str, column: str) -> tuple[float, ...]:
        """
        Read a column of a CSV file.

        Raises:
            FileProblemError: It cannot be read, has no such column, or a cell is no
                number of 0 or more.
        """
        key = (file, column)
        if key not in self._columns:
            self._columns[key] = self._read_column(file, column)
        return self._columns[key]

    def calls(self, file: str) -> tuple[SimulatedCall, ...]:
        """
        Read real calls.

        Raises:
            FileProblemError: No call can be read, or a row had to be left out.
        """
        if file not in self._calls:
            calls, problems = read_calls(self._folder / file)
            dropped = [problem for problem in problems if problem.dropped]
            if dropped:
                raise FileProblemError("calls_malformed", _first(file, dropped))
            if not calls:
                raise FileProblemError("calls_malformed", f"{file} has no calls")
            self._calls[file] = calls
        return self._calls[file]

    def start_ms(self, file: str) -> int | None:
        """
        Read when the real calls begin; None: the file does not say.
        """
        return read_start_ms(self._folder / file)

    def _read_column(self, file: str, column: str) -> tuple[float, ...]:
        try:
            with (self._folder / file).open(encoding="utf-8-sig", newline="") as text:
                rows = csv.DictReader(line for line in text if line[:1] != "#")
                names = rows.fieldnames or ()
                if column not in names:
                    there = ", ".join(names[:_LISTED_MAX]) or "nothing"
                    message = f"{file} has no column {column!r}: there is {there}"
                    raise FileProblemError("column_missing", message)
                values = [
                    _number(row[column], f"{file}:{rows.line_num}") for row in rows
                ]
        except OSError as error:
            message = f"cannot read {file}: {error.strerror}"
            raise FileProblemError("file_unreadable", message) from error
        except UnicodeDecodeError as error:
            raise FileProblemError("not_utf8", f"{file} is not UTF-8") from error
        if not values:
            raise FileProblemError("column_empty", f"{file} has no rows")
        return tuple(values)


def _number(cell: str | None, place: str) -> float:
    try:
        value = float(cell or "")
    except ValueError:
        message = f"{place}: {cell!r} is no number"
        raise FileProblemError("not_a_number", message) from None
    if not 0 <= value <= 1e9:
        raise FileProblemError("not_a_number", f"{place}: {cell} is out of range")
    return value


def _first(file: str, problems: list[CallProblem]) -> str:
    first = problems[0]
    place = f"{file}:{first.line}" if first.line else file
    more = f" (and {len(problems) - 1} more rows)" if len(problems) > 1 else ""
    return f"{place}: {first.message}{more}"
