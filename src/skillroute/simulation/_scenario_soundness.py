"""
Whether the parts of a compiled scenario fit together.

Everything here is what ``CompiledScenario`` says of its fields.  What passes can be
played by every backend without another look.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._compiled import (
        CompiledCall,
        CompiledClass,
        CompiledDistribution,
        CompiledGroup,
        CompiledRetry,
        CompiledScenario,
    )

__all__ = ["problem_of"]

_FORMAT = 1
_VALUE_MAX = (1 << 53) - 1
_CELL_BITS_MAX = 12
# About 400 days and twice that: a longer run is a mistake in the unit.
_LENGTH_MS_MAX = 400 * 86_400_000
_AFTER_MS_MAX = 2 * _LENGTH_MS_MAX
_RATE_MAX = 3_600_000_000_000_000
_COUNT_MAX = 100_000_000
_INTERVALS_MAX = 100_000
_PRIORITY_MAX = 1000
_DIGITS_MAX = 9
_TRIES_MAX = 1000
_EPOCH_MS_MAX = (1 << 53) - 1 - 4 * _AFTER_MS_MAX


def problem_of(scenario: CompiledScenario) -> str:
    """
    Say what is wrong with a scenario.

    Returns:
        The first fault found, in the order of the fields; empty: it is sound.

    Cost: linear in the scenario.
    """
    return next(_problems(scenario), "")


def _problems(scenario: CompiledScenario) -> Iterator[str]:
    if scenario.format != _FORMAT:
        yield f"format is {scenario.format}, not {_FORMAT}"
    yield from _numbers(scenario)
    for number, distribution in enumerate(scenario.distributions):
        if not _is_distribution(distribution):
            yield f"distribution {number} is no table"
    if not scenario.groups:
        yield "there is no group of agents"
    if not scenario.classes and scenario.calls:
        yield "calls without classes"
    count = len(scenario.distributions)
    named = chain((scenario.unit_exponential,), scenario.factors, _uses(scenario))
    if any(not 0 <= number < count for number in named):
        yield "a distribution that is not there"
    for group in scenario.groups:
        if not _is_group(group):
            yield f"group {group.name!r} answers and declines more than everything"
    for kind in scenario.classes:
        problem = _class_problem(kind, scenario)
        if problem:
            yield f"class {kind.name!r}: {problem}"
    yield from _agents(scenario)
    yield from _calls(scenario.calls, len(scenario.classes))


def _numbers(scenario: CompiledScenario) -> Iterator[str]:
    ranges = {
        "seed": (scenario.seed, 0, (1 << 63) - 1),
        "start_ms": (scenario.start_ms, 0, _EPOCH_MS_MAX),
        "length_ms": (scenario.length_ms, 1, _LENGTH_MS_MAX),
        "warm_up_ms": (scenario.warm_up_ms, 0, scenario.length_ms - 1),
        "drain_ms": (scenario.drain_ms, 0, _LENGTH_MS_MAX),
        "interval_ms": (scenario.interval_ms, 1, _LENGTH_MS_MAX),
        "interval_count": (scenario.interval_count, 1, _INTERVALS_MAX),
        "day_ms": (scenario.day_ms, 1, _LENGTH_MS_MAX),
        "release_ms": (scenario.release_ms, 0, _LENGTH_MS_MAX),
        "message_ms": (scenario.message_ms, 0, _LENGTH_MS_MAX),
        "forwarded_ms": (scenario.forwarded_ms, 0, _LENGTH_MS_MAX),
    }
    for name, (value, least, most) in ranges.items():
        if not least <= value <= most:
            yield f"{name} is {value}, not {least} to {most}"
    if scenario.lines is not None and scenario.lines < 0:
        yield f"lines is {scenario.lines}"
    limits = scenario.thresholds_ms
    if not _ascends(limits) or any(not 0 <= ms <= _LENGTH_MS_MAX for ms in limits):
        yield "thresholds_ms do not ascend"


def _is_distribution(table: CompiledDistribution) -> bool:
    values, bits = table.values, table.cell_bits
    if not values or not 0 <= bits <= _CELL_BITS_MAX:
        return False
    if any(abs(value) > _VALUE_MAX for value in (values[0], values[-1])):
        return False
    if any(low > high for low, high in pairwise(values)):
        return False
    octaves, rest = divmod(len(values) - 1, 1 << bits)
    # Behind 63 halvings there is nothing left of 64 bits.
    return bits == 0 or (rest == 0 and 1 <= octaves < 64)


def _uses(scenario: CompiledScenario) -> Iterator[int]:
    """
    Yield every distribution that groups and classes name.
    """
    for group in scenario.groups:
        yield group.answer
        yield group.connect
        if group.wrap_up is not None:
            yield group.wrap_up
    for kind in scenario.classes:
        yield kind.handling
        optional = (kind.patience, kind.menu, *kind.handling_by_group)
        yield from (number for number in optional if number is not None)
        if kind.retry is not None:
            yield kind.retry.delay


def _is_group(group: CompiledGroup) -> bool:
    answered, declined = group.answer_permille, group.decline_permille
    return answered >= 0 and declined >= 0 and answered + declined <= 1000


def _class_problem(kind: CompiledClass, scenario: CompiledScenario) -> str:
    if abs(kind.priority) > _PRIORITY_MAX:
        return "priority out of range"
    if not 0 <= kind.caller_digits <= _DIGITS_MAX:
        return "caller_digits out of range"
    end_ms = kind.repeat_ms or scenario.length_ms
    if not 0 <= kind.repeat_ms <= _LENGTH_MS_MAX:
        return "repeat_ms out of range"
    if not _are_spans(kind.rates, end_ms, _RATE_MAX):
        return "rates overlap or are out of range"
    if not _are_spans(kind.counts, end_ms, _COUNT_MAX):
        return "counts overlap or are out of range"
    if kind.factor is not None and not 0 <= kind.factor < len(scenario.factors):
        return "a factor that is not there"
    if kind.retry is not None and not _is_retry(kind.retry):
        return "retry out of range"
    return ""


def _are_spans(spans: Iterable[tuple[int, int, int]], end_ms: int, most: int) -> bool:
    before_ms = 0
    for from_ms, until_ms, value in spans:
        if not (before_ms <= from_ms < until_ms <= end_ms and 0 <= value <= most):
            return False
        before_ms = until_ms
    return True


def _is_retry(retry: CompiledRetry) -> bool:
    shares = (retry.abandoned_permille, retry.blocked_permille)
    are_shares = all(0 <= share <= 1000 for share in shares)
    return are_shares and 1 <= retry.tries_max <= _TRIES_MAX


def _agents(scenario: CompiledScenario) -> Iterator[str]:
    names = [name for name, _ in scenario.agents]
    if any(low >= high for low, high in pairwise(names)):
        yield "agents do not ascend"
    if any(not 0 <= group < len(scenario.groups) for _, group in scenario.agents):
        yield "a group that is not there"
    until_ms: dict[str, int] = {}
    for pause in sorted(scenario.breaks, key=lambda one: one.from_after_ms):
        starts_ms = pause.from_after_ms
        if not 0 <= starts_ms < pause.until_after_ms <= _AFTER_MS_MAX:
            yield f"a break of {pause.agent!r} is out of range"
        if starts_ms < until_ms.get(pause.agent, 0):
            yield f"breaks of {pause.agent!r} overlap"
        until_ms[pause.agent] = pause.until_after_ms


def _calls(calls: tuple[CompiledCall, ...], classes: int) -> Iterator[str]:
    before_ms = 0
    for call in calls:
        lengths = (call.patience_ms or 0, call.handling_ms or 0)
        if not 0 <= call.kind < classes:
            yield "a class that is not there"
        if not before_ms <= call.arrival_after_ms <= _AFTER_MS_MAX:
            yield "calls do not ascend"
        if any(not 0 <= length <= _LENGTH_MS_MAX for length in lengths):
            yield "a length of a call is out of range"
        before_ms = call.arrival_after_ms


def _ascends(values: tuple[int, ...]) -> bool:
    return all(low < high for low, high in pairwise(values))
