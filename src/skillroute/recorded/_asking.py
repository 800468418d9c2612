"""
Asks a journal why a call went where it went: decided again, and compared.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from ..actions import Action, OfferCall, RecordOutcome, RecordResult, StartWaiting
from ..decisions import (
    AgentAssumption,
    AgentDecision,
    AgentQuery,
    Decision,
    ExplainQuery,
)
from ..errors import EventRefusedError, JournalError, UnknownIdError
from ..events import CallArrived, CallConnected
from ..journal import Record, StartedJournal, digest_of, restart
from ..plan import Plan, written_plan
from ._life import arrival_of

__all__ = ["Asked", "RecordedAgent", "RecordedDecision", "ask_agent", "ask_call"]


class RecordedDecision(msgspec.Struct, frozen=True, kw_only=True):
    """
    Why a call of a journal went where it went.
    """

    decision: Decision
    """Decided again, with tracing on."""
    query: ExplainQuery
    """What the engine was asked."""
    plan: Plan
    """The plan that was in force."""
    arrival: CallArrived
    seq: int
    """The record at which it was decided; with an instant of one's own, the last
    before it."""
    is_same: bool
    """It was decided as recorded; always so with an instant of one's own."""
    recorded_agent: str
    """Who was given the call, by the record; empty: nobody, or it cannot be said."""
    semantics: int
    """By which number of behaviour it was decided then."""


class RecordedAgent(msgspec.Struct, frozen=True, kw_only=True):
    """
    Why an agent had no call at some instant.
    """

    decision: AgentDecision
    plan: Plan
    seq: int


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """
    The state of a site at an instant.
    """

    engine: Any
    plan: Plan
    seq: int


class _Turn(msgspec.Struct, frozen=True):
    """
    One record in the life of a call, and what the engine orders at it today.
    """

    record: Record
    actions: tuple[Action, ...]


def ask_call(
    journal: StartedJournal, call: str, *, at_ms: int | None = None, backend: str = ""
) -> RecordedDecision:
    """
    Say why a call of a journal went where it went.

    Without an instant: a call that was answered is explained at the offer that was
    accepted, any other at the moment that ended its last wait.

    Args:
        journal: The journal.
        call: Id of the call.
        at_ms: Explain its state at this instant instead: why it was waiting then.
        backend: Which engine; empty: the active one.

    Raises:
        UnknownIdError: The journal has no such call, or not at that instant
            (``unknown_call``).
        JournalError: The journal is damaged, or begins later (``journal_begins_late``).

    Cost: reading the journal to the call's arrival, and a replay from the last snapshot
        before it.
    """
    arrived = arrival_of(journal, call)
    assert isinstance(arrived.event, CallArrived)
    if at_ms is not None:
        if at_ms < arrived.at_ms:
            came = _local(journal, arrived.at_ms)
            raise _unknown(call, f"at that instant: it came at {came}")
        state = _state_at(journal, at_ms, backend)
        query = ExplainQuery(now_ms=at_ms, call=call)
        try:
            decision: Decision = state.engine.explain(query)
        except EventRefusedError as error:
            raise _unknown(call, "at that instant") from error
        return RecordedDecision(
            decision=decision,
            query=query,
            plan=state.plan,
            arrival=arrived.event,
            seq=state.seq,
            is_same=True,
            recorded_agent="",
            semantics=arrived.semantics,
        )
    return _decided_again(journal, arrived.event, arrived.seq, backend)


def ask_agent(
    journal: StartedJournal, agent: str, *, at_ms: int, backend: str = ""
) -> RecordedAgent:
    """
    Say why an agent had no call at an instant.

    Raises:
        UnknownIdError: There was no such agent (``unknown_agent``).
        JournalError: The journal is damaged, or begins later (``journal_begins_late``).

    Cost: a replay from the last snapshot before it.
    """
    state = _state_at(journal, at_ms, backend)
    decision = state.engine.explain(AgentQuery(now_ms=at_ms, agent=agent))
    return RecordedAgent(decision=decision, plan=state.plan, seq=state.seq)


