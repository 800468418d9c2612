"""Every fault planted in the program must be found by the first seeds of a run."""

from __future__ import annotations

import pytest

from skillroute.testing.faults.planted import PLANTED, SOUND, Planted
from skillroute.testing.faults.run import run_seed

SEEDS_MAX = 40
EVENTS = 800
PLANTED_MIN = 25


def seeds_until_found(planted: Planted, seeds: int) -> int | None:
    """Return the first seed that finds a planted fault."""
    numbers = range(1, seeds + 1)
    return next(
        (s for s in numbers if run_seed(s, EVENTS, planted=planted).broken), None
    )


def test_a_sound_program_breaks_nothing() -> None:
    """If it did, every planted fault would seem to be found."""
    assert seeds_until_found(SOUND, 15) is None


def test_faults_are_planted_in_every_part() -> None:
    """A part without one might be judged by nothing."""
    assert len(PLANTED) >= PLANTED_MIN
    assert {p.part for p in PLANTED.values()} == {"driver", "engine", "host", "journal"}
    assert all(planted.summary for planted in PLANTED.values())


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_found(name: str) -> None:
    """The canary: a simulation that misses it would prove nothing."""
    seed = seeds_until_found(PLANTED[name], SEEDS_MAX)
    assert seed is not None, f"{name} survived {SEEDS_MAX} seeds"
