"""
Reads out of a journal how callers, agents and the switch behaved.

Everything that a host told is taken as an answer to something: to an arrival, an order
or a conversation.  It is kept by what it answered, so that another plan, which orders
something else, can be given the same answers where it asks the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import msgspec

from .. import backends
from ..actions import (
    Action,
    BridgeCall,
    CancelOffer,
    ConfirmOffer,
    ForwardCall,
    HangUpCall,
    OfferCall,
    ReleaseLeg,
    SendToVoicemail,
)
from ..errors import EventRefusedError, JournalError
from ..events import (
    Advanced,
    AgentHungUp,
    CallArrived,
    CallConnected,
    CallerHungUp,
    ConnectFailed,
    Event,
    ForwardAnswered,
    Gap,
    HostLost,
    HostResynced,
    OfferAccepted,
    OfferCancelled,
    OfferConfirmed,
    OfferDeclined,
    OfferFailed,
    OfferRedirected,
    PlanReloaded,
    WrapUpEnded,
)
from ..journal import Progress, StartedJournal
from ._fates import FateBook

__all__ = ["Answer", "Asking", "Day", "asked_by", "read_day"]

Asking: TypeAlias = tuple[str, str, str, int]
"""What is answered: (kind, call, agent, how often it was asked before)."""

_LEFT_OUT = (Advanced, Gap, HostLost, HostResynced, PlanReloaded)
"""What happened to the router itself, not to its site."""

_ANSWERS: dict[type[Event], str] = {
    OfferAccepted: "OfferCall",
    OfferDeclined: "OfferCall",
    OfferFailed: "OfferCall",
    OfferRedirected: "OfferCall",
    OfferConfirmed: "ConfirmOffer",
    OfferCancelled: "CancelOffer",
    CallConnected: "BridgeCall",
    ConnectFailed: "BridgeCall",
}

_ORDERS = (
    OfferCall,
    ConfirmOffer,
    CancelOffer,
    ReleaseLeg,
    BridgeCall,
    SendToVoicemail,
    ForwardCall,
    HangUpCall,
)


class Answer(msgspec.Struct, frozen=True):
    """
    What happened in answer to something.
    """

    after_ms: int
    seq: int
    """The record; of two answers at one instant the earlier comes first."""
    event: Event


class Day(msgspec.Struct, kw_only=True):
    """
    What a journal tells of the world around a router.
    """

    plan: bytes
    """The plan that was in force first, compiled."""
    start_ms: int
    end_ms: int
    arrivals: list[Answer] = []
    """Calls, ``after_ms`` from the start."""
    site: list[Answer] = []
    """What agents and supervisors did by themselves, likewise."""
    answers: dict[Asking, list[Answer]] = {}
    asked: set[Asking] = set()
    """Everything that was asked, answered or not."""
    missed: set[Asking] = set()
    """Offers that rang their full time."""
    withdrawn_ms: dict[Asking, int] = {}
    """Offers that were withdrawn before that: after how long without an answer."""
    patience_ms: dict[str, int] = {}
    """By call: after how long the caller gave up waiting; of those who did not it is
    not known."""
    fates: FateBook
    left_out: dict[str, int] = {}
    """How often something happened to the router itself, by event."""


def asked_by(action: Action) -> tuple[str, str, str] | None:
    """
    Say what an order asks of whom: (kind, call, agent); None: no answer follows it.
    """
    if not isinstance(action, _ORDERS):
        return None
    agent = getattr(action, "agent", "")
    return type(action).__name__, action.call, agent


def read_day(
    journal: StartedJournal, *, backend: str = "", progress: Progress | None = None
) -> Day:
    """
    Read how the world behaved, from all of a journal.

    Args:
        journal: It must begin where its site began.
        backend: Which engine; empty: the active one.
        progress: Told (records done, records in all).

    Raises:
        JournalError: The journal's beginning was taken away (``journal_begins_late``),
            or it is damaged.

    Cost: linear in the journal.
    """
    if journal.base_seq:
        raise JournalError(
            code="journal_begins_late",
            message="the journal does not begin with its site: older records are gone",
            where=f"record {journal.base_seq + 1}",
        )
    plans = journal.plans()
    plan = plans[journal.base_plan_id]
    engine: Any = backends.load(backend or backends.active()).Engine(plan)
    for compiled in plans.values():
        engine.add_plan(compiled)
    reader = _Reader(engine, plan)
    total = journal.last_seq
    for record in journal.records():
        if record.event is not None:
            reader.read(record.event, record.at_ms, record.seq)
        if progress is not None and record.seq % 1000 == 0:
            progress(record.seq, total)
    return reader.day


class _Reader:
    """
    Follows a journal with an engine, for the orders.
    """

    def __init__(self, engine: Any, plan: bytes) -> None:
        self._engine = engine
        self.day = Day(plan=plan, start_ms=0, end_ms=0, fates=FateBook())
        self._has_begun = False
        self._times: dict[tuple[str, str, str], int] = {}
        self._open: dict[tuple[str, str, str], tuple[Asking, int]] = {}
        """What was asked last of its kind, and when."""
        self._talking: dict[str, str] = {}
        self._released: set[int] = set()

    def read(self, event: Event, at_ms: int, seq: int) -> None:
        """Read one record."""
        if not self._has_begun:
            self._has_begun = True
            self.day.start_ms = at_ms
        self.day.end_ms = at_ms
        if isinstance(event, _LEFT_OUT):
            name = type(event).__name__
            self.day.left_out[name] = self.day.left_out.get(name, 0) + 1
        if not isinstance(event, Gap):
            self._pass_time(at_ms)
        try:
            actions = self._engine.handle(event, at_ms)
        except EventRefusedError as refusal:
            self._ordered(refusal.actions, at_ms)
            self.day.fates.note(None, at_ms, refusal.actions)
            return
        if not isinstance(event, _LEFT_OUT):
            self._keep(event, at_ms, seq)
        self.day.fates.note(event, at_ms, actions)
        self._ordered(actions, at_ms)

    def _pass_time(self, at_ms: int) -> None:
        """Let each timer fire at its own instant: orders count from there."""
        while (due_ms := self._engine.next_deadline_ms) is not None:
            if due_ms > at_ms:
                return
            actions = self._engine.advance(due_ms)
            self.day.fates.note(None, due_ms, actions)
            self._ordered(actions, due_ms)

    def _ordered(self, actions: tuple[Action, ...], at_ms: int) -> None:
        for action in actions:
            key = asked_by(action)
            if key is None:
                continue
            self._ask(key, at_ms)
            if isinstance(action, ReleaseLeg):
                self._released.add(action.offer)
            if isinstance(action, CancelOffer):
                rung, rang_ms = self._open["OfferCall", action.call, action.agent]
                if action.reason == "ring_timeout":
                    self.day.missed.add(rung)
                else:
                    self.day.withdrawn_ms[rung] = at_ms - rang_ms

    def _ask(self, key: tuple[str, str, str], at_ms: int) -> None:
        times = self._times.get(key, 0)
        self._times[key] = times + 1
        asking = (*key, times)
        self.day.asked.add(asking)
        self._open[key] = (asking, at_ms)

    def _keep(self, event: Event, at_ms: int, seq: int) -> None:
        """Keep an event by what it answers."""
        if isinstance(event, CallArrived):
            self._ask(("CallArrived", event.call, ""), at_ms)
            after_ms = at_ms - self.day.start_ms
            self.day.arrivals.append(Answer(after_ms, seq, event))
            return
        for key in self._keys(event):
            if key in self._open:
                asking, asked_ms = self._open[key]
                answer = Answer(at_ms - asked_ms, seq, event)
                self.day.answers.setdefault(asking, []).append(answer)
                self._learn(event, key, at_ms)
                return
        self.day.site.append(Answer(at_ms - self.day.start_ms, seq, event))

    def _keys(self, event: Event) -> Iterator[tuple[str, str, str]]:
        """List what an event may answer, the likeliest first."""
        talking = self._talking
        offer = self.day.fates.offer(getattr(event, "offer", 0))
        if isinstance(event, AgentHungUp) and offer is not None:
            if event.offer in self._released:
                yield "ReleaseLeg", offer.call, offer.agent
            elif talking.get(offer.call) == offer.agent:
                yield "Talk", offer.call, offer.agent
            yield "BridgeCall", offer.call, offer.agent
        elif type(event) in _ANSWERS and offer is not None:
            yield _ANSWERS[type(event)], offer.call, offer.agent
        elif isinstance(event, WrapUpEnded):
            yield "WrapUp", "", event.agent
        call = getattr(event, "call", "")
        if call and isinstance(event, CallerHungUp):
            yield "Talk", call, talking.get(call, "-")
        if call:
            for kind in ("HangUpCall", "ForwardCall", "SendToVoicemail", "CallArrived"):
                yield kind, call, ""

    def _learn(self, event: Event, key: tuple[str, str, str], at_ms: int) -> None:
        """Learn from an answer who talks to whom, and who gave up."""
        kind, call, agent = key
        if isinstance(event, CallConnected):
            self._talking[call] = agent
            self._ask(("Talk", call, agent), at_ms)
        elif isinstance(event, ForwardAnswered):
            self._ask(("ForwardCall", call, ""), at_ms)
        elif kind == "Talk":
            self._talking.pop(call, None)
            self._ask(("WrapUp", "", agent), at_ms)
        elif kind == "CallArrived" and isinstance(event, CallerHungUp):
            fate = self.day.fates.fates[call]
            self.day.patience_ms[call] = at_ms - fate.arrived_ms