def _decided_again(
    journal: StartedJournal, arrival: CallArrived, arrived_seq: int, backend: str
) -> RecordedDecision:
    turns = _turns(journal, arrival.call, arrived_seq, backend)
    turn = _telling_turn(turns, arrival.call)
    record = turn.record
    state = restart(journal, backend=backend, until_seq=record.seq - 1)
    offered = [
        action.agent
        for action in turn.actions
        if isinstance(action, OfferCall) and action.call == arrival.call
    ]
    query = ExplainQuery(now_ms=record.at_ms, call=arrival.call)
    if record.seq == arrived_seq:
        query = ExplainQuery(now_ms=record.at_ms, arrival=arrival)
    elif offered:
        _repeat(state.engine, record)
        # Whatever is assumed lets the offer be taken back and decided once more.
        same = AgentAssumption(agent=offered[0], state="unchanged")
        query = msgspec.structs.replace(query, assume=(same,))
    decision: Decision = state.engine.explain(query)
    is_same = digest_of(turn.actions) == record.digest
    agent = offered[0] if offered else ""
    if not is_same:
        agents = [verdict.agent for verdict in decision.agents]
        agent = _recorded_agent(turn, arrival.call, agents)
    return RecordedDecision(
        decision=decision,
        query=query,
        plan=written_plan(journal.plans()[state.plan_id]),
        arrival=arrival,
        seq=record.seq,
        is_same=is_same and decision.chosen == agent,
        recorded_agent=agent,
        semantics=record.semantics,
    )


def _turns(journal: StartedJournal, call: str, seq: int, backend: str) -> list[_Turn]:
    """
    Handle what was recorded from the call's arrival to its end, once more.
    """
    engine = restart(journal, backend=backend, until_seq=seq - 1).engine
    turns: list[_Turn] = []
    for record in journal.records(after_seq=seq - 1):
        actions = _repeat(engine, record)
        turns.append(_Turn(record, actions))
        if any(isinstance(a, RecordOutcome) and a.call == call for a in actions):
            break
    return turns


def _telling_turn(turns: list[_Turn], call: str) -> _Turn:
    """
    Find the offer that was answered; without one, what ended the last wait.
    """
    offers = {
        action.offer: turn
        for turn in turns
        for action in turn.actions
        if isinstance(action, OfferCall) and action.call == call
    }
    for turn in turns:
        event = turn.record.event
        if isinstance(event, CallConnected) and event.offer in offers:
            return offers[event.offer]
    if offers:
        return list(offers.values())[-1]
    kinds = (RecordResult, RecordOutcome, StartWaiting)
    for turn in reversed(turns):
        if any(isinstance(a, kinds) and a.call == call for a in turn.actions):
            return turn
    return turns[0]


def _recorded_agent(turn: _Turn, call: str, agents: list[str]) -> str:
    """
    Find whose offer would have the digest that was recorded.
    """
    for agent in agents:
        tried = tuple(
            msgspec.structs.replace(action, agent=agent)
            if isinstance(action, OfferCall) and action.call == call
            else action
            for action in turn.actions
        )
        if digest_of(tried) == turn.record.digest:
            return agent
    return ""


def _repeat(engine: Any, record: Record) -> tuple[Action, ...]:
    """
    Handle a record once more, and return what is ordered.
    """
    if record.event is None:
        return ()
    actions: tuple[Action, ...] = ()
    try:
        actions = engine.handle(record.event, record.at_ms)
    except EventRefusedError as refusal:
        actions = refusal.actions
    return actions


def _state_at(journal: StartedJournal, at_ms: int, backend: str) -> Asked:
    """
    Bring an engine to an instant.
    """
    last_seq, first_ms = journal.base_seq, None
    for record in journal.records():
        first_ms = record.at_ms if first_ms is None else first_ms
        if record.at_ms > at_ms:
            break
        last_seq = record.seq
    if not last_seq:
        raise _begins_late(journal, first_ms)
    state = restart(journal, backend=backend, until_seq=last_seq)
    try:
        state.engine.advance(at_ms)
    except EventRefusedError as error:
        raise _begins_late(journal, first_ms) from error
    plan = written_plan(journal.plans()[state.plan_id])
    return Asked(engine=state.engine, plan=plan, seq=last_seq)


def _begins_late(journal: StartedJournal, first_ms: int | None) -> JournalError:
    begins = "" if first_ms is None else f" at {_local(journal, first_ms)}"
    return JournalError(
        code="journal_begins_late",
        message=f"nothing is known of that instant: the journal begins later{begins}",
        where=f"record {journal.base_seq + 1}",
    )


def _local(journal: StartedJournal, at_ms: int) -> str:
    """
    Write an instant as the clock of the site shows it.
    """
    plan = written_plan(journal.plans()[journal.base_plan_id])
    instant = datetime.fromtimestamp(at_ms // 1000, ZoneInfo(plan.raw.site.zone))
    return instant.isoformat()


def _unknown(call: str, where: str) -> UnknownIdError:
    return UnknownIdError(
        code="unknown_call",
        message=f"there is no call {call!r} {where}",
        kind="call",
        id=call,
    )
