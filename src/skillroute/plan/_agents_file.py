"""
Reads agents from a file of their own: one agent a line, errors by line.

TOML is read at a few megabytes a second, so large sites keep their agents in
JSON Lines or CSV.  The fields are those of ``[agents.<id>]`` and ``id``; in CSV the
first line names the columns, an empty cell means the default, and tags and
endpoints are separated by spaces.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from ._problems import Fault, suggest
from ._shape import convert
from .model import RawAgent

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    from ._problems import Path

__all__ = ["AgentsFile", "read_agents"]

_Row: TypeAlias = "tuple[int, str, dict[str, object] | Fault]"
"""Line number, the line's text where it helps to find a key, and the fields."""

_LISTS = ("tags", "endpoints")
_NUMBERS = ("units", "wrap_up_s")


class AgentsFile(msgspec.Struct, frozen=True, kw_only=True):
    """
    What an agents file holds.
    """

    agents: dict[str, RawAgent]
    """By id, in the order of the file."""
    lines: dict[str, int]
    """On which line each agent stands, from 1."""
    faults: list[Fault]
    """Each with its place."""
    file: str
    """The file's name, joined to that of the plan's folder."""


def read_agents(name: str, plan_file: str, taken: Container[str]) -> AgentsFile:
    """
    Read the agents file of a plan.

    Args:
        name: What the plan says, relative to the plan's folder.
        plan_file: The plan's file; empty: the plan came from memory.
        taken: Ids of the agents in the plan itself.

    Returns:
        The agents and what is wrong with them; what cannot be read is a fault too.

    Cost: about 10 µs an agent of ten tags.
    """
    path: Path = ("agents_from",)
    if not plan_file:
        message = "a plan from memory has no folder in which agents_from could be"
        hint = "give the plan's file name, or put the agents into the plan"
        return _refused(name, "agents_file_nowhere", message, path, hint)
    file = FilePath(plan_file).parent / name
    if file.suffix not in {".jsonl", ".csv"}:
        message = f"the agents file {name!r} is of no known kind"
        hint = "its name ends with .jsonl or .csv"
        return _refused(name, "agents_file_kind", message, path, hint)
    try:
        text = file.read_text("utf-8-sig")
    except OSError as error:
        message = f"cannot read the agents file {name!r}: {error.strerror}"
        hint = "its name is relative to the plan's folder"
        return _refused(name, "agents_file_unreadable", message, path, hint)
    except UnicodeDecodeError:
        message = f"the agents file {name!r} is not UTF-8"
        return _refused(name, "not_utf8", message, path, "save it as UTF-8")
    rows = _json_rows(text) if file.suffix == ".jsonl" else _csv_rows(text)
    return _Reading(str(file), taken).read(rows)


def _refused(file: str, code: str, message: str, path: Path, hint: str) -> AgentsFile:
    fault = Fault(code=code, message=message, path=path, hint=hint)
    return AgentsFile(agents={}, lines={}, faults=[fault], file=file)


