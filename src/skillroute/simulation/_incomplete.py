"""
The incomplete beta and gamma functions, and what is read off them.

Two kinds stand here.  Statistics use the mathematics of the machine.  Tables that are
drawn from use ``ln`` and ``exp`` of ``decimal``, which are rounded correctly, and
else only ``+ - * /`` and square roots, which IEEE 754 rounds correctly: so every
machine comes to the same bits.
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import cache

__all__ = [
    "beta_below",
    "exact_exp",
    "exact_ln",
    "gamma_exceeded_at",
    "student_t_quantile",
]

_TERMS_MAX = 10_000
_CLOSE = 1e-15
_NEAR = 1e-7
_STEPS_MAX = 400
_TINY = 1e-300
_CONTEXT = Context(prec=24, rounding=ROUND_HALF_EVEN)


def exact_ln(value: float) -> float:
    """
    Return the natural logarithm, alike on every machine.

    Args:
        value: Positive.

    Cost: about 5 µs.
    """
    return float(_CONTEXT.ln(Decimal(value)))


def exact_exp(value: float) -> float:
    """
    Return e to a power, alike on every machine.

    Cost: about 5 µs.
    """
    return float(_CONTEXT.exp(Decimal(value)))


def beta_below(x: float, a: float, b: float) -> float:
    """
    Return the probability that a beta variable of shapes *a* and *b* is below *x*.

    Args:
        x: 0 to 1.
        a: Positive.
        b: Positive.

    Cost: some ten steps, up to the square root of the larger shape.
    Source: the continued fraction 26.5.8 of Abramowitz and Stegun, by Lentz's method.
    """
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    front = math.exp(
        math.lgamma(a + b)
        - math.lgamma(a)
        - math.lgamma(b)
        + a * math.log(x)
        + b * math.log1p(-x)
    )
    # The fraction converges quickly only on this side of the mean.
    if x < (a + 1) / (a + b + 2):
        return front * _beta_fraction(x, a, b) / a
    return 1.0 - front * _beta_fraction(1 - x, b, a) / b


def _beta_fraction(x: float, a: float, b: float) -> float:
    c = 1.0
    d = 1.0 / _not_zero(1.0 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, _TERMS_MAX):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        step = 1.0
        for term in (even, odd):
            d = 1.0 / _not_zero(1.0 + term * d)
            c = _not_zero(1.0 + term / c)
            step = c * d
            value *= step
        if abs(step - 1.0) < _CLOSE:
            break
    return value


def _not_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY


@cache
def student_t_quantile(degrees: int, probability: float = 0.975) -> float:
    """
    Return what a variable of Student's distribution is below with a probability.

    Args:
        degrees: Degrees of freedom, 1 or more.
        probability: Above a half, below 1; 0.975 is that of 95 % intervals.

    Cost: some fifty incomplete beta functions, once.
    """
    tail = 2 * (1 - probability)
    low, high = 0.0, 1.0
    while beta_below(degrees / (degrees + high * high), degrees / 2, 0.5) > tail:
        high *= 2
    for _ in range(80):
        middle = (low + high) / 2
        share = beta_below(degrees / (degrees + middle * middle), degrees / 2, 0.5)
        low, high = (middle, high) if share > tail else (low, middle)
    return (low + high) / 2


@cache
def _exact_ln_gamma(shape: float) -> float:
    """
    Return the logarithm of the gamma function, alike on every machine.

    Source: Stirling's series 6.1.41 of Abramowitz and Stegun, behind 30.
    """
    ten = Decimal(10)
    value, below = Decimal(shape), Decimal(0)
    while value < 3 * ten:
        below = _CONTEXT.add(below, _CONTEXT.ln(value))
        value = _CONTEXT.add(value, Decimal(1))
    pi = Decimal("3.14159265358979323846264338328")
    series = Decimal(0)
    coefficients = ((1, 12), (-1, 360), (1, 1260), (-1, 1680), (1, 1188))
    for index, (above, under) in enumerate(coefficients):
        power = _CONTEXT.power(value, 2 * index + 1)
        term = _CONTEXT.divide(Decimal(above), _CONTEXT.multiply(Decimal(under), power))
        series = _CONTEXT.add(series, term)
    half_ln = _CONTEXT.divide(_CONTEXT.ln(2 * pi), Decimal(2))
    main = _CONTEXT.multiply(value - Decimal("0.5"), _CONTEXT.ln(value)) - value
    return float(main + half_ln + series - below)


def gamma_exceeded_at(shape: float, probability: float, near: float = 0.0) -> float:
    """
    Return what a gamma variable of scale 1 exceeds with a probability.

    Args:
        shape: Positive, at most 10,000.
        probability: Above 0, at most 1.
        near: Where to begin; a near value saves time, 0 means that none is known.

    Returns:
        The value, to about 13 digits, alike on every machine.

    Cost: some three incomplete gamma functions.
    """
    if probability >= 1:
        return 0.0
    low, high = 0.0, math.inf
    x = near if near > 0 else shape
    for _ in range(_STEPS_MAX):
        exceeded, density = _gamma(shape, x)
        if exceeded > probability:
            low = x
        else:
            high = x
        # Newton on the logarithm, which is nearly straight where the tail is thin.
        slope = density / exceeded if exceeded > _TINY else 0.0
        step = exact_ln(exceeded / probability) / slope if slope > _TINY else math.inf
        if abs(step) <= _NEAR * x:
            # The error of a Newton step is about the square of its length.
            return x + step
        ahead = x + step
        if not low < ahead < high:
            ahead = 2 * x if high == math.inf else (low + high) / 2
        x = ahead
    return x


def _gamma(shape: float, x: float) -> tuple[float, float]:
    """
    Return with what probability *x* is exceeded, and the density there.

    Source: the series 6.5.29 of Abramowitz and Stegun below the mean, the continued
    fraction 6.5.31 above it.
    """
    if x <= 0:
        return 1.0, 0.0
    front = exact_exp(shape * exact_ln(x) - x - _exact_ln_gamma(shape))
    if x < shape + 1:
        term = total = 1.0 / shape
        divisor = shape
        while term > total * _CLOSE:
            divisor += 1
            term *= x / divisor
            total += term
        return 1.0 - front * total, front / x
    return front * _gamma_fraction(shape, x), front / x


def _gamma_fraction(shape: float, x: float) -> float:
    b = x + 1 - shape
    c = 1 / _TINY
    d = 1 / b
    value = d
    for index in range(1, _TERMS_MAX):
        a = -index * (index - shape)
        b += 2
        d = 1 / _not_zero(a * d + b)
        c = _not_zero(b + a / c)
        step = d * c
        value *= step
        if abs(step - 1) < _CLOSE:
            break
    return value
