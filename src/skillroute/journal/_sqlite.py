"""
The embedded journal: one SQLite database in write-ahead-log mode.

Everything that is added waits in one queue.  A commit takes what is in it, makes
blocks of it, and writes them with new plans, new people, snapshots and the head in
one transaction; only when that is durable is the queue shortened.  So a commit that
fails leaves everything as it was, and the next one tries again.

After a failure nothing of the file is taken for granted: some systems call a page
clean after an ``fsync`` that failed, though it never reached the disk.  The file is
opened anew, the log is moved into the database (which writes every page again), and
only then is it looked up whether the failed commit is there.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Self, TypeAlias, get_args

import msgspec

from ..actions import Action
from ..errors import JournalError
from ..events import Event, PlanReloaded
from ..plan.compiled import plan_id
from . import _compact, _file, _rows
from ._blocks import Block, Note, replayable, unpack
from ._compact import Compacted
from ._group import (
    Attempt,
    Hole,
    Plan,
    State,
    begins_alike,
    item,
    oldest_ms,
    plans_in,
    put,
    put_snapshot,
)
from ._interface import Durability, KeptSnapshot, Progress, Record, Recovery, Verified
from ._people import DamagedPersonError, People
from ._rows import Head
from ._verify import verify

__all__ = ["Settings", "SqliteJournal"]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """
    How a journal is written.
    """

    durability: Durability = "fsync"
    max_delay_ms: int = 5
    """How long a record may wait for others to be committed with it."""
    group_max: int = 512
    """With so many records a group is full."""
    snapshot_every: int = 50_000
    """So many records lie between snapshots: about as much as is replayed at a
    restart."""

    def __post_init__(self) -> None:
        """
        Refuse what nobody can have meant, before anything is written.
        """
        if self.durability not in get_args(Durability):
            names = ", ".join(get_args(Durability))
            message = f"durability must be one of {names}, not {self.durability!r}"
            raise ValueError(message)
        for name, least in (
            ("max_delay_ms", 0),
            ("group_max", 1),
            ("snapshot_every", 1),
        ):
            value = getattr(self, name)
            if not isinstance(value, int) or value < least:
                message = f"{name} must be a whole number from {least}, not {value!r}"
                raise ValueError(message)


StateBehind: TypeAlias = Callable[[int], tuple[bytes, str]]
"""Gives the engine's snapshot behind a record, and the plan then in force."""


def _as_it_is(event: Event) -> Event:
    return event


