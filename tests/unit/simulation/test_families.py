"""Tables of log-normal and gamma distributions: right, and alike everywhere."""

from __future__ import annotations

import hashlib
import math
import statistics
from collections.abc import Callable
from itertools import pairwise

import pytest

from skillroute.simulation import (
    CompiledDistribution,
    equally_likely,
    exceeded_with,
    exponential,
    gamma,
    log_normal,
    often_zero,
)
from skillroute.simulation._incomplete import exact_exp, exact_ln, gamma_exceeded_at

SECOND = 1000


def moments(table: CompiledDistribution) -> tuple[float, float]:
    """Return mean and standard deviation of what is drawn from a table."""
    grid = [float(probability) for probability in exceeded_with()]
    mean = square = 0.0
    for (p, q), (low, high) in zip(pairwise(grid), pairwise(table.values), strict=True):
        mean += (p - q) * (low + high) / 2
        square += (p - q) * (low * low + low * high + high * high) / 3
    mean += grid[-1] * table.values[-1]
    square += grid[-1] * table.values[-1] ** 2
    return mean, math.sqrt(square - mean * mean)


@pytest.mark.parametrize("family", [gamma, log_normal])
@pytest.mark.parametrize("ratio", [0.05, 0.5, 1.0, 2.0])
def test_a_table_has_the_moments_that_were_asked_for(
    family: Callable[[float, float], CompiledDistribution], ratio: float
) -> None:
    """A mean that is one in a thousand off moves every wait of a busy day."""
    mean, sd = moments(family(180 * SECOND, ratio * 180 * SECOND))
    assert 180 * SECOND == pytest.approx(mean, rel=1e-5)
    assert ratio * 180 * SECOND == pytest.approx(sd, rel=2e-2)


def test_a_gamma_as_wide_as_its_mean_is_exponential() -> None:
    """Two ways to one distribution must meet."""
    ours, theirs = gamma(1e9, 1e9).values, exponential(1_000_000_000).values
    assert all(
        abs(one - other) <= 1 for one, other in zip(ours[1:], theirs[1:], strict=True)
    )


def test_the_normal_quantiles_are_those_of_python() -> None:
    """The logarithm of a log-normal variable is normal."""
    table = log_normal(1e12, 1e12)
    spread = math.sqrt(math.log(2))
    normal = statistics.NormalDist(math.log(1e12) - spread**2 / 2, spread)
    for probability, value in zip(exceeded_with(), table.values, strict=True):
        if 1e-3 < probability < 1:
            exact = math.exp(normal.inv_cdf(1 - float(probability)))
            assert exact == pytest.approx(value, rel=1e-9)


@pytest.mark.parametrize(
    ("shape", "probability", "value"),
    [
        # Chi-square tables: 5 % with 1, 4 and 10 degrees of freedom, halved.
        (0.5, 0.05, 3.841458820694124 / 2),
        (2.0, 0.05, 9.487729036781154 / 2),
        (5.0, 0.05, 18.307038053275146 / 2),
        (50.0, 0.99, 70.06489492539978 / 2),
    ],
)
def test_gamma_quantiles_are_those_of_the_tables(
    shape: float, probability: float, value: float
) -> None:
    """Printed in every textbook, to more digits than are needed."""
    assert value == pytest.approx(gamma_exceeded_at(shape, probability), rel=1e-12)


def test_often_zero_is_zero_so_often() -> None:
    """One caller in ten hangs up at once; the others as before."""
    table = often_zero(exponential(1000 * SECOND), 100)
    mean, _ = moments(table)
    assert 900 * SECOND == pytest.approx(mean, rel=1e-3)
    zeros = [
        float(probability)
        for probability, value in zip(exceeded_with(), table.values, strict=True)
        if value == 0
    ]
    assert 0.9 == pytest.approx(min(zeros), abs=1 / 256)
    same = equally_likely([5])
    assert same is often_zero(same, 0)


def test_tables_are_the_same_on_every_machine() -> None:
    """
    Replications that ran elsewhere are joined: one other last bit would show.

    Nothing here but additions, multiplications, divisions, square roots, and the
    correctly rounded logarithms of ``decimal``.
    """
    tables = (
        gamma(185_000, 362_800),
        log_normal(185_000, 362_800),
        gamma(10**6, 10**5),
    )
    text = repr([table.values for table in tables]).encode()
    assert DIGEST == hashlib.blake2b(text, digest_size=8).hexdigest()


DIGEST = "7308788bfe6c514d"


def test_logarithms_are_rounded_correctly() -> None:
    """Digits of well-known numbers."""
    assert 0.6931471805599453 == exact_ln(2.0)
    assert 2.302585092994046 == exact_ln(10.0)
    assert 2.718281828459045 == exact_exp(1.0)
