"""
Families of distributions that need more than the four operations: log-normal, gamma.

Their tables are alike on every machine (see ``_incomplete.py``), so all backends and
all machines of a sweep draw the same values.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable
from fractions import Fraction
from functools import cache
from itertools import pairwise

from ._compiled import CELL_BITS, CompiledDistribution
from ._incomplete import exact_exp, exact_ln, gamma_exceeded_at
from ._quantiles import exceeded_with

__all__ = ["gamma", "log_normal", "often_zero", "table_mean"]

_HALF = 0.5
_MIDDLE = Fraction(1, 2)


def gamma(mean: float, sd: float) -> CompiledDistribution:
    """
    Return the gamma distribution.

    Args:
        mean: Positive, in the unit of the values.
        sd: Standard deviation, positive, at least a hundredth of the mean and at most
            ten times it.

    Cost: a second for a ratio of the two that was not asked for before.
    Source: Law, Simulation Modeling and Analysis, 5th ed., 6.2.2.
    """
    shape = (mean / sd) ** 2
    scale = mean / shape
    return _table((scale * value for value in _gamma_of_scale_1(shape)), mean)


def log_normal(mean: float, sd: float) -> CompiledDistribution:
    """
    Return the log-normal distribution.

    Args:
        mean: Positive, in the unit of the values; of the values, not of their
            logarithms.
        sd: Standard deviation, positive; also that of the values.

    Cost: a second for the first, then 50 ms.
    Source: Law, Simulation Modeling and Analysis, 5th ed., 6.2.2.
    """
    variance = exact_ln(1 + (sd / mean) ** 2)
    spread = math.sqrt(variance)
    middle = exact_ln(mean) - variance / 2
    rest = (exact_exp(middle + spread * z) for z in _standard_normal()[1:])
    return _table((0.0, *rest), mean)


def often_zero(table: CompiledDistribution, permille: int) -> CompiledDistribution:
    """
    Return a distribution that is 0 with a probability, and another one otherwise.

    Args:
        table: The other one.
        permille: Of a thousand draws, how many are 0; 0 to 999.

    Returns:
        A table of quantiles; *table* itself if *permille* is 0.
    """
    if permille == 0:
        return table
    rest = (1000 - permille) / 1000
    values = (
        0.0 if float(p) >= rest else _value_at(table, float(p) / rest)
        for p in exceeded_with()
    )
    return CompiledDistribution(
        values=tuple(round(value) for value in values), cell_bits=CELL_BITS
    )


def table_mean(table: CompiledDistribution) -> Fraction:
    """
    Return the mean of what is drawn from a table, exactly.

    Args:
        table: Of equally likely values, or of 3,073 quantiles.
    """
    values = table.values
    if table.cell_bits == 0:
        return Fraction(sum(values), len(values))
    cells = zip(pairwise(exceeded_with()), pairwise(values), strict=True)
    inner = (((p - q) * (low + high) / 2) for (p, q), (low, high) in cells)
    return sum(inner, exceeded_with()[-1] * values[-1])


def _value_at(table: CompiledDistribution, exceeded: float) -> float:
    """
    Return what is exceeded with a probability, between the values of a table.
    """
    values = table.values
    if table.cell_bits == 0:
        place = min(int((1 - exceeded) * len(values)), len(values) - 1)
        return float(values[place])
    grid = _descending()
    right = min(max(bisect_left(grid, -exceeded), 1), len(values) - 1)
    above, below = -grid[right - 1], -grid[right]
    share = min(max((above - exceeded) / (above - below), 0.0), 1.0)
    return values[right - 1] + share * (values[right] - values[right - 1])


@cache
def _descending() -> tuple[float, ...]:
    return tuple(-float(probability) for probability in exceeded_with())


@cache
def _gamma_of_scale_1(shape: float) -> tuple[float, ...]:
    values = [0.0]
    for probability in exceeded_with()[1:]:
        values.append(gamma_exceeded_at(shape, float(probability), values[-1]))
    return tuple(values)


@cache
def _standard_normal() -> tuple[float, ...]:
    """
    Return the quantiles of the normal distribution; the first, minus infinity, is 0.

    Half of the square of a normal variable is a gamma variable of shape one half.
    """
    upper, near = [], 0.0
    for probability in exceeded_with():
        if probability <= _MIDDLE:
            near = gamma_exceeded_at(_HALF, float(2 * probability), near)
            upper.append(math.sqrt(2 * near))
    # The lower half mirrors the upper one, at 1/256, 2/256 and so on.
    lower, near = [], 0.0
    for probability in exceeded_with():
        if _MIDDLE < probability < 1:
            near = gamma_exceeded_at(_HALF, float(2 * (1 - probability)), near)
            lower.append(-math.sqrt(2 * near))
    return (0.0, *lower, *upper)


def _table(values: Iterable[float], mean: float) -> CompiledDistribution:
    """
    Make a table with the right mean.

    Below its second value a table is a straight line, which no distribution is: its
    first value is chosen so that the whole comes to the mean, as far as that goes
    without passing 0 or the second value.
    """
    whole = [round(value) for value in values]
    least = Fraction(1, 2 << CELL_BITS)
    drawn = CompiledDistribution(values=tuple(whole), cell_bits=CELL_BITS)
    missing = Fraction(mean) - table_mean(drawn)
    whole[0] = min(max(round(whole[0] + 2 * missing / least), 0), whole[1])
    return CompiledDistribution(values=tuple(whole), cell_bits=CELL_BITS)
