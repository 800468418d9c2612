"""
Refusals: how the engine says no to an event, in one wording.
"""

from __future__ import annotations

from ..errors import IllegalEventError, LimitError, UnknownIdError


def illegal(
    event: str, state: str, expected: str, code: str = "illegal_event"
) -> IllegalEventError:
    """
    Make the error for an event that does not fit the state it met.
    """
    return IllegalEventError(
        code=code,
        message=f"{event}: {state}; expected {expected}",
        event=event,
        state=state,
        expected=expected,
    )


def unknown(kind: str, id: str) -> UnknownIdError:
    """
    Make the error for an id that nobody has.
    """
    return UnknownIdError(
        code=f"unknown_{kind}", message=f"no such {kind}: {id}", kind=kind, id=id
    )


def limit(name: str, value: int) -> LimitError:
    """
    Make the error for a bound that was reached.
    """
    return LimitError(
        code=name, message=f"{name} reached: {value}", limit=name, value=value
    )
