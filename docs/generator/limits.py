"""
The page about limits.
"""

from __future__ import annotations

from skillroute.reference import limits

from . import texts
from .source import GENERATED, constants, lines, table


def page() -> str:
    """
    Write the page.
    """
    found = constants("reference/limits.py")
    rows = [
        (
            f"`{limit.name.lower()}`",
            f"{getattr(limits, limit.name):,}",
            _reason(limit.text),
        )
        for limit in found
    ]
    return (
        GENERATED
        + texts.LIMITS
        + table(("limit", "value", "what it bounds, and why"), rows)
    )


def _reason(text: str) -> str:
    return " ".join(lines(text).split())
