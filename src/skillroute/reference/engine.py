"""
The engine: a function with memory from (event, now) to actions.

It opens nothing, reads no clock, draws no entropy and calls nobody back.  This
file has the ways in; ``dispatch.py`` says to whom an event goes, ``routing.py`` what
events and timers do, ``matching.py`` who gets whom.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from operator import index
from typing import overload

import msgspec

from ..actions import Action
from ..decisions import AgentDecision, AgentQuery, Decision, ExplainQuery
from ..errors import EventRefusedError, IllegalEventError, JournalError
from ..events import ENGINE_EVENTS, Advanced, Event, Gap, PlanReloaded
from ..plan.compiled import CompiledPlan, decode, plan_id
from . import acts, border, dispatch, explain, hosts, kept
from .gate import Gate
from .limits import TIME_MS_MAX
from .matching import settle
from .refusals import illegal
from .reload import reload
from .site import Site
from .soundness import is_sound
from .state import SNAPSHOT_VERSION, Snapshot
from .time_passing import pass_time

# Made here, not in functions: msgspec looks into a class when it first reads one, and
# two threads that do so at once crash.
_FRAME = msgspec.msgpack.Decoder(tuple[int, Event])
_SNAPSHOT = msgspec.msgpack.Decoder(Snapshot)


class Engine:
    """
    Decide who gets a call.

    Args:
        plan: A compiled plan (``Plan.compiled``).

    Raises:
        PlanError: *plan* is no compiled plan (``plan_malformed``), or one of
            another layout (``plan_format``).

    Cost: linear in the plan.
    """

    def __init__(self, plan: bytes) -> None:
        self._plan = plan
        self._site = Site(decode(plan))
        self._given: dict[str, bytes] = {}
        """Plans that an event may name, by their ids."""
        self._gate = Gate()

    # Changing ----------------------------------------------------------------

    def handle(self, event: Event, now_ms: int) -> tuple[Action, ...]:
        """
        Tell the engine what happened.

        Args:
            event: What happened.
            now_ms: When, epoch milliseconds on the engine's clock; never less
                than before.

        Returns:
            Orders, in the order in which to carry them out: first those of the
            timers that were due, then those of the event.

        Raises:
            EventRefusedError: The event was refused (see its classes and the
                table of codes); ``actions`` has the orders of the timers.
            TypeError: *event* is no event, or a field has a wrong type.

        Cost: agents times waiting calls.
        """
        event, now_ms = border.as_recorded(event), index(now_ms)
        with self._gate:
            return self._handle(event, now_ms)

    def advance(self, now_ms: int) -> tuple[Action, ...]:
        """
        Tell the engine that time has passed: fire the timers that are due.

        Args:
            now_ms: Epoch milliseconds on the engine's clock.

        Returns:
            Orders of the timers that fired.

        Raises:
            IllegalEventError: Time went backwards (``time_went_back``) or is no
                time (``time_out_of_range``).
        """
        now_ms = index(now_ms)
        with self._gate:
            return self._advance(now_ms)

    def handle_many(
        self, events: Iterable[tuple[Event, int]]
    ) -> tuple[tuple[Action, ...] | EventRefusedError, ...]:
        """
        Handle events one after another.

        Args:
            events: Pairs of (event, now_ms).

        Returns:
            One element an event: its orders, or the refusal that ``handle``
            would have raised; a refusal does not stop the rest.
        """
        results: list[tuple[Action, ...] | EventRefusedError] = []
        for event, now_ms in events:
            try:
                results.append(self.handle(event, now_ms))
            except EventRefusedError as refusal:
                results.append(refusal)
        return tuple(results)

    def replay(self, frames: bytes) -> int:
        """
        Handle recorded events without giving their orders again.

        Args:
            frames: One after another, each a length (four bytes, big end
                first) and that many bytes of MessagePack ``[now_ms, event]``.

        Returns:
            How many frames there were; refused events count too.

        Raises:
            JournalError: A frame cannot be read (``frame_malformed``), or names a
                plan that ``add_plan`` was not given (``plan_missing``); those before
                it are applied, ``where`` is its number from 0.
        """
        count = 0
        for now_ms, event in _frames(frames):
            if isinstance(event, PlanReloaded) and event.plan_id not in self._given:
                raise _plan_missing(count, event.plan_id)
            count += 1
            with suppress(EventRefusedError):
                self.handle(event, now_ms)
        return count

    def reload(self, plan: bytes, now_ms: int) -> tuple[Action, ...]:
        """
        Go on under another plan.

        The same as ``PlanReloaded`` with the plan's id, once ``add_plan`` was given
        the plan: that is what a journal records.

        Args:
            plan: A compiled plan.
            now_ms: When, epoch milliseconds on the engine's clock.

        Returns:
            Orders: those of the timers that were due, then what is withdrawn and what
            is offered now.

        Raises:
            PlanError: As for ``Engine``; no time has passed.
            IllegalEventError: Time went backwards, or is no time.

        Cost: linear in the plan, the calls and the offers.
        """
        now_ms, decoded = index(now_ms), decode(plan)
        with self._gate:
            return self._happen(
                "PlanReloaded", now_ms, lambda: self._go_on_under(plan, decoded)
            )

    def add_plan(self, plan: bytes) -> str:
        """
        Let ``PlanReloaded`` name a plan, as in a journal that is replayed.

        Args:
            plan: A compiled plan; it is kept as long as the engine.

        Returns:
            Its id (``Plan.plan_id``).

        Raises:
            PlanError: As for ``Engine``.

        Cost: linear in the plan.
        """
        decode(plan)
        id = plan_id(plan)
        with self._gate:
            self._given[id] = plan
        return id

    # Asking ------------------------------------------------------------------

    @property
    def next_deadline_ms(self) -> int | None:
        """
        When ``advance`` is needed next, epoch milliseconds; None: never.
        """
        with self._gate:
            return self._site.timers.next_deadline_ms()

    @overload
    def explain(self, query: ExplainQuery) -> Decision: ...

    @overload
    def explain(self, query: AgentQuery) -> AgentDecision: ...

    def explain(self, query: ExplainQuery | AgentQuery) -> Decision | AgentDecision:
        """
        Say why a call goes where it goes, or why an agent has none; changes nothing.

        Args:
            query: A call that the engine knows or one that would arrive; or an agent.

        Returns:
            The whole decision, with a verdict for every agent; or of the agent, with
            what is wrong with every waiting call.

        Raises:
            EventRefusedError: The call or an agent is unknown, the arrival is
                malformed, or the instant lies in the past.
        """
        query = border.question(query)
        with self._gate:
            return self._explain(query)

    # Keeping -----------------------------------------------------------------

    def snapshot(self) -> bytes:
        """
        Return all logical state: equal states give equal bytes.
        """
        with self._gate:
            return self._snapshot()

    @classmethod
    def restore(cls, plan: bytes, snapshot: bytes) -> Engine:
        """
        Make an engine of a snapshot.

        Args:
            plan: The same bytes that the engine of the snapshot had.
            snapshot: What ``snapshot`` gave.

        Raises:
            JournalError: *snapshot* is none (``snapshot_malformed``).
            PlanError: As for ``Engine``.
        """
        engine = cls(plan)
        engine._site = _restored(plan, snapshot)
        return engine

    # Inside ------------------------------------------------------------------

    def _handle(self, event: Event, now_ms: int) -> tuple[Action, ...]:
        if isinstance(event, Advanced):
            return self._advance(now_ms)
        if isinstance(event, Gap):
            self._check_time("Gap", now_ms)
            if border.is_gap(self._site, event, now_ms):
                return self._go_over(event, now_ms)
        return self._happen(type(event).__name__, now_ms, lambda: self._apply(event))

    def _happen(
        self, name: str, now_ms: int, apply: Callable[[], None]
    ) -> tuple[Action, ...]:
        """
        Let time pass, then something happen, and match.
        """
        self._check_time(name, now_ms)
        site = self._site
        pass_time(site, now_ms)
        site.begin_event()
        try:
            apply()
        except EventRefusedError as refusal:
            refusal.actions = self._taken_actions()
            raise
        settle(site)
        pass_time(site, now_ms)
        return self._taken_actions()

    def _go_over(self, gap: Gap, now_ms: int) -> tuple[Action, ...]:
        """
        Go over a gap: it is applied as of its start, before any timer in it.
        """
        site = self._site
        if site.clock_ms is not None:
            pass_time(site, max(site.clock_ms, gap.from_ms - 1))
            site.clock_ms = gap.from_ms
        else:
            pass_time(site, gap.from_ms)
        hosts.leave_numbers(site, gap.until_ms)
        site.begin_event()
        hosts.begin_gap(site)
        site.timers.postpone(gap.from_ms, gap.until_ms)
        pass_time(site, now_ms)
        return self._taken_actions()

    def _advance(self, now_ms: int) -> tuple[Action, ...]:
        self._check_time("Advanced", now_ms)
        pass_time(self._site, now_ms)
        return self._taken_actions()

    def _go_on_under(self, plan: bytes, decoded: CompiledPlan) -> None:
        reload(self._site, decoded)
        self._plan = plan

    def _go_on_under_given(self, id: str) -> None:
        plan = self._given.get(id)
        if plan is None:
            state = f"no plan {id} was given"
            expected = "the id of a plan that add_plan was given"
            raise illegal("PlanReloaded", state, expected, "plan_not_given")
        self._go_on_under(plan, decode(plan))

    def _snapshot(self) -> bytes:
        return msgspec.msgpack.encode(self._site.snapshot())

    def _explain(self, query: ExplainQuery | AgentQuery) -> Decision | AgentDecision:
        self._check_time(type(query).__name__, query.now_ms)
        if explain.needs_copy(self._site, query):
            site = _restored(self._plan, self._snapshot())
            pass_time(site, query.now_ms)
            return explain.answer(site, query)
        clock_ms = self._site.clock_ms
        self._site.clock_ms = query.now_ms
        try:
            return explain.answer(self._site, query)
        finally:
            self._site.clock_ms = clock_ms

    def _check_time(self, event: str, now_ms: int) -> None:
        clock_ms = self._site.clock_ms
        if not 0 <= now_ms <= TIME_MS_MAX:
            expected = f"0 to {TIME_MS_MAX}"
            raise illegal(event, "time out of range", expected, "time_out_of_range")
        if clock_ms is not None and now_ms < clock_ms:
            state = f"the clock is at {clock_ms}"
            raise illegal(event, state, "no earlier time", "time_went_back")

    def _taken_actions(self) -> tuple[Action, ...]:
        taken = tuple(self._site.actions)
        self._site.actions.clear()
        return taken

    def _apply(self, event: Event) -> None:
        """
        Check an event against what it is about, then let it happen.
        """
        if type(event) not in ENGINE_EVENTS:
            raise _not_yet(type(event).__name__)
        if isinstance(event, PlanReloaded):
            self._go_on_under_given(event.plan_id)
        elif isinstance(event, acts.Act):
            acts.carry_out(self._site, event)
        else:
            dispatch.apply(self._site, event)


def _restored(plan: bytes, snapshot: bytes) -> Site:
    """
    Make a site of a snapshot.
    """
    try:
        state = _SNAPSHOT.decode(snapshot)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _snapshot_malformed() from error
    own_plan = decode(plan)
    if state.version != SNAPSHOT_VERSION or not kept.is_sound(own_plan, state):
        raise _snapshot_malformed()
    site = Site(own_plan, state.kept)
    if not is_sound(site.plan, state):
        raise _snapshot_malformed()
    site.load(state)
    return site


def _frames(data: bytes) -> Iterator[tuple[int, Event]]:
    """
    Read recorded frames: a length of four bytes, big end first, then the frame.
    """
    position = 0
    number = 0
    while position < len(data):
        start = position + 4
        end = start + int.from_bytes(data[position:start], "big")
        if start > len(data) or end > len(data):
            raise _frame_malformed(number)
        try:
            yield _FRAME.decode(data[start:end])
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise _frame_malformed(number) from error
        position = end
        number += 1


def _frame_malformed(number: int) -> JournalError:
    return JournalError(
        code="frame_malformed",
        message=f"frame {number} is no recorded event",
        where=f"frame {number}",
    )


def _plan_missing(number: int, id: str) -> JournalError:
    return JournalError(
        code="plan_missing",
        message=f"frame {number} goes on under plan {id}, which was not given",
        where=f"frame {number}",
    )


def _not_yet(event: str) -> IllegalEventError:
    return illegal(event, "not carried out yet", "a later version", "not_yet")


def _snapshot_malformed() -> JournalError:
    return JournalError(
        code="snapshot_malformed",
        message="not a snapshot of this version and plan",
        where="snapshot",
    )
