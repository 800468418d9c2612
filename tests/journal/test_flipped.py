"""A bit that is not as it was written, anywhere in the files of a journal."""

from __future__ import annotations

import contextlib
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from skillroute.errors import JournalError
from skillroute.journal import SqliteJournal, open_journal, repair

from .days import Day
from .test_cut import Crashed, log_of

GROUP = 7
FLIPS = 20_000 if "JOURNAL_LONG" in os.environ else 300
REPAIRS = 2_000 if "JOURNAL_LONG" in os.environ else 150


def content(journal: SqliteJournal) -> dict[str, Any]:
    """Return everything that can be read."""
    return {
        "records": list(journal.records()),
        "frames": b"".join(journal.frames()),
        "plans": journal.plans(),
        "snapshots": [journal.last_snapshot(seq) for seq in journal.snapshots()],
        "alive": journal.alive_ms,
        "plan": journal.plan_id,
    }


@pytest.fixture
def whole(tmp_path: Path) -> tuple[bytes, dict[str, Any]]:
    """Give a journal as bytes, and what is in it."""
    path = tmp_path / "whole.journal"
    day = Day(7)
    with open_journal(path, plan=day.plan, snapshot_every=50) as journal:
        day.write(journal, 160, group=GROUP)
        expected = content(journal)
    assert not log_of(path).exists()
    return path.read_bytes(), expected


def flipped(data: bytes, draw: random.Random, count: int) -> Iterator[bytes]:
    """Yield so many copies with one bit flipped."""
    for _ in range(count):
        copy = bytearray(data)
        copy[draw.randrange(len(copy))] ^= 1 << draw.randrange(8)
        yield bytes(copy)


def error_of(path: Path, expected: dict[str, Any]) -> JournalError | None:
    """Read everything; return what is said of the damage, or find all as it was."""
    try:
        with open_journal(path, durability="off") as journal:
            journal.verify()
            assert expected == content(journal)
    except JournalError as error:
        return error
    return None


def test_a_flipped_bit_is_found_or_harmless(
    whole: tuple[bytes, dict[str, Any]], folder: Path
) -> None:
    """Whoever reads something else than was written explains what never happened."""
    data, expected = whole
    path = folder / "flipped.journal"
    found = 0
    for copy in flipped(data, random.Random(1), FLIPS):
        path.write_bytes(copy)
        error = error_of(path, expected)
        if error is not None:
            assert error.code in {"journal_damaged", "journal_foreign", "journal_newer"}
            assert error.where.startswith(str(path))
            found += 1
        log_of(path).unlink(missing_ok=True)
    assert found > FLIPS // 6, "much of so small a file is room"


def test_damage_says_where(whole: tuple[bytes, dict[str, Any]], folder: Path) -> None:
    """Who repairs must know from where on something is missing."""
    data, expected = whole
    path = folder / "flipped.journal"
    # The first record of a commit, whose bytes stand nowhere else.
    seq, event = next(
        (record.seq, event)
        for record in expected["records"]
        for event in [msgspec.msgpack.encode(record.event)]
        if record.seq > 50 and record.seq % GROUP == 1 and data.count(event) == 1
    )
    place = data.index(event)
    path.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
    with pytest.raises(JournalError) as raised:
        open_journal(path)
    assert f"{path}: sequence {seq}" == raised.value.where
    assert "skillroute journal repair" in raised.value.message
    with open_journal(path, check="tail") as journal:
        assert [seq - 1] == [r.seq for r in journal.records(seq - 2, seq - 1)]
        with pytest.raises(JournalError):
            list(journal.records(seq - 1, seq))
        with pytest.raises(JournalError):
            journal.verify()


