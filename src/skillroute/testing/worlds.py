"""
Small random sites and histories, the same for a seed on every machine.

The sites are small on purpose (at most 12 agents, 20 calls, 6 tags, 3 queues):
ties, last agents and full houses are the rule in them.  Times are multiples of
half a second and often exactly a deadline, since mistakes live there.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Literal

import msgspec

from .. import events
from ..actions import Action, OfferCall, RecordOutcome
from ..contract import (
    AnyOf,
    Destination,
    Forbidden,
    Need,
    Party,
    Preferred,
    PreferredAgent,
    Required,
)
from ..plan.compiled import (
    FORMAT,
    LIMITS,
    STRATEGIES,
    CompiledAgent,
    CompiledAnnouncements,
    CompiledBox,
    CompiledEnd,
    CompiledLimits,
    CompiledNeed,
    CompiledNumber,
    CompiledParallel,
    CompiledPlacement,
    CompiledPlan,
    CompiledQueue,
    CompiledSettings,
    CompiledStep,
    encode,
    plan_id,
)
from . import supervisors
from .follow_ups import FollowUps
from .plan_variants import other_tags, reordered
from .random_hours import random_schedule, random_zone

__all__ = ["World", "random_plan"]

START_MS = 1_795_000_000_000
"""A Wednesday in November 2026, 06:26:40 UTC."""

CALLS_MAX = 20
TAGS = ("dept:sales", "dept:support", "geo:msk", "lang:de", "lang:pl", "skill:x")
HOSTS = ("other", "sim")
NUMBERS = ("+12025550101", "+12025550102", "+12025550103")
_HALF_MS = 500
_HOUR_MS = 3_600_000
_LAST_RESORT = CompiledEnd(kind=0, target=0)
_LAST_RESORTS = (
    _LAST_RESORT,
    _LAST_RESORT,
    CompiledEnd(kind=1, target=0),
    CompiledEnd(kind=3, target=0, text="+12025550199"),
)


def random_plan(draw: random.Random) -> CompiledPlan:
    """
    Make a small site.
    """
    agents = draw.randint(1, 12)
    schedules = tuple(random_schedule(draw, f"s{n}") for n in range(draw.randint(1, 3)))
    count = draw.randint(1, 3)
    queues = tuple(_queue(draw, n, agents, count) for n in range(count))
    return CompiledPlan(
        format=FORMAT,
        name="world",
        settings=CompiledSettings(
            seed=draw.choice((0, 7, 2**63 - 1)),
            cancel_grace_ms=draw.choice((0, 500, 2000)),
            connect_timeout_ms=draw.choice((1000, 3000)),
            whisper_ms=draw.choice((0, 500)),
            last_resort_message="sorry",
            never_relax=draw.choice(((), (), (1,), (0, 4))),
            auto_pause_after=draw.choice((None, None, 1, 2)),
            auto_pause_for_ms=draw.choice((500, 3000, 8000)),
            auto_pause_last=draw.random() < 0.4,
            last_resort=draw.choice(_LAST_RESORTS),
            max_visits=draw.choice((1, 2, 3)),
            zone=draw.choice((None, 0)),
        ),
        tags=TAGS,
        single=draw.choice((("dept", "lang"), ("lang",), ())),
        uncounted=draw.choice(((), (), ("geo",))),
        zones=(random_zone(draw, START_MS),),
        schedules=schedules,
        agents=tuple(_agent(draw, n, len(schedules)) for n in range(agents)),
        queues=queues,
        boxes=(
            CompiledBox(
                name="box", greeting="hello", recipients=("a@b",), message_ms_min=2000
            ),
        ),
        numbers=tuple(
            CompiledNumber(
                number=number,
                label=f"label {number[-1]}",
                queue=draw.randrange(len(queues)),
                priority=draw.choice((0, 0, 1, 1000)),
                needs=_needs(draw, 1),
                prefer_agents=_some(draw, agents, draw.choice((0, 0, 0, 1, 2))),
                prefer_for_ms=draw.choice((0, 1000, 3000)),
            )
            for number in NUMBERS[: draw.randint(1, 3)]
        ),
    )


def _variants(draw: random.Random, plan: CompiledPlan) -> tuple[CompiledPlan, ...]:
    """
    Make plans under which a site may go on: another one, its own, and a few changes.
    """
    number = draw.randrange(len(plan.agents))
    agents = list(plan.agents)
    agents[number] = _agent(draw, number, len(plan.schedules))
    queues = list(plan.queues)
    which = draw.randrange(len(queues))
    queues[which] = _queue(draw, which, len(agents), len(queues))
    changed = msgspec.structs.replace(plan, agents=tuple(agents), queues=tuple(queues))
    other = other_tags(random_plan(draw))
    return (plan, reordered(draw, plan), reordered(draw, changed), changed, other)


class World:
    """
    A random history for a site: what a switch, its callers and agents might say.

    Args:
        seed: Decides the site and the history.
        reloads: Whether the site goes on under other plans now and then: those of
            ``plans``, which the engines must have been given.

    The caller hands every event to the engines and tells ``observe`` what they
    ordered, so that the history reacts to it.
    """

    def __init__(self, seed: int, *, reloads: bool = False) -> None:
        self._draw = random.Random(seed)
        self.plan = random_plan(self._draw)
        self.plans: dict[str, CompiledPlan] = {}
        """By id, those under which the site may go on."""
        if reloads:
            plans = _variants(self._draw, self.plan)
            self.plans = {plan_id(encode(plan)): plan for plan in plans}
        self.now_ms = START_MS
        self._calls: list[str] = []
        self._ended: list[str] = []
        self._offers: list[int] = []
        self._lost: set[str] = set()
        self._offer_of: dict[str, int] = {}
        self._last_ms = START_MS
        self._arrivals = 0
        self._agents = [agent.id for agent in self.plan.agents]
        self._endpoints = {agent.id: agent.endpoints for agent in self.plan.agents}
        self._follow_ups = FollowUps(self._draw)
        self._rung: dict[int, str] = {}
        """Agent of each offer."""

    @property
    def calls(self) -> tuple[str, ...]:
        """
        The calls in progress, as far as the orders told.
        """
        return tuple(self._calls)

    def observe(self, actions: tuple[Action, ...]) -> None:
        """
        Learn from the engine's orders which offers and calls there are.
        """
        self._follow_ups.observe(actions)
        for action in actions:
            if isinstance(action, OfferCall):
                self._offers = [*self._offers[-7:], action.offer]
                self._rung[action.offer] = action.agent
                self._offer_of[action.call] = action.offer
            elif isinstance(action, RecordOutcome):
                if action.call in self._calls:
                    self._calls.remove(action.call)
                self._ended = [*self._ended[-3:], action.call]

    def steps(
        self, next_deadline_ms: Callable[[], int | None]
    ) -> Iterator[events.Event]:
        """
        Yield events for ever; ``now_ms`` is the time of the one yielded.
        """
        while True:
            self._last_ms = self.now_ms
            self._pass_time(next_deadline_ms())
            yield self._event()

    def arrival(self, call: str) -> events.CallArrived:
        """
        Make an arrival with this id.
        """
        draw = self._draw
        numbers = [number.number for number in self.plan.numbers]
        dialled = draw.choice(numbers) if draw.random() < 0.97 else "+999"
        return events.CallArrived(
            call=call,
            host=draw.choice(("sim", "sim", "other")),
            caller=_caller(draw),
            dialled=Party(kind="e164", number=dialled),
            needs=_event_needs(draw),
            priority=draw.choice((0, 0, 0, 1, -1, 1000)),
            preferred=tuple(
                PreferredAgent(self._known_agent(), draw.choice((0, 500, 2000, 9000)))
                for _ in range(draw.choice((0, 0, 0, 1, 1, 2)))
            ),
            excluded=tuple(
                self._known_agent() for _ in range(draw.choice((0, 0, 0, 0, 1, 2)))
            ),
        )

    def _known_agent(self) -> str:
        """
        Return the id of an agent; now and then of one who has left.
        """
        return self._draw.choice((*self._agents, *self._agents, "gone"))

    def _pass_time(self, deadline_ms: int | None) -> None:
        draw = self._draw
        kind = draw.random()
        if kind < 0.35:
            return
        if kind < 0.6 and deadline_ms is not None and deadline_ms >= self.now_ms:
            near = deadline_ms + draw.choice((-1, 0, 0, 0, 1))
            if near - self.now_ms < _HOUR_MS or not self._calls:
                self.now_ms = max(self.now_ms, near)
            return
        steps = (1, 1, 1, 2, 2, 3, 4, 6)
        self.now_ms += _HALF_MS * draw.choice(steps)
        if not self._calls:
            # With calls in line every second of this would ring somebody.
            self.now_ms += draw.randint(0, 9 * _HOUR_MS)

    def _event(self) -> events.Event:
        draw = self._draw
        if self.plans and draw.random() < 0.02:
            return self._reload()
        kind = draw.random()
        room = CALLS_MAX - len(self._calls)
        if kind < 0.005 * room:
            return self._new_call()
        follow_up = self._follow_ups.take() if draw.random() < 0.3 else None
        if follow_up is not None:
            return follow_up
        if kind < 0.58 and self._offers:
            return self._offer_event()
        if kind < 0.70:
            return self._call_event()
        if kind < 0.84:
            return self._agent_event()
        if kind < 0.88:
            return self._act()
        if kind < 0.95:
            return events.Advanced()
        if kind < 0.965 or (self._lost and draw.random() < 0.7):
            return self._host_event()
        if kind < 0.97:
            return events.WallClockMoved(
                offset_ms=draw.choice((0, 250, -_HOUR_MS, 5 * _HOUR_MS, 10**13))
            )
        return self._odd_event()

    def _reload(self) -> events.Event:
        """
        Go on under another plan, or the same; agents who are gone may still be named.
        """
        id = self._draw.choice(list(self.plans))
        self.plan = self.plans[id]
        there = [agent.id for agent in self.plan.agents]
        gone = [agent for agent in self._agents if agent not in there]
        self._agents = [*there, *gone[-2:]]
        self._endpoints |= {agent.id: agent.endpoints for agent in self.plan.agents}
        return events.PlanReloaded(plan_id=id)

    def _new_call(self) -> events.Event:
        self._arrivals += 1
        call = f"c{self._arrivals}"
        if self._ended and self._draw.random() < 0.02:
            return self.arrival(self._ended[-1])
        self._calls.append(call)
        return self.arrival(call)

    def _a_call(self) -> str:
        return self._draw.choice(self._calls) if self._calls else "c0"

    def _offer_event(self) -> events.Event:
        draw = self._draw
        recent = self._offers[-3:] if draw.random() < 0.8 else self._offers
        offer = draw.choice(recent)
        kind = draw.randrange(19)
        if kind < 4:
            devices = ("", "", *self._endpoints[self._rung[offer]], "unheard-of")
            return events.OfferAccepted(offer=offer, endpoint=draw.choice(devices))
        if kind < 7:
            return events.CallConnected(offer=offer)
        if kind < 10:
            return events.OfferDeclined(offer=offer)
        if kind < 12:
            return self._offer_failed(offer)
        if kind < 13:
            return events.OfferCancelled(offer=offer)
        if kind < 14:
            return events.ConnectFailed(offer=offer)
        if kind < 16:
            return events.OfferConfirmed(offer=offer, digit=draw.choice("1122#"))
        if kind < 17:
            targets = ("+49301234", "PJSIP/voicemail", "tel:+1", "not; an address")
            return events.OfferRedirected(offer=offer, target=draw.choice(targets))
        return events.AgentHungUp(offer=offer)

    def _offer_failed(self, offer: int) -> events.Event:
        codes: tuple[Literal["busy", "unreachable", "no_answer"], ...] = (
            "busy",
            "unreachable",
            "no_answer",
        )
        return events.OfferFailed(offer=offer, code=self._draw.choice(codes))

    def _call_event(self) -> events.Event:
        draw = self._draw
        known = self._calls + self._ended
        if not known:
            return self._agent_event()
        call = draw.choice(known)
        kind = draw.randrange(10)
        if kind < 7:
            return events.CallerHungUp(call=call)
        if kind < 8:
            length_ms = draw.choice((0, 1999, 2000, 9000))
            return events.VoicemailLeft(call=call, length_ms=length_ms)
        choices: tuple[events.Event, ...] = (
            events.VoicemailFailed(call=call, code="full"),
            events.ForwardAnswered(call=call),
            events.LineDigitPressed(call=call, digit=draw.choice(("1", "1", "2"))),
            events.ForwardFailed(call=call, code=draw.choice(("busy", "refused"))),
            events.CallFailed(call=call, code="network"),
        )
        return draw.choice(choices)

    def _agent_event(self) -> events.Event:
        draw = self._draw
        agent = draw.choice(self._agents)
        kind = draw.randrange(15)
        if kind > 11:
            return self._endpoint_event(agent)
        if kind < 3:
            return events.AgentLoggedIn(agent=agent)
        if kind < 4:
            return events.AgentLoggedOut(agent=agent)
        if kind < 6:
            reason = draw.choice(("", "lunch", "missed_offers"))
            return events.AgentPaused(agent=agent, reason=reason)
        if kind < 8:
            return events.AgentResumed(agent=agent)
        if kind < 9:
            units = draw.choice((0, 0, 0, 1, 1, 2))
            return events.AgentOccupied(agent=agent, units=units)
        if kind < 10:
            return events.OpenCasesTold(agent=agent, cases=draw.choice((0, 1, 2, 5)))
        if self._offers:
            # Somebody who was rung a short while ago may well be in wrap-up.
            agent = self._rung[draw.choice(self._offers[-4:])]
        return events.WrapUpEnded(agent=agent)

    def _host_event(self) -> events.Event:
        """
        Let a switch be lost, or tell what it still has, truly or not.
        """
        draw = self._draw
        if self._lost and draw.random() < 0.8:
            host = draw.choice(sorted(self._lost))
            complete = draw.random() < 0.8
            if complete:
                self._lost.discard(host)
            known = [c for c in self._calls if draw.random() < 0.8]
            return events.HostResynced(
                host=host,
                calls=tuple(map(self._standing, (*known, *self._ended[-1:]))),
                unreachable=tuple(a for a in self._agents if draw.random() < 0.1),
                complete=complete,
            )
        if draw.random() < 0.5:
            self._lost.add(host := draw.choice(HOSTS))
            return events.HostLost(host=host)
        self._lost |= set(HOSTS)
        from_ms = draw.randint(self._last_ms, self.now_ms)
        late_ms = draw.choice((0, 0, 0, 1))
        return events.Gap(from_ms=from_ms - late_ms, until_ms=self.now_ms)

    def _standing(self, call: str) -> events.CallStanding:
        draw = self._draw
        offer = self._offer_of.get(call, 0) if draw.random() < 0.8 else 0
        hung_up_at_ms = self.now_ms if draw.random() < 0.1 else None
        return events.CallStanding(
            call=call,
            offer=offer,
            joined=draw.random() < 0.5,
            hung_up_at_ms=hung_up_at_ms,
        )

    def _act(self) -> events.Event:
        """
        Let a supervisor do something.
        """
        draw = self._draw
        calls = self._calls * 3 + self._ended
        if not calls or draw.random() < 0.3:
            if draw.random() < 0.4:
                return supervisors.override(draw, self.plan, self.now_ms)
            agent = draw.choice(self._agents)
            return supervisors.act_on_agent(draw, self.plan, agent, (*TAGS, "x"))
        needs = _event_needs(draw)
        return supervisors.act_on_call(draw, self.plan, draw.choice(calls), needs)

    def _endpoint_event(self, agent: str) -> events.Event:
        draw = self._draw
        endpoint = draw.choice(self._endpoints[agent] or ("none",))
        if draw.random() < 0.4:
            return events.EndpointLost(agent=agent, endpoint=endpoint)
        return events.EndpointReached(agent=agent, endpoint=endpoint)

    def _odd_event(self) -> events.Event:
        """
        Make something that no well-behaved host says.
        """
        draw = self._draw
        arrival = self.arrival("odd")
        choices: tuple[events.Event, ...] = (
            events.OfferAccepted(offer=draw.choice((0, -1, 10**6))),
            events.CallerHungUp(call="nobody"),
            events.CallerHungUp(call="two words"),
            events.AgentLoggedIn(agent="nobody"),
            events.AgentPaused(agent=self._agents[0], reason="tea & cake"),
            events.VoicemailLeft(call="nobody", length_ms=-1),
            events.AgentOccupied(agent=self._agents[0], units=draw.choice((-1, 1001))),
            events.OpenCasesTold(agent=self._agents[0], cases=-1),
            events.VoicemailFailed(call="nobody", code="so full"),
            events.CallFailed(call="odd", code=""),
            events.HostLost(host="two words"),
            events.CallHeld(call="nobody", by="anna"),
            events.PrioritySet(call="nobody", priority=0),
            events.TagsSet(agent=self._agents[0], tags=(("lang:pl", 0),)),
            events.TagsSet(agent=self._agents[0], tags=(("a b", 1), ("*", 1))),
            events.MembershipSet(agent=self._agents[0], queue="q9", member=True),
            events.OverlayReset(kind="weather", name="rain"),
            events.Overridden(kind="schedule", name="s0", to="play", prompt="x"),
            events.Overridden(kind="queue", name="q0", to="play"),
            events.Overridden(kind="number", name="+999", to="open"),
            events.Overridden(kind="schedule", name="s9", to="open"),
            events.Overridden(kind="queue", name="q0", to="open", until_ms=5),
            events.PrioritySet(call=arrival.call, priority=1001),
            events.CallEndOrdered(call="nobody", by="x" * 1025),
            events.NeedsSet(call=self._a_call(), needs=(Required("a b"),)),
            events.CallAssigned(call=self._a_call(), agent="nobody"),
            events.CallMoved(call=self._a_call(), to=Destination(kind="none")),
            events.CallMoved(
                call=self._a_call(), to=Destination(kind="queue", name="nowhere")
            ),
            events.CallMoved(
                call=self._a_call(), to=Destination(kind="voicemail", name="nowhere")
            ),
            events.PresenceSet(
                agent=self._agents[0], presence="paused", pause_reason="tea & cake"
            ),
            msgspec.structs.replace(arrival, priority=1001),
            msgspec.structs.replace(arrival, needs=(Required("a b"),)),
            msgspec.structs.replace(arrival, needs=(Required("lang:pl", 0),)),
            msgspec.structs.replace(arrival, needs=(Preferred("lang:pl", 1001),)),
            msgspec.structs.replace(arrival, needs=(AnyOf(()),)),
            msgspec.structs.replace(arrival, preferred=(PreferredAgent("a0", -1),)),
            msgspec.structs.replace(arrival, preferred=(PreferredAgent("a b"),)),
            msgspec.structs.replace(arrival, excluded=("a0",) * 65),
            msgspec.structs.replace(arrival, needs=(Forbidden("x"),) * 65),
        )
        return draw.choice(choices)


def _agent(draw: random.Random, number: int, schedules: int) -> CompiledAgent:
    tags = sorted(draw.sample(range(len(TAGS)), draw.randint(0, len(TAGS))))
    endpoints = (f"PJSIP/{number}", f"SIP/{number}", f"+4930{number}")
    count = draw.choice((1, 1, 1, 2, 3, 0))
    digits = (draw.choice(("", "", "", "1")), draw.choice(("", "2")), "1")
    return CompiledAgent(
        id=f"a{number}",
        name=f"Agent {number}",
        tags=tuple((tag, draw.choice((100, 100, 50, 60))) for tag in tags),
        wildcard=draw.random() < 0.15,
        schedule=draw.randrange(schedules) if draw.random() < 0.3 else None,
        login=int(draw.random() < 0.2),
        units=draw.choice((1, 1, 1, 2, 3)),
        wrap_up_ms=draw.choice((None, None, 0, 1000)),
        endpoints=endpoints[:count],
        wrap_up=draw.choice((None, 0, 1, 2)),
        confirm_digits=digits[:count],
        follows=tuple(draw.random() < 0.4 for _ in range(count)),
        rings_all=draw.random() < 0.4,
        host=draw.choice(("", "", "", *HOSTS)),
        weight=draw.choice((1, 1, 2, 5, 1000)),
    )


def _queue(draw: random.Random, number: int, agents: int, queues: int) -> CompiledQueue:
    members = None
    if draw.random() < 0.4:
        count = draw.randint(0, agents)
        members = tuple(sorted(draw.sample(range(agents), count)))
    round_end = draw.choice((0, 0, 0, 1, 2))
    strategy = _strategy(draw)
    ringing = draw.choice((0, 0, 0, 1, 2))
    has_places = members is not None and draw.random() < 0.4
    return CompiledQueue(
        name=f"q{number}",
        strategy=strategy,
        needs=_needs(draw, 2),
        members=members,
        priority=draw.choice((0, 0, 2)),
        ring_ms=draw.choice((1000, 2000, 5000)),
        wrap_up_ms=draw.choice((0, 500, 3000)),
        on_round_end=round_end,
        round_counts_busy=draw.choice((round_end != 1, True, False)),
        retry_after_ms=draw.choice((500, 2000)),
        retry_unreachable_ms=draw.choice((1000, 5000)),
        max_wait_ms=draw.choice((None, 2000, 8000, 30000)),
        overflow=_end(draw, queues),
        next_step_overflows=draw.random() < 0.5,
        placements=_placements(draw, members or ()) if has_places else (),
        line=draw.choice((0, 0, 0, 1, 2)),
        aging_milli=draw.choice((0, 0, 1000, 12_345, 60_000)),
        aging_cap=draw.choice((1000, 1000, 1, 0)),
        steps=_steps(draw, agents, members, (strategy, ringing)),
        merge_steps=draw.random() < 0.2,
        relax_while_ringing=draw.random() < 0.7,
        wrap_up=draw.choice((0, 1, 2)),
        decline_for_ms=draw.choice((None, None, 0, 500, 2000, 4000)),
        ringing=ringing,
        parallel=CompiledParallel(
            max_parallel=draw.choice((1, 2, 3, 10)),
            batch=draw.choice((1, 1, 2)),
            every_ms=draw.choice((500, 1000, 1500)),
        ),
        limits=_limits(draw, queues),
        is_direct=draw.random() < 0.1,
        exclude=tuple(sorted(_some(draw, agents, draw.choice((0, 0, 0, 1, 2))))),
        announcements=CompiledAnnouncements(
            every_ms=draw.choice((None, None, 1000, 1500, 4000)),
            position=draw.random() < 0.8,
            wait=draw.random() < 0.8,
            expected_handling_ms=draw.choice((1000, 5000, 180_000)),
        ),
    )


def _some(draw: random.Random, agents: int, most: int) -> tuple[int, ...]:
    """
    Draw some of the agents, in any order.
    """
    return tuple(draw.sample(range(agents), min(most, agents)))


def _strategy(draw: random.Random) -> int:
    """
    Half of all queues take the one with the fewest tags.
    """
    return draw.randrange(len(STRATEGIES)) if draw.random() < 0.5 else 0


def _placements(
    draw: random.Random, members: tuple[int, ...]
) -> tuple[CompiledPlacement, ...]:
    return tuple(
        CompiledPlacement(
            agent=agent,
            priority=draw.choice((1, 1, 2, 3)),
            delay_ms=draw.choice((0, 0, 1000, 3000)),
        )
        for agent in members
        if draw.random() < 0.5
    )


def _steps(
    draw: random.Random,
    agents: int,
    members: tuple[int, ...] | None,
    ways: tuple[int, int],
) -> tuple[CompiledStep, ...]:
    """
    Make the steps of a queue, each with the changes of those before it.
    """
    steps: list[CompiledStep] = []
    strategy, ringing = ways
    after_ms, raised = 0, 0
    drop: set[int] = set()
    categories: set[str] = set()
    lower: dict[int, int] = {}
    prefer: dict[int, int] = {}
    for _ in range(draw.choice((0, 0, 0, 1, 2, 3))):
        after_ms += draw.choice((500, 1000, 2500))
        raised += draw.choice((0, 0, 1))
        tag = draw.randrange(len(TAGS))
        if draw.random() < 0.4:
            drop.add(tag)
        if draw.random() < 0.2:
            categories.add(draw.choice(("dept", "lang")))
        if draw.random() < 0.3:
            lower[tag] = min(draw.choice((1, 50)), lower.get(tag, 100))
        if draw.random() < 0.2:
            prefer[tag] = prefer.get(tag, 0) + draw.choice((1, 3))
        if members is not None and draw.random() < 0.5:
            members = tuple(sorted({*members, draw.randrange(agents)}))
        if draw.random() < 0.2:
            strategy = _strategy(draw)
        if draw.random() < 0.2:
            ringing = draw.choice((0, 1, 2))
        steps.append(
            CompiledStep(
                after_ms=after_ms,
                drop=tuple(sorted(drop)),
                drop_categories=tuple(sorted(categories)),
                lower=tuple(sorted(lower.items())),
                members=members,
                strategy=strategy,
                raise_priority=raised,
                prefer=tuple(sorted(prefer.items())),
                ringing=ringing,
            )
        )
    return tuple(steps)


def _caller(draw: random.Random) -> Party:
    """
    A caller among few, so that some have several calls, or one who withholds it.
    """
    if draw.random() < 0.1:
        return Party(kind="anonymous", number="")
    return Party(kind="e164", number=f"+120255501{draw.randint(0, 9):02}")


def _limits(draw: random.Random, queues: int) -> CompiledLimits:
    limits = sorted(draw.sample(range(len(LIMITS)), draw.randint(0, 3)))
    return CompiledLimits(
        overflow_on=tuple((limit, _end(draw, queues)) for limit in limits),
        keeps_place=draw.random() < 0.7,
        max_wait_cuts_ring=draw.random() < 0.3,
        hours=draw.choice((None, None, None, 0)),
        size_per_caller=draw.choice((None, None, 1, 2)),
        size=draw.choice((None, None, 2, 4)),
        digits=(("1", _end(draw, queues)),) if draw.random() < 0.7 else (),
    )


def _end(draw: random.Random, queues: int) -> CompiledEnd:
    """
    A destination, most often another queue or the same one.
    """
    choices = (
        _LAST_RESORT,
        CompiledEnd(kind=1, target=0),
        *(CompiledEnd(kind=2, target=queue) for queue in range(queues)),
        CompiledEnd(kind=3, target=0, text="+12025550198"),
        CompiledEnd(kind=4, target=0, text=draw.choice(("", "closed"))),
    )
    return draw.choice(choices)


def _needs(draw: random.Random, most: int) -> tuple[CompiledNeed, ...]:
    return tuple(_need(draw) for _ in range(draw.randint(0, most)))


def _need(draw: random.Random) -> CompiledNeed:
    kind = draw.choice((0, 0, 0, 1, 2, 3, 3))
    if kind == 1:
        tags = sorted(draw.sample(range(len(TAGS)), draw.randint(1, 3)))
        return CompiledNeed(kind=1, tags=tuple(tags), value=0, never_relax=False)
    value = {0: draw.choice((1, 1, 50, 60, 61)), 3: draw.choice((1, 5))}.get(kind, 0)
    return CompiledNeed(
        kind=kind,
        tags=(draw.randrange(len(TAGS)),),
        value=value,
        never_relax=draw.random() < 0.1,
    )


def _event_needs(draw: random.Random) -> tuple[Need, ...]:
    makers: tuple[Callable[[str], Need], ...] = (
        Required,
        Required,
        lambda tag: Required(tag, 60),
        lambda tag: AnyOf((tag, "x", "geo:msk")),
        Forbidden,
        lambda tag: Preferred(tag, 3),
    )
    names = (*TAGS, "x", "lang:fr")
    count = draw.choice((0, 0, 0, 0, 1, 1, 2))
    return tuple(draw.choice(makers)(draw.choice(names)) for _ in range(count))
