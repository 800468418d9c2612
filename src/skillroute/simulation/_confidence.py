"""
95 % intervals over replications: of means, of ratios, and of differences.

Replications are independent of each other, so the mean of one number of each is
nearly normal, and Student's distribution tells how far it may be off.  A ratio of
sums, such as a service level, is estimated by the sums over all replications: the
mean of the replications' own ratios would be off where days differ in size.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, TypeAlias

import msgspec

from ._incomplete import student_t_quantile

__all__ = ["Estimate", "Estimator", "difference", "mean_of", "ratio_of"]

Estimator: TypeAlias = Literal["mean", "ratio_of_means", "batch_means"]
"""How a number was made of those of the replications, or of stretches of one."""


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """
    A number with its 95 % interval.
    """

    value: float | None
    """None: there was nothing to count."""
    low: float | None
    """None: there are too few replications to tell."""
    high: float | None
    estimator: Estimator = "mean"

    @property
    def half_width(self) -> float | None:
        """
        Half of the interval's width; None: there is no interval.
        """
        if self.low is None or self.high is None:
            return None
        return (self.high - self.low) / 2

    @property
    def standard_error(self) -> float | None:
        """
        Half of the width in normal standard errors; None: there is no interval.
        """
        half = self.half_width
        return None if half is None else half / 1.959963984540054


NOTHING = Estimate(value=None, low=None, high=None)


def mean_of(values: Sequence[float | None]) -> Estimate:
    """
    Estimate a mean.

    Args:
        values: One number of each replication; None: it had none, and is left out.

    Returns:
        The mean of the numbers with its interval.
    """
    there = [value for value in values if value is not None]
    if not there:
        return NOTHING
    middle = math.fsum(there) / len(there)
    return _around(middle, [value - middle for value in there], 1.0, "mean")


def ratio_of(parts: Sequence[tuple[float, float]]) -> Estimate:
    """
    Estimate the ratio of two means.

    Args:
        parts: Numerator and denominator of each replication.

    Returns:
        Sum over sum; the interval is that of the linearised ratio.

    Source: Law, Simulation Modeling and Analysis, 5th ed., 9.3; the delta method.
    """
    below = math.fsum(part for _, part in parts)
    if below <= 0:
        return msgspec.structs.replace(NOTHING, estimator="ratio_of_means")
    ratio = math.fsum(part for part, _ in parts) / below
    errors = [above - ratio * part for above, part in parts]
    return _around(ratio, errors, below / len(parts), "ratio_of_means")


def difference(
    ours: Sequence[tuple[float, float]], theirs: Sequence[tuple[float, float]]
) -> Estimate:
    """
    Estimate by how much the second of two paired ratios of means is larger.

    Replications are paired: number k of both had the same callers, so most of what is
    chance cancels out.  A difference of means is one of ratios whose denominators
    are 1.

    Args:
        ours: Numerator and denominator of each replication under the first plan.
        theirs: The same under the second, in the same order.

    Returns:
        Second less first, with the interval of the paired difference.
    """
    means = [
        math.fsum(part for _, part in parts) / len(parts) if parts else 0.0
        for parts in (ours, theirs)
    ]
    first, second = ratio_of(ours), ratio_of(theirs)
    if first.value is None or second.value is None:
        return msgspec.structs.replace(NOTHING, estimator="ratio_of_means")
    errors = [
        (c - second.value * d) / means[1] - (a - first.value * b) / means[0]
        for (a, b), (c, d) in zip(ours, theirs, strict=True)
    ]
    return _around(second.value - first.value, errors, 1.0, "ratio_of_means")


def _around(
    value: float, errors: Sequence[float], unit: float, estimator: Estimator
) -> Estimate:
    """
    Put the interval around a value whose errors have the mean 0.
    """
    count = len(errors)
    if count < 2:
        return Estimate(value=value, low=None, high=None, estimator=estimator)
    variance = math.fsum(error * error for error in errors) / (count - 1) / count
    half = student_t_quantile(count - 1) * math.sqrt(variance) / unit
    return Estimate(
        value=value, low=value - half, high=value + half, estimator=estimator
    )
