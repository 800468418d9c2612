"""
Which host has which call, and which hosts are there: where orders go.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from ..actions import Action, OfferCall, RecordOutcome
from ..events import CallArrived, Event, HostResynced
from ..reference.state import Snapshot

__all__ = ["HostBook"]

_SNAPSHOT = msgspec.msgpack.Decoder(Snapshot)
_ENDED_MAX = 10_000
"""Calls and offers that are remembered after their end: late legs are released."""


class HostBook:
    """
    Keeps who has a call, from what was told and ordered.

    Args:
        state: A snapshot of the engine; None: it is new.
    """

    def __init__(self, state: bytes | None) -> None:
        self.connected: set[str] = set()
        """Hosts that are there, and have told what exists."""
        self._calls: dict[str, str] = {}
        self._offers: dict[int, str] = {}
        self._ended: dict[str, str] = {}
        self.wall_offset_ms = 0
        """What the engine was told last of the wall clock, by *state*."""
        if state is None:
            return
        site = _SNAPSHOT.decode(state)
        self.wall_offset_ms = site.wall_offset_ms
        self._calls = {call.id: call.host for call in site.calls}
        hosts = {call.sequence: call.host for call in site.calls}
        self._offers = {
            offer.id: hosts[offer.call] for offer in site.offers if offer.call in hosts
        }

    def __len__(self) -> int:
        """Return how many calls are in progress."""
        return len(self._calls)

    def has(self, call: str) -> bool:
        """
        Tell whether a call is in progress.
        """
        return call in self._calls

    def note(self, event: Event, actions: tuple[Action, ...]) -> None:
        """
        Note what an event that was applied, and its orders, say of calls.
        """
        if isinstance(event, CallArrived):
            self._calls[event.call] = event.host
        elif isinstance(event, HostResynced):
            self._note_standing(event)
        for action in actions:
            if isinstance(action, OfferCall):
                self._offers[action.offer] = self._of_call(action.call)
                _forget(self._offers, _ENDED_MAX + len(self._calls))
            elif isinstance(action, RecordOutcome):
                self._ended[action.call] = self._calls.pop(action.call, "")
                _forget(self._ended, _ENDED_MAX)

    def hosts_of(self, action: Action) -> Iterator[str]:
        """
        List the hosts that an order is for: that of its call, else all that are there.
        """
        call = getattr(action, "call", "")
        host = self._of_call(call) or self._offers.get(getattr(action, "offer", 0), "")
        if host:
            if host in self.connected:
                yield host
        elif not call:
            yield from sorted(self.connected)

    def _note_standing(self, event: HostResynced) -> None:
        """
        Note whose calls and legs these are: of what had ended before a restart nothing
        else is known, and it must be let go.
        """
        for standing in event.calls:
            if standing.call not in self._calls:
                self._ended[standing.call] = event.host
                _forget(self._ended, _ENDED_MAX)
            if standing.offer:
                self._offers.setdefault(standing.offer, event.host)

    def _of_call(self, call: str) -> str:
        return self._calls.get(call) or self._ended.get(call, "")


def _forget(kept: dict[str, str] | dict[int, str], most: int) -> None:
    """
    Let the oldest go.
    """
    if len(kept) > most:
        del kept[next(iter(kept))]  # type: ignore[arg-type]
