"""Weeks of several zones, and hours in words."""

from __future__ import annotations

import pytest

from skillroute.check._survey import Survey
from skillroute.check._week import JANUARY_MS, JULY_MS, Week, in_words, minus
from skillroute.plan import WEEK_MS, parse_plan, read_weekly

HOUR = 3_600_000
DAY = 24 * HOUR


def gaps_of(*lines: str) -> tuple[tuple[int, int], ...]:
    """Return what weekly hours leave out."""
    return minus(((0, WEEK_MS),), read_weekly(lines))


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        ("mo-fr 09:00-18:00", "mo-th 18:00-09:00, fr 18:00 to mo 09:00"),
        ("mo-su 08:00-22:00", "mo-su 22:00-08:00"),
        ("mo-su 00:00-23:00", "mo-su 23:00-24:00"),
        ("mo-we,fr-su 00:00-24:00", "th 00:00-24:00"),
        ("mo-su 22:00-06:00", "mo-su 06:00-22:00"),
        ("sa 10:00-14:00", "sa 14:00 to sa 10:00"),
        (
            "mo,we,fr-su 00:00-12:00",
            "mo 12:00 to we 00:00, we 12:00 to fr 00:00, fr-su 12:00-24:00",
        ),
    ],
)
def test_gaps_read_as_a_plan_is_written(hours: str, words: str) -> None:
    """Nobody can check a list of milliseconds."""
    assert words == in_words(gaps_of(hours))


def test_no_gap_and_only_gap() -> None:
    """The two ends: always staffed, never staffed."""
    assert () == gaps_of("mo-su 00:00-24:00")
    assert "at any time" == in_words(((0, WEEK_MS),))


def test_taking_intervals_off_leaves_the_rest() -> None:
    """What the whole site has in common is not said of each queue again."""
    assert ((0, 2), (4, 6), (8, 9)) == minus(((0, 6), (7, 9)), ((2, 4), (7, 8)))
    assert () == minus(((3, 4),), ((0, 9),))
    assert ((3, 4),) == minus(((3, 4),), ())


def test_hours_of_another_zone_move_with_its_clocks() -> None:
    """Riga has summer time, Moscow has none: an hour of the evening is uncovered."""
    plan = parse_plan(
        '[site]\nname = "s"\nzone = "Europe/Moscow"\n'
        '[schedules.riga]\nweekly = ["mo-su 08:00-24:00"]\nzone = "Europe/Riga"\n'
        '[agents.anna]\nschedule = "riga"\n[agents.bert]\n[queues.q]\n'
    )
    survey = Survey(plan.raw)
    anna = survey.set_of([0])
    winter = Week(survey, "Europe/Moscow", JANUARY_MS)
    summer = Week(survey, "Europe/Moscow", JULY_MS)
    assert "mo-su 01:00-09:00" == in_words(winter.gaps(anna))
    assert "mo-su 00:00-08:00" == in_words(summer.gaps(anna))
    assert () == winter.gaps(survey.everybody)


def test_few_agents_and_many_have_the_same_hours() -> None:
    """Large sets are not gone through one by one, and must come to the same."""
    lines = "".join(
        f'[schedules.s{n}]\nweekly = ["{day} 0{n}:00-1{n}:00"]\n'
        for n, day in enumerate(("mo", "tu", "we", "th"))
    )
    agents = "".join(f'[agents.a{n}]\nschedule = "s{n % 4}"\n' for n in range(600))
    survey = Survey(parse_plan(f'[site]\nname = "s"\n{lines}{agents}').raw)
    week = Week(survey, "UTC", JULY_MS)
    assert week.gaps(survey.set_of(range(4))) == week.gaps(survey.everybody)
    assert week.gaps(survey.set_of(range(0, 8, 2))) == week.gaps(
        survey.set_of(range(0, 600, 2))
    )
