__all__ = ["Engine"]

from collections.abc import Iterable
from typing import final

from .actions import Action
from .decisions import Decision, ExplainQuery
from .errors import EventRefusedError
from .events import Event

@final
class Engine:
    """
    Decide who gets a call.

    One thread at a time: a second one is refused with ``EngineBusyError``, never made
    to wait. After a bug of ours the engine refuses everything with
    ``EngineBugError``; restore it from a snapshot.
    """

    def __new__(cls, plan: bytes) -> Engine:
        """
        Make the engine of a compiled plan.

        Args:
            plan: ``Plan.compiled``.

        Raises:
            PlanError: *plan* is no compiled plan (``plan_malformed``), or one of
                another layout (``plan_format``).

        Cost: linear in the plan.
        """

    @classmethod
    def restore(cls, plan: bytes, snapshot: bytes) -> Engine:
        """
        Make an engine of a snapshot.

        Args:
            plan: The same bytes that the engine of the snapshot had.
            snapshot: What ``snapshot`` gave.

        Raises:
            JournalError: *snapshot* is none of this plan (``snapshot_malformed``).
            PlanError: As for ``Engine``.

        Cost: linear in the plan and the state.
        """

    def handle(self, event: Event, now_ms: int) -> tuple[Action, ...]:
        """
        Tell the engine what happened.

        Args:
            event: What happened.
            now_ms: When, epoch milliseconds on the engine's clock; never less than
                before.

        Returns:
            Orders, in the order in which to carry them out: first those of the
            timers that were due, then those of the event.

        Raises:
            EventRefusedError: The event was refused (see its classes and the table
                of codes); ``actions`` has the orders of the timers.
            TypeError: *event* is no event, or a field has a wrong type.

        Cost: a logarithm of the agents, waiting calls and timers; a step for every 64
        different sets of tags that agents hold.
        """

    def advance(self, now_ms: int) -> tuple[Action, ...]:
        """
        Tell the engine that time has passed: fire the timers that are due.

        Args:
            now_ms: Epoch milliseconds on the engine's clock.

        Returns:
            Orders of the timers that fired.

        Raises:
            IllegalEventError: Time went backwards (``time_went_back``) or is no time
                (``time_out_of_range``).
        """

    def handle_many(
        self, events: Iterable[tuple[Event, int]]
    ) -> tuple[tuple[Action, ...] | EventRefusedError, ...]:
        """
        Handle events one after another, the interpreter released.

        Args:
            events: Pairs of (event, now_ms). All are read before the first is
                handled.

        Returns:
            One element an event: its orders, or the refusal that ``handle`` would
            have raised; a refusal does not stop the rest.

        Raises:
            TypeError: As for ``handle``; the events before it are handled.
        """

    def replay(self, frames: bytes) -> int:
        """
        Handle recorded events without giving their orders again.

        The interpreter is released meanwhile.

        Args:
            frames: One after another, each a length (four bytes, big end first) and
                that many bytes of MessagePack ``[now_ms, event]``.

        Returns:
            How many frames there were; refused events count too.

        Raises:
            JournalError: A frame cannot be read (``frame_malformed``); those before
                it are applied, ``where`` is its number from 0.
        """

    def reload(self, plan: bytes, now_ms: int) -> tuple[Action, ...]:
        """
        Go on under another plan; not carried out yet.

        Raises:
            IllegalEventError: Always, today (``not_yet``).
        """

    @property
    def next_deadline_ms(self) -> int | None:
        """
        When ``advance`` is needed next, epoch milliseconds; None: never.
        """

    def explain(self, query: ExplainQuery) -> Decision:
        """
        Say why a call goes, or would go, where it goes; changes nothing.

        Args:
            query: A call that the engine knows, or one that would arrive.

        Returns:
            The whole decision, with a verdict for every agent.

        Raises:
            EventRefusedError: The call or an agent is unknown, the arrival is
                malformed, or the instant lies in the past.
            TypeError: *query* is no query, or a field has a wrong type.

        Cost: linear in the plan and the state, of which it makes a copy.
        """

    def snapshot(self) -> bytes:
        """
        Return all logical state: equal states give equal bytes.

        Cost: linear in the state.
        """
