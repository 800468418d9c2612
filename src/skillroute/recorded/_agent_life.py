"""
Follows one agent through a journal, up to an instant.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from ..actions import Action, OfferCall, RecordOutcome, ReleaseLeg
from ..errors import EventRefusedError
from ..events import CallConnected, Event, Gap
from ..journal import Record, StartedJournal, restart
from ._life import LifeMoment

__all__ = ["follow_agent"]


def follow_agent(
    journal: StartedJournal,
    agent: str,
    *,
    until_ms: int,
    most: int = 20,
    backend: str = "",
) -> tuple[LifeMoment, ...]:
    """
    Tell what an agent did last before an instant.

    Args:
        journal: The journal.
        agent: Id of the agent.
        until_ms: The instant.
        most: As many moments, the last of them.
        backend: Which engine; empty: the active one.

    Returns:
        What happened to the agent and was ordered about them, in order; it does not
        reach back beyond the last snapshot but one.  Empty: nothing.

    Raises:
        JournalError: The journal is damaged.

    Cost: a replay from the last snapshot but one, event by event.
    """
    before = [journal.base_seq, *_snapshots_before(journal, until_ms)]
    seq = before[-2] if len(before) > 1 else before[-1]
    engine = restart(journal, backend=backend, until_seq=seq).engine
    follower = _Follower(agent, most)
    for record in journal.records(after_seq=seq):
        if record.at_ms > until_ms:
            break
        follower.follow(engine, record)
    follower.pass_time(engine, until_ms, journal.last_seq)
    return tuple(follower.life)


def _snapshots_before(journal: StartedJournal, until_ms: int) -> list[int]:
    found = []
    for seq in journal.snapshots():
        records = list(journal.records(after_seq=seq - 1, until_seq=seq))
        if records and records[0].at_ms <= until_ms:
            found.append(seq)
    return sorted(found)


class _Follower:
    """
    Tells what concerns an agent from what concerns others.
    """

    def __init__(self, agent: str, most: int) -> None:
        self._agent = agent
        self._offers: dict[int, str] = {}
        """Calls that were offered to the agent, by offer."""
        self._talking: set[str] = set()
        self.life: deque[LifeMoment] = deque(maxlen=most)

    def follow(self, engine: Any, record: Record) -> None:
        """Handle a record, each timer before it at its own instant."""
        event, at_ms, seq = record.event, record.at_ms, record.seq
        if event is None:
            return
        if not isinstance(event, Gap):
            self.pass_time(engine, at_ms, seq)
        refused = False
        try:
            actions = engine.handle(event, at_ms)
        except EventRefusedError as refusal:
            refused, actions = True, refusal.actions
        offer = getattr(event, "offer", 0)
        is_its = getattr(event, "agent", "") == self._agent or offer in self._offers
        is_its = is_its or getattr(event, "call", "") in self._talking
        if isinstance(event, CallConnected) and offer in self._offers:
            self._talking.add(self._offers[offer])
        self._note(event if is_its and not refused else None, at_ms, seq, actions)

    def pass_time(self, engine: Any, at_ms: int, seq: int) -> None:
        """Let each timer fire that is due."""
        while (due_ms := engine.next_deadline_ms) is not None and due_ms <= at_ms:
            self._note(None, due_ms, seq, engine.advance(due_ms))

    def _note(
        self, event: Event | None, at_ms: int, seq: int, actions: tuple[Action, ...]
    ) -> None:
        own = tuple(action for action in actions if self._is_own(action))
        for action in own:
            if isinstance(action, OfferCall):
                self._offers[action.offer] = action.call
            if isinstance(action, RecordOutcome | ReleaseLeg):
                self._talking.discard(action.call)
        if event is not None or own:
            self.life.append(LifeMoment(at_ms=at_ms, seq=seq, event=event, actions=own))

    def _is_own(self, action: Action) -> bool:
        if isinstance(action, RecordOutcome):
            return action.call in self._talking
        return getattr(action, "agent", "") == self._agent
