"""
Keeps, call by call and agent by agent, what the engine ordered and recorded.
"""

from __future__ import annotations

import msgspec

from .. import actions, events
from ..contract import OfferId
from ..errors import EngineBugError
from ..plan import Plan
from ..plan.compiled import decode
from ._model import CallRecord, Moment, SimulatedCall

__all__ = ["AgentTally", "Recorder"]


class AgentTally(msgspec.Struct, kw_only=True):
    """
    What one agent did in the run.
    """

    answered: int = 0
    missed: int = 0
    busy_ms: list[tuple[int, int]] = []
    """[from, until) of every call, from pick-up to the end of the wrap-up."""


class _Draft(msgspec.Struct, kw_only=True):
    """
    A call's record while the call is in progress.
    """

    priority: int
    arrived_at_ms: int = 0
    queue: str = ""
    rung: list[str] = []
    answered_by: str = ""
    overflow: str = ""
    waited_until_ms: int | None = None
    outcomes: list[str] = []
    ended_at_ms: int = 0


class Recorder:
    """
    Watches a run.

    Args:
        plan: The site's plan.
        calls: Every call that is going to arrive.
        start_ms: When the run begins.
    """

    def __init__(
        self, plan: Plan, calls: tuple[SimulatedCall, ...], start_ms: int
    ) -> None:
        compiled = decode(plan.compiled)
        self._drafts = {
            call.call: _Draft(
                priority=call.priority,
                arrived_at_ms=start_ms + call.arrival_after_ms,
            )
            for call in calls
        }
        self._offers: dict[OfferId, actions.OfferCall] = {}
        self._accepted: dict[str, tuple[OfferId, int]] = {}
        self._own_wrap_up_ms = {a.id: a.wrap_up_ms for a in compiled.agents}
        self._wrap_up_ms = {q.name: q.wrap_up_ms for q in compiled.queues}
        self.agents = {agent.id: AgentTally() for agent in compiled.agents}
        """By id, in the order of the plan."""
        self.expected = len(self._drafts)
        """How many calls arrive in all."""
        self.ended = 0
        """How many have ended."""

    @property
    def all_ended(self) -> bool:
        """
        Tell whether every call has its outcome.
        """
        return self.ended == self.expected

    def note(self, moment: Moment) -> None:
        """
        Note one moment of the run.
        """
        match moment.event:
            case events.OfferAccepted(offer=offer):
                call = self._offers[offer].call
                self._accepted[call] = (offer, moment.at_ms)
            case events.CallConnected(offer=offer):
                self._connected(offer, moment.at_ms)
            case events.OfferDeclined(offer=offer) | events.OfferFailed(offer=offer):
                self.agents[self._offers[offer].agent].missed += 1
        for action in moment.actions:
            self._note_action(action, moment.at_ms)

    def finished(self) -> tuple[CallRecord, ...]:
        """
        Return one record a call, after making sure that each ended exactly once.

        Raises:
            EngineBugError: A call has no outcome, or two (``conservation_broken``).
        """
        for call, draft in self._drafts.items():
            if len(draft.outcomes) != 1:
                message = f"call {call} has the outcomes {draft.outcomes}, not one"
                raise EngineBugError(code="conservation_broken", message=message)
        return tuple(_record(call, draft) for call, draft in self._drafts.items())

    def _note_action(self, action: actions.Action, now_ms: int) -> None:
        match action:
            case actions.StartWaiting(call=call, queue=queue):
                self._drafts[call].queue = queue
            case actions.OfferCall(call=call, offer=offer, agent=agent):
                self._offers[offer] = action
                self._drafts[call].rung.append(agent)
            case actions.CancelOffer(agent=agent, reason="ring_timeout"):
                self.agents[agent].missed += 1
            case actions.RecordResult(call=call, result=result):
                self._drafts[call].overflow = result.partition("overflowed:")[2]
                self._drafts[call].waited_until_ms = now_ms
            case actions.RecordOutcome(call=call, outcome=outcome):
                self._end(call, outcome, now_ms)

    def _connected(self, offer: OfferId, now_ms: int) -> None:
        made = self._offers[offer]
        self._drafts[made.call].answered_by = made.agent
        self._drafts[made.call].waited_until_ms = now_ms
        self.agents[made.agent].answered += 1

    def _end(self, call: str, outcome: str, now_ms: int) -> None:
        draft = self._drafts[call]
        draft.outcomes.append(outcome)
        draft.ended_at_ms = now_ms
        self.ended += 1
        offer, accepted_ms = self._accepted.pop(call, (0, 0))
        if offer:
            made = self._offers[offer]
            own_ms = self._own_wrap_up_ms[made.agent]
            wrap_up_ms = self._wrap_up_ms[made.queue] if own_ms is None else own_ms
            until_ms = now_ms + (wrap_up_ms if draft.answered_by else 0)
            self.agents[made.agent].busy_ms.append((accepted_ms, until_ms))


def _record(call: str, draft: _Draft) -> CallRecord:
    until_ms = draft.waited_until_ms
    return CallRecord(
        call=call,
        arrived_at_ms=draft.arrived_at_ms,
        ended_at_ms=draft.ended_at_ms,
        priority=draft.priority,
        queue=draft.queue,
        outcome=draft.outcomes[0],
        wait_ms=(draft.ended_at_ms if until_ms is None else until_ms)
        - draft.arrived_at_ms,
        rung=tuple(draft.rung),
        answered_by=draft.answered_by,
        overflow=draft.overflow,
    )