class SqliteJournal:
    """
    The record of every event of a site, in one file.

    ``open_journal`` makes it; what its methods do is written at ``Journal``.
    """

    def __init__(
        self,
        path: Path,
        connection: sqlite3.Connection,
        owner: IO[bytes] | None,
        settings: Settings,
        recovered: Recovery,
    ) -> None:
        self.path = path
        """The file."""
        self.settings = settings
        """How it is written."""
        self.recovered = recovered
        """What opening it found."""
        self._connection = connection
        self._owner = owner
        """The right to write; None: it was opened to be read."""
        self._head = _rows.read_head(connection, path)
        self._people = People(connection)
        self._lock = threading.RLock()
        self._queue: list[Any] = []
        """What `_group.item` gave for each, flat."""
        self._failed: Attempt | None = None
        self._plan_ids = set(_rows.read_plans(connection, path))
        self._last_seq = self._head.last_seq
        self._last_ms = self._head.last_ms
        self._oldest_ms: int | None = None
        self._plan_id = self._head.last_plan
        self._heartbeat_ms = self._head.alive_ms
        seqs = _rows.snapshot_seqs(connection, path)
        self._snapshot_seq = seqs[-1] if seqs else self._head.base_seq

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    # Adding --------------------------------------------------------------------

    def append(
        self,
        event: Event,
        at_ms: int,
        *,
        actions: Sequence[Action] = (),
        refused: str = "",
    ) -> int:
        """
        Add an event that the engine was told; return its sequence number.
        """
        if type(event) is PlanReloaded and not refused:
            self._require_plan(event.plan_id)
            self._plan_id = event.plan_id
        # Written out, not called: this is all that a site pays before it may go on.
        self._queue.extend((at_ms, event, actions, refused))
        self._last_ms = at_ms
        if self._oldest_ms is None:
            self._oldest_ms = at_ms
        self._last_seq = seq = self._last_seq + 1
        return seq

    def note(self, kind: str, text: str, at_ms: int) -> int:
        """
        Add a note for people, which no engine sees; return its sequence number.
        """
        self._queue.extend(item(Note(kind, text), at_ms))
        self._last_ms = at_ms
        if self._oldest_ms is None:
            self._oldest_ms = at_ms
        self._last_seq += 1
        return self._last_seq

    def heartbeat(self, at_ms: int) -> None:
        """
        Say that the driver runs; in place of the last, written by the next commit.
        """
        self._heartbeat_ms = at_ms

    def keep_snapshot(self, state: bytes) -> None:
        """
        Keep the engine's snapshot, taken right behind the last record added.
        """
        self._queue.extend(item(State(state, self._plan_id)))
        self._snapshot_seq = self._last_seq

    def add_plan(self, compiled: bytes) -> str:
        """
        Keep a plan; return its id.
        """
        id = plan_id(compiled)
        if id not in self._plan_ids:
            self._queue.extend(item(Plan(id, compiled)))
            self._plan_ids.add(id)
        return id

    def skip(self, lost: int, state: bytes, at_ms: int, *, plan_id: str = "") -> int:
        """
        Go on after events that were routed but could not be recorded.
        """
        with self._lock:
            self._require_plan(plan_id or self._plan_id)
            self._plan_id = plan_id or self._plan_id
            missing = self._last_seq - self._head.last_seq + lost
            self._queue = plans_in(self._queue)
            self._last_seq += lost
            self._queue.extend(item(Hole(self._last_seq + 1)))
            text = f"{missing} events before this were not recorded"
            self.note("hole", text, at_ms)
            self.keep_snapshot(state)
            return missing

    def commit(self) -> int:
        """
        Make durable what was added before the call; return the last such number.
        """
        with self._lock:
            self._require_owner()
            items = self._queue.copy()
            if self._failed is not None:
                self._look_again()
                items = self._queue.copy()
            if items or (self._heartbeat_ms or 0) > (self._head.alive_ms or 0):
                self._write(items)
            return self._head.last_seq

    def close(self) -> None:
        """
        Let go of the journal; what is pending is not committed.
        """
        with self._lock:
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
            if self._owner is not None:
                _file.unlock(self._owner)
                self._owner = None

    # Asking --------------------------------------------------------------------

    @property
    def pending(self) -> int:
        """
        How many records wait for a commit.
        """
        return self._last_seq - self._head.last_seq

    @property
    def last_seq(self) -> int:
        """
        Number of the last record added; 0: there is none.
        """
        return self._last_seq

    @property
    def durable_seq(self) -> int:
        """
        Number of the last record committed; 0: there is none.
        """
        return self._head.last_seq

    @property
    def base_seq(self) -> int:
        """
        The record behind which the journal begins; 0: nothing was taken away.
        """
        return self._head.base_seq

    @property
    def base_plan_id(self) -> str:
        """
        The plan in force where the journal begins.
        """
        return self._head.base_plan

    @property
    def last_ms(self) -> int | None:
        """
        Time of the last record added; None: there is none.
        """
        return self._last_ms

    @property
    def alive_ms(self) -> int | None:
        """
        The last committed heartbeat or record, whichever is later; None: neither.
        """
        return self._head.alive_ms

    @property
    def plan_id(self) -> str:
        """
        The plan in force behind the last record added.
        """
        return self._plan_id

    @property
    def snapshot_due(self) -> bool:
        """
        Whether so many records were added since the last snapshot as was asked for.
        """
        return self._last_seq - self._snapshot_seq >= self.settings.snapshot_every

    def commit_due(self, now_ms: int) -> bool:
        """
        Whether the group is full, or its oldest record has waited as long as it may.
        """
        oldest_ms = self._oldest_ms
        if oldest_ms is None:
            return False
        full = self.pending >= self.settings.group_max
        return full or now_ms - oldest_ms >= self.settings.max_delay_ms

    # Reading -------------------------------------------------------------------

    def records(
        self,
        after_seq: int = 0,
        until_seq: int | None = None,
        *,
        people: bool = True,
    ) -> Iterator[Record]:
        """
        Read committed records in their order, those with after < seq <= until.
        """
        reveal = self._people.reveal if people else _as_it_is
        for block in self._blocks(after_seq, until_seq):
            with self._found_whole():
                found = list(unpack(block, reveal))
            for record in found:
                if after_seq < record.seq and (
                    until_seq is None or record.seq <= until_seq
                ):
                    yield record

    def frames(
        self, after_seq: int = 0, until_seq: int | None = None
    ) -> Iterator[bytes]:
        """
        Read the same as pieces for ``Engine.replay``, without notes.
        """
        for block in self._blocks(after_seq, until_seq):
            if block.lost and after_seq < block.first_seq:
                place = f"{self.path}: sequence {block.first_seq - block.lost}"
                raise JournalError(
                    code="journal_hole",
                    message=f"{place}: {block.lost} events were not recorded here",
                    where=place,
                )
            last = block.last_seq if until_seq is None else until_seq
            with self._found_whole():
                piece = replayable(block, self._people.reveal, after_seq + 1, last)
            if piece:
                yield piece

    def plans(self) -> dict[str, bytes]:
        """
        Return all plans kept, compiled, by their ids.
        """
        with self._lock:
            return _rows.read_plans(self._connection, self.path)

    def snapshots(self) -> list[int]:
        """
        List the records behind which a snapshot is kept, ascending.
        """
        with self._lock:
            return _rows.snapshot_seqs(self._connection, self.path)

    def last_snapshot(self, until_seq: int | None = None) -> KeptSnapshot | None:
        """
        Return the newest snapshot, or the newest that is not behind *until_seq*.
        """
        seqs = self.snapshots()
        if until_seq is not None:
            seqs = [seq for seq in seqs if seq <= until_seq]
        if not seqs:
            return None
        with self._lock, self._found_whole():
            row = _rows.read_snapshot(self._connection, self.path, seqs[-1])
            state = row.plain
            with contextlib.suppress(msgspec.DecodeError):  # another version's layout
                state = self._people.reveal_state(state)
        return KeptSnapshot(
            seq=row.seq,
            at_ms=row.at_ms,
            plan_id=row.plan_id,
            semantics=row.semantics,
            state=state,
        )

    def verify(self, progress: Progress | None = None) -> Verified:
        """
        Read everything and raise at the first damage.
        """
        with self._lock:
            head = _rows.read_head(self._connection, self.path)
            with self._found_whole():
                return verify(self._connection, self.path, head, progress)

    # People --------------------------------------------------------------------

    def erase(self, number: str) -> int:
        """
        Forget a number and all names and spellings with it; return how many texts.
        """
        self._require_owner()
        with self._lock, self._found_whole(), self._transaction():
            erased = len(self._people.erase(number))
        with self._lock, _file.reading(self.path):
            # Else the text would stand in the log until other pages take its place.
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return erased

    def compact(self, before_ms: int, state_behind: StateBehind) -> Compacted:
        """
        Take away what happened before an instant, and people who are in nothing else.

        Whole commits are taken away, so a little more may stay.  What is left begins
        with a snapshot.

        Args:
            before_ms: The instant.
            state_behind: Gives the engine's snapshot behind a record, and the plan
                then in force.

        Returns:
            What was taken away.

        Raises:
            JournalError: It is damaged, or was opened to be read.

        Cost: reads what is left, and writes it anew.
        """
        self._require_owner()
        with self._lock, self._found_whole():
            assert not self._queue, "commit before compacting"
            seq = _compact.last_before(self._connection, before_ms)
            if seq <= self._head.base_seq:
                base_seq = self._head.base_seq
                return Compacted(records=0, people=0, plans=0, base_seq=base_seq)
            made = None if seq in self.snapshots() else state_behind(seq)
            with self._transaction():
                if made is not None:
                    put_snapshot(
                        self._connection,
                        self._people,
                        self._head_behind(seq),
                        State(*made),
                    )
                self._people.flush()
                self._head, done = _compact.take_away(
                    self._connection, self._people, self.path, self._head, seq
                )
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            self._connection.execute("VACUUM")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return done

    # Inside --------------------------------------------------------------------

    def _write(self, items: list[Any]) -> None:
        """
        Write items in one transaction and take them off the queue.
        """
        self._failed = Attempt(items, self._head)
        alive_ms = self._heartbeat_ms
        try:
            with self._transaction():
                head = put(self._connection, self._people, self._head, items, alive_ms)
                self._failed = Attempt(items, head)
        except sqlite3.Error as error:
            raise self._not_written(f"nothing was kept: {error}") from error
        self._failed = None
        self._taken(items, head)

    def _taken(self, items: list[Any], head: Head) -> None:
        """
        Note that items are durable.
        """
        del self._queue[: len(items)]
        self._head = head
        self._oldest_ms = oldest_ms(self._queue)

    def _look_again(self) -> None:
        """
        After a failure: open the file anew and see whether the commit is there.
        """
        failed = self._failed
        assert failed is not None
        with contextlib.suppress(sqlite3.Error):
            self._connection.close()
        try:
            self._connection = _file.connect(
                self.path, durability=self.settings.durability, read_only=False
            )
            row = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            head = _rows.read_head(self._connection, self.path)
            self._people = People(self._connection)
        except (sqlite3.Error, JournalError) as error:
            raise self._not_written(f"nothing can be kept yet: {error}") from error
        if row[0]:
            text = "the log cannot be written anew while somebody reads"
            raise self._not_written(text)
        if head != self._head:
            if head != failed.head:
                raise _file.damaged(self.path, "somebody else has written to it")
            # After `skip` the queue begins with something else.
            skipped = not begins_alike(self._queue, failed.items)
            self._taken([] if skipped else failed.items, head)
        self._failed = None

    def _blocks(self, after_seq: int, until_seq: int | None) -> Iterator[Block]:
        with self._lock:
            head = _rows.read_head(self._connection, self.path)
        rows = _rows.blocks(self._connection, self.path, head, after_seq)
        while True:
            with self._lock:
                found = next(rows, None)
            if found is None:
                return
            if until_seq is not None and found[0].first_seq > until_seq:
                return
            yield found[0]
            if until_seq is not None and found[0].last_seq >= until_seq:
                return

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
                # It remembers rows that are gone again.
                self._people = People(self._connection)
            raise

    @contextlib.contextmanager
    def _found_whole(self) -> Iterator[None]:
        """
        Turn what cannot be read into ``JournalError``.
        """
        try:
            with _file.reading(self.path):
                yield
        except DamagedPersonError as error:
            what = f"the person with the id {error} is not what was written"
            raise _file.damaged(self.path, what) from error
        except (msgspec.DecodeError, zlib.error) as error:
            raise _file.damaged(self.path, f"it cannot be read: {error}") from error

    def _head_behind(self, seq: int) -> Head:
        """
        Return what the head was when a block ended.
        """
        query = "SELECT chain, last_ms FROM block WHERE first_seq + count - 1 = ?"
        chain, last_ms = self._connection.execute(query, (seq,)).fetchone()
        return msgspec.structs.replace(
            self._head, last_seq=seq, last_chain=chain, last_ms=last_ms
        )

    def _require_plan(self, id: str) -> None:
        if id not in self._plan_ids:
            raise JournalError(
                code="plan_missing",
                message=f"{self.path}: plan {id} was never added",
                where=str(self.path),
            )

    def _require_owner(self) -> None:
        if self._owner is None:
            raise JournalError(
                code="journal_read_only",
                message=f"{self.path} was opened to be read",
                where=str(self.path),
            )

    def _not_written(self, what: str) -> JournalError:
        return JournalError(
            code="journal_write_failed",
            message=f"{self.path}: {what}",
            where=str(self.path),
        )
