"""
From the scenario as written to the compiled one: numbers, tables, no names of files.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from ..contract import Need, Required
from ..numbers import resolve
from ..plan import Plan
from ._calls_csv import read_need
from ._compiled import (
    SCENARIO_FORMAT,
    CompiledBreak,
    CompiledCall,
    CompiledClass,
    CompiledDistribution,
    CompiledGroup,
    CompiledRetry,
    CompiledScenario,
)
from ._families import gamma, log_normal, often_zero
from ._model import SimulatedCall
from ._quantiles import (
    constant,
    equally_likely,
    exponential,
    uniform,
    unit_exponential,
)
from ._scenario_check import minutes_of_break
from ._scenario_files import ScenarioFiles
from ._scenario_model import (
    RawBehaviour,
    RawCalls,
    RawDistribution,
    RawRetry,
    RawScenario,
)

__all__ = ["compile_scenario", "interval_count", "start_ms_of", "thresholds_ms"]

DAY_MS = 86_400_000
_MILLION = 1_000_000
_FIRST_GROUP = "agents"


def compile_scenario(
    raw: RawScenario, plan: Plan, files: ScenarioFiles, *, name: str, seed: int
) -> CompiledScenario:
    """
    Compile a scenario without faults.

    Args:
        raw: The scenario.
        plan: Whose numbers and agents it speaks of.
        files: What stands beside it.
        name: What it is called in results.
        seed: Where draws start.

    Cost: linear in the scenario and its files; a second for each gamma distribution
        of another form, and for the first log-normal one.
    """
    return _Compiling(raw, plan, files).whole(name, seed)


def start_ms_of(raw: RawScenario, plan: Plan, files: ScenarioFiles) -> int:
    """
    Return when a scenario begins, in epoch milliseconds.
    """
    zone = ZoneInfo(plan.raw.site.zone)
    if raw.start is None:
        told_ms = files.start_ms(raw.replay.calls) if raw.replay else None
        if told_ms is not None:
            return told_ms
        return int(datetime(2024, 1, 15, 8, tzinfo=zone).timestamp() * 1000)
    start = datetime.fromisoformat(raw.start)
    if start.tzinfo is None:
        start = start.replace(tzinfo=zone)
    return int(start.timestamp() * 1000)


def thresholds_ms(raw: RawScenario) -> tuple[int, ...]:
    """
    Return the waits up to which calls are counted: thresholds, and that of short calls.
    """
    return tuple(sorted({_ms(value) for value in (*raw.thresholds_s, raw.short_s)}))


def interval_count(raw: RawScenario) -> int:
    """
    Return how many intervals a day has, or the whole time if that is shorter.
    """
    span_ms = min(_ms(raw.length_s), DAY_MS)
    return -(-span_ms // _ms(raw.interval_s))


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


class _Compiling:
    """
    One scenario on its way; equal distributions are kept once.
    """

    def __init__(self, raw: RawScenario, plan: Plan, files: ScenarioFiles) -> None:
        self.raw, self.plan, self.files = raw, plan, files
        self.length_ms = _ms(raw.length_s)
        self.start_ms = start_ms_of(raw, plan, files)
        self.tables: dict[CompiledDistribution, int] = {}
        self.factors = tuple(self._factor(name) for name in raw.factors)
        self.groups = {_FIRST_GROUP: raw.agents, **raw.groups}

    def whole(self, name: str, seed: int) -> CompiledScenario:
        """
        Compile everything.
        """
        raw = self.raw
        classes = [self._class(kind, calls) for kind, calls in raw.calls.items()]
        calls = self._replayed(classes)
        members = dict(self._members())
        return CompiledScenario(
            format=SCENARIO_FORMAT,
            name=name,
            seed=seed,
            start_ms=self.start_ms,
            length_ms=self.length_ms,
            unit_exponential=self._index(unit_exponential()),
            classes=tuple(classes),
            groups=tuple(
                self._group(name, group) for name, group in self.groups.items()
            ),
            agents=tuple(sorted(members.items())),
            breaks=tuple(self._breaks(members)),
            calls=calls,
            factors=self.factors,
            warm_up_ms=_ms(raw.warm_up_s),
            drain_ms=_ms(raw.drain_s),
            interval_ms=_ms(raw.interval_s),
            interval_count=interval_count(raw),
            day_ms=DAY_MS,
            thresholds_ms=thresholds_ms(raw),
            lines=raw.lines,
            # Last: by now every distribution has been asked for.
            distributions=tuple(self.tables),
        )

    def _index(self, table: CompiledDistribution) -> int:
        return self.tables.setdefault(table, len(self.tables))

    def _length(self, length: float | RawDistribution) -> int:
        return self._index(_table(length, self.files))

    def _optional(self, length: float | RawDistribution | None) -> int | None:
        return None if length is None else self._length(length)

    def _factor(self, name: str) -> int:
        factor = self.raw.factors[name]
        family = gamma if factor.kind == "gamma" else log_normal
        return self._index(family(_MILLION, factor.sd * _MILLION))

    def _class(self, name: str, calls: RawCalls) -> CompiledClass:
        dialled = calls.number or next(iter(self.plan.raw.numbers), "")
        numbers = list(self.raw.factors)
        rates, counts = self._arrivals(calls)
        callers = calls.callers
        return CompiledClass(
            name=name,
            dialled=resolve(self.plan, dialled),
            handling=self._length(calls.handling),
            caller_prefix="" if callers is None else callers.prefix,
            caller_digits=0 if callers is None else callers.digits,
            needs=tuple(need for text in calls.needs if (need := read_need(text))),
            priority=calls.priority,
            handling_by_group=tuple(
                self._optional(group.handling.get(name))
                for group in self.groups.values()
            ),
            patience=self._optional(calls.patience),
            menu=self._optional(calls.menu),
            rates=rates,
            counts=counts,
            repeat_ms=DAY_MS if calls.daily else 0,
            factor=None if calls.factor is None else numbers.index(calls.factor),
            retry=None if calls.retry is None else self._retry(calls.retry),
        )

    def _arrivals(
        self, calls: RawCalls
    ) -> tuple[tuple[tuple[int, int, int], ...], tuple[tuple[int, int, int], ...]]:
        end_ms = DAY_MS if calls.daily else self.length_ms
        every_ms = _ms(calls.every_s)
        rates = tuple(round(rate * _MILLION) for rate in calls.per_h)
        if len(rates) == 1:
            return ((0, end_ms, rates[0]),), ()
        if rates:
            return tuple(_spans(rates, every_ms, end_ms)), ()
        counts = calls.counts
        if calls.counts_from is not None:
            read = self.files.numbers(calls.counts_from, calls.counts_column)
            counts = tuple(round(value) for value in read)
        return (), tuple(_spans(counts, every_ms, end_ms))

    def _retry(self, retry: RawRetry) -> CompiledRetry:
        return CompiledRetry(
            abandoned_permille=round(10 * retry.percent),
            blocked_permille=round(10 * retry.blocked_percent),
            delay=self._length(retry.after),
            tries_max=retry.tries_max,
            same_patience=retry.same_patience,
        )

    def _group(self, name: str, group: RawBehaviour) -> CompiledGroup:
        return CompiledGroup(
            name=name,
            answer=self._length(group.answer_after),
            connect=self._length(group.connect),
            answer_permille=round(10 * group.answer_percent),
            decline_permille=round(10 * group.decline_percent),
            wrap_up=self._optional(group.wrap_up),
        )

    def _members(self) -> Iterator[tuple[str, int]]:
        agents, teams = self.plan.raw.agents, self.plan.raw.teams
        for number, group in enumerate(self.groups.values()):
            in_teams = (teams[team].agents for team in group.teams if team in teams)
            named = [*group.agents, *(agent for team in in_teams for agent in team)]
            yield from ((agent, number) for agent in named if agent in agents)

    def _breaks(self, members: dict[str, int]) -> Iterator[CompiledBreak]:
        spans = [self._spans_of(group) for group in self.groups.values()]
        for agent in self.plan.raw.agents:
            for from_ms, until_ms in spans[members.get(agent, 0)]:
                yield CompiledBreak(
                    agent=agent, from_after_ms=from_ms, until_after_ms=until_ms
                )

    def _spans_of(self, group: RawBehaviour) -> list[tuple[int, int]]:
        """
        Return a group's breaks on every day, after the start.
        """
        zone = ZoneInfo(self.plan.raw.site.zone)
        day = datetime.fromtimestamp(self.start_ms / 1000, zone).date()
        days = self.length_ms // DAY_MS + 2
        found = []
        for number in range(days):
            midnight = datetime.combine(day + timedelta(number), time(), zone)
            for text in sorted(group.breaks):
                minutes = minutes_of_break(text) or (0, 0)
                first, last = (
                    self._after_ms(midnight + timedelta(minutes=minute))
                    for minute in minutes
                )
                if max(first, 0) < last and first < self.length_ms:
                    found.append((max(first, 0), last))
        return found

    def _after_ms(self, moment: datetime) -> int:
        return round(moment.timestamp() * 1000) - self.start_ms

    def _replayed(self, classes: list[CompiledClass]) -> tuple[CompiledCall, ...]:
        """
        Add a class for each kind of real call, and return the calls.
        """
        replay = self.raw.replay
        if replay is None:
            return ()
        handling = self._length(replay.handling)
        kinds: dict[tuple[str, tuple[Need, ...], int], int] = {}
        found = []
        for call in self.files.calls(replay.calls):
            key = (call.dialled, call.needs, call.priority)
            if key not in kinds:
                kinds[key] = len(classes)
                classes.append(self._replayed_class(call, handling))
            found.append(
                CompiledCall(
                    arrival_after_ms=call.arrival_after_ms,
                    kind=kinds[key],
                    patience_ms=call.patience_ms,
                    handling_ms=call.handling_ms,
                )
            )
        return tuple(found)

    def _replayed_class(self, call: SimulatedCall, handling: int) -> CompiledClass:
        dialled = call.dialled or next(iter(self.plan.raw.numbers), "")
        tags = [need.tag for need in call.needs if isinstance(need, Required)]
        words = [*([call.dialled] if call.dialled else []), *tags]
        return CompiledClass(
            name=" ".join([*words, f"priority {call.priority}"]),
            dialled=resolve(self.plan, dialled),
            handling=handling,
            needs=call.needs,
            priority=call.priority,
        )


def _spans(
    values: tuple[int, ...], every_ms: int, end_ms: int
) -> Iterator[tuple[int, int, int]]:
    for number, value in enumerate(values):
        from_ms = number * every_ms
        if from_ms < end_ms:
            yield from_ms, min(from_ms + every_ms, end_ms), value


def _table(
    length: float | RawDistribution, files: ScenarioFiles
) -> CompiledDistribution:
    if not isinstance(length, RawDistribution):
        return constant(_ms(length))
    return often_zero(_family(length, files), round(10 * length.zero_percent))


def _family(length: RawDistribution, files: ScenarioFiles) -> CompiledDistribution:
    mean_ms, sd_ms = (1000 * (value or 0) for value in (length.mean_s, length.sd_s))
    match length.kind:
        case "exponential":
            return exponential(round(mean_ms))
        case "log_normal":
            return log_normal(mean_ms, sd_ms)
        case "gamma":
            return gamma(mean_ms, sd_ms)
        case "uniform":
            return uniform(_ms(length.least_s or 0), _ms(length.most_s or 0))
        case "sample":
            values = files.numbers(str(length.file), length.column)
            return equally_likely(_ms(value) for value in values)
