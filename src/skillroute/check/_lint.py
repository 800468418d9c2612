"""
What a lint is: a code, how bad it is, and two sentences for the reference.
"""

from __future__ import annotations

import msgspec

from ..plan import Fault, Path, Severity

__all__ = ["Lint"]


class Lint(msgspec.Struct, frozen=True, kw_only=True):
    """
    One kind of thing that a plan without errors can hardly mean.
    """

    code: str
    """What was found, snake_case, never renamed."""
    severity: Severity
    """``warning``: calls or agents suffer; ``note``: somebody should know of it."""
    meaning: str
    """A sentence of the reference: what was found."""
    remedy: str
    """A sentence of the reference: what to do about it."""

    def at(self, path: Path, message: str, hint: str, *, on_key: bool = False) -> Fault:
        """
        Say that it was found.

        Args:
            path: Where, in the plan.
            message: What, with its names and figures, without a full stop.
            hint: What to do about this one.
            on_key: The place is that of the key, not of its value.

        Returns:
            The fault, with the lint's code and severity.
        """
        return Fault(
            severity=self.severity,
            code=self.code,
            message=message,
            path=path,
            on_key=on_key,
            hint=hint,
        )
