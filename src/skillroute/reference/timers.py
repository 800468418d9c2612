"""
Timers: what the engine has to do later, and when.

A timer is a kind and a subject (the number of an offer, call, agent or
schedule); there is at most one of each.  They fire in the order of deadline,
kind, and the sequence in which they were set (rules 1.1, 18.1).
"""

from __future__ import annotations

import enum

import msgspec
from sortedcontainers import SortedList


class TimerKind(enum.IntEnum):
    """
    What a timer does; the numbers are the order at one instant (rule 18.1).
    """

    WRAP_UP_ENDS = 0
    """Subject: the offer through which the call was connected."""
    CANCEL_GRACE_ENDS = 1
    """Subject: the withdrawn offer."""
    PAUSE_ENDS = 4
    """Subject: the agent."""
    RETRY_UNREACHABLE_ENDS = 5
    """Subject: the agent."""
    SHIFT_CHANGES = 6
    """Subject: the schedule."""
    OVERRIDE_ENDS = 7
    """Subject: three times the schedule, queue or number, and 0, 1 or 2 for which."""
    RING_ENDS = 8
    """Subject: the offer."""
    CONNECT_LEASE_ENDS = 9
    """Subject: the offer."""
    TRIED_SET_EMPTIED = 10
    """Subject: the call."""
    DECLINE_ENDS = 11
    """Subject: the call, for the decline that ends next."""
    STEP_BEGINS = 12
    """Subject: the call."""
    DELAY_ENDS = 13
    """Subject: the call."""
    RING_WIDENS = 14
    """Subject: the call."""
    PREFERRED_TURN_ENDS = 15
    """Subject: the call."""
    MAX_WAIT_ENDS = 16
    """Subject: the call."""
    ANNOUNCEMENT_DUE = 17
    """Subject: the call."""
    DEMAND_COUNTED = 18
    """A full minute; subject: 0."""


class Timer(msgspec.Struct, frozen=True, array_like=True, order=True):
    """
    One timer; compared by its fields in this order.
    """

    deadline_ms: int
    kind: int
    sequence: int
    subject: int


class Timers:
    """
    All timers of a site.
    """

    def __init__(self) -> None:
        self.sequence = 0
        """How many were ever set."""
        self._sorted: SortedList[Timer] = SortedList()
        self._by_subject: dict[tuple[int, int], Timer] = {}

    def set(self, kind: TimerKind, subject: int, deadline_ms: int) -> None:
        """
        Set a timer, in place of the one of the same kind and subject.
        """
        self.cancel(kind, subject)
        self.sequence += 1
        self.put(Timer(deadline_ms, int(kind), self.sequence, subject))

    def put(self, timer: Timer) -> None:
        """
        Put back a timer as it was, from a snapshot.
        """
        self._sorted.add(timer)
        self._by_subject[timer.kind, timer.subject] = timer

    def cancel(self, kind: TimerKind, subject: int) -> None:
        """
        Cancel a timer, if it is set.
        """
        timer = self._by_subject.pop((int(kind), subject), None)
        if timer is not None:
            self._sorted.remove(timer)

    def postpone(self, from_ms: int, until_ms: int) -> None:
        """
        Let everything that is due in [from, until) be due at its end.
        """
        for timer in list(self._sorted):
            if from_ms <= timer.deadline_ms < until_ms:
                self.cancel(TimerKind(timer.kind), timer.subject)
                self.put(msgspec.structs.replace(timer, deadline_ms=until_ms))

    def deadline_ms(self, kind: TimerKind, subject: int) -> int | None:
        """
        Return when a timer will fire; None: it is not set.
        """
        timer = self._by_subject.get((int(kind), subject))
        return None if timer is None else timer.deadline_ms

    def next_deadline_ms(self) -> int | None:
        """
        Return when the next timer will fire; None: there is none.
        """
        return self._sorted[0].deadline_ms if self._sorted else None

    def pop(self) -> Timer:
        """
        Take out the timer that fires next.
        """
        timer = self._sorted.pop(0)
        del self._by_subject[timer.kind, timer.subject]
        return timer

    def listed(self) -> list[Timer]:
        """
        List all timers in the order in which they fire.
        """
        return list(self._sorted)
