"""
Simulated people: callers with their patience, agents with their habits.

They decide what happens on the legs of the switches, and when.  A part of all calls
is made difficult on purpose (F5): two things happen in one tick, an answer comes in the
very millisecond in which the ring ends or just after.  Agents log in twice, leave while
it rings and pull plugs (F14).
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Literal

from ... import events
from ...plan.compiled import CompiledPlan
from .agenda import Agenda
from .mix import Injected, Mix
from .switch import Caller, Leg, LegState, Switch

__all__ = ["Crowd"]

_PATIENCE_MS = 60_000
_TALK_MS = 20_000


class Crowd:
    """
    Everybody at a phone or a console.

    Args:
        agenda: What happens when.
        draw: Chance.
        mix: How often what goes wrong.
        injected: Counts it.
        console: Takes what agents and supervisors do at their screens.
        plan: The plan in force.
    """

    def __init__(
        self,
        agenda: Agenda,
        *,
        draw: random.Random,
        mix: Mix,
        injected: Injected,
        console: Callable[[events.Event], None],
        plan: CompiledPlan,
    ) -> None:
        self.mix = mix
        self._agenda = agenda
        self._draw = draw
        self._injected = injected
        self._console = console
        self.plan = plan
        self.answer_share = draw.choice((0.3, 0.6, 0.8, 0.95))
        self.talk_ms_max = draw.choice((2_000, 8_000, _TALK_MS))
        self.patience_ms_max = draw.choice((5_000, 20_000, _PATIENCE_MS))

    # Callers -------------------------------------------------------------------

    def caller_waits(self, switch: Switch, caller: Caller) -> None:
        """
        A caller has come: their patience ends some time, whatever happens.
        """
        draw = self._draw
        patience_ms = draw.randint(1, self.patience_ms_max)
        self._agenda.after(patience_ms, lambda: self._loses_patience(switch, caller))
        if draw.random() < 0.05:
            when_ms = draw.randint(1, patience_ms)
            digit = draw.choice("12")
            self._agenda.after(when_ms, lambda: switch.presses(caller, digit))

    def _loses_patience(self, switch: Switch, caller: Caller) -> None:
        if caller.joined in switch.legs or caller.place != "line":
            return
        switch.caller_hangs_up(caller)

    # Agents' phones --------------------------------------------------------------

    def phone_rings(self, switch: Switch, leg: Leg, ring_ms: int) -> None:
        """
        Answer, decline, be busy, or let it ring.
        """
        draw = self._draw
        if draw.randrange(1000) < self.mix.coincidences:
            self._injected["F5"] += 1
            self._coincide(switch, leg, ring_ms)
        elif draw.random() < self.answer_share:
            when_ms = draw.randint(1, max(1, ring_ms * 3 // 4))
            self._answer_after(switch, leg, when_ms)
        else:
            self._not_answer(switch, leg, ring_ms)
        if self.mix.staff_faults and draw.randrange(1000) < self.mix.staff_faults:
            self._injected["F14"] += 1
            when_ms = draw.randint(0, ring_ms)
            self._agenda.after(when_ms, lambda: self._leave_while_rung(leg.agent))

    def _answer_after(self, switch: Switch, leg: Leg, when_ms: int) -> None:
        endpoint = self._an_endpoint(leg.agent)
        self._agenda.after(when_ms, lambda: switch.answers(leg, endpoint))

    def _an_endpoint(self, agent: str) -> str:
        endpoints = self.endpoints(agent)
        return self._draw.choice(("", *endpoints))

    def endpoints(self, agent: str) -> tuple[str, ...]:
        """
        Return the devices of an agent; empty: they have none, or are gone.
        """
        for plan in self.plan.agents:
            if plan.id == agent:
                return plan.endpoints
        return ()

    def _not_answer(self, switch: Switch, leg: Leg, ring_ms: int) -> None:
        draw = self._draw
        kind = draw.randrange(6)
        if kind == 0:
            return
        codes: tuple[Literal["busy", "unreachable", "no_answer"], ...] = (
            "busy",
            "unreachable",
            "no_answer",
        )
        event: events.Event = events.OfferFailed(
            offer=leg.offer, code=draw.choice(codes)
        )
        if kind < 4:
            event = events.OfferDeclined(offer=leg.offer)
        elif kind == 4:
            target = draw.choice(("+49301234", "PJSIP/voicemail", "not; an address"))
            redirected = events.OfferRedirected(offer=leg.offer, target=target)
            self._agenda.after(1, lambda: switch.says(leg, redirected))
            return
        when_ms = draw.randint(0, ring_ms)
        self._agenda.after(when_ms, lambda: switch.gives_up(leg, event))

    def _coincide(self, switch: Switch, leg: Leg, ring_ms: int) -> None:
        """
        Make two things happen in one tick, or an answer come at the edge of the ring.
        """
        draw = self._draw
        caller = switch.calls[leg.call]
        kind = draw.randrange(5)
        if kind < 2:
            edge_ms = ring_ms + draw.choice((-1, 0, 0, 1, 500))
            self._answer_after(switch, leg, edge_ms)
        elif kind < 4:
            when_ms = draw.choice((0, draw.randint(0, ring_ms), ring_ms))
            if kind == 2:
                self._answer_after(switch, leg, when_ms)
            self._agenda.after(when_ms, lambda: switch.caller_hangs_up(caller))
            if kind == 3:
                self._answer_after(switch, leg, when_ms)
        else:
            when_ms = draw.randint(0, ring_ms)
            declined = events.OfferDeclined(offer=leg.offer)
            self._answer_after(switch, leg, when_ms)
            self._agenda.after(when_ms, lambda: switch.says(leg, declined))

    def _leave_while_rung(self, agent: str) -> None:
        draw = self._draw
        choices: tuple[events.Event, ...] = (
            events.AgentLoggedOut(agent=agent),
            events.AgentPaused(agent=agent, reason="lunch"),
            events.AgentLoggedIn(agent=agent),
        )
        self._console(draw.choice(choices))

    def asked_to_confirm(self, switch: Switch, leg: Leg, digit: str) -> None:
        """
        Press the digit, another one, or hang up.
        """
        draw = self._draw
        when_ms = draw.randint(0, 1_500)
        kind = draw.randrange(8)
        if kind < 6:
            event = events.OfferConfirmed(offer=leg.offer, digit=digit)
            self._agenda.after(when_ms, lambda: switch.says(leg, event))
        if kind == 6:
            wrong = events.OfferConfirmed(offer=leg.offer, digit="9")
            self._agenda.after(when_ms, lambda: switch.says(leg, wrong))
        if kind == 7:
            hung_up = events.AgentHungUp(offer=leg.offer)
            self._agenda.after(when_ms, lambda: switch.gives_up(leg, hung_up))

    def conversation_begins(self, switch: Switch, caller: Caller, leg: Leg) -> None:
        """
        Talk for a while; one of both hangs up, or both at once.
        """
        draw = self._draw
        when_ms = draw.randint(1, self.talk_ms_max)
        kind = draw.randrange(1000)
        both = kind < self.mix.coincidences
        if both:
            self._injected["F5"] += 1
        if both or kind % 2:
            self._agenda.after(when_ms, lambda: self._agent_ends(switch, leg))
        if both or not kind % 2:
            self._agenda.after(when_ms, lambda: switch.caller_hangs_up(caller))
        # Whoever is left alone hangs up, too.
        self._agenda.after(when_ms + 2_000, lambda: switch.caller_hangs_up(caller))

    def _agent_ends(self, switch: Switch, leg: Leg) -> None:
        if switch.has_leg(leg, LegState.JOINED):
            switch.agent_hangs_up(leg)
            if self._draw.random() < 0.5:
                when_ms = self._draw.randint(0, 3_000)
                self._agenda.after(
                    when_ms, lambda: self._console(events.WrapUpEnded(agent=leg.agent))
                )

    # Mailboxes and outside numbers ----------------------------------------------

    def message_begins(self, switch: Switch, caller: Caller) -> None:
        """
        Leave a message, a short one, or none.
        """
        draw = self._draw
        when_ms = draw.randint(1, 6_000)
        kind = draw.randrange(5)
        event: events.Event = events.VoicemailLeft(call=caller.id, length_ms=when_ms)
        if kind == 0:
            event = events.VoicemailFailed(call=caller.id, code="full")
        if kind < 4:
            self._agenda.after(when_ms, lambda: switch.message_ends(caller, event))
        self._agenda.after(when_ms + 20_000, lambda: switch.caller_hangs_up(caller))

    def outside_rings(self, switch: Switch, caller: Caller) -> None:
        """
        Answer outside, or not.
        """
        draw = self._draw
        when_ms = draw.randint(1, 5_000)
        codes: tuple[Literal["no_answer", "busy", "refused", "failed"], ...] = (
            "no_answer",
            "busy",
            "refused",
            "failed",
        )
        failed = events.ForwardFailed(call=caller.id, code=draw.choice(codes))
        if draw.random() < 0.6:
            self._agenda.after(when_ms, lambda: switch.outside_answers(caller))
        else:
            self._agenda.after(when_ms, lambda: switch.outside_fails(caller, failed))
        talk_ms = draw.randint(1, self.talk_ms_max)
        later_ms = when_ms + talk_ms + 20_000
        self._agenda.after(later_ms, lambda: switch.caller_hangs_up(caller))

    # Consoles --------------------------------------------------------------------

    def agent_does_something(self) -> None:
        """
        Let an agent log in, out, pause, resume, or pull a plug.
        """
        draw = self._draw
        agent = draw.choice(self.plan.agents).id
        kind = draw.randrange(12)
        if self.mix.staff_faults and draw.randrange(1000) < self.mix.staff_faults:
            self._injected["F14"] += 1
            self._console(events.AgentLoggedIn(agent=agent))
            self._console(events.AgentLoggedIn(agent=agent))
            return
        if kind < 4:
            self._console(events.AgentLoggedIn(agent=agent))
        elif kind < 5:
            self._console(events.AgentLoggedOut(agent=agent))
        elif kind < 6:
            self._console(events.AgentPaused(agent=agent, reason="lunch"))
        elif kind < 9:
            self._console(events.AgentResumed(agent=agent))
        elif kind < 10:
            self._console(
                events.AgentOccupied(agent=agent, units=draw.choice((0, 0, 1)))
            )
        else:
            self._plug(agent)

    def _plug(self, agent: str) -> None:
        endpoints = self.endpoints(agent)
        if not endpoints:
            return
        endpoint = self._draw.choice(endpoints)
        self._injected["F14"] += 1
        self._console(events.EndpointLost(agent=agent, endpoint=endpoint))
        back_ms = self._draw.randint(100, 20_000)
        back = events.EndpointReached(agent=agent, endpoint=endpoint)
        self._agenda.after(back_ms, lambda: self._console(back))

    def everybody_is_ready(self) -> None:
        """
        Let every agent of the plan be there, with all their devices.
        """
        for agent in self.plan.agents:
            self._console(events.AgentOccupied(agent=agent.id, units=0))
            for endpoint in agent.endpoints:
                self._console(events.EndpointReached(agent=agent.id, endpoint=endpoint))
