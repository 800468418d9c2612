"""
What every journal can do, and the values that it gives.

``SqliteJournal`` is the embedded one.  A journal in a server's database fills the
same protocol, and whoever uses one (the driver, the commands) names only this.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal, Protocol, TypeAlias

import msgspec

from ..actions import Action
from ..events import Event

__all__ = [
    "Check",
    "Durability",
    "Journal",
    "KeptSnapshot",
    "Progress",
    "Record",
    "Recovery",
    "Verified",
]

Durability: TypeAlias = Literal["fsync", "os", "off"]
"""What a commit survives: ``fsync`` a power failure, ``os`` the end of the process
(after a power failure the last commits may be gone), ``off`` the end of the process,
but a power failure may damage the file."""

Check: TypeAlias = Literal["recent", "all", "tail"]
"""What is read and checked when a journal is opened: the last million commits or the
last GiB, whichever is less, and always what follows the last snapshot; or everything;
or what follows the last snapshot."""

Progress: TypeAlias = Callable[[int, int], None]
"""Told (records done, records in all) during long work."""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """
    One record: an event that the engine was told, or a note for people.
    """

    seq: int
    """Sequence number, from 1, without holes but those that ``skip`` makes."""
    at_ms: int
    """The time that the engine was told, epoch milliseconds."""
    event: Event | None
    """What happened, numbers and names put back; None: this is a note."""
    digest: bytes = b""
    """``digest_of`` the orders that were given; empty: there were none."""
    refused: str = ""
    """Code with which the engine refused the event; empty: it was taken."""
    note_kind: str = ""
    """Which kind of note, such as ``hook_failed``; empty: this is an event."""
    text: str = ""
    """What the note says."""
    semantics: int
    """By which number of behaviour (``SEMANTICS``) it was decided."""


class KeptSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """
    The state of the engine right behind a record.
    """

    seq: int
    """That record; 0: before the first."""
    at_ms: int
    """The time of that record."""
    plan_id: str
    """The plan that was in force."""
    semantics: int
    state: bytes
    """As ``Engine.snapshot`` gave it, numbers and names put back."""


class Recovery(msgspec.Struct, frozen=True, kw_only=True):
    """
    What opening a journal found at its end.
    """

    last_seq: int
    """The last whole record."""
    torn_bytes: int = 0
    """How many bytes of a commit that was never finished were cut off; 0: none."""
    unchecked_seq: int = 0
    """The last record that was not read, as too long ago for what was asked; 0: all
    were."""


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """
    What was read and found whole.
    """

    first_seq: int
    last_seq: int
    """0 if there is no record."""
    records: int
    lost: int
    """How many records the journal says it never had, in holes."""
    snapshots: int
    plans: int
    people: int
    """How many numbers and names are kept."""


class Journal(Protocol):
    """
    The record of every event of a site, only ever added to.

    What is appended is kept in memory until ``commit``, which may run in another
    thread while more is appended; one commit runs at a time.  All other methods
    belong to one thread.  Every method that reads or writes raises ``JournalError``:
    ``journal_damaged`` with the place, ``journal_write_failed`` if nothing could be
    kept.
    """

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

        Args:
            event: What happened; ``Advanced`` if timers fired and gave orders.
            at_ms: The time that the engine was told.
            actions: The orders that it gave, also those of a refusal.
            refused: Code of the refusal; empty: the event was taken.

        Raises:
            JournalError: A reload names a plan that ``add_plan`` was not given
                (``plan_missing``).

        Cost: O(1), no input or output.
        """
        ...

    def note(self, kind: str, text: str, at_ms: int) -> int:
        """
        Add a note for people, which no engine sees; return its sequence number.
        """
        ...

    def heartbeat(self, at_ms: int) -> None:
        """
        Say that the driver runs; in place of the last, written by the next commit.
        """
        ...

    def keep_snapshot(self, state: bytes) -> None:
        """
        Keep the engine's snapshot, taken right behind the last record added.
        """
        ...

    def add_plan(self, compiled: bytes) -> str:
        """
        Keep a plan; return its id.  A plan that is there already costs nothing.
        """
        ...

    def skip(self, lost: int, state: bytes, at_ms: int, *, plan_id: str = "") -> int:
        """
        Go on after events that were routed but could not be recorded.

        What is still pending is forgotten and counts as lost as well.  The state of
        the engine is kept in place of them, since nobody could replay to it.

        Args:
            lost: How many were never appended.
            state: The engine's snapshot.
            at_ms: The engine's time.
            plan_id: The plan in force, which ``add_plan`` was given; empty: that
                behind the last record that was appended.

        Returns:
            How many records are missing in all.
        """
        ...

    def commit(self) -> int:
        """
        Make durable what was added before the call; return the last such number.

        Raises:
            JournalError: It could not be (``journal_write_failed``): all of it stays
                pending, and the next call tries again.
        """
        ...

    def close(self) -> None:
        """
        Let go of the journal; what is pending is not committed.
        """
        ...

    # Asking --------------------------------------------------------------------

    @property
    def pending(self) -> int:
        """
        How many records wait for a commit.
        """
        ...

    @property
    def last_seq(self) -> int:
        """
        Number of the last record added; 0: there is none.
        """
        ...

    @property
    def durable_seq(self) -> int:
        """
        Number of the last record committed; 0: there is none.
        """
        ...

    @property
    def last_ms(self) -> int | None:
        """
        Time of the last record added; None: there is none.
        """
        ...

    @property
    def alive_ms(self) -> int | None:
        """
        The last committed heartbeat or record, whichever is later; None: neither.
        """
        ...

    @property
    def plan_id(self) -> str:
        """
        The plan in force behind the last record added.
        """
        ...

    @property
    def snapshot_due(self) -> bool:
        """
        Whether so many records were added since the last snapshot as was asked for.
        """
        ...

    def commit_due(self, now_ms: int) -> bool:
        """
        Whether the group is full, or its oldest record has waited as long as it may.
        """
        ...

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

        With *people* false, opaque ids stay in place of numbers and names.
        """
        ...

    def frames(
        self, after_seq: int = 0, until_seq: int | None = None
    ) -> Iterator[bytes]:
        """
        Read the same as pieces for ``Engine.replay``, without notes.

        Raises:
            JournalError: Records are missing in between (``journal_hole``), so that
                a replay would come to another state: begin behind a snapshot.
        """
        ...

    def plans(self) -> Mapping[str, bytes]:
        """
        Return all plans kept, compiled, by their ids.
        """
        ...

    def snapshots(self) -> Sequence[int]:
        """
        List the records behind which a snapshot is kept, ascending.
        """
        ...

    def last_snapshot(self, until_seq: int | None = None) -> KeptSnapshot | None:
        """
        Return the newest snapshot, or the newest that is not behind *until_seq*.
        """
        ...

    def verify(self, progress: Progress | None = None) -> Verified:
        """
        Read everything and raise at the first damage.
        """
        ...

    # People --------------------------------------------------------------------

    def erase(self, number: str) -> int:
        """
        Forget a number and all names and spellings with it; return how many texts.

        Records keep an opaque id in its place, so a replay decides alike.  A later
        call from that number gets another id.
        """
        ...
