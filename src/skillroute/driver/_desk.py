"""
The desk: what the driver wants done, as it piles up.
"""

from __future__ import annotations

import msgspec

from ..hookspecs import ObservedMoment
from ._messages import Alarm, Entry, Noted, Outbox, Receipt

__all__ = ["Desk", "Held"]


class Held(msgspec.Struct):
    """
    What happened, and whose orders and receipt are to be let go.
    """

    moment: ObservedMoment
    ticket: int
    """Of the receipt; 0: nobody waits for one."""


class Desk:
    """
    The outbox, and what everybody who puts something there must know.

    Args:
        engine_ms: Until when the engine knows.
        monotonic_ms: The monotonic clock, now.
    """

    def __init__(self, engine_ms: int, monotonic_ms: int) -> None:
        self.outbox = Outbox()
        self.engine_ms = engine_ms
        self.monotonic_ms = monotonic_ms
        """The latest reading."""
        self.is_dirty = False
        """Something was entered since the last commit began."""
        self.lost = 0
        """Events never entered, since too many were: there will be a hole."""

    def take(self) -> Outbox:
        """
        Return what is to be done, once.
        """
        taken, self.outbox = self.outbox, Outbox()
        return taken

    def enter(self, entry: Entry) -> None:
        """
        Let something be appended to the journal.
        """
        self.is_dirty = True
        self.outbox.entries.append(entry)

    def note(self, kind: str, text: str) -> None:
        """
        Let a note be appended; in a hole there are none.
        """
        if not self.lost:
            self.enter(Noted(kind, text, self.engine_ms))

    def alarm(self, code: str, text: str) -> None:
        """
        Let somebody look at it.
        """
        self.note("alarm", f"{code}: {text}")
        self.outbox.alarms.append(Alarm(code, text, self.engine_ms))

    def answer(self, ticket: int, code: str) -> None:
        """
        Say that what was told came to nothing; 0: nobody waits for it.
        """
        if ticket:
            receipt = Receipt(ticket=ticket, code=code, durable=False)
            self.outbox.receipts.append(receipt)
