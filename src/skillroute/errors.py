"""
Every exception of skillroute, defined once.

The class says whose fault it was, ``code`` says what happened in a word that
is never renamed, the message says it to a person, and the fields hold the
values.  Nobody parses a message.

Busy, no answer, abandoned, overflowed: these are outcomes, so they are events
and actions, never exceptions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .actions import Action

__all__ = [
    "EngineBugError",
    "EngineBusyError",
    "EventRefusedError",
    "HostError",
    "IllegalEventError",
    "JournalError",
    "LimitError",
    "PlanError",
    "PlanProblemsError",
    "PluginError",
    "SkillrouteError",
    "UnknownIdError",
]


class SkillrouteError(Exception):
    """
    Anything that skillroute raises on purpose.
    """

    def __init__(self, *, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        """What happened, snake_case, never renamed."""

    @property
    def message(self) -> str:
        """
        Return the sentence for a person.
        """
        return str(self)

    def __reduce__(self) -> tuple[object, ...]:
        """
        Let an error cross to another process with all its fields.
        """
        return _remade, (type(self), self.args, self.__dict__)


def _remade(
    kind: type[SkillrouteError], args: tuple[object, ...], fields: dict[str, object]
) -> SkillrouteError:
    error = kind.__new__(kind)
    error.args = args
    error.__dict__.update(fields)
    return error


class PlanError(SkillrouteError, ValueError):
    """
    An administrator's mistake in a plan, found when the plan is loaded.
    """

    def __init__(
        self,
        *,
        code: str,
        message: str,
        path: str = "",
        file: str = "",
        line: int = 0,
        column: int = 0,
        hint: str = "",
    ) -> None:
        super().__init__(code=code, message=message)
        self.path = path
        """Where in the plan, such as ``queues.sales.ring_s``; empty: the file."""
        self.file = file
        """The file's name as it was given; empty: the plan came from memory."""
        self.line = line
        """Line in the file, from 1; 0: unknown."""
        self.column = column
        """Column in the line, in characters, from 1; 0: unknown."""
        self.hint = hint
        """What to do about it; may be empty."""


class PlanProblemsError(PlanError):
    """
    All that is wrong with a plan, raised at once; the first problem's fields.
    """

    def __init__(self, problems: Iterable[PlanError]) -> None:
        self.problems = tuple(problems)
        """Every problem, in the order of the file; at least one."""
        first = self.problems[0]
        super().__init__(
            code=first.code,
            message="\n".join(problem.message for problem in self.problems),
            path=first.path,
            file=first.file,
            line=first.line,
            column=first.column,
            hint=first.hint,
        )


class EventRefusedError(SkillrouteError):
    """
    The engine refused an event: it is recorded and changed nothing.

    Timers that were due before the event have fired all the same; what they
    ordered is in ``actions`` and must be carried out.
    """

    def __init__(self, *, code: str, message: str) -> None:
        super().__init__(code=code, message=message)
        self.actions: tuple[Action, ...] = ()
        """Orders of the timers that fired before the event was refused."""


class IllegalEventError(EventRefusedError):
    """
    A host's mistake: the event does not fit the state of what it is about.
    """

    def __init__(
        self, *, code: str, message: str, event: str, state: str, expected: str
    ) -> None:
        super().__init__(code=code, message=message)
        self.event = event
        """The event's class name."""
        self.state = state
        """The state that the event met, such as ``connected``."""
        self.expected = expected
        """What would have been legal there."""


class UnknownIdError(EventRefusedError, LookupError):
    """
    A host's mistake: there is no such call, agent, offer or queue.
    """

    def __init__(self, *, code: str, message: str, kind: str, id: str) -> None:
        super().__init__(code=code, message=message)
        self.kind = kind
        """``call``, ``agent``, ``offer`` or ``queue``."""
        self.id = id
        """The id as it came."""


class LimitError(EventRefusedError):
    """
    A bound was reached; nothing grows beyond it.
    """

    def __init__(self, *, code: str, message: str, limit: str, value: int) -> None:
        super().__init__(code=code, message=message)
        self.limit = limit
        """The bound's name in ``docs/reference/limits.md``."""
        self.value = value
        """The bound."""


class HostError(SkillrouteError):
    """
    A switch, or the connection to it, failed.
    """

    def __init__(self, *, code: str, message: str, retryable: bool = False) -> None:
        super().__init__(code=code, message=message)
        self.retryable = retryable
        """True if the same request may succeed later."""


class PluginError(SkillrouteError):
    """
    A plugin is broken: it could not be loaded, or a hook of it failed.
    """

    def __init__(self, *, code: str, message: str, retryable: bool = False) -> None:
        super().__init__(code=code, message=message)
        self.retryable = retryable
        """True if the same request may succeed later."""


class JournalError(SkillrouteError):
    """
    The record cannot be kept or read.
    """

    def __init__(self, *, code: str, message: str, where: str) -> None:
        super().__init__(code=code, message=message)
        self.where = where
        """The file and the place in it."""


class EngineBusyError(SkillrouteError):
    """
    A second thread used the engine at the same time; nothing happened.
    """


class EngineBugError(SkillrouteError):
    """
    The engine broke one of its own rules: ours to mend.

    The engine refuses everything from then on; restore it from a snapshot.
    """
