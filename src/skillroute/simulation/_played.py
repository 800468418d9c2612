"""
One replication, played around any engine: callers, agents and a switch.

What will happen stands in an agenda; what can no longer happen, since its call or
offer is over, is passed over.  What the engine orders is carried out in
``_reactions.py``.

``rust/skillroute-sim`` plays the same beside the compiled core, number for number.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

from .. import events
from ..contract import OfferId
from ..plan.compiled import LOGINS, WRAP_UPS, CompiledPlan, decode
from ._agenda import Agenda, Happening, Rank
from ._arrivals import arrivals
from ._behaviour import BLOCKED, Behaviour, Caller
from ._compiled import CompiledScenario
from ._counting import Counts
from ._draws import Draws, Purpose
from ._floor import Call, Floor, Ring, call_id
from ._reactions import Reactions
from ._tallies import OUTCOMES, Tallies

__all__ = ["play", "state_id"]

HOST = "simulator"
PAUSE_REASON = "break"

_IN_PROGRESS = OUTCOMES.index("in_progress")
_MANUAL_WRAP_UP_MS_MAX = 1_800_000


def play(
    engine_class: Any,
    plan: bytes,
    scenario: CompiledScenario,
    replication: int,
    *,
    keep_calls: bool = False,
) -> Tallies:
    """
    Play one replication of a scenario.

    Args:
        engine_class: ``Engine`` of any backend.
        plan: A compiled plan.
        scenario: A sound scenario.
        replication: 0 or more.
        keep_calls: Also return each call.

    Returns:
        What was counted.
    """
    site = decode(plan)
    played = _Played(
        engine_class(plan), site, scenario, replication, keep_calls=keep_calls
    )
    return played.run(replication)


class _Played:
    """
    The world of one replication.
    """

    def __init__(
        self,
        engine: Any,
        plan: CompiledPlan,
        scenario: CompiledScenario,
        replication: int,
        *,
        keep_calls: bool,
    ) -> None:
        self._engine = engine
        self._plan = plan
        self._scenario = scenario
        self._agenda = Agenda()
        self._counts = Counts(plan, scenario, keep_calls=keep_calls)
        named = dict(scenario.agents)
        groups = [named.get(agent.id, 0) for agent in plan.agents]
        draws = Draws(scenario, replication)
        self._behaviour = Behaviour(scenario, draws, groups)
        self._floor = Floor(
            self._agenda, self._behaviour, self._counts, scenario.length_ms
        )
        self._reactions = Reactions(plan, scenario, self._floor)
        self._calls, self._rings = self._floor.calls, self._floor.rings
        self._events = 0
        self._numbers = [0] * len(scenario.classes)
        self._arrived = 0
        self._tell()
        self._sources = [
            self._given(),
            *(
                self._drawn(index, arrivals(scenario, index, draws))
                for index in range(len(scenario.classes))
            ),
        ]
        for source in range(len(self._sources)):
            self._dial_next(source)

    def run(self, replication: int) -> Tallies:
        """
        Play until no call is open, or the time is over.
        """
        start_ms = self._scenario.start_ms
        end_ms = self._scenario.length_ms + self._scenario.drain_ms
        self._reactions.react(self._engine.advance(start_ms), 0)
        while self._floor.open:
            noted_ms = self._agenda.next_ms
            next_ms = end_ms if noted_ms is None else noted_ms
            deadline_ms = self._engine.next_deadline_ms
            timer_ms = end_ms if deadline_ms is None else deadline_ms - start_ms
            if min(timer_ms, next_ms) >= end_ms:
                break
            # What a timer ends at an instant can no longer happen at it.
            if timer_ms <= next_ms:
                self._events += 1
                done = self._engine.advance(start_ms + timer_ms)
                self._reactions.react(done, timer_ms)
            else:
                event = self._event(self._agenda.take(), next_ms)
                if event is not None:
                    self._events += 1
                    done = self._engine.handle(event, start_ms + next_ms)
                    self._reactions.react(done, next_ms)
        self._close()
        state = state_id(self._engine.snapshot())
        return self._counts.tallies(replication, self._events, state)

    # What is known beforehand

    def _tell(self) -> None:
        """
        Note log-ins and breaks.
        """
        if self._scenario.log_in:
            for number, agent in enumerate(self._plan.agents):
                if LOGINS[agent.login] == "manual":
                    self._agenda.note(0, Rank.TOLD, ("log in", number))
        numbers = {agent.id: number for number, agent in enumerate(self._plan.agents)}
        for one in self._scenario.breaks:
            number = numbers.get(one.agent, -1)
            if number >= 0 and self._is_ever_there(number):
                self._agenda.note(one.from_after_ms, Rank.TOLD, ("pause", number))
                self._agenda.note(one.until_after_ms, Rank.TOLD, ("resume", number))
                self._counts.paused(number, one.from_after_ms, one.until_after_ms)

    def _is_ever_there(self, agent: int) -> bool:
        """
        Tell whether an agent logs in; who does not has no breaks.
        """
        is_manual = LOGINS[self._plan.agents[agent].login] == "manual"
        return self._scenario.log_in or not is_manual

    def _given(self) -> Iterator[tuple[int, int, int]]:
        """
        Yield the calls whose arrival is given: (when, class, which).
        """
        for number, call in enumerate(self._scenario.calls):
            if call.arrival_after_ms < self._scenario.length_ms:
                yield call.arrival_after_ms, call.kind, number

    def _drawn(
        self, index: int, times_ms: Iterator[int]
    ) -> Iterator[tuple[int, int, int]]:
        """
        Yield the calls of a class: (when, class, none is given).
        """
        for at_ms in times_ms:
            yield at_ms, index, -1

    def _dial_next(self, source: int) -> None:
        """
        Note the next call of a source; there may be none.
        """
        found = next(self._sources[source], None)
        if found is not None:
            at_ms, kind, given = found
            self._floor.open += 1
            happening = ("dial", source, kind, given)
            self._agenda.note_dial(at_ms, source, happening)

    # What happens

    def _event(self, happening: Happening, now_ms: int) -> events.Event | None:
        """
        Return what to tell the engine; None: nothing.
        """
        match happening:
            case ("dial", source, kind, given):
                return self._dial(source, kind, given, now_ms)
            case ("try again", caller):
                self._floor.open -= 1
                return self._ring_up(caller, now_ms)
            case ("come", caller):
                self._floor.open -= 1
                return self._arrive(caller, now_ms)
            case ("leave", call):
                return self._leave(call)
            case ("accept", offer):
                here = offer in self._rings
                return events.OfferAccepted(offer=offer) if here else None
            case ("decline", offer):
                return self._decline(offer, now_ms)
            case ("press", offer, digit):
                here = offer in self._rings
                return events.OfferConfirmed(offer=offer, digit=digit) if here else None
            case ("join", offer):
                return self._join(offer, now_ms)
            case ("talk ends", offer):
                return self._talk_ends(offer, now_ms)
            case ("wrap-up ends", agent):
                return events.WrapUpEnded(agent=self._plan.agents[agent].id)
            case ("cancelled", offer):
                return events.OfferCancelled(offer=offer)
            case ("released", offer):
                return events.AgentHungUp(offer=offer)
            case ("message ends", call):
                length_ms = self._scenario.message_ms
                return (
                    events.VoicemailLeft(call=call_id(call), length_ms=length_ms)
                    if call in self._calls
                    else None
                )
            case ("outside answers", call):
                here = call in self._calls
                return events.ForwardAnswered(call=call_id(call)) if here else None
            case ("outside ends", call):
                here = call in self._calls
                return events.CallerHungUp(call=call_id(call)) if here else None
            case ("pause", agent):
                id = self._plan.agents[agent].id
                return events.AgentPaused(agent=id, reason=PAUSE_REASON)
            case ("resume", agent):
                return events.AgentResumed(agent=self._plan.agents[agent].id)
            case _:
                return events.AgentLoggedIn(agent=self._plan.agents[happening[1]].id)

    def _dial(
        self, source: int, kind: int, given: int, now_ms: int
    ) -> events.Event | None:
        self._floor.open -= 1
        caller = Caller(kind, self._numbers[kind], 1, given)
        self._numbers[kind] += 1
        self._dial_next(source)
        return self._ring_up(caller, now_ms)

    def _ring_up(self, caller: Caller, now_ms: int) -> events.Event | None:
        """
        Somebody dials: there may be no line, and there may be a menu first.
        """
        lines = self._scenario.lines
        if lines is not None and self._floor.lines_taken >= lines:
            self._floor.over(Call(caller, now_ms), BLOCKED, now_ms)
            return None
        self._floor.lines_taken += 1
        menu = self._behaviour.kind(caller).menu
        if menu is None:
            return self._arrive(caller, now_ms)
        menu_ms = self._behaviour.length(menu, Purpose.MENU, caller, caller.tries)
        self._floor.open += 1
        self._agenda.note(now_ms + menu_ms, Rank.COMES, ("come", caller))
        return None

    def _arrive(self, caller: Caller, now_ms: int) -> events.Event:
        self._arrived += 1
        self._floor.open += 1
        self._calls[self._arrived] = Call(caller, now_ms)
        patience_ms = self._behaviour.patience_ms(caller)
        if patience_ms is not None:
            leaves_ms = now_ms + patience_ms
            self._agenda.note(leaves_ms, Rank.LEAVES, ("leave", self._arrived))
        kind = self._behaviour.kind(caller)
        return events.CallArrived(
            call=call_id(self._arrived),
            host=HOST,
            caller=self._behaviour.party(caller),
            dialled=kind.dialled,
            needs=kind.needs,
            priority=kind.priority,
        )

    def _leave(self, number: int) -> events.Event | None:
        call = self._calls.get(number)
        if call is None or call.served_ms >= 0:
            return None
        return events.CallerHungUp(call=call_id(number))

    def _decline(self, offer: OfferId, now_ms: int) -> events.Event | None:
        ring = self._rings.pop(offer, None)
        if ring is None:
            return None
        self._counts.rang(ring.agent, ring.since_ms, now_ms)
        self._counts.agent(ring.agent, now_ms).declined += 1
        return events.OfferDeclined(offer=offer)

    def _join(self, offer: OfferId, now_ms: int) -> events.Event | None:
        ring = self._rings.get(offer)
        if ring is None:
            return None
        call = self._calls[ring.call]
        self._counts.rang(ring.agent, ring.since_ms, now_ms)
        self._counts.agent(ring.agent, now_ms).answered += 1
        ring.talking, ring.since_ms = True, now_ms
        call.served_ms, call.agent = now_ms, ring.agent
        call.handling_ms = self._behaviour.handling_ms(call.caller, ring.agent)
        ends_ms = now_ms + call.handling_ms
        self._agenda.note(ends_ms, Rank.TALK_ENDS, ("talk ends", offer))
        return events.CallConnected(offer=offer)

    def _talk_ends(self, offer: OfferId, now_ms: int) -> events.Event | None:
        ring = self._rings.pop(offer, None)
        if ring is None:
            return None
        self._counts.talked(ring.agent, ring.since_ms, now_ms)
        self._wrap_up(ring, now_ms)
        return events.AgentHungUp(offer=offer)

    def _wrap_up(self, ring: Ring, now_ms: int) -> None:
        """
        Count the wrap-up after a conversation; the agent may end it before the plan.
        """
        agent, queue = self._plan.agents[ring.agent], self._plan.queues[ring.queue]
        kind = queue.wrap_up if agent.wrap_up is None else agent.wrap_up
        own_ms, length_ms = agent.wrap_up_ms, queue.wrap_up_ms
        if WRAP_UPS[kind] == "manual":
            length_ms = min(length_ms or _MANUAL_WRAP_UP_MS_MAX, _MANUAL_WRAP_UP_MS_MAX)
            own_ms = None if own_ms is None else min(own_ms, _MANUAL_WRAP_UP_MS_MAX)
        length_ms = length_ms if own_ms is None else own_ms
        table = self._behaviour.group(ring.agent).wrap_up
        # With several units nobody could say which wrap-up it is that ends.
        may_end = WRAP_UPS[kind] != "fixed" and agent.units == 1
        if table is not None and may_end:
            caller = self._calls[ring.call].caller
            drawn_ms = self._behaviour.length(table, Purpose.WRAP_UP, caller, 0)
            if drawn_ms < length_ms:
                length_ms = drawn_ms
                happening = ("wrap-up ends", ring.agent)
                self._agenda.note(now_ms + length_ms, Rank.WRAP_UP_ENDS, happening)
        until_ms = now_ms + length_ms
        self._counts.wrapped_up(ring.agent, ring.queue, now_ms, until_ms)

    # The end

    def _close(self) -> None:
        """
        Count what is still going on.
        """
        end_ms = self._scenario.length_ms
        for ring in self._rings.values():
            count = self._counts.talked if ring.talking else self._counts.rang
            count(ring.agent, ring.since_ms, end_ms)
        for number in sorted(self._calls):
            call = self._calls[number]
            if call.line >= 0:
                self._counts.in_line(call.line, call.line_since_ms, end_ms)
            self._floor.count(call, _IN_PROGRESS, end_ms)


def state_id(snapshot: bytes) -> str:
    """
    Return what a state is compared by.
    """
    return blake2b(snapshot, digest_size=16).hexdigest()
