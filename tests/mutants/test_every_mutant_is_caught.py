"""Every planted fault of the core must be seen by the quick comparison."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from skillroute import backends
from skillroute.testing.differential import compare_world

SOURCES = Path(__file__).resolve().parents[2] / "rust" / "skillroute-core" / "src"
MUTANTS_MIN = 20
WORLDS_MAX = 400
EVENTS_PER_WORLD = 250
_MARK = re.compile(r"\bbroken!\(\s*(\d+)\s*,")


def planted() -> list[int]:
    """List the numbers of all marks in the core's sources."""
    text = "".join(file.read_text("utf-8") for file in sorted(SOURCES.glob("*.rs")))
    return sorted(int(number) for number in _MARK.findall(text))


def test_marks_are_numbered_from_one_without_a_gap() -> None:
    """A number used twice would hide one fault behind the other."""
    assert list(range(1, len(planted()) + 1)) == planted()
    assert len(planted()) >= MUTANTS_MIN


def test_the_core_without_a_fault_is_equal() -> None:
    """If the sound core differed, every mutant would seem to be caught."""
    assert worlds_until_caught(0, worlds=20) is None


@pytest.mark.parametrize("number", planted())
def test_a_planted_fault_is_caught(number: int) -> None:
    """A fault that nobody notices would be a rule that nobody tests."""
    caught = worlds_until_caught(number, worlds=WORLDS_MAX)
    assert caught is not None, f"mutant {number} survived {WORLDS_MAX} worlds"


def worlds_until_caught(number: int, *, worlds: int) -> int | None:
    """Return how many worlds it takes until the faulty core differs."""
    core = backends.load("rust")
    reference = backends.load("python")
    module = importlib.import_module(core.Engine.__module__)
    module.set_mutant(number)
    try:
        for seed in range(1, worlds + 1):
            engines = (reference.Engine, core.Engine)
            if compare_world(engines, seed, EVENTS_PER_WORLD).difference is not None:
                return seed
    finally:
        module.set_mutant(0)
    return None
