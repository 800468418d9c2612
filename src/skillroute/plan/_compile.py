"""
From a plan without faults to its compiled form: the one writer of ``compiled.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ..numbers import parse_party
from ._destinations import (
    AGENT,
    agents_rung,
    compile_last_resort,
    compile_limits,
    compiled_end,
)
from ._hours import read_weekly
from ._tags import (
    TEAM,
    WILDCARD,
    parse_dropped,
    parse_held,
    parse_needed,
    parse_plain,
)
from ._zones import compile_zone
from .compiled import (
    FORMAT,
    LINES,
    LOGINS,
    NEED_KINDS,
    RINGINGS,
    ROUND_ENDS,
    STRATEGIES,
    WRAP_UPS,
    CompiledAgent,
    CompiledAnnouncements,
    CompiledBox,
    CompiledNeed,
    CompiledNumber,
    CompiledParallel,
    CompiledPlacement,
    CompiledPlan,
    CompiledQueue,
    CompiledSchedule,
    CompiledSettings,
    CompiledStep,
    is_outside,
)
from .model import RawEndpoint, RawQueue

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .compiled import CompiledZone
    from .model import RawAgent, RawNumber, RawPlan, RawStep

__all__ = ["compile_checked"]

_UTC = "UTC"
"""A zone that needs no table."""


def compile_checked(raw: RawPlan) -> CompiledPlan:
    """
    Compile a plan in which ``find_faults`` finds nothing.

    Args:
        raw: The plan, with the agents of its agents file.

    Returns:
        The compiled plan: names interned, lists sorted as ``compiled.py`` says.

    Cost: linear in the plan, and 50 ms for each zone not compiled before.
    """
    return _Compiler(raw).plan()


class _Compiler:
    """
    The indexes of a plan's names, and what uses them.
    """

    def __init__(self, raw: RawPlan) -> None:
        self.raw = raw
        self.zones = sorted(_zones_used(raw))
        self.tags = _index(sorted(_tags_used(raw)))
        self.held = _Held(raw, self.tags)
        self.schedules = _index(sorted(raw.schedules))
        self.agents = _index(raw.agents)
        direct = {AGENT + agent for agent in agents_rung(raw)}
        self.queues = _index(sorted(raw.queues.keys() | direct))
        self.boxes = _index(sorted(raw.voicemail))

    def plan(self) -> CompiledPlan:
        """
        Compile the whole plan.
        """
        raw = self.raw
        return CompiledPlan(
            format=FORMAT,
            name=raw.site.name,
            settings=self._settings(),
            tags=tuple(self.tags),
            single=tuple(sorted(set(raw.site.single))),
            uncounted=tuple(sorted(set(raw.site.uncounted))),
            zones=self._zones(),
            schedules=tuple(self._schedule(name) for name in self.schedules),
            agents=tuple(self._agent(*item) for item in raw.agents.items()),
            queues=tuple(
                self._queue(name, raw.queues[name])
                if name in raw.queues
                else self._direct(name)
                for name in self.queues
            ),
            boxes=tuple(_compile_box(raw, name) for name in self.boxes),
            numbers=self._numbers(),
        )

    def _settings(self) -> CompiledSettings:
        site = self.raw.site
        return CompiledSettings(
            seed=site.seed,
            cancel_grace_ms=_ms(site.cancel_grace_s),
            connect_timeout_ms=_ms(site.connect_timeout_s),
            whisper_ms=_ms(site.whisper_s),
            last_resort_message=self.raw.last_resort.message,
            never_relax=self._tag_indexes(site.never_relax),
            auto_pause_after=site.auto_pause_after,
            auto_pause_for_ms=_ms(site.auto_pause_for_s),
            auto_pause_last=site.auto_pause_last,
            last_resort=compile_last_resort(self.raw, self.boxes),
            max_visits=site.max_visits,
            zone=None if site.zone == _UTC else self.zones.index(site.zone),
        )

    def _zones(self) -> tuple[CompiledZone, ...]:
        return tuple(compile_zone(name) for name in self.zones)

    def _schedule(self, name: str) -> CompiledSchedule:
        schedule = self.raw.schedules[name]
        return CompiledSchedule(
            name=name,
            zone=self.zones.index(schedule.zone or self.raw.site.zone),
            weekly_ms=read_weekly(schedule.weekly),
        )

    def _agent(self, agent_id: str, agent: RawAgent) -> CompiledAgent:
        endpoints = [_as_table(endpoint) for endpoint in agent.endpoints]
        return CompiledAgent(
            id=agent_id,
            name=agent_id if agent.name is None else agent.name,
            tags=self.held.by(agent),
            wildcard=WILDCARD in agent.tags,
            schedule=None if agent.schedule is None else self.schedules[agent.schedule],
            login=LOGINS.index(agent.login),
            units=agent.units,
            wrap_up_ms=_optional_ms(agent.wrap_up_s),
            endpoints=tuple(endpoint.address for endpoint in endpoints),
            wrap_up=None if agent.wrap_up is None else WRAP_UPS.index(agent.wrap_up),
            confirm_digits=tuple(map(_confirm_digit, endpoints)),
            follows=tuple(endpoint.follow for endpoint in endpoints),
            rings_all=agent.ring_endpoints == "all",
            host=agent.host or "",
            weight=agent.weight,
        )

    def _queue(self, name: str, queue: RawQueue) -> CompiledQueue:
        raw, counts_busy = self.raw, queue.round_counts_busy
        return CompiledQueue(
            name=name,
            strategy=_order(queue.strategy, queue.order),
            needs=self._queue_needs(queue),
            members=self._members(queue),
            priority=queue.priority,
            ring_ms=_ms(queue.ring_s),
            wrap_up_ms=_ms(queue.wrap_up_s),
            on_round_end=ROUND_ENDS.index(queue.on_round_end),
            round_counts_busy=(
                queue.on_round_end != "overflow" if counts_busy is None else counts_busy
            ),
            retry_after_ms=_ms(queue.retry_after_s),
            retry_unreachable_ms=_ms(queue.retry_unreachable_s),
            max_wait_ms=_optional_ms(queue.max_wait_s),
            overflow=compiled_end(
                raw, queue.overflow or "last_resort", self.queues, self.boxes
            ),
            next_step_overflows=(
                queue.overflow is not None or "round_end" in queue.overflow_on
            ),
            placements=self._placements(queue),
            line=LINES.index(queue.line),
            aging_milli=round(queue.aging_per_min * 1000),
            aging_cap=queue.aging_cap,
            steps=self._steps(queue),
            merge_steps=queue.merge_steps,
            relax_while_ringing=queue.relax_while_ringing,
            wrap_up=WRAP_UPS.index(queue.wrap_up),
            decline_for_ms=_optional_ms(queue.decline_for_s),
            ringing=_ringing(queue.strategy),
            parallel=CompiledParallel(
                max_parallel=queue.max_parallel,
                batch=queue.batch,
                every_ms=_ms(queue.every_s),
            ),
            limits=compile_limits(raw, queue, self.queues, self.boxes),
            exclude=tuple(sorted(self.agents[agent] for agent in queue.exclude)),
            announcements=_announcements(queue),
        )

    def _direct(self, name: str) -> CompiledQueue:
        """
        Compile the queue of one agent, to whom calls are sent as such.
        """
        rules = RawQueue(agents=(name.removeprefix(AGENT),), on_round_end="overflow")
        return msgspec.structs.replace(self._queue(name, rules), is_direct=True)

    def _placements(self, queue: RawQueue) -> tuple[CompiledPlacement, ...]:
        """
        Compile who serves a queue otherwise than by default; the last word counts.
        """
        places = {
            self.agents[agent]: (members.priority, _ms(members.delay_s))
            for members in queue.members
            for agent in self._ids(members.agents, members.teams)
        }
        return tuple(
            CompiledPlacement(agent=agent, priority=priority, delay_ms=delay_ms)
            for agent, (priority, delay_ms) in sorted(places.items())
            if (priority, delay_ms) != (1, 0)
        )

    def _steps(self, queue: RawQueue) -> tuple[CompiledStep, ...]:
        """
        Compile the steps of a queue, each with the changes of those before it.
        """
        steps: list[CompiledStep] = []
        before = CompiledStep(
            after_ms=0,
            drop=(),
            drop_categories=(),
            lower=(),
            members=self._members(queue),
            strategy=_order(queue.strategy, queue.order),
            raise_priority=0,
            prefer=(),
            ringing=_ringing(queue.strategy),
        )
        order = queue.order
        for step in queue.steps:
            order = step.order or order
            before = self._step(step, before, order)
            steps.append(before)
        return tuple(steps)

    def _step(
        self, step: RawStep, before: CompiledStep, order: str | None
    ) -> CompiledStep:
        dropped = [parse_dropped(text) for text in step.drop]
        tags = [name for name, is_category in dropped if not is_category]
        categories = {name for name, is_category in dropped if is_category}
        lower = dict(before.lower)
        for text, level in step.lower.items():
            tag = self.tags[parse_plain(text)]
            lower[tag] = min(level, lower.get(tag, level))
        prefer = dict(before.prefer)
        for text, weight in step.prefer.items():
            tag = self.tags[parse_plain(text)]
            prefer[tag] = prefer.get(tag, 0) + weight
        added = (self.agents[agent] for agent in self._ids(step.agents, step.teams))
        grants = dict(before.grants)
        for text, grantees in step.grant.items():
            tag = self.tags[parse_plain(text)]
            granted = {self.agents[agent] for agent in self._grantees(grantees)}
            grants[tag] = tuple(sorted({*grants.get(tag, ()), *granted}))
        strategy, ringing = before.strategy, before.ringing
        if step.strategy is not None:
            ringing = _ringing(step.strategy)
            strategy = _order(step.strategy, order)
        elif ringing != 0 and order is not None:
            strategy = STRATEGIES.index(order)
        return CompiledStep(
            after_ms=_ms(step.after_s),
            drop=tuple(sorted({*before.drop, *self._tag_indexes(tags)})),
            drop_categories=tuple(sorted({*before.drop_categories, *categories})),
            lower=tuple(sorted(lower.items())),
            members=(
                None
                if before.members is None
                else tuple(sorted({*before.members, *added}))
            ),
            strategy=strategy,
            raise_priority=before.raise_priority + step.raise_priority,
            prefer=tuple(sorted(prefer.items())),
            ringing=ringing,
            grants=tuple(sorted(grants.items())),
        )

    def _grantees(self, names: Iterable[str]) -> set[str]:
        """
        List the agents who are granted a tag: by their ids, or as a team.
        """
        teams = {name for name in names if name.startswith(TEAM)}
        agents = set(names) - teams
        return self._ids(agents, (name.removeprefix(TEAM) for name in teams))

    def _ids(self, agents: Iterable[str], teams: Iterable[str]) -> set[str]:
        """
        Gather agents and those of teams.
        """
        members = (self.raw.teams[name].agents for name in teams)
        return {*agents, *(agent for team in members for agent in team)}

    def _tag_indexes(self, tags: Iterable[str]) -> tuple[int, ...]:
        return tuple(sorted({self.tags[parse_plain(tag)] for tag in tags}))

    def _queue_needs(self, queue: RawQueue) -> tuple[CompiledNeed, ...]:
        """
        Compile a queue's needs: required, any-of, forbidden, preferred.
        """
        any_of = (self._need("any_of", group) for group in queue.any_of)
        forbidden = (self._need("forbidden", [tag]) for tag in queue.forbidden)
        preferred = (
            self._need("preferred", [tag], weight)
            for tag, weight in queue.prefer.items()
        )
        required = self._required(queue.needs, queue.never_relax)
        return (*required, *any_of, *forbidden, *preferred)

    def _required(
        self, needs: Iterable[str], never_relax: Iterable[str]
    ) -> tuple[CompiledNeed, ...]:
        fixed = set(map(parse_plain, never_relax))
        pairs = (parse_needed(text) for text in needs)
        return tuple(
            self._need("required", [tag], level, never_relax=tag in fixed)
            for tag, level in pairs
        )

    def _need(
        self,
        kind: str,
        tags: Iterable[str],
        value: int = 0,
        *,
        never_relax: bool = False,
    ) -> CompiledNeed:
        return CompiledNeed(
            kind=NEED_KINDS.index(kind),
            tags=self._tag_indexes(tags),
            value=value,
            never_relax=never_relax,
        )

    def _members(self, queue: RawQueue) -> tuple[int, ...] | None:
        """
        Compile who serves a queue; None if neither agents nor teams are named.
        """
        if not queue.agents and not queue.teams and not queue.members:
            return None
        ids = self._ids(queue.agents, queue.teams)
        for members in queue.members:
            ids |= self._ids(members.agents, members.teams)
        return tuple(sorted(self.agents[agent] for agent in ids))

    def _numbers(self) -> tuple[CompiledNumber, ...]:
        numbers = (self._number(*item) for item in self.raw.numbers.items())
        return tuple(sorted(numbers, key=lambda number: number.number))

    def _number(self, text: str, number: RawNumber) -> CompiledNumber:
        site = self.raw.site
        party = parse_party(
            text,
            country_code=site.country_code,
            national_prefix=site.national_prefix,
        )
        return CompiledNumber(
            number=party.number,
            label=party.number if number.label is None else number.label,
            queue=self.queues[number.queue],
            priority=number.priority,
            needs=self._required(number.needs, number.never_relax),
            prefer_agents=tuple(self.agents[agent] for agent in number.prefer_agents),
            prefer_for_ms=_ms(number.prefer_for_s),
        )


class _Held:
    """
    The tags that agents hold, with their levels, as every agent shares them.

    A large site has few of them and many agents: each is read once, and an agent's are
    put in order by their places among all.
    """

    def __init__(self, raw: RawPlan, tags: Mapping[str, int]) -> None:
        texts = {text for agent in raw.agents.values() for text in agent.tags}
        meant = {text: parse_held(text) for text in texts - {WILDCARD}}
        self._pairs = sorted({(tags[tag], level) for tag, level in meant.values()})
        places = {pair: place for place, pair in enumerate(self._pairs)}
        self._places = {
            text: places[tags[tag], level] for text, (tag, level) in meant.items()
        }

    def by(self, agent: RawAgent) -> tuple[tuple[int, int], ...]:
        """
        Return the tags of one agent; of a tag said twice, the higher level.
        """
        texts = (text for text in agent.tags if text != WILDCARD)
        is_any = WILDCARD in agent.tags
        places = sorted(map(self._places.__getitem__, texts if is_any else agent.tags))
        pairs = tuple(map(self._pairs.__getitem__, places))
        levels = dict(pairs)
        return pairs if len(levels) == len(pairs) else tuple(levels.items())


def _announcements(queue: RawQueue) -> CompiledAnnouncements:
    """
    Compile what callers are told; where that is nothing, how often does not matter.
    """
    says_something = queue.announce_position or queue.announce_wait
    return CompiledAnnouncements(
        every_ms=_optional_ms(queue.announce_every_s) if says_something else None,
        position=queue.announce_position,
        wait=queue.announce_wait,
        expected_handling_ms=_ms(queue.expected_handling_s),
    )


def _compile_box(raw: RawPlan, name: str) -> CompiledBox:
    box = raw.voicemail[name]
    return CompiledBox(
        name=name,
        greeting=box.greeting,
        recipients=box.recipients,
        message_ms_min=_ms(box.min_message_s),
    )


def _as_table(endpoint: str | RawEndpoint) -> RawEndpoint:
    """
    Return an endpoint with what is not said of it.
    """
    return RawEndpoint(address=endpoint) if isinstance(endpoint, str) else endpoint


def _confirm_digit(endpoint: RawEndpoint) -> str:
    """
    Return what must be pressed; outside there may be a mailbox (rule 4.4).
    """
    if endpoint.confirm is not None:
        return endpoint.confirm
    return "1" if is_outside(endpoint.address) else ""


def _zones_used(raw: RawPlan) -> set[str]:
    """
    Gather the zones of schedules, and that of the site, whose days are counted.
    """
    used = {schedule.zone or raw.site.zone for schedule in raw.schedules.values()}
    return used | ({raw.site.zone} - {_UTC})


def _tags_used(raw: RawPlan) -> set[str]:
    """
    Gather every tag that an agent holds or a call may need.
    """
    held = {text for agent in raw.agents.values() for text in agent.tags}
    tags = {parse_held(text)[0] for text in held - {WILDCARD}}
    tags.update(map(parse_plain, raw.site.never_relax))
    for queue in raw.queues.values():
        groups = (queue.forbidden, queue.prefer, *queue.any_of)
        tags.update(parse_plain(text) for group in groups for text in group)
        tags.update(parse_needed(text)[0] for text in queue.needs)
        for step in queue.steps:
            tags.update(map(parse_plain, (*step.lower, *step.prefer, *step.grant)))
            dropped = map(parse_dropped, step.drop)
            tags.update(name for name, is_category in dropped if not is_category)
    for number in raw.numbers.values():
        tags.update(parse_needed(text)[0] for text in number.needs)
    return tags


def _index(names: Iterable[str]) -> Mapping[str, int]:
    return {name: index for index, name in enumerate(names)}


def _ringing(strategy: str) -> int:
    """
    Return how a strategy rings agents: one after another, or several at once.
    """
    way = strategy.removeprefix("ring_")
    return RINGINGS.index(way) if way in RINGINGS else 0


def _order(strategy: str, order: str | None) -> int:
    """
    Return the order of a strategy: its own, or that of a parallel one (rule 6.3).
    """
    if _ringing(strategy) == 0:
        return STRATEGIES.index(strategy)
    return STRATEGIES.index(order or "most_specific")


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _optional_ms(seconds: float | None) -> int | None:
    return None if seconds is None else _ms(seconds)