class _Reading:
    """
    One reading of a file, gathering agents and faults.
    """

    def __init__(self, file: str, taken: Container[str]) -> None:
        self.file = file
        self.taken = taken
        self.agents: dict[str, RawAgent] = {}
        self.lines: dict[str, int] = {}
        self.faults: list[Fault] = []

    def read(self, rows: Iterable[_Row]) -> AgentsFile:
        """
        Read all rows.
        """
        for line, text, row in rows:
            if isinstance(row, Fault):
                self._at(line, text, row)
            else:
                self._agent(line, text, row)
        return AgentsFile(
            agents=self.agents, lines=self.lines, faults=self.faults, file=self.file
        )

    def _agent(self, line: int, text: str, row: dict[str, object]) -> None:
        agent_id = row.pop("id", None)
        if not isinstance(agent_id, str):
            self._add(line, text, "missing_key", "this agent has no id", ("agents",))
            return
        path = ("agents", agent_id)
        if agent_id in self.agents or agent_id in self.taken:
            where = f"on line {self.lines[agent_id]}" if agent_id in self.lines else ""
            message = f"there is an agent {agent_id!r} already {where}".rstrip()
            self._add(line, text, "duplicate_agent", message, path)
            return
        agent, faults = convert(row, RawAgent, path)
        self.agents[agent_id] = agent
        self.lines[agent_id] = line
        for fault in faults:
            self._at(line, text, fault)

    def _add(self, line: int, text: str, code: str, message: str, path: Path) -> None:
        self._at(line, text, Fault(code=code, message=message, path=path))

    def _at(self, line: int, text: str, fault: Fault) -> None:
        """
        Note a fault with its line, and the column of its key if that is found.
        """
        if fault.place is None:
            key = f'"{fault.path[2]}"' if len(fault.path) > 2 else ""
            column = max(text.find(key), 0) + 1 if key else 1
            fault = msgspec.structs.replace(fault, place=(self.file, line, column))
        else:
            place = (self.file, line, fault.place[2])
            fault = msgspec.structs.replace(fault, place=place)
        self.faults.append(fault)


def _json_rows(text: str) -> Iterator[_Row]:
    """
    Read JSON Lines; empty lines are skipped.
    """
    decoder = msgspec.json.Decoder(dict[str, object])
    for index, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            yield index, line, decoder.decode(line)
        except msgspec.DecodeError as error:
            yield index, line, _json_fault(error, line)


def _json_fault(error: msgspec.DecodeError, line: str) -> Fault:
    byte = re.search(r"\(byte (\d+)\)", str(error))
    if byte is not None:
        at = int(byte[1])
    else:
        # It is JSON but no object, or it ended too soon.
        is_json = isinstance(error, msgspec.ValidationError)
        at = 0 if is_json else len(line.encode())
    column = len(line.encode()[:at].decode("utf-8", "ignore")) + 1
    return Fault(
        code="json_syntax",
        message="this line is no JSON object",
        path=("agents",),
        hint='write one agent a line: {"id": "anna", "tags": ["dept:sales"]}',
        place=("", 0, column),
    )


def _csv_rows(text: str) -> Iterator[_Row]:
    """
    Read CSV; the first line names the columns.
    """
    reader = csv.DictReader(text.splitlines(), strict=True)
    known = ("id", *RawAgent.__struct_fields__)
    for name in reader.fieldnames or ():
        if name not in known:
            yield 1, "", _csv_column_fault(name, known)
    try:
        for row in reader:
            yield reader.line_num, "", _csv_fields(row, known)
    except csv.Error as error:
        yield (
            reader.line_num,
            "",
            Fault(
                code="csv_syntax",
                message=f"cannot read this line: {error}",
                path=("agents",),
            ),
        )


def _csv_column_fault(name: str, known: tuple[str, ...]) -> Fault:
    return Fault(
        code="unknown_key",
        message=f"an agent has no field {name!r}",
        path=("agents",),
        hint=suggest(name, known) or f"columns are {', '.join(known)}",
    )


def _csv_fields(
    row: dict[str, str], known: tuple[str, ...]
) -> dict[str, object] | Fault:
    if None in row or None in row.values():
        return Fault(
            code="csv_syntax",
            message="this line has not as many cells as the first one",
            path=("agents",),
            hint='a cell with a comma stands in quotes: "a, b"',
        )
    return {
        name: _csv_value(name, cell)
        for name, cell in row.items()
        if cell and name in known
    }


def _csv_value(name: str, cell: str) -> object:
    """
    Give a cell the type of its field; what has not that type stays a text.
    """
    if name in _LISTS:
        return cell.split()
    if name in _NUMBERS and re.fullmatch(r"-?[0-9]{1,18}(\.[0-9]{1,18})?", cell):
        return float(cell) if "." in cell else int(cell)
    return cell
