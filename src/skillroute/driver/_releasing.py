"""
Release: orders go to their hosts, receipts to whoever told, moments to who observes.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..actions import Action, LookUp, OfferCall
from ._desk import Desk, Held
from ._hooks import HookBook
from ._hosts import HostBook
from ._messages import Receipt, Release
from ._settings import DriverSettings

__all__ = ["Releases"]


class Releases:
    """
    Keeps what hosts owe, and the orders that a host must get again.

    Args:
        settings: How much a host may owe.
        desk: Where orders and receipts go.
        hosts: Who has a call.
        hooks: Who is asked about a caller, and who observes.
        redeliver: Orders of before a restart.
    """

    def __init__(
        self,
        settings: DriverSettings,
        desk: Desk,
        hosts: HostBook,
        hooks: HookBook,
        redeliver: Iterable[Action],
    ) -> None:
        self._settings = settings
        self._desk = desk
        self._hosts = hosts
        self._hooks = hooks
        self._redeliver = [a for a in redeliver if not isinstance(a, OfferCall)]
        self._owed: dict[str, int] = {}
        """By host: orders that it has and has not carried out."""
        self.stuck: set[str] = set()
        """Hosts that owe too much."""

    def let_go(self, group: list[Held], *, durable: bool) -> None:
        """
        Release orders and receipts of a group.
        """
        for held in group:
            for action in held.moment.actions:
                self.release(action)
            if held.ticket:
                receipt = Receipt(
                    ticket=held.ticket, code=held.moment.refused, durable=durable
                )
                self._desk.outbox.receipts.append(receipt)
            self._hooks.saw(held.moment)

    def release(self, action: Action) -> None:
        """
        Release an order to the hosts that it concerns, or ask what it asks.
        """
        outbox = self._desk.outbox
        if isinstance(action, LookUp):
            outbox.asks.append(self._hooks.ask(action, self._desk.monotonic_ms))
            return
        for host in self._hosts.hosts_of(action):
            if self._owed.get(host, 0) >= self._settings.orders_max:
                self.stuck.add(host)
                continue
            outbox.releases.append(Release(host, action))
            self._owed[host] = self._owed.get(host, 0) + 1

    def redeliver_to(self, host: str) -> None:
        """
        Give a host once more what it may not have got before the restart.
        """
        mine = [a for a in self._redeliver if host in self._hosts.hosts_of(a)]
        self._redeliver = [a for a in self._redeliver if a not in mine]
        for action in mine:
            self.release(action)

    def carried_out(self, host: str) -> None:
        """
        Note that a host has carried out the oldest order that it owed.
        """
        if self._owed.get(host):
            self._owed[host] -= 1

    def forget(self, host: str) -> None:
        """
        Forget what a host owes: it is gone.
        """
        self._owed.pop(host, None)

    def forget_all(self) -> None:
        """
        Forget what everybody owes.
        """
        self._owed.clear()
