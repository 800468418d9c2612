"""A whole router is killed again and again: nothing acknowledged is lost."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from skillroute.actions import RecordOutcome
from skillroute.errors import EventRefusedError
from skillroute.events import CallArrived, Gap
from skillroute.journal import open_journal, restart, state_hash
from tests.driver.rig import PLAN, engine_of

REPOSITORY = Path(__file__).resolve().parents[2]
KILLS = 8


def started(path: Path, run: int) -> subprocess.Popen[str]:
    """Start a router on a journal."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.driver.router_to_kill", str(path), f"r{run}"],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    """A caller whom the switch was told to hold is known after the crash."""
    path = tmp_path / "site.journal"
    draws = random.Random(5)
    acknowledged: list[str] = []
    for run in range(KILLS):
        process = started(path, run)
        assert process.stdout is not None
        # Killed at some instant after the first acknowledgement, in the thick of it.
        acknowledged.append(process.stdout.readline().strip())
        time.sleep(draws.uniform(0, 0.5))
        process.send_signal(signal.SIGKILL)
        acknowledged += process.stdout.read().split()
        process.wait()
        process.stdout.close()
    last = started(path, KILLS)
    assert last.stdout is not None
    acknowledged.append(last.stdout.readline().strip())
    last.send_signal(signal.SIGTERM)
    acknowledged += last.stdout.read().split()
    assert 0 == last.wait(30)
    last.stdout.close()
    assert len(acknowledged) > 10 * KILLS
    check(path, acknowledged)


def check(path: Path, acknowledged: list[str]) -> None:
    """Read the journal, and account for every call."""
    engine = engine_of(PLAN)
    arrived: Counter[str] = Counter()
    ended: Counter[str] = Counter()
    gaps = 0
    with open_journal(path, read_only=True) as journal:
        journal.verify()
        for record in journal.records():
            if record.event is None:
                continue
            gaps += isinstance(record.event, Gap)
            refused = ""
            try:
                actions = engine.handle(record.event, record.at_ms)
            except EventRefusedError as refusal:
                actions, refused = refusal.actions, refusal.code
            assert record.refused == refused
            if isinstance(record.event, CallArrived):
                arrived[record.event.call] += 1
            for action in actions:
                if isinstance(action, RecordOutcome):
                    ended[action.call] += 1
        kept = restart(journal).engine
        later_ms = (journal.alive_ms or 0) + 1
    assert gaps == KILLS
    assert set(acknowledged) <= arrived.keys()
    assert {1} == set(arrived.values())
    assert {1} == set(ended.values())
    for one in (kept, engine):
        one.advance(later_ms)
    assert state_hash(engine.snapshot()) == state_hash(kept.snapshot())


def test_an_orderly_stop_keeps_everything(tmp_path: Path) -> None:
    """SIGTERM ends it within seconds, with a snapshot behind the last record."""
    path = tmp_path / "site.journal"
    process = started(path, 0)
    assert process.stdout is not None
    said = [process.stdout.readline().strip()]
    process.send_signal(signal.SIGTERM)
    said += process.stdout.read().split()
    assert 0 == process.wait(30)
    process.stdout.close()
    with open_journal(path, read_only=True) as journal:
        snapshot = journal.last_snapshot()
        assert snapshot is not None
        assert journal.last_seq == snapshot.seq
        arrived = {
            record.event.call
            for record in journal.records()
            if isinstance(record.event, CallArrived)
        }
    assert set(said) <= arrived
