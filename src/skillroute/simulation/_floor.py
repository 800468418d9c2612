"""
The floor: who calls, waits, rings and talks at this instant of a replication.
"""

from __future__ import annotations

import msgspec

from ..contract import OfferId
from ._agenda import Agenda, Rank
from ._behaviour import Behaviour, Caller
from ._counting import Counts
from ._tallies import PlayedCall

__all__ = ["Call", "Floor", "Ring", "call_id", "call_number"]


class Call(msgspec.Struct):
    """
    A call that the engine knows.
    """

    caller: Caller
    arrived_ms: int
    queue: int = -1
    """The first that it entered; -1: none."""
    line: int = -1
    """The queue in whose line it stands; -1: none."""
    line_since_ms: int = 0
    served_ms: int = -1
    """When an agent, a mailbox or an outside number had it; -1: not yet."""
    agent: int = -1
    handling_ms: int = 0
    offers: int = 0


class Ring(msgspec.Struct):
    """
    An offer, from its first ring to the end of the conversation.
    """

    call: int
    agent: int
    queue: int
    part: int
    """Which draw of the call: that of its try and offer."""
    since_ms: int
    """When it began to ring, or the conversation began."""
    talking: bool = False


class Floor:
    """
    Everybody who is there, and what is counted of them.

    Args:
        agenda: What is going to happen.
        behaviour: What callers and agents do.
        counts: What is added up.
        length_ms: Nobody calls after it.
    """

    def __init__(
        self, agenda: Agenda, behaviour: Behaviour, counts: Counts, length_ms: int
    ) -> None:
        self.agenda = agenda
        self.behaviour = behaviour
        self.counts = counts
        self.calls: dict[int, Call] = {}
        self.rings: dict[OfferId, Ring] = {}
        self.lines_taken = 0
        self.open = 0
        """Sources with calls to come, callers in a menu or about to retry, calls."""
        self._length_ms = length_ms

    def count(self, call: Call, outcome: int, now_ms: int) -> None:
        """
        Count a call that is over.
        """
        caller = call.caller
        until_ms = now_ms if call.served_ms < 0 else call.served_ms
        self.counts.call_over(
            PlayedCall(
                kind=caller.kind,
                number=caller.number,
                tries=caller.tries,
                arrived_after_ms=call.arrived_ms,
                queue=call.queue,
                outcome=outcome,
                wait_ms=max(0, until_ms - call.arrived_ms),
                handling_ms=call.handling_ms,
                agent=call.agent,
                offers=call.offers,
            )
        )

    def over(self, call: Call, outcome: int, now_ms: int) -> None:
        """
        Count a call that is over; the caller may try again.
        """
        self.count(call, outcome, now_ms)
        delay_ms = self.behaviour.again_after_ms(call.caller, outcome)
        if delay_ms is not None and now_ms + delay_ms < self._length_ms:
            tries = call.caller.tries + 1
            again = msgspec.structs.replace(call.caller, tries=tries)
            self.open += 1
            self.agenda.note(now_ms + delay_ms, Rank.COMES, ("try again", again))


def call_id(number: int) -> str:
    """
    Return the engine's id of a call.
    """
    return f"c{number}"


def call_number(id: str) -> int:
    """
    Return the number of a call from the engine's id of it.
    """
    return int(id[1:])
