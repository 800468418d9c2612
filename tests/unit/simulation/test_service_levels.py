"""Service levels by name, with the figures of the published example."""

from __future__ import annotations

from fractions import Fraction

import pytest

from skillroute.simulation import (
    SERVICE_LEVELS,
    LevelCounts,
    LevelName,
    service_level,
)

# The ICMI example as Call Centre Helper prints it: 1000 answered, 860 of them within
# 20 s; 60 abandoned, 20 of them within 20 s and 10 within 5 s.
COUNTS = LevelCounts(
    answered=1000,
    abandoned=60,
    answered_within=860,
    abandoned_within=20,
    abandoned_short=10,
    arrived=1060,
)
PUBLISHED: dict[LevelName, float] = {
    "abandon_positive": 83.0189,
    "answered_only": 86.0,
    "all_offered": 81.1321,
    "dequeued": 83.0189,
    "ignore_quick_abandon": 82.6923,
    "short_positive": 82.0755,
    "short_excluded": 81.9048,
    "with_flow_out": 81.1321,
    "all_arrived": 81.1321,
}


@pytest.mark.parametrize("name", SERVICE_LEVELS)
def test_a_definition_gives_what_is_published(name: LevelName) -> None:
    """Two centres that name their definition can be compared."""
    level = service_level(name, COUNTS)
    assert level is not None
    assert PUBLISHED[name] == round(float(100 * level), 4)


def test_calls_that_the_queue_gave_up_count_where_the_name_says_so() -> None:
    """Voicemail must not make the figure better unseen."""
    counts = LevelCounts(
        answered=80,
        abandoned=10,
        answered_within=60,
        abandoned_within=5,
        flowed_out=10,
        arrived=110,
    )
    assert Fraction(60, 90) == service_level("all_offered", counts)
    assert Fraction(60, 100) == service_level("with_flow_out", counts)
    assert Fraction(65, 100) == service_level("dequeued", counts)
    assert Fraction(60, 110) == service_level("all_arrived", counts)


@pytest.mark.parametrize("name", SERVICE_LEVELS)
def test_nothing_offered_is_no_level(name: LevelName) -> None:
    """0 % or 100 % of nothing has misled many."""
    nothing = LevelCounts(
        answered=0, abandoned=0, answered_within=0, abandoned_within=0
    )
    assert service_level(name, nothing) is None
