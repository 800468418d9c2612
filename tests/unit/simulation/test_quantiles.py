"""Distributions: tables of integers that keep the mean and the shape."""

from __future__ import annotations

import math
from itertools import pairwise
from math import isclose

from skillroute.simulation import (
    CompiledDistribution,
    constant,
    equally_likely,
    exceeded_with,
    exponential,
    uniform,
    unit_exponential,
)


def mean(table: CompiledDistribution) -> float:
    """Return the mean of what is drawn, its last value apart."""
    if table.cell_bits == 0:
        return sum(table.values) / len(table.values)
    chances = [high - low for high, low in pairwise(exceeded_with())]
    pairs = pairwise(table.values)
    return sum(
        float(chance) * (low + high) / 2
        for chance, (low, high) in zip(chances, pairs, strict=True)
    )


def test_an_exponential_table_has_its_mean() -> None:
    """A bias of the handling time shifts every figure of a busy centre."""
    assert isclose(180_000, mean(exponential(180_000)), rel_tol=1e-5)
    assert isclose(1 << 48, mean(unit_exponential()), rel_tol=1e-5)


def test_an_exponential_table_has_the_quantiles_of_the_formula() -> None:
    """Half of all conversations are shorter than 0.69 of the mean."""
    table = exponential(1_000_000)
    for chance, value in zip(exceeded_with(), table.values, strict=True):
        assert abs(-1_000_000 * math.log(chance) - value) <= 1


def test_a_uniform_table_has_its_ends_and_its_mean() -> None:
    """A table that starts inside of its range draws from another one."""
    table = uniform(3_000, 7_000)
    assert 3_000 == table.values[0]
    assert 7_000 == table.values[-1]
    assert isclose(5_000, mean(table), rel_tol=1e-4)


def test_samples_and_constants_are_drawn_as_they_are() -> None:
    """A value that was never measured must not come out of a sample."""
    assert (5,) == constant(5).values
    sample = equally_likely([3, 1, 2, 2])
    assert ((1, 2, 2, 3), 0) == (sample.values, sample.cell_bits)
