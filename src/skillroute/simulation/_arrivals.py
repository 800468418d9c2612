"""
Arrivals: when the calls of a class are dialled, one after another.

A Poisson process of changing rate is one of rate 1 whose clock runs as fast as the rate
says: each millisecond does so much *work*, and the next call comes when an exponential
amount of it is done.  Work is counted in whole 2**-48ths, and what a call leaves of
its millisecond goes to the next, so rounding never adds up.
"""

from __future__ import annotations

from collections.abc import Iterator

from ._compiled import CompiledClass, CompiledScenario
from ._draws import Draws, Purpose, share_of

__all__ = ["arrivals"]

_UNIT_BITS = 48
_MILLION = 1_000_000
_HOUR_MS = 3_600_000

Span = tuple[int, int, int]
"""(from_after_ms, until_after_ms, value)."""


def arrivals(scenario: CompiledScenario, index: int, draws: Draws) -> Iterator[int]:
    """
    Yield when the calls of a class are dialled, milliseconds after the start.

    Args:
        scenario: The scenario.
        index: Of the class.
        draws: The numbers of the replication.
    """
    kind = scenario.classes[index]
    by_rate = _poisson(scenario, index, draws)
    by_count = _placed(scenario, kind, index, draws)
    next_rate, next_count = next(by_rate, None), next(by_count, None)
    while next_rate is not None or next_count is not None:
        if next_count is None or (next_rate is not None and next_rate <= next_count):
            assert next_rate is not None
            yield next_rate
            next_rate = next(by_rate, None)
        else:
            yield next_count
            next_count = next(by_count, None)


def _poisson(scenario: CompiledScenario, index: int, draws: Draws) -> Iterator[int]:
    kind = scenario.classes[index]
    number = 0
    needed = _gap(scenario, draws, index, number)
    for from_ms, until_ms, work in _pieces(scenario, kind, draws):
        if work == 0:
            continue
        at_ms, left = from_ms, 0
        while True:
            if needed <= left:
                left -= needed
            else:
                needed -= left
                steps_ms = -(-needed // work)
                if at_ms + steps_ms > until_ms:
                    needed -= (until_ms - at_ms) * work
                    break
                at_ms += steps_ms
                left = steps_ms * work - needed
            yield at_ms - 1
            number += 1
            needed = _gap(scenario, draws, index, number)


def _gap(scenario: CompiledScenario, draws: Draws, index: int, number: int) -> int:
    """
    Draw the work until the next call, at least 1.
    """
    table = scenario.unit_exponential
    return max(1, draws.value(table, Purpose.GAP, index, number))


def _pieces(
    scenario: CompiledScenario, kind: CompiledClass, draws: Draws
) -> Iterator[Span]:
    """
    Yield pieces of time of one rate: (from, until, work a millisecond).
    """
    for from_ms, until_ms, rate in _spans(kind.rates, kind, scenario):
        if kind.factor is None:
            yield from_ms, until_ms, _work(rate, _MILLION)
            continue
        table, day_ms = scenario.factors[kind.factor], scenario.day_ms
        for day in range(from_ms // day_ms, -(-until_ms // day_ms)):
            begins_ms = max(from_ms, day * day_ms)
            ends_ms = min(until_ms, (day + 1) * day_ms)
            factor = draws.length(table, Purpose.FACTOR, kind.factor, day)
            yield begins_ms, ends_ms, _work(rate, factor)


def _work(rate: int, factor: int) -> int:
    """
    Return the work of a millisecond, from millionths of a call an hour and a factor.

    The factor is at most a hundred, the work at most a thousand calls' worth.
    """
    factor = min(factor, 100 * _MILLION)
    work = (rate * factor << _UNIT_BITS) // (_MILLION * _MILLION * _HOUR_MS)
    return min(work, 1000 << _UNIT_BITS)


def _placed(
    scenario: CompiledScenario, kind: CompiledClass, index: int, draws: Draws
) -> Iterator[int]:
    """
    Yield the calls of the intervals that say how many.
    """
    for number, span in enumerate(_spans(kind.counts, kind, scenario)):
        from_ms, until_ms, count = span
        words = (draws.word(Purpose.PLACE, index, number, n) for n in range(count))
        yield from sorted(from_ms + share_of(until_ms - from_ms, w) for w in words)


def _spans(
    spans: tuple[Span, ...], kind: CompiledClass, scenario: CompiledScenario
) -> Iterator[Span]:
    """
    Yield the spans of the whole run, repeated if they repeat, cut at its end.
    """
    end_ms = scenario.length_ms
    repeat_ms = kind.repeat_ms or end_ms
    for base_ms in range(0, end_ms if spans else 0, repeat_ms):
        for from_ms, until_ms, value in spans:
            if base_ms + from_ms < end_ms:
                yield base_ms + from_ms, min(base_ms + until_ms, end_ms), value
