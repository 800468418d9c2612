"""
Distributions as tables of integers, made alike on every machine.

Logarithms of libm differ in the last bit between machines, and a table of 2**48ths
would show it; ``decimal`` rounds them correctly everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from functools import cache

from ._compiled import CELL_BITS, OCTAVES, CompiledDistribution

__all__ = [
    "UNIT",
    "constant",
    "equally_likely",
    "exceeded_with",
    "exponential",
    "quantiles",
    "uniform",
    "unit_exponential",
]

UNIT = 1 << 48
"""What 1 is in ``unit_exponential``."""

_CONTEXT = Context(prec=40, rounding=ROUND_HALF_EVEN)


def constant(value: int) -> CompiledDistribution:
    """
    Return the distribution of one value.
    """
    return CompiledDistribution(values=(value,))


def equally_likely(values: Iterable[int]) -> CompiledDistribution:
    """
    Return the distribution of a sample: each of its values, nothing between them.

    Args:
        values: One or more, in any order; repeated ones count as often.
    """
    return CompiledDistribution(values=tuple(sorted(values)))


@cache
def exceeded_with() -> tuple[Fraction, ...]:
    """
    Return with what probability each value of a table of quantiles is exceeded.

    Returns:
        Descending from 1 to 2**-24, as ``quantiles`` goes through them.
    """
    cells = 1 << CELL_BITS
    inner = tuple(
        Fraction(2 * cells - cell, 2 * cells << octave)
        for octave in range(OCTAVES)
        for cell in range(cells)
    )
    return (*inner, Fraction(1, 1 << OCTAVES))


def quantiles(exceeded: Callable[[Fraction], int]) -> CompiledDistribution:
    """
    Make the table of a continuous distribution.

    Args:
        exceeded: Gives the value that is exceeded with a probability in (0, 1]; at 1
            it is the least value.  Rounded alike on every machine, please.

    Returns:
        A table of 3,073 values.
    """
    values = tuple(exceeded(probability) for probability in exceeded_with())
    return CompiledDistribution(values=values, cell_bits=CELL_BITS)


def exponential(mean: int) -> CompiledDistribution:
    """
    Return the exponential distribution.

    Args:
        mean: 0 or more, in the unit of the values.
    """
    half = UNIT // 2
    values = tuple((mean * value + half) // UNIT for value in unit_exponential().values)
    return CompiledDistribution(values=values, cell_bits=CELL_BITS)


def uniform(least: int, most: int) -> CompiledDistribution:
    """
    Return the uniform distribution between two values.
    """
    return quantiles(lambda probability: round(most - (most - least) * probability))


@cache
def unit_exponential() -> CompiledDistribution:
    """
    Return the exponential distribution with mean 1, in units of ``UNIT``.
    """
    return quantiles(_exponential_unit)


def _exponential_unit(probability: Fraction) -> int:
    ratio = _CONTEXT.divide(
        Decimal(probability.denominator), Decimal(probability.numerator)
    )
    scaled = _CONTEXT.multiply(_CONTEXT.ln(ratio), Decimal(UNIT))
    return int(scaled.to_integral_value(ROUND_HALF_EVEN, context=_CONTEXT))
