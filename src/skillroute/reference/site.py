"""
The site: its plan, its state, its timers, and the orders it gives.

Everything else in this package is a function of a site, or a rule that such a
function asks.  ``Site`` itself only looks things up, keeps the books (agents'
units, extra tags, ended calls) and numbers the actions.
"""

from __future__ import annotations

from collections import deque

from ..actions import Action, ActionId
from ..plan.compiled import (
    CompiledAgent,
    CompiledNumber,
    CompiledPlan,
    CompiledQueue,
)
from . import kept, overlay, schedule
from .limits import ENDED_CALLS_REMEMBERED
from .state import (
    SNAPSHOT_VERSION,
    AgentState,
    Call,
    Demand,
    HostState,
    Kept,
    Offer,
    OfferPhase,
    Overlay,
    Presence,
    Snapshot,
    Tally,
)
from .timers import TimerKind, Timers


def absent() -> AgentState:
    """
    Return the state of an agent of whom nothing is known yet.
    """
    return AgentState(Presence.LOGGED_OUT, "", 0, None, [], 0, 0, 0, 0, Tally(), [])


class Site:
    """
    All that an engine knows.
    """

    def __init__(self, plan: CompiledPlan, kept: Kept | None = None) -> None:
        self.take_plan(plan, kept or Kept())
        self.overlay = Overlay([], [], [])
        self.clock_ms: int | None = None
        self.wall_offset_ms = 0
        self.event_sequence = 0
        self.timer_ordinal = 0
        self.call_sequence = 0
        self.offer_sequence = 0
        self.timers = Timers()
        self.schedules_open = [False for _ in plan.schedules]
        self.agents = [absent() for _ in self.base_plan.agents]
        self.hosts: dict[str, HostState] = {}
        """Those that an event has named."""
        self.offers: dict[int, Offer] = {}
        self.calls: dict[int, Call] = {}
        """By sequence, ascending."""
        self.ended: deque[str] = deque(maxlen=ENDED_CALLS_REMEMBERED)
        self.handled: dict[int, list[int]] = {}
        """Of each line by its queue: how long its last handled calls took."""
        self.call_sequences: dict[str, int] = {}
        """Sequence of each call in progress by its id."""
        self.levels: list[dict[int, int]] = []
        """Per agent: the level of each tag held."""
        self.lay_over()
        self.demand = Demand([], [])
        self.actions: list[Action] = []
        """Orders of the present firing or event."""
        self._action_index = 0

    def take_plan(self, plan: CompiledPlan, left: Kept) -> None:
        """
        Look everything up in a plan from now, with what is kept of former ones.
        """
        self.own_plan = plan
        """As it was compiled."""
        self.kept = left
        self.base_plan = kept.joined(plan, left)
        """With what is kept of former plans."""
        self.plan = self.base_plan
        """The same, with the overlay laid over it."""
        self.tag_names = list(plan.tags)
        """The plan's tags, then those that only events or former plans mention."""
        self.tag_numbers = {name: number for number, name in enumerate(plan.tags)}
        self.agent_numbers = {a.id: number for number, a in enumerate(plan.agents)}
        removed = enumerate(left.agents, len(plan.agents))
        self.removed_numbers = {agent.id: number for number, agent in removed}
        self.number_numbers = {n.number: i for i, n in enumerate(plan.numbers)}
        first: dict[str, int] = {}
        self.lines = [
            first.setdefault(queue.name, number)
            for number, queue in enumerate(self.base_plan.queues)
        ]
        """By queue, the first of its name: those with former rules have its line."""

    def lay_over(self) -> None:
        """
        Let the overlay hold from now.
        """
        self.plan = overlay.laid_over(self.base_plan, self.overlay)
        self.levels = [dict(agent.tags) for agent in self.plan.agents]

    # Orders ------------------------------------------------------------------

    def order(self, action: Action) -> None:
        """
        Give an order.
        """
        self.actions.append(action)

    def next_action_id(self) -> ActionId:
        """
        Return the id of the next order of the event or timer being handled.
        """
        id = (self.event_sequence, self.timer_ordinal, self._action_index)
        self._action_index += 1
        return id

    def begin_event(self) -> None:
        """
        Count an event: the ids of its orders begin anew.
        """
        self.event_sequence += 1
        self.timer_ordinal = 0
        self._action_index = 0

    def begin_firing(self) -> None:
        """
        Count a timer's firing: the ids of its orders begin anew.
        """
        self.timer_ordinal += 1
        self._action_index = 0

    # Clocks and schedules ----------------------------------------------------

    @property
    def now_ms(self) -> int:
        """
        The engine's clock; the site has started.
        """
        assert self.clock_ms is not None
        return self.clock_ms

    def schedule_is_open(self, number: int) -> bool:
        """
        Ask a schedule about now; an override beats its hours (rule 3.2).
        """
        forced = self.overlay.override(0, number)
        if forced is not None:
            return forced.to == 0
        rule = self.plan.schedules[number]
        zone = self.plan.zones[rule.zone]
        return schedule.is_open(rule, zone, self.now_ms + self.wall_offset_ms)

    def schedule_opened_at_ms(self, number: int) -> int | None:
        """
        Return when the present opening began; None: it has always been open.
        """
        rule = self.plan.schedules[number]
        zone = self.plan.zones[rule.zone]
        wall_ms = self.now_ms + self.wall_offset_ms
        opened_ms = schedule.opened_at_ms(rule, zone, wall_ms)
        return None if opened_ms is None else opened_ms - self.wall_offset_ms

    def schedule_opens_ms(self, number: int, at_ms: int) -> int | None:
        """
        Return the first instant at or after *at_ms* at which it is open.
        """
        forced = self.overlay.override(0, number)
        if forced is not None and at_ms < (forced.until_ms or at_ms + 1):
            if forced.to == 0:
                return at_ms
            if forced.until_ms is None:
                return None
            at_ms = forced.until_ms
        rule = self.plan.schedules[number]
        zone = self.plan.zones[rule.zone]
        wall_ms = at_ms + self.wall_offset_ms
        if schedule.is_open(rule, zone, wall_ms):
            return at_ms
        opens_ms = schedule.next_change_ms(rule, zone, wall_ms)
        return None if opens_ms is None else opens_ms - self.wall_offset_ms

    def schedule_starts_ms(self, number: int, at_ms: int) -> int | None:
        """
        Return the first instant after *at_ms* at which it opens.
        """
        rule = self.plan.schedules[number]
        zone = self.plan.zones[rule.zone]
        forced = self.overlay.override(0, number)
        if forced is not None and at_ms < (forced.until_ms or at_ms + 1):
            if forced.until_ms is None:
                return None
            at_ms = forced.until_ms
            reopens = schedule.is_open(rule, zone, at_ms + self.wall_offset_ms)
            if forced.to != 0 and reopens:
                return at_ms
        wall_ms: int | None = at_ms + self.wall_offset_ms
        assert wall_ms is not None
        if schedule.is_open(rule, zone, wall_ms):
            wall_ms = schedule.next_change_ms(rule, zone, wall_ms)
        if wall_ms is not None:
            wall_ms = schedule.next_change_ms(rule, zone, wall_ms)
        return None if wall_ms is None else wall_ms - self.wall_offset_ms

    def watch_schedule(self, number: int) -> None:
        """
        Set the timer of a schedule's next change.
        """
        rule = self.plan.schedules[number]
        zone = self.plan.zones[rule.zone]
        wall_ms = self.now_ms + self.wall_offset_ms
        change_ms = schedule.next_change_ms(rule, zone, wall_ms)
        if change_ms is None:
            self.timers.cancel(TimerKind.SHIFT_CHANGES, number)
        else:
            deadline_ms = change_ms - self.wall_offset_ms
            self.timers.set(TimerKind.SHIFT_CHANGES, number, deadline_ms)

    # Agents ------------------------------------------------------------------

    def agent_plan(self, agent: int) -> CompiledAgent:
        """
        Return what the plan says of an agent.
        """
        return self.plan.agents[agent]

    def staff(self) -> range:
        """
        List the agents of the plan, without those whom only former ones had.
        """
        return range(len(self.own_plan.agents))

    def is_removed(self, agent: int) -> bool:
        """
        Tell whether only former plans had an agent: no call reaches them any more.
        """
        return agent >= len(self.own_plan.agents)

    def units_left(self, agent: int) -> int:
        """
        Return how many more calls an agent could take at once.
        """
        state = self.agents[agent]
        return self.plan.agents[agent].units - len(state.offers) - state.occupied

    def on_shift(self, agent: int) -> bool:
        """
        Tell whether an agent's schedule is open.
        """
        number = self.plan.agents[agent].schedule
        is_open = number is None or self.schedules_open[number]
        return is_open and not self.is_removed(agent)

    # Hosts -------------------------------------------------------------------

    def is_up(self, host: str) -> bool:
        """
        Tell whether a host is in sync; one that nobody has named is.
        """
        return host not in self.hosts or self.hosts[host].in_sync

    def is_held(self, call: Call) -> bool:
        """
        Tell whether a call is offered to nobody since its host is not in sync.
        """
        return not self.is_up(call.host)

    def is_agent_down(self, agent: int) -> bool:
        """
        Tell whether an agent can be reached through no host.
        """
        host = self.plan.agents[agent].host
        if host:
            return not self.is_up(host)
        return bool(self.hosts) and not any(h.in_sync for h in self.hosts.values())

    # Offers and calls --------------------------------------------------------

    def queue_of(self, call: Call) -> CompiledQueue:
        """
        Return the plan of the queue that a call is in.
        """
        return self.plan.queues[call.queue]

    def number_of(self, call: Call) -> CompiledNumber:
        """
        Return the number by which a call came that has entered a queue.
        """
        assert call.number is not None
        return self.plan.numbers[call.number]

    def offer_phase(self, id: int) -> OfferPhase:
        """
        Return how far an offer has come; an old number is over.
        """
        offer = self.offers.get(id)
        return OfferPhase.OVER if offer is None else OfferPhase(offer.phase)

    def call_id(self, sequence: int) -> str:
        """
        Return the id of a call in progress; empty: it has ended.
        """
        call = self.calls.get(sequence)
        return "" if call is None else call.id

    # Tags --------------------------------------------------------------------

    def tag_name(self, number: int) -> str:
        """
        Return the name of a tag.
        """
        return self.tag_names[number]

    def tag_number(self, name: str) -> int:
        """
        Return the number of a tag, a new one if it was never mentioned.
        """
        number = self.tag_numbers.get(name)
        if number is None:
            number = len(self.tag_names)
            self.tag_names.append(name)
            self.tag_numbers[name] = number
        return number

    def single_category(self, tag: int) -> str | None:
        """
        Return the category of a tag if a call keeps only one of that category.
        """
        category = self.tag_names[tag].partition(":")[0]
        return category if category in self.plan.single else None

    # Snapshots ---------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        """
        Return all logical state.
        """
        return Snapshot(
            version=SNAPSHOT_VERSION,
            clock_ms=self.clock_ms,
            wall_offset_ms=self.wall_offset_ms,
            event_sequence=self.event_sequence,
            timer_ordinal=self.timer_ordinal,
            timer_sequence=self.timers.sequence,
            call_sequence=self.call_sequence,
            offer_sequence=self.offer_sequence,
            extra_tags=self.tag_names[len(self.own_plan.tags) :],
            schedules_open=self.schedules_open,
            agents=self.agents,
            offers=[self.offers[id] for id in sorted(self.offers)],
            calls=[self.calls[sequence] for sequence in sorted(self.calls)],
            ended=list(self.ended),
            timers=self.timers.listed(),
            overlay=self.overlay,
            hosts=[self.hosts[name] for name in sorted(self.hosts)],
            demand=self.demand,
            kept=self.kept,
            handled=[(line, self.handled[line]) for line in sorted(self.handled)],
        )

    def load(self, snapshot: Snapshot) -> None:
        """
        Take over the state of a snapshot of the same plan, and of what is kept.
        """
        self.clock_ms = snapshot.clock_ms
        self.wall_offset_ms = snapshot.wall_offset_ms
        self.event_sequence = snapshot.event_sequence
        self.timer_ordinal = snapshot.timer_ordinal
        self.call_sequence = snapshot.call_sequence
        self.offer_sequence = snapshot.offer_sequence
        self.schedules_open = snapshot.schedules_open
        self.agents = snapshot.agents
        self.hosts = {host.name: host for host in snapshot.hosts}
        self.offers = {offer.id: offer for offer in snapshot.offers}
        self.calls = {call.sequence: call for call in snapshot.calls}
        self.call_sequences = {call.id: call.sequence for call in snapshot.calls}
        self.ended = deque(snapshot.ended, maxlen=ENDED_CALLS_REMEMBERED)
        for name in snapshot.extra_tags:
            self.tag_number(name)
        self.overlay = snapshot.overlay
        self.lay_over()
        self.demand = snapshot.demand
        self.handled = dict(snapshot.handled)
        self.timers = Timers()
        self.timers.sequence = snapshot.timer_sequence
        for timer in snapshot.timers:
            self.timers.put(timer)
