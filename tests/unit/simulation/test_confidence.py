"""Intervals over replications: as wide as they must be, and where they must be."""

from __future__ import annotations

import random
from math import sqrt

import pytest

from skillroute.simulation import difference, mean_of, ratio_of
from skillroute.simulation._incomplete import beta_below, student_t_quantile

# Table of Student's distribution, two-sided 95 %, as printed in textbooks.
STUDENT = {1: 12.706, 2: 4.303, 5: 2.571, 9: 2.262, 19: 2.093, 30: 2.042, 120: 1.980}


def test_student_is_that_of_the_textbooks() -> None:
    """Every interval that is printed rests on it."""
    found = {degrees: round(student_t_quantile(degrees), 3) for degrees in STUDENT}
    assert STUDENT == found


def test_the_beta_function_is_that_of_the_binomial() -> None:
    """A sum of a few binomial terms is known exactly."""
    # P(at least 3 of 5 with p = 0.3).
    exact = 10 * 0.3**3 * 0.7**2 + 5 * 0.3**4 * 0.7 + 0.3**5
    assert exact == pytest.approx(beta_below(0.3, 3, 3), rel=1e-13)
    assert 0.0 == beta_below(0.0, 2, 3)
    assert 1.0 == beta_below(1.0, 2, 3)


def test_an_interval_of_a_mean() -> None:
    """Worked by hand: mean 3, variance 2.5, five numbers."""
    estimate = mean_of([1, 2, 3, 4, 5])
    half = student_t_quantile(4) * sqrt(2.5 / 5)
    assert 3 == estimate.value
    assert estimate.low == pytest.approx(3 - half)
    assert estimate.high == pytest.approx(3 + half)


def test_one_number_has_no_interval() -> None:
    """An interval from nowhere would be believed."""
    estimate = mean_of([7.0])
    assert (7.0, None, None) == (estimate.value, estimate.low, estimate.high)
    assert estimate.half_width is None
    assert estimate.standard_error is None


def test_nothing_counted_is_no_number() -> None:
    """0 % of no calls would look like a disaster, 100 % like a feat."""
    assert mean_of([None, None]).value is None
    assert ratio_of([(0, 0), (0, 0)]).value is None


def test_a_ratio_is_that_of_the_sums() -> None:
    """A quiet day must not weigh as much as a busy one."""
    estimate = ratio_of([(1, 1), (50, 100)])
    assert "ratio_of_means" == estimate.estimator
    assert 51 / 101 == estimate.value


@pytest.mark.parametrize("kind", ["mean", "ratio", "difference"])
def test_nineteen_of_twenty_intervals_hold_the_truth(kind: str) -> None:
    """Drawn anew 2,000 times: what is called 95 % must be that, within three errors."""
    chance = random.Random(3)
    held = 0
    rounds = 2000
    for _ in range(rounds):
        sizes = [chance.gauss(100, 20) for _ in range(10)]
        parts = [(0.8 * size + chance.gauss(0, 5), size) for size in sizes]
        if kind == "mean":
            estimate, truth = mean_of([above for above, _ in parts]), 80.0
        elif kind == "ratio":
            estimate, truth = ratio_of(parts), 0.8
        else:
            second = [(a - 0.1 * b + chance.gauss(0, 1), b) for a, b in parts]
            estimate, truth = difference(parts, second), -0.1
        assert estimate.low is not None
        assert estimate.high is not None
        held += estimate.low <= truth <= estimate.high
    assert abs(held / rounds - 0.95) < 3 * sqrt(0.95 * 0.05 / rounds) + 0.01


def test_pairing_takes_out_what_days_have_in_common() -> None:
    """The same callers under two plans: a small gain is seen among large days."""
    chance = random.Random(4)
    days = [chance.gauss(100, 40) for _ in range(20)]
    first = [(day, 1.0) for day in days]
    second = [(day + 2 + chance.gauss(0, 0.5), 1.0) for day in days]
    paired = difference(first, second)
    assert paired.low is not None
    assert 0 < paired.low < 2 < (paired.high or 0)
    apart = (mean_of([a for a, _ in first]), mean_of([a for a, _ in second]))
    assert all((estimate.half_width or 0) > 10 for estimate in apart)
