"""
Declare what a plugin can offer.

A plugin is a distribution with an entry point in the group ``skillroute`` that names
a module (or object) with functions marked by `hookimpl`. Hooks are called by keyword,
at start-up and in the driver, never inside an engine. An implementation may leave out
arguments that it does not need.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Protocol

import msgspec
import pluggy

from .actions import Action, LookUp
from .contract import Need
from .events import CallArrived, CallStanding, Event
from .plan import Plan

hookspec = pluggy.HookspecMarker("skillroute")
hookimpl = pluggy.HookimplMarker("skillroute")
"""Marker for the functions of a plugin that implement a hook."""

Capability = Literal[
    "answer",
    "bridge",
    "collect",
    "detect_dtmf",
    "hold",
    "originate",
    "play",
    "record",
    "transfer",
    "voicemail",
    "whisper",
]
"""What a switch can do with a call; a plan that needs more is refused at load."""


class HostDescription(msgspec.Struct, frozen=True, kw_only=True):
    """One switch that a plugin connects."""

    name: str
    """Name by which a configuration asks for the host; unique among plugins."""

    summary: str
    """One line for people, with no full stop."""

    version: str
    """Version of the plugin, not of the switch."""

    capabilities: tuple[Capability, ...]
    """What the host can carry out, sorted by name."""


@hookspec
def skillroute_register_host() -> HostDescription:
    """
    Describe the host that this plugin brings.

    Called once at start-up; all answers are collected, plugins registered last come
    first. An exception stops the start, with the plugin's name.
    """
    raise NotImplementedError  # pluggy never calls a specification


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a switch says that exists, as its connection (re)turns.
    """

    calls: tuple[CallStanding, ...] = ()
    """Every call that still exists there, and those that ended meanwhile if the switch
    knows when."""
    arrivals: tuple[CallArrived, ...] = ()
    """How calls among them arrived: the engine is told of those that it does not
    know, since their arrival was not yet recorded when the driver died."""
    unreachable: tuple[str, ...] = ()
    """Agents whose endpoint is down."""


class HostLink(Protocol):
    """
    The driver, as a host sees it.
    """

    @property
    def plan(self) -> Plan:
        """The plan in force."""

    @property
    def settings(self) -> Mapping[str, str]:
        """What the configuration says of the host, such as an address."""

    async def tell(self, event: Event) -> str:
        """
        Tell what happened, in the order in which it happened.

        Returns:
            Once it is recorded, an empty string; else why it did not count:
            ``overloaded`` and ``stopping`` for a call that was not taken, so that the
            host should refuse it as busy, or the code of the engine's refusal.
        """

    async def connected(self, standing: Standing) -> None:
        """
        Say that the connection is there, and what exists; before anything else.
        """

    async def lost(self) -> None:
        """
        Say that the connection is gone; `connected` follows when it is back.
        """


class Host(Protocol):
    """
    One connected switch: it translates, and decides nothing.
    """

    async def run(self, link: HostLink) -> None:
        """
        Connect, call ``link.connected``, and tell events until cancelled.

        A host that loses its switch calls ``link.lost`` and connects again, later each
        time.  One that returns or raises is as good as lost: it is run again.
        """

    async def carry_out(self, action: Action) -> None:
        """
        Carry out an order of the engine.

        Orders come one at a time.  The same order, by its ``id``, may come twice, and
        is carried out once; one about a call that is gone is passed over.

        Raises:
            HostError: It cannot be carried out.
        """

    async def standing(self) -> Standing:
        """
        Say what exists: asked after the driver itself stood still.
        """


class LookUpAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a hook knows of a caller.
    """

    needs: tuple[Need, ...] = ()
    """What the call needs therefore."""
    priority: int | None = None
    """None: as it was."""
    preferred: tuple[str, ...] = ()
    """Agents to try first, in that order."""
    attributes: tuple[tuple[str, str], ...] = ()
    """Anything else: (name, value) pairs."""


class ObservedMoment(msgspec.Struct, frozen=True, kw_only=True):
    """
    Something that happened, recorded, and what the engine ordered.
    """

    at_ms: int
    """On the engine's clock."""
    event: Event
    """``Advanced`` where only time had passed."""
    actions: tuple[Action, ...]
    refused: str
    """Code of the engine's refusal; empty: applied."""


@hookspec(firstresult=True)
def skillroute_make_host(name: str) -> Host | None:
    """
    Make the host of this name.

    Called once when a driver starts; the first answer that is not None counts. An
    exception stops the start.

    Args:
        name: As in the plugin's own `HostDescription`.

    Returns:
        The host, not yet connected; None: it is another plugin's.
    """
    raise NotImplementedError  # pluggy never calls a specification


@hookspec(firstresult=True)
def skillroute_look_up(order: LookUp) -> LookUpAnswer | None:
    """
    Say what is known of a caller.

    Called in a thread, when the engine orders it; the first answer that is not None
    counts, None means that nothing is known. One that raises, answers something else or
    takes longer than the budget is noted in the journal, and nothing is known.

    Args:
        order: Which call, and what is asked.
    """
    raise NotImplementedError  # pluggy never calls a specification


@hookspec
def skillroute_observe(moments: tuple[ObservedMoment, ...]) -> None:
    """
    See what happened, once it is recorded.

    Called in a thread for each plugin, for one bundle after the other, in order. One
    that raises, or takes longer than the budget, is noted in the journal; while it is
    busy moments are kept for it, up to a bound.

    Args:
        moments: At least one.
    """
    raise NotImplementedError  # pluggy never calls a specification
