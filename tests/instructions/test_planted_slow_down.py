"""The gate itself: a core that is slower by a fifth must be red."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = Path(__file__).resolve().parents[2] / "benches" / "instructions.py"
SELECTIONS = ("select_realistic_10k", "select_adversarial_10k")
UNTOUCHED = "call_whole_1k"


def gate(
    record: Path, *options: str, names: tuple[str, ...] = (*SELECTIONS, UNTOUCHED)
) -> subprocess.CompletedProcess[str]:
    """Run the command on a few scenarios, against a record of its own."""
    words = (*names, "--record", str(record), *options)
    return subprocess.run(
        [sys.executable, str(COMMAND), *words],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Record today's core: what the project has recorded may be of another machine."""
    path = tmp_path_factory.mktemp("record") / "instructions.json"
    done = gate(path, "--renew")
    assert (0, "") == (done.returncode, done.stderr)
    return path


def test_the_same_core_is_green_and_differs_by_nothing(record: Path) -> None:
    """A count that moves by itself would need a tolerance that hides slow-downs."""
    done = gate(record)
    assert (0, "") == (done.returncode, done.stderr)
    assert [0.0] * 3 == changes_percent(done.stdout)


def test_a_selection_slower_by_a_fifth_is_red(record: Path) -> None:
    """Each scenario that selects is named, and no other."""
    done = gate(record, "--plant-slow-down")
    assert 1 == done.returncode
    red = re.findall(r"^RED (\w+): grew$", done.stderr, re.MULTILINE)
    assert list(SELECTIONS) == red
    *slowed, untouched = changes_percent(done.stdout)
    # A fifth, and what it takes to count to five: a selection is short.
    assert [True, True] == [19 < percent < 30 for percent in slowed]
    assert untouched == pytest.approx(0, abs=0.1)


def test_a_scenario_that_nobody_knows_is_an_error(record: Path) -> None:
    """A misspelt name must not count nothing and be green."""
    done = gate(record, names=("selcet",))
    assert 2 == done.returncode
    assert "there is no scenario named selcet" in done.stderr


def changes_percent(printed: str) -> list[float]:
    """Read the last column of the table."""
    return [float(number) for number in re.findall(r"([+-]\d+\.\d) %", printed)]
