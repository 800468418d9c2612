"""
A writer killed with SIGKILL at random instants, opening and checkpoints among them.

Nothing that was acknowledged is lost, what is left leads to the very state that its
records lead to, and after each of them every invariant holds.
"""

from __future__ import annotations

import contextlib
import os
import random
import select
import signal
import sys
from pathlib import Path

import pytest

from skillroute.errors import JournalError
from skillroute.journal import open_journal, restart, state_hash

from .days import Day, judged

if sys.platform == "win32":
    pytest.skip("no fork and no SIGKILL there", allow_module_level=True)

KILLS = int(os.environ.get("JOURNAL_KILLS", "40"))
EVENTS_MAX = 400
"""A longer journal is left, and another begun: each kill replays it whole."""


def test_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    """17.10: a caller who was promised something would be forgotten."""
    draw = random.Random(KILLS)
    progress, lost_tails, number, day_seed = 0, 0, 0, 0
    path = tmp_path / "0.journal"
    for _ in range(KILLS):
        acknowledged = killed_writer(path, day_seed, draw)
        kept = kept_after(path, day_seed)
        assert kept >= acknowledged, f"{path}: day {day_seed}"
        progress += acknowledged > 0
        lost_tails += kept > acknowledged
        if kept > EVENTS_MAX:
            number += 1
            day_seed += 1
            path = tmp_path / f"{number}.journal"
    assert progress > KILLS // 4, "hardly a writer came to write"
    assert number > 0


def kept_after(path: Path, day_seed: int) -> int:
    """Read what a killed writer left; compare it with the day that it wrote."""
    if not path.exists():
        return 0
    with open_journal(path) as journal:
        journal.verify()
        day = Day(day_seed)
        events = [(one.event, one.at_ms) for one in day.events(journal.last_seq)]
        records = list(journal.records())
        assert events == [(record.event, record.at_ms) for record in records]
        again = state_hash(restart(journal).engine.snapshot())
        assert state_hash(day.engine.snapshot()) == again
        assert state_hash(judged(day_seed, records)) == again
        return journal.last_seq


def killed_writer(path: Path, day_seed: int, draw: random.Random) -> int:
    """Let a process write and kill it; return the last number it acknowledged."""
    reader, writer = os.pipe()
    seed = draw.random()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        with contextlib.suppress(BaseException):
            write_on(path, day_seed, random.Random(seed), writer)
        os._exit(1)
    os.close(writer)
    if draw.random() < 0.9:  # else while it opens or makes the journal
        select.select([reader], [], [], 20)
    select.select([], [], [], draw.random() ** 2 * 0.15)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    said = b""
    while piece := os.read(reader, 65_536):
        said += piece
    os.close(reader)
    numbers = said.split(b"\n")[:-1]  # the last may be half a number
    assert b"failed" not in said, said
    return int(numbers[-1]) if numbers else 0


def write_on(path: Path, day_seed: int, draw: random.Random, writer: int) -> None:
    """Go on with a day where its journal ends, and say what is durable."""
    day = Day(day_seed)
    try:
        with open_journal(path, plan=day.plan, snapshot_every=60) as journal:
            journal._connection.execute("PRAGMA wal_autocheckpoint = 20")
            list(day.events(journal.last_seq))
            for _ in range(10_000):
                day.write(journal, draw.randint(1, 9), group=100)
                if draw.random() < 0.3:
                    journal.heartbeat(journal.last_ms or 0)
                os.write(writer, f"{journal.durable_seq}\n".encode())
    except JournalError as error:
        os.write(writer, f"failed: {error}\n".encode())
