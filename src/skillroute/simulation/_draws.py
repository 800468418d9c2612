"""
Draws: every random number of a run follows from what it is for.

A number is a hash of (seed, replication, what it is for, index, number, part), not the
next one of a stream.  So the k-th call of a class has the same patience under every
plan, whoever was asked before, and every backend draws the same.
"""

from __future__ import annotations

import enum

from ._compiled import CompiledDistribution, CompiledScenario

__all__ = ["Draws", "Purpose", "quantile", "share_of"]

_BITS = 64
_U64 = (1 << _BITS) - 1
_HALF = 1 << (_BITS - 1)
_PURPOSE_BITS = 32


class Purpose(enum.IntEnum):
    """
    What a number is drawn for; ``index`` is that of the class unless said otherwise.
    """

    GAP = 1
    """Time to the next Poisson arrival; by its number in the class."""
    PLACE = 2
    """Place of a call in its interval; by the interval's number, and the call's."""
    FACTOR = 3
    """Factor of a day; index of the factor, by the day's number."""
    CALLER = 4
    """Who calls; by the call's number."""
    MENU = 5
    """Length of the menu; by the call's number and try."""
    PATIENCE = 6
    """By the call's number and try."""
    HANDLING = 7
    """By the call's number."""
    ANSWER = 8
    """Whether an agent answers; by the call's number, and the offer's."""
    RING = 9
    """How long it rings; as for ``ANSWER``."""
    CONNECT = 10
    """How long joining takes; as for ``ANSWER``."""
    WRAP_UP = 11
    """By the call's number."""
    RETRY = 12
    """Whether the caller tries again; by the call's number and try."""
    RETRY_DELAY = 13
    """After how long; likewise."""


class Draws:
    """
    The numbers of one replication.

    Args:
        scenario: Its seed and distributions.
        replication: 0 or more.
    """

    def __init__(self, scenario: CompiledScenario, replication: int) -> None:
        self._tables = scenario.distributions
        self._root = _hashed(_hashed(0, scenario.seed), replication)
        self._bases: dict[tuple[Purpose, int], int] = {}

    def word(self, purpose: Purpose, index: int, number: int, part: int = 0) -> int:
        """
        Draw 64 bits.
        """
        base = self._bases.get((purpose, index))
        if base is None:
            base = _hashed(self._root, (purpose << _PURPOSE_BITS) + index)
            self._bases[purpose, index] = base
        return _hashed(_hashed(base, number), part)

    def value(
        self, table: int, purpose: Purpose, index: int, number: int, part: int = 0
    ) -> int:
        """
        Draw from a distribution of the scenario.
        """
        word = self.word(purpose, index, number, part)
        return quantile(self._tables[table], word)

    def length(
        self, table: int, purpose: Purpose, index: int, number: int, part: int = 0
    ) -> int:
        """
        Draw a length of time, which is never negative.
        """
        return max(0, self.value(table, purpose, index, number, part))


def quantile(table: CompiledDistribution, word: int) -> int:
    """
    Return the value of a distribution for a uniform 64-bit number.

    The larger the number, the larger the value.
    """
    values, bits = table.values, table.cell_bits
    if bits == 0:
        return values[share_of(len(values), word)]
    above = _U64 - word
    octave = _BITS - above.bit_length()
    if octave << bits >= len(values) - 1:
        return values[-1]
    # What follows the leading bit, as a fraction of the octave that ascends.
    inside = _U64 - (above << (octave + 1) & _U64)
    cell = (octave << bits) + (inside >> (_BITS - bits))
    rest = inside << bits & _U64
    low = values[cell]
    return low + (((values[cell + 1] - low) * rest + _HALF) >> _BITS)


def share_of(total: int, word: int) -> int:
    """
    Return a whole number of [0, total) for a uniform 64-bit number.
    """
    return total * word >> _BITS


def _hashed(state: int, value: int) -> int:
    """
    Take one more number into a hash.

    Source: SplitMix64, as in rule 1.4.
    """
    state = ((state ^ value) + 0x9E3779B97F4A7C15) & _U64
    state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _U64
    state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _U64
    return state ^ (state >> 31)
