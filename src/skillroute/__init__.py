"""
Decide who gets a call.

`skillroute` is a deterministic call router without I/O: events and the time go in,
actions come out. The names below are resolved when first used, so that
``import skillroute`` costs nothing that is not needed.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from skillroute import actions, backends, errors, events
    from skillroute.driver import Router
    from skillroute.plan import Plan, load_plan
    from skillroute.reference import Engine, Pool

    backend: str
    __version__: str

__all__ = [
    "Engine",
    "Plan",
    "Pool",
    "Router",
    "__version__",
    "actions",
    "backend",
    "backends",
    "errors",
    "events",
    "load_plan",
]


def __getattr__(name: str) -> object:
    """Resolve a public name on first use (PEP 562) and keep it."""
    if name not in __all__:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    value = _resolve(name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, resolved or not."""
    return sorted(__all__)


def _resolve(name: str) -> object:
    if name in ("actions", "backends", "errors", "events"):
        return importlib.import_module(f"{__name__}.{name}")
    if name in ("Plan", "load_plan"):
        return getattr(importlib.import_module(f"{__name__}.plan"), name)
    if name == "Router":
        return importlib.import_module(f"{__name__}.driver").Router
    if name == "__version__":
        return importlib.import_module("importlib.metadata").version(__name__)
    from skillroute import backends

    active = backends.active()
    return active if name == "backend" else getattr(backends.load(active), name)
