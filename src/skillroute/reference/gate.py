"""
The gate: one thread at a time, and nobody after a bug.

Every way into the engine passes it.  Taking the only token off a list is one
step of the interpreter, so two threads cannot both be inside; the second is
refused rather than made to wait.
"""

from __future__ import annotations

from types import TracebackType

from ..errors import EngineBugError, EngineBusyError, SkillrouteError


class Gate:
    """
    A context manager around every entry of one engine.
    """

    def __init__(self) -> None:
        self._tokens = [True]
        self._broken = False

    def __enter__(self) -> None:
        if self._broken:
            raise EngineBugError(
                code="engine_broken",
                message="the engine met a bug before; restore it from a snapshot",
            )
        try:
            self._tokens.pop()
        except IndexError:
            raise EngineBusyError(
                code="engine_busy", message="another thread is using the engine"
            ) from None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None and not isinstance(error, SkillrouteError):
            # An interrupt too leaves an event half done.
            self._broken = True
        self._tokens.append(True)
        if self._broken and isinstance(error, Exception):
            raise EngineBugError(
                code="engine_bug", message=f"a bug in the engine: {error!r}"
            ) from error
