"""
A journal whose end is cut off, at whatever byte.

With SQLite the end is the write-ahead log.  Every record of a commit that lies wholly
before the cut is kept; the rest is reported; nothing is read that was not written; and
what is kept leads to a state in which every invariant holds.

``JOURNAL_LONG=1`` cuts at each of the last 65,536 bytes: the journal is opened at every
one with its whole chain read, its records are compared at every border of a commit and
at every 97th byte, and replayed and judged at every border.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path

import pytest

from skillroute.journal import open_journal, restart, state_hash

from .days import Day, judged

TAIL = 64 * 1024
EVERY_BYTE = "JOURNAL_LONG" in os.environ
STRIDE = 131
"""A prime, so that the cuts lie everywhere in a frame."""


class Crashed:
    """What a crash left of a journal, and what had been acknowledged."""

    def __init__(
        self,
        folder: Path,
        *,
        checkpoint_pages: int = 0,
        begun_anew: bool = False,
        taken_over: bool = False,
    ) -> None:
        path = folder / "written.journal"
        day = Day(5)
        self.ends: list[tuple[int, int]] = [(0, 0)]
        """(bytes of the log, last durable record) behind each commit."""
        with open_journal(path, plan=day.plan, snapshot_every=40) as journal:
            connection = journal._connection
            connection.execute(f"PRAGMA wal_autocheckpoint = {checkpoint_pages}")
            for _ in range(60):
                day.write(journal, 3, group=3)
                self.ends.append((log_of(path).stat().st_size, journal.durable_seq))
            if begun_anew:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                self.ends = [(0, journal.durable_seq)]
            while self.ends[-1][0] < TAIL and begun_anew:
                day.write(journal, 3, group=3)
                self.ends.append((log_of(path).stat().st_size, journal.durable_seq))
            if taken_over:
                connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
            self.database = path.read_bytes()
            self.log = log_of(path).read_bytes()
            self.state = day.engine.snapshot()
            self.records = list(journal.records())

    def cut(self, path: Path, size: int) -> None:
        """Write what is left if the log ends behind so many bytes."""
        path.write_bytes(self.database)
        log_of(path).write_bytes(self.log[:size])


def log_of(path: Path) -> Path:
    """Return where SQLite keeps the log of a journal."""
    return Path(f"{path}-wal")


@pytest.fixture(scope="module")
def crashed(tmp_path_factory: pytest.TempPathFactory) -> Crashed:
    """Give a journal of which nothing was moved from the log into the database."""
    return Crashed(tmp_path_factory.mktemp("crashed"))


@pytest.fixture(scope="module")
def crashed_later(tmp_path_factory: pytest.TempPathFactory) -> Crashed:
    """Give a journal whose log begins a little more than 64 KiB before its end."""
    return Crashed(tmp_path_factory.mktemp("later"), begun_anew=True)


def cuts(crashed: Crashed) -> list[int]:
    """List where to cut: at the borders of commits, and as densely as there is time."""
    size = len(crashed.log)
    start = size - TAIL
    assert start > 0
    borders = {end + near for end, _ in crashed.ends for near in (-1, 0, 1)}
    step = 1 if EVERY_BYTE else STRIDE
    wanted = borders | set(range(start, size + 1, step))
    return sorted(cut for cut in wanted if start <= cut <= size)


def test_what_lies_before_a_cut_is_kept(crashed_later: Crashed, folder: Path) -> None:
    """17.10: what was acknowledged is lost, or what never happened is read."""
    crashed, path = crashed_later, folder / "cut.journal"
    places = cuts(crashed)
    assert len(places) >= (TAIL if EVERY_BYTE else 500)
    judged_ends = 0
    for size in places:
        crashed.cut(path, size)
        end, durable = max(each for each in crashed.ends if each[0] <= size)
        with open_journal(path, durability="off") as journal:
            assert (durable, size - end) == (
                journal.recovered.last_seq,
                journal.recovered.torn_bytes,
            ), size
            assert durable == journal.last_seq
            if size % 97 == 0 or size == end:
                assert crashed.records[:durable] == list(journal.records()), size
            if size == end:
                judged_ends += 1
                kept = judged(5, journal.records())
                again = restart(journal).engine.snapshot()
                assert state_hash(kept) == state_hash(again), size
    assert judged_ends >= len(crashed.ends) - 2 > 5


def test_the_state_is_that_of_the_kept_records(
    crashed: Crashed, folder: Path, backend_name: str
) -> None:
    """17.8: after a cut, a replay of what is left decides."""
    path = folder / "cut.journal"
    for size in cuts(crashed)[::40]:
        crashed.cut(path, size)
        with open_journal(path, durability="off") as journal:
            again = restart(journal, backend=backend_name)
            assert journal.last_seq == again.seq
            kept = judged(5, journal.records())
            assert kept == again.engine.snapshot()


def test_a_journal_goes_on_behind_a_cut(crashed: Crashed, folder: Path) -> None:
    """What is written after a crash would be cut off by the next."""
    path = folder / "cut.journal"
    for size in cuts(crashed)[::60]:
        crashed.cut(path, size)
        day = Day(5)
        with open_journal(path, durability="off") as journal:
            kept = journal.last_seq
            list(day.events(kept))
            written = day.write(journal, 5)
        with open_journal(path) as journal:
            assert kept + 5 == journal.last_seq
            found = [record.event for record in journal.records(kept)]
            assert [one.event for one in written] == found


def test_a_log_that_the_database_has_taken_over_brings_nothing_back(
    tmp_path: Path, folder: Path
) -> None:
    """Cut after its pages were moved, it would overlay newer pages with older ones."""
    crashed = Crashed(tmp_path, taken_over=True)
    path = folder / "cut.journal"
    for size in range(0, len(crashed.log) + 1, 4999):
        crashed.cut(path, size)
        with open_journal(path, durability="off") as journal:
            assert crashed.records[-1].seq == journal.last_seq, size
            assert crashed.records == list(journal.records())


def test_what_an_earlier_turn_of_the_log_left_is_not_read(
    tmp_path: Path, folder: Path
) -> None:
    """The log begins again and again, and older pages stand behind its end."""
    is_cut_off = 0
    for pages in (27, 30, 33):
        (tmp_path / str(pages)).mkdir()
        crashed = Crashed(tmp_path / str(pages), checkpoint_pages=pages)
        sizes = [end for end, _ in crashed.ends]
        assert sizes.count(max(sizes)) > 3, "the log never began again"
        path, last = folder / f"{pages}.journal", crashed.records[-1].seq
        frames, ends = last_turn(crashed.log)
        is_taken_over = frames >= pages
        for size in [
            *range(0, 16_000, 509),
            *range(16_000, len(crashed.log) + 1, 9973),
            *(end + near for end in ends for near in (-1, 0, 1)),
        ]:
            crashed.cut(path, size)
            gone = 0 if is_taken_over else sum(end > size for end in ends)
            is_cut_off += gone > 0
            with open_journal(path, durability="off") as journal:
                assert last - 3 * gone == journal.last_seq, (pages, size)
                assert crashed.records[: journal.last_seq] == list(journal.records())
    assert is_cut_off > 30


def last_turn(log: bytes) -> tuple[int, list[int]]:
    """
    Read how many pages of a log are of its last turn, and where its commits end.

    Source: SQLite, "WAL-mode File Format": the frames of a turn have its salts; one
    that ends a transaction has the size of the database after it, else zero.
    """
    page_bytes = int.from_bytes(log[8:12], "big")
    frames, ends = 0, []
    for start in range(32, len(log), 24 + page_bytes):
        _page, size_after, *salts = struct.unpack_from(">IIII", log, start)
        if salts != list(struct.unpack_from(">II", log, 16)):
            break
        frames += 1
        if size_after:
            ends.append(start + 24 + page_bytes)
    return frames, ends
