"""The real month of a bank, under the rule that it had."""

from __future__ import annotations

from pathlib import Path

import pytest

from skillroute import backends
from tests.simulation.bank import FIRST_DAY
from tests.simulation.bank_month import (
    RULES,
    Sums,
    added_up,
    agents_of_month,
    plan_of_day,
    reality,
    replayed,
    rows_by_day,
)

Results = dict[str, dict[str, list[Sums]]]
OWN, WITHOUT, SPECIFIC = (rule.name for rule in RULES)


@pytest.fixture(scope="session")
def month(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Replay the month under its own rule, without the credit, and most specific."""
    if "rust" not in backends.available():
        pytest.skip("takes minutes without the compiled engine")
    return replayed(shared / "data", tmp_path_factory.mktemp("month"), RULES)


@pytest.fixture(scope="session")
def real(shared: Path) -> dict[str, Sums]:
    """Give what really happened."""
    rows = rows_by_day(shared / "data").values()
    return reality(row for day in rows for row in day)


def mean_wait_s(sums: Sums) -> float:
    """Return the mean wait of the answered."""
    return sums.wait_s / sums.answered


def test_every_call_of_the_month_is_there(
    month: Results, real: dict[str, Sums]
) -> None:
    """A call that is lost on the way would make every figure better."""
    assert 38_005 == real["all"].offered
    for by_priority in month.values():
        for priority, days in by_priority.items():
            total = added_up(days)
            assert real[priority].offered == total.offered
            ended = total.answered + total.abandoned + total.other
            assert total.offered == ended


def test_it_lies_between_reality_and_no_breaks(
    month: Results, real: dict[str, Sums]
) -> None:
    """
    Agents without breaks answer more than really did, and not by magic.

    An independent replay of these data (longest idle, credit, no limit of waiting)
    answered 35,366, lost 2,553, and had 81.9 % of the answered within 20 s.
    """
    own = added_up(month[OWN]["all"])
    assert own.answered == pytest.approx(35_366, rel=0.005)
    assert own.abandoned == pytest.approx(2_553, rel=0.03)
    assert 100 * own.in_time / own.answered == pytest.approx(81.9, abs=1.0)
    assert mean_wait_s(own) < mean_wait_s(real["all"])


def test_the_credit_helps_whom_it_should(month: Results) -> None:
    """Priority customers wait less with the credit, the others more: nothing else."""
    with_, without = (
        {priority: added_up(days) for priority, days in month[rule].items()}
        for rule in (OWN, WITHOUT)
    )
    assert mean_wait_s(with_["2"]) < mean_wait_s(without["2"]) - 3
    assert mean_wait_s(with_["1"]) > mean_wait_s(without["1"]) + 1
    assert with_["2"].abandoned < without["2"].abandoned
    assert with_["1"].abandoned > without["1"].abandoned
    both = [mean_wait_s(each["all"]) for each in (with_, without)]
    assert abs(both[0] - both[1]) < 0.5


def test_most_specific_first_is_no_worse_here(month: Results) -> None:
    """Nearly all agents of this bank can do nearly everything: little is to be won."""
    own, specific = (added_up(month[rule]["all"]) for rule in (OWN, SPECIFIC))
    assert mean_wait_s(specific) < mean_wait_s(own)
    assert specific.in_time > own.in_time


def test_the_credit_is_ninety_seconds(shared: Path) -> None:
    """Aging of 2 a minute makes a minute and a half of a priority of 3."""
    plan = plan_of_day(agents_of_month(shared / "data"), FIRST_DAY, RULES[0])
    assert "aging_per_min = 2" in plan
    assert 'queue = "bank"\npriority = 3' in plan
