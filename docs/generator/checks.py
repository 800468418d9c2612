"""
The page about what ``skillroute check`` finds.
"""

from __future__ import annotations

from collections.abc import Iterable

from skillroute.check import LINTS, Lint

from . import provoked, texts
from .source import GENERATED, table


def page() -> str:
    """
    Write the page.
    """
    return (
        GENERATED
        + texts.CHECKS
        + _lints(lint for lint in LINTS if lint.severity == "warning")
        + "\n"
        + texts.NOTES
        + _lints(lint for lint in LINTS if lint.severity == "note")
        + "\n"
        + texts.CHECKED_ERRORS
        + _errors()
    )


def _lints(lints: Iterable[Lint]) -> str:
    examples = provoked.lint_faults()
    rows = [
        (
            f"`{lint.code}`",
            lint.meaning,
            lint.remedy,
            _shown(examples[lint.code].message),
        )
        for lint in lints
    ]
    return table(("code", "what it means", "what to do", "example message"), rows)


def _errors() -> str:
    rows = [
        (f"`{code}`", _shown(_bare(error.message, error.hint)), error.hint)
        for code, error in sorted(provoked.plan_errors().items())
    ]
    return table(("code", "example message", "its hint"), rows)


def _bare(message: str, hint: str) -> str:
    """
    Take the place and the hint off an error's message.
    """
    text = message.removesuffix(f" ({hint})")
    return text.partition(": ")[2]


def _shown(message: str) -> str:
    quote = "``" if "`" in message else "`"
    return f"{quote}{message}{quote}"
