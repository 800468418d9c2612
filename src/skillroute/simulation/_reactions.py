"""
Reactions: the world carries out what the engine orders.
"""

from __future__ import annotations

from .. import actions
from ..contract import OfferId
from ..plan.compiled import CompiledPlan
from ._agenda import Rank
from ._compiled import CompiledScenario
from ._counting import outcome_number
from ._draws import Purpose
from ._floor import Floor, Ring, call_number

__all__ = ["Reactions"]


class Reactions:
    """
    Switch, agents and callers as the engine's orders reach them.

    Args:
        plan: The plan.
        scenario: A sound scenario.
        floor: Who is there.
    """

    def __init__(
        self, plan: CompiledPlan, scenario: CompiledScenario, floor: Floor
    ) -> None:
        self._scenario = scenario
        self._floor = floor
        self._agenda = floor.agenda
        self._behaviour = floor.behaviour
        self._counts = floor.counts
        self._calls, self._rings = floor.calls, floor.rings
        self._agents = {agent.id: number for number, agent in enumerate(plan.agents)}
        self._queues = {queue.name: number for number, queue in enumerate(plan.queues)}

    def react(self, ordered: tuple[actions.Action, ...], now_ms: int) -> None:
        """
        Carry out the engine's orders.
        """
        for action in ordered:
            match action:
                case actions.StartWaiting(call=id, queue=name):
                    self._wait(call_number(id), self._queues[name], now_ms)
                case actions.OfferCall():
                    self._offer(action, now_ms)
                case actions.BridgeCall(offer=offer):
                    self._bridge(offer, now_ms)
                case actions.CancelOffer(offer=offer, reason=reason):
                    self._cancel(offer, reason, now_ms)
                case actions.ReleaseLeg(offer=offer):
                    self._release(offer, now_ms)
                case actions.ConfirmOffer(offer=offer, digit=digit):
                    happening = ("press", offer, digit)
                    self._agenda.note(now_ms, Rank.REACTION, happening)
                case actions.RecordResult(call=id, queue=name):
                    self._leave_line(call_number(id), self._queues[name], now_ms)
                case actions.RecordOutcome(call=id, outcome=outcome):
                    self._end(call_number(id), outcome, now_ms)
                case actions.SendToVoicemail(call=id):
                    self._send_to_voicemail(call_number(id), now_ms)
                case actions.ForwardCall(call=id):
                    self._forward(call_number(id), now_ms)

    def _wait(self, number: int, queue: int, now_ms: int) -> None:
        call = self._calls[number]
        call.line, call.line_since_ms = queue, now_ms
        if call.queue < 0:
            call.queue = queue

    def _leave_line(self, number: int, queue: int, now_ms: int) -> None:
        """
        End a visit; of a queue that the call never stood in, if that did not take it.
        """
        call = self._calls[number]
        if call.queue < 0:
            call.queue = queue
        if call.line >= 0:
            self._counts.in_line(call.line, call.line_since_ms, now_ms)
            call.line = -1

    def _offer(self, order: actions.OfferCall, now_ms: int) -> None:
        number, agent = call_number(order.call), self._agents[order.agent]
        call = self._calls[number]
        call.offers += 1
        caller = call.caller
        part = (caller.tries << 32) + call.offers
        self._rings[order.offer] = Ring(
            number, agent, self._queues[order.queue], part, now_ms
        )
        self._counts.agent(agent, now_ms).offers += 1
        group = self._behaviour.group(agent)
        chance = self._behaviour.permille(Purpose.ANSWER, caller, part)
        answers = chance < group.answer_permille
        if answers or chance < group.answer_permille + group.decline_permille:
            after_ms = self._behaviour.length(group.answer, Purpose.RING, caller, part)
            happening = ("accept" if answers else "decline", order.offer)
            # At its end the engine has given up: no later reaction matters.
            if after_ms < order.ring_ms:
                self._agenda.note(now_ms + after_ms, Rank.REACTION, happening)

    def _bridge(self, offer: OfferId, now_ms: int) -> None:
        ring = self._rings[offer]
        table = self._behaviour.group(ring.agent).connect
        caller = self._calls[ring.call].caller
        after_ms = self._behaviour.length(table, Purpose.CONNECT, caller, ring.part)
        self._agenda.note(now_ms + after_ms, Rank.JOINED, ("join", offer))

    def _cancel(self, offer: OfferId, reason: str, now_ms: int) -> None:
        ring = self._rings.pop(offer, None)
        if ring is not None:
            self._counts.rang(ring.agent, ring.since_ms, now_ms)
            if reason == "ring_timeout":
                self._counts.agent(ring.agent, now_ms).missed += 1
        gone_ms = now_ms + self._scenario.release_ms
        self._agenda.note(gone_ms, Rank.LEG_GONE, ("cancelled", offer))

    def _release(self, offer: OfferId, now_ms: int) -> None:
        ring = self._rings.pop(offer, None)
        if ring is not None:
            self._counts.rang(ring.agent, ring.since_ms, now_ms)
        gone_ms = now_ms + self._scenario.release_ms
        self._agenda.note(gone_ms, Rank.LEG_GONE, ("released", offer))

    def _send_to_voicemail(self, number: int, now_ms: int) -> None:
        self._calls[number].served_ms = now_ms
        ends_ms = now_ms + self._scenario.message_ms
        self._agenda.note(ends_ms, Rank.ELSEWHERE, ("message ends", number))

    def _forward(self, number: int, now_ms: int) -> None:
        self._calls[number].served_ms = now_ms
        ends_ms = now_ms + self._scenario.forwarded_ms
        self._agenda.note(now_ms, Rank.ELSEWHERE, ("outside answers", number))
        self._agenda.note(ends_ms, Rank.ELSEWHERE, ("outside ends", number))

    def _end(self, number: int, outcome: str, now_ms: int) -> None:
        call = self._calls.pop(number)
        self._floor.open -= 1
        self._floor.lines_taken -= 1
        self._floor.over(call, outcome_number(outcome), now_ms)
