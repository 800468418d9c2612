"""
The driver: the one loop that joins engine, journal, hosts and hooks.

``Router`` is what a program embeds.  ``Core`` is everything that is decided, without
input and output; ``Driver`` adds the waiting, the thread that commits, and the
connections.
"""

from __future__ import annotations

from ._clock import Clock, EngineClock, SystemClock
from ._deciding import Core
from ._driver import Driver
from ._engine import Engine
from ._journalling import ComeBack, come_back, write_entries
from ._messages import (
    Alarm,
    AskLookUp,
    AskObserver,
    Entry,
    Happened,
    KeptPlan,
    KeptState,
    LeftOut,
    Lived,
    Noted,
    Outbox,
    Reading,
    Receipt,
    Release,
)
from ._router import Router
from ._settings import DriverSettings

__all__ = [
    "Alarm",
    "AskLookUp",
    "AskObserver",
    "Clock",
    "ComeBack",
    "Core",
    "Driver",
    "DriverSettings",
    "Engine",
    "EngineClock",
    "Entry",
    "Happened",
    "KeptPlan",
    "KeptState",
    "LeftOut",
    "Lived",
    "Noted",
    "Outbox",
    "Reading",
    "Receipt",
    "Release",
    "Router",
    "SystemClock",
    "come_back",
    "write_entries",
]
