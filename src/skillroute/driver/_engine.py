"""
What a driver needs of an engine.
"""

from __future__ import annotations

from typing import Protocol

from ..actions import Action
from ..decisions import ExplainQuery
from ..events import Event

__all__ = ["Engine"]


class Engine(Protocol):
    """
    What a driver needs of an engine of any backend.
    """

    @property
    def next_deadline_ms(self) -> int | None:
        """When ``advance`` is needed next."""

    def handle(self, event: Event, now_ms: int) -> tuple[Action, ...]:
        """Tell the engine what happened."""

    def advance(self, now_ms: int) -> tuple[Action, ...]:
        """Tell the engine that time has passed."""

    def add_plan(self, plan: bytes) -> str:
        """Let ``PlanReloaded`` name a plan."""

    def snapshot(self) -> bytes:
        """Return all logical state."""

    def explain(self, query: ExplainQuery) -> object:
        """Say why a call goes where it goes."""
