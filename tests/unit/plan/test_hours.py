"""Weekly hours mean what people read in them."""

from __future__ import annotations

import pytest

from skillroute.errors import PlanError
from skillroute.plan._hours import merge, overlapping, parse_weekly

HOUR = 3_600_000
DAY = 24 * HOUR
WEEK = 7 * DAY

READ = {
    "mo 09:00-18:00": [(9 * HOUR, 18 * HOUR)],
    "Mo 9:00-18:00": [(9 * HOUR, 18 * HOUR)],
    "tu,we 09:00-12:00": [
        (DAY + 9 * HOUR, DAY + 12 * HOUR),
        (2 * DAY + 9 * HOUR, 2 * DAY + 12 * HOUR),
    ],
    "mo 09:00-12:00 13:00-17:30": [
        (9 * HOUR, 12 * HOUR),
        (13 * HOUR, 17 * HOUR + HOUR // 2),
    ],
    "fr 22:00-06:00": [(4 * DAY + 22 * HOUR, 5 * DAY + 6 * HOUR)],
    "fr 22:00-00:00": [(4 * DAY + 22 * HOUR, 5 * DAY)],
    "su 22:00-06:00": [(6 * DAY + 22 * HOUR, WEEK), (0, 6 * HOUR)],
    "su 22:00-24:00": [(6 * DAY + 22 * HOUR, WEEK)],
    "sa-mo 10:00-11:00": [
        (10 * HOUR, 11 * HOUR),
        (5 * DAY + 10 * HOUR, 5 * DAY + 11 * HOUR),
        (6 * DAY + 10 * HOUR, 6 * DAY + 11 * HOUR),
    ],
}

REFUSED = [
    "",
    "mo",
    "09:00-18:00",
    "mo 09:00",
    "mo 9-18",
    "mo 09:00-09:00",
    "mo 24:00-25:00",
    "mo 09:00-24:01",
    "mo 09:60-10:00",
    "mo, 09:00-10:00",
    "mo-fr-su 09:00-10:00",
    "lunes 09:00-10:00",
    "mo 09:00-10:00,11:00-12:00",
]


@pytest.mark.parametrize("text", READ)
def test_hours_are_milliseconds_since_monday(text: str) -> None:
    """Else a shop is open at night and closed by day."""
    assert parse_weekly(text) == READ[text]


@pytest.mark.parametrize("text", REFUSED)
def test_what_cannot_be_read_is_refused_with_a_hint(text: str) -> None:
    """Guessing would open the shop at a wrong time."""
    with pytest.raises(PlanError) as caught:
        parse_weekly(text)
    assert caught.value.code == "hours_malformed"
    assert caught.value.hint


def test_a_whole_week_is_one_interval() -> None:
    """Adjacent days join, so that nothing ends at midnight."""
    assert merge(parse_weekly("mo-su 00:00-24:00")) == ((0, WEEK),)


def test_merged_hours_do_not_touch() -> None:
    """The engine searches them by halves, which needs them disjoint."""
    assert merge([(5, 7), (1, 3), (3, 4), (6, 9)]) == ((1, 4), (5, 9))
    assert merge([(1, 9), (2, 3)]) == ((1, 9),)
    assert merge([]) == ()


def test_touching_hours_do_not_overlap() -> None:
    """09:00-12:00 and 12:00-18:00 are no mistake."""
    assert not overlapping([(3, 4), (1, 3)])
    assert overlapping([(3, 5), (1, 4)])
