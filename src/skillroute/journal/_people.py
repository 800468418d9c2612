"""
People: the one table in which numbers and names stand, each row under an opaque id.

Records and snapshots have ``§17`` where a number, a spelling or a name was.  Whoever
reads them gets the text back, as long as the table has it.  Once a person is erased
the id itself is what readers and engines get; it is equal to itself and to nothing
else, as the number was.

A row is a number with a spelling and a name.  In place of a number always stands the
first row that has it, so that equal numbers have equal ids.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator
from zlib import crc32

import msgspec

from ..events import CallArrived, Event
from ._personal import Spelling, replaced_in_event, replaced_in_state, spellings

__all__ = ["SCHEMA", "DamagedPersonError", "People", "named_ids", "named_in_state"]

SCHEMA = """
CREATE TABLE person (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    number TEXT NOT NULL,
    raw TEXT NOT NULL,
    name TEXT NOT NULL,
    checksum INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX person_number ON person (number, raw, name)
"""

_encode = msgspec.msgpack.Encoder().encode

_ID = re.compile(r"§([1-9][0-9]*)\Z")
_NOBODY: Spelling = ("", "", "")
_REMEMBERED_MAX = 100_000
"""So many rows are kept in memory: the callers of a busy day."""


_READ_AT_ONCE = 256
"""Rows that are read when one of them is asked for."""
_ASKED_AT_ONCE = 64
_FIRSTS = (
    "SELECT number, min(id) FROM person"  # noqa: S608 - only question marks
    f" WHERE number IN ({', '.join('?' * _ASKED_AT_ONCE)}) GROUP BY number"
)


class DamagedPersonError(Exception):
    """
    A row is not what was written; the id says which.
    """


class People:
    """
    Give opaque ids for texts, and texts for ids.

    New rows are gathered until ``flush`` writes them in the transaction that is open.

    Args:
        connection: To the journal's database.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        # For writing: what stands in place of a spelling, and of a number its first
        # row; 0: it has none.
        self._concealed: dict[Spelling, Spelling] = {}
        self._firsts: dict[str, int] = {}
        # For reading: rows, None if erased, and what they stand for.
        self._rows: dict[int, Spelling | None] = {}
        self._revealed: dict[Spelling, Spelling] = {}
        self._new: dict[Spelling, int] = {}
        """Rows that are not written yet."""
        self._last_id = self._written_id = _last_id(connection)

    def conceal(self, events: list[Event]) -> list[Event]:
        """
        Put ids in place of texts in the events of a group.

        Returns:
            As many events, in their order; the same object where there was no text.
        """
        callers = [event.caller for event in events if type(event) is CallArrived]
        self._look_up({caller.number for caller in callers if caller.number})
        return [
            # The one event with a person in it of which there are very many.
            self._conceal_caller(event)
            if type(event) is CallArrived
            else replaced_in_event(event, self._conceal)
            for event in events
        ]

    def reveal(self, event: Event) -> Event:
        """
        Put texts back in place of ids.
        """
        if type(event) is not CallArrived:
            return replaced_in_event(event, self._reveal)
        caller = event.caller
        spelling = (caller.number, caller.raw, caller.name)
        return _with_caller(event, self._reveal(spelling))

    def conceal_state(self, state: bytes) -> bytes:
        """
        Put ids in place of texts in a snapshot.
        """
        return replaced_in_state(state, self._conceal)

    def reveal_state(self, state: bytes) -> bytes:
        """
        Put texts back in place of ids in a snapshot.
        """
        return replaced_in_state(state, self._reveal)

    def flush(self) -> None:
        """
        Write the new rows.
        """
        if self._new:
            self._connection.executemany(
                "INSERT INTO person (id, number, raw, name, checksum)"
                " VALUES (?, ?, ?, ?, ?)",
                [
                    (id, *spelling, _checksum(id, spelling))
                    for spelling, id in self._new.items()
                ],
            )
            self._new.clear()
            self._written_id = self._last_id
        if max(len(self._concealed), len(self._firsts)) >= _REMEMBERED_MAX:
            self._concealed.clear()
            self._firsts.clear()

    def erase(self, number: str) -> list[int]:
        """
        Delete a number and all that came with it; return the ids.

        Of a caller without a number the spelling or the name may be given.
        """
        which = "number = ?1 OR number = '' AND ?1 IN (raw, name)"
        query = f"SELECT id FROM person WHERE {which}"  # noqa: S608
        ids = [row[0] for row in self._connection.execute(query, (number,))]
        if number:
            self._connection.execute(
                f"DELETE FROM person WHERE {which}",  # noqa: S608
                (number,),
            )
        self._drop_remembered()
        return ids

    def keep_only(self, ids: set[int]) -> int:
        """
        Delete everybody else; return how many.
        """
        rows = self._connection.execute("SELECT id FROM person").fetchall()
        gone = [row for row in rows if row[0] not in ids]
        self._connection.executemany("DELETE FROM person WHERE id = ?", gone)
        self._drop_remembered()
        return len(gone)

    @staticmethod
    def is_whole(row: tuple[int, str, str, str, int]) -> bool:
        """
        Tell whether a row is what was written: id, number, raw, name, checksum.
        """
        return row[4] == _checksum(row[0], row[1:4])

    def check(self) -> int:
        """
        Check every row; return how many there are.

        Raises:
            DamagedPersonError: One is not what was written.
        """
        count = 0
        query = "SELECT id, number, raw, name, checksum FROM person"
        for id, *spelling, checksum in self._connection.execute(query):
            _check(id, spelling, checksum)
            count += 1
        return count

    def _conceal_caller(self, event: CallArrived) -> CallArrived:
        caller = event.caller
        spelling = (caller.number, caller.raw, caller.name)
        other = self._concealed.get(spelling) or self._conceal(spelling)
        return event if other == spelling else _with_caller(event, other)

    def _conceal(self, spelling: Spelling) -> Spelling:
        if spelling == _NOBODY:
            return spelling
        number, raw, name = spelling
        if "§" not in (number[:1], raw[:1], name[:1]):
            first = self._first_id(number, raw, name) if number else 0
            own = self._id_of(spelling) if raw or name else 0
            rest = f"§{own}"
            found = (number and f"§{first}", raw and rest, name and rest)
            self._concealed[spelling] = found
            return found
        return self._conceal_rest(spelling)

    def _conceal_rest(self, spelling: Spelling) -> Spelling:
        """
        Conceal, but let stay what an erased person left, and what looks like it.
        """
        stays = [self._is_erased(text) for text in spelling]
        number, raw, name = (
            "" if stay else text for text, stay in zip(spelling, stays, strict=True)
        )
        first = self._first_id(number, raw, name) if number else 0
        own = self._id_of((number, raw, name)) if raw or name else 0
        ids = (first, own, own)
        concealed = [
            f"§{id}" if text and not stay else text
            for text, id, stay in zip(spelling, ids, stays, strict=True)
        ]
        return concealed[0], concealed[1], concealed[2]

    def _look_up(self, numbers: set[str]) -> None:
        """
        Find out at once which numbers have a row, and which is their first.
        """
        unknown = [number for number in numbers if number not in self._firsts]
        for start in range(0, len(unknown), _ASKED_AT_ONCE):
            asked = unknown[start : start + _ASKED_AT_ONCE]
            self._firsts.update(dict.fromkeys(asked, 0))
            # One text of the query for any count, so that SQLite reads it only once.
            asked += asked[:1] * (_ASKED_AT_ONCE - len(asked))
            self._firsts.update(self._connection.execute(_FIRSTS, asked))

    def _first_id(self, number: str, raw: str, name: str) -> int:
        """
        Return the first row of a number; of a new one that is the row of its spelling.
        """
        if number not in self._firsts:
            self._look_up({number})
        id = self._firsts[number]
        if not id:
            id = self._firsts[number] = self._added((number, raw, name))
        return id

    def _id_of(self, spelling: Spelling) -> int:
        id = self._new.get(spelling)
        if id is None:
            query = (
                "SELECT id, checksum FROM person"
                " WHERE number = ? AND raw = ? AND name = ?"
            )
            row = self._connection.execute(query, spelling).fetchone()
            if row is None:
                return self._added(spelling)
            id = _check(row[0], spelling, row[1])
        return id

    def _added(self, spelling: Spelling) -> int:
        id = self._last_id = self._last_id + 1
        self._new[spelling] = id
        return id

    def _reveal(self, spelling: Spelling) -> Spelling:
        found = self._revealed.get(spelling)
        if found is None:
            number, raw, name = (
                self._text(text, place) for place, text in enumerate(spelling)
            )
            found = self._revealed[spelling] = (number, raw, name)
        return found

    def _text(self, text: str, place: int) -> str:
        id = _id_in(text)
        row = None if id is None else self._row(id)
        return row[place] if row else text

    def _is_erased(self, text: str) -> bool:
        id = _id_in(text)
        return id is not None and id <= self._written_id and self._row(id) is None

    def _row(self, id: int) -> Spelling | None:
        if id not in self._rows:
            if len(self._rows) >= _REMEMBERED_MAX:
                self._rows.clear()
                self._revealed.clear()
            # Who called next is asked for next, so neighbours are read at once.
            query = (
                "SELECT id, number, raw, name, checksum FROM person"
                " WHERE id BETWEEN ? AND ?"
            )
            last = id + _READ_AT_ONCE
            for found, *row in self._connection.execute(query, (id, last)):
                number, raw, name, checksum = row
                _check(found, (number, raw, name), checksum)
                self._rows.setdefault(found, (number, raw, name))
            if id > self._written_id and id not in self._rows:
                return None  # not yet: it may be given to somebody
            self._rows.setdefault(id, None)
        return self._rows[id]

    def _drop_remembered(self) -> None:
        """
        Forget what was read and written; nothing may wait for ``flush``.
        """
        for remembered in (self._concealed, self._firsts, self._rows, self._revealed):
            remembered.clear()


def named_ids(events: Iterable[Event]) -> Iterator[int]:
    """
    List the ids that stand in events as they are kept.
    """
    for event in events:
        for spelling in spellings(event):
            for text in spelling:
                id = _id_in(text)
                if id is not None:
                    yield id


def named_in_state(state: bytes) -> set[int]:
    """
    List the ids that stand in a snapshot as it is kept.
    """
    ids: set[int] = set()

    def note(spelling: Spelling) -> Spelling:
        ids.update(id for id in map(_id_in, spelling) if id is not None)
        return spelling

    replaced_in_state(state, note)
    return ids


def _with_caller(event: CallArrived, spelling: Spelling) -> CallArrived:
    number, raw, name = spelling
    caller = msgspec.structs.replace(event.caller, number=number, raw=raw, name=name)
    return msgspec.structs.replace(event, caller=caller)


def _id_in(text: str) -> int | None:
    """
    Return the id that stands in place of a text; None: it is a text.
    """
    found = _ID.match(text) if text.startswith("§") else None
    return int(found[1]) if found else None


def _last_id(connection: sqlite3.Connection) -> int:
    query = "SELECT seq FROM sqlite_sequence WHERE name = 'person'"
    row = connection.execute(query).fetchone()
    return row[0] if row else 0


def _check(id: int, spelling: Iterable[str], checksum: int) -> int:
    if checksum != _checksum(id, spelling):
        raise DamagedPersonError(id)
    return id


def _checksum(id: int, spelling: Iterable[str]) -> int:
    return crc32(_encode((id, *spelling)))