@pytest.mark.parametrize("bound", ["RECENT_COMMITS", "RECENT_BYTES"])
def test_what_happened_long_ago_is_checked_when_it_is_asked_for(
    whole: tuple[bytes, dict[str, Any]],
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    bound: str,
) -> None:
    """A site with years behind it could not go on for minutes after a crash."""
    data, _expected = whole
    path = folder / "flipped.journal"
    path.write_bytes(data)
    with open_journal(path) as journal:
        assert 0 == journal.recovered.unchecked_seq
        blocks = list(journal._blocks(0, None))
        last_snapshot = journal.snapshots()[-1]
    alone = [block for block in blocks if data.count(block.frames) == 1]
    assert len(alone) > len(blocks) // 2
    for count in (1, 5, len(blocks) - 1, len(blocks), len(blocks) + 1):
        recent = blocks[-count:] if count < len(blocks) else blocks
        size = sum(len(block.frames) for block in recent) - 1
        value = count if bound == "RECENT_COMMITS" else size
        monkeypatch.setattr(f"skillroute.journal._rows.{bound}", value)
        for block in alone:
            place = data.index(block.frames) + len(block.frames) // 2
            flipped = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
            path.write_bytes(flipped)
            is_found = is_damaged(path)
            needed = block.last_seq >= min(recent[0].first_seq - 1, last_snapshot)
            assert needed == is_found, (count, block.first_seq)
            if not is_found:
                with open_journal(path, durability="off") as journal:
                    assert block.last_seq < journal.recovered.unchecked_seq
                    with pytest.raises(JournalError):
                        journal.verify()
                    with pytest.raises(JournalError):
                        list(journal.records(block.first_seq - 1, block.last_seq))
            with pytest.raises(JournalError):
                open_journal(path, check="all")


def test_a_flipped_bit_of_the_log_is_damage_or_cuts_the_last_commit(
    tmp_path: Path, folder: Path
) -> None:
    """SQLite alone would drop everything behind it without a word."""
    crashed = Crashed(tmp_path)
    path = folder / "flipped.journal"
    before_last = crashed.ends[-2][0]
    damaged = 0
    draw = random.Random(2)
    for copy in flipped(crashed.log, draw, FLIPS // 2):
        crashed.cut(path, 0)
        log_of(path).write_bytes(copy)
        pairs = enumerate(zip(copy, crashed.log, strict=True))
        place = next(at for at, (byte, was) in pairs if byte != was)
        if is_damaged(path):
            damaged += 1
            continue
        assert place >= before_last, f"a bad byte {place} was taken for the end"
        with open_journal(path, durability="off") as journal:
            assert crashed.records[: journal.last_seq] == list(journal.records())
            assert journal.recovered.torn_bytes > 0
    assert damaged > 100


def is_damaged(path: Path) -> bool:
    """Say whether a journal cannot be opened because of damage; leave it as it is."""
    log = log_of(path).read_bytes() if log_of(path).exists() else None
    try:
        open_journal(path, durability="off").close()
    except JournalError as error:
        return error.code == "journal_damaged"
    finally:
        if log is not None:
            log_of(path).write_bytes(log)
    return False


def test_a_flipped_bit_never_stops_a_repair(
    whole: tuple[bytes, dict[str, Any]], folder: Path
) -> None:
    """
    Who repairs has nothing else left: it ends, without a traceback.

    A bit of a name made text that is none.
    """
    data, _ = whole
    path, new = folder / "flipped.journal", folder / "new.journal"
    repaired = 0
    for copy in flipped(data, random.Random(2), REPAIRS):
        path.write_bytes(copy)
        try:
            repair(path, new)
        except JournalError:
            continue
        with open_journal(new, read_only=True) as journal:
            journal.verify()
        repaired += 1
        for file in folder.glob("new.journal*"):
            file.unlink()
    assert repaired > REPAIRS // 2


def numbers_of_rows(data: bytes) -> Iterator[int]:
    """
    Yield where the numbers of rows stand in the leaves of a database's tables.

    Source: sqlite.org/fileformat2.html, "B-tree Pages": kind 13, the count of cells at
    3, their places from 8 on; a cell begins with two variable-length integers.
    """
    size = int.from_bytes(data[16:18], "big")
    for page in range(size, len(data), size):
        if data[page] != 13:
            continue
        for number in range(int.from_bytes(data[page + 3 : page + 5], "big")):
            at = page + 8 + 2 * number
            place = page + int.from_bytes(data[at : at + 2], "big")
            while data[place] & 0x80:
                place += 1
            yield place + 1


def test_a_table_that_leads_in_circles_never_stops_a_repair(
    whole: tuple[bytes, dict[str, Any]], folder: Path
) -> None:
    """Whoever followed it would read the same rows for ever."""
    data, _ = whole
    path, new = folder / "flipped.journal", folder / "new.journal"
    tried = 0
    for place in numbers_of_rows(data):
        for bit in (0, 3):
            copy = bytearray(data)
            copy[place] ^= 1 << bit
            path.write_bytes(copy)
            with contextlib.suppress(JournalError):
                repair(path, new)
            tried += 1
            for file in folder.glob("new.journal*"):
                file.unlink()
    assert tried > 40
