"""
People: the one table in which numbers and names stand, each under an opaque id.

Records and snapshots have ``§17`` where a number, a spelling or a name was.  Whoever
reads them gets the text back, as long as the table has it.  Once a person is erased
the id itself is what readers and engines get; it is equal to itself and to nothing
else, as the number was.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator
from zlib import crc32

from ..events import Event
from ._personal import personal_texts, replaced_in_event, replaced_in_state

__all__ = ["SCHEMA", "DamagedPersonError", "People", "named_ids"]

SCHEMA = """
CREATE TABLE person (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    owner INTEGER NOT NULL,
    text TEXT NOT NULL,
    checksum INTEGER NOT NULL,
    UNIQUE (text, owner)
) STRICT
"""
"""``owner``: the id of the number that a spelling or name came with; 0: a number."""

_ID = re.compile(r"§([1-9][0-9]*)\Z")
_REMEMBERED_MAX = 100_000
"""So many texts and ids are kept in memory: the callers of a busy day."""


class DamagedPersonError(Exception):
    """
    A row is not what was written; the id says which.
    """


class People:
    """
    Give opaque ids for texts, and texts for ids.

    New rows are written by the transaction that is open when ``conceal`` is called.

    Args:
        connection: To the journal's database.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._ids: dict[tuple[str, int], int] = {}
        self._texts: dict[int, str | None] = {}
        """None: erased."""
        self._last_id = _last_id(connection)

    def conceal(self, event: Event) -> Event:
        """
        Put ids in place of texts; the same object if there was none.
        """
        return replaced_in_event(event, self._concealed)

    def reveal(self, event: Event) -> Event:
        """
        Put texts back in place of ids.
        """
        return replaced_in_event(event, self._revealed)

    def conceal_state(self, state: bytes) -> bytes:
        """
        Put ids in place of texts in a snapshot.
        """
        return replaced_in_state(state, self._concealed)

    def reveal_state(self, state: bytes) -> bytes:
        """
        Put texts back in place of ids in a snapshot.
        """
        return replaced_in_state(state, self._revealed)

    def forget(self) -> None:
        """
        Forget what is remembered of rows, since they may not be there.
        """
        self._ids.clear()
        self._texts.clear()
        self._last_id = _last_id(self._connection)

    def erase(self, number: str) -> list[int]:
        """
        Delete a number and all that came with it; return the ids.
        """
        found = self._id_of(number, 0)
        if found is None:
            return []
        query = "SELECT id FROM person WHERE id = ?1 OR owner = ?1"
        ids = [row[0] for row in self._connection.execute(query, (found,))]
        self._connection.execute(
            "DELETE FROM person WHERE id = ?1 OR owner = ?1", (found,)
        )
        self.forget()
        return ids

    def keep_only(self, ids: set[int]) -> int:
        """
        Delete everybody else, but whoever's name or spelling is among them.
        """
        rows = self._connection.execute("SELECT id, owner FROM person").fetchall()
        owners = {owner for id, owner in rows if id in ids}
        gone = [(id,) for id, _ in rows if id not in ids and id not in owners]
        self._connection.executemany("DELETE FROM person WHERE id = ?", gone)
        self.forget()
        return len(gone)

    def check(self) -> int:
        """
        Check every row; return how many there are.

        Raises:
            DamagedPersonError: One is not what was written.
        """
        count = 0
        query = "SELECT id, owner, text, checksum FROM person"
        for id, owner, text, checksum in self._connection.execute(query):
            _check(id, owner, text, checksum)
            count += 1
        return count

    def _concealed(self, text: str, number: str) -> str:
        own = _ID.match(text)
        if own and int(own[1]) <= self._last_id and self._text_of(int(own[1])) is None:
            return text  # an erased person, or what looks like one: it stays
        owner = 0 if text == number or not number else self._given_id(number, 0)
        return f"§{self._given_id(text, owner)}"

    def _revealed(self, text: str, number: str) -> str:  # noqa: ARG002
        found = _ID.match(text)
        shown = self._text_of(int(found[1])) if found else None
        return text if shown is None else shown

    def _given_id(self, text: str, owner: int) -> int:
        found = self._id_of(text, owner)
        if found is not None:
            return found
        id = self._last_id + 1
        self._connection.execute(
            "INSERT INTO person (id, owner, text, checksum) VALUES (?, ?, ?, ?)",
            (id, owner, text, _checksum(id, owner, text)),
        )
        self._last_id = id
        self._remember(id, owner, text)
        return id

    def _id_of(self, text: str, owner: int) -> int | None:
        id = self._ids.get((text, owner))
        if id is None:
            query = "SELECT id, checksum FROM person WHERE text = ? AND owner = ?"
            row = self._connection.execute(query, (text, owner)).fetchone()
            if row is None:
                return None
            id = _check(row[0], owner, text, row[1])
            self._remember(id, owner, text)
        return id

    def _text_of(self, id: int) -> str | None:
        if id not in self._texts:
            query = "SELECT owner, text, checksum FROM person WHERE id = ?"
            row = self._connection.execute(query, (id,)).fetchone()
            if row is not None:
                _check(id, *row)
            self._make_room()
            self._texts[id] = row[1] if row else None
        return self._texts[id]

    def _remember(self, id: int, owner: int, text: str) -> None:
        self._make_room()
        self._ids[text, owner] = id
        self._texts[id] = text

    def _make_room(self) -> None:
        if len(self._texts) >= _REMEMBERED_MAX:
            self._ids.clear()
            self._texts.clear()


def named_ids(events: Iterable[Event]) -> Iterator[int]:
    """
    List the ids that stand in events as they are kept.
    """
    for event in events:
        for text in personal_texts(event):
            found = _ID.match(text)
            if found:
                yield int(found[1])


def _last_id(connection: sqlite3.Connection) -> int:
    query = "SELECT seq FROM sqlite_sequence WHERE name = 'person'"
    row = connection.execute(query).fetchone()
    return row[0] if row else 0


def _check(id: int, owner: int, text: str, checksum: int) -> int:
    if checksum != _checksum(id, owner, text):
        raise DamagedPersonError(id)
    return id


def _checksum(id: int, owner: int, text: str) -> int:
    return crc32(f"{id} {owner} {text}".encode())
