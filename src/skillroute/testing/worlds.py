"""
Random histories of small random sites, the same for a seed on every machine.

Few calls (at most 20) at a time are in progress.  Times are multiples of half a
second and often exactly a deadline, since mistakes live there.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Literal

from .. import events
from ..actions import Action, OfferCall, RecordOutcome
from ..contract import (
    AnyOf,
    Forbidden,
    Need,
    Party,
    Preferred,
    PreferredAgent,
    Required,
)
from ..plan.compiled import CompiledPlan, encode, plan_id
from . import supervisors
from .follow_ups import FollowUps
from .odd_events import odd_event
from .random_plans import HOSTS, START_MS, TAGS, random_plan, variants

__all__ = ["World"]

CALLS_MAX = 20
_HALF_MS = 500
_HOUR_MS = 3_600_000


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
            plans = variants(self._draw, self.plan)
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
        arrival = self.arrival("odd")
        return odd_event(draw, arrival, self._agents[0], self._a_call)

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


def _caller(draw: random.Random) -> Party:
    """
    A caller among few, so that some have several calls, or one who withholds it.
    """
    if draw.random() < 0.1:
        return Party(kind="anonymous", number="")
    return Party(kind="e164", number=f"+120255501{draw.randint(0, 9):02}")


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
