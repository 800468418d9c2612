"""
The driver without input and output: what is recorded, released, refused, and when.

Everything is told to it with a reading of the clocks; what it wants done is in its
outbox.  So a simulation can drive it through every fault, and ``_driver.py`` adds
nothing but waiting, threads and the hosts' connections.

An event is handled at once and appended to the journal; its orders are held until the
commit that makes it durable has returned (append, handle, fsync of the group,
release).  What is told while too much is not yet durable waits; while too much waits,
new calls are refused, and nothing else ever is.

When the journal fails, ``on_failure`` decides.  ``route``: what is held is released,
nothing is acknowledged as durable, the commit is tried again now and then; if too much
has happened meanwhile the journal gets a hole with a snapshot behind it.  ``stop``: the
driver has ended, and what was not durable is not released.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from ..actions import Action, LookUp
from ..decisions import ExplainQuery
from ..errors import EngineBugError, EventRefusedError, JournalError
from ..events import (
    Advanced,
    CallArrived,
    CallEnriched,
    Event,
    Gap,
    HostLost,
    HostResynced,
    PlanReloaded,
    WallClockMoved,
)
from ..hookspecs import LookUpAnswer, ObservedMoment, Standing
from ._clock import EngineClock
from ._desk import Desk, Held
from ._engine import Engine
from ._failed_orders import event_of_failure
from ._hooks import HookBook
from ._hosts import HostBook
from ._intake import Intake, Told
from ._messages import KeptPlan, Lived, Outbox, Reading
from ._recording import Record
from ._releasing import Releases
from ._settings import DriverSettings

__all__ = ["Core"]


class Core:
    """
    Everything that a driver decides.

    Args:
        engine: New, or brought to where the journal ends.
        settings: How to run.
        reading: Both clocks, now.
        alive_ms: Last instant at which the journal knows the driver to have run; None:
            the journal is new.
        redeliver: Orders of the last moments before the end, which may not have
            reached their hosts: given to them once more as they return.
        observers: Names of the plugins that observe.
    """

    def __init__(
        self,
        engine: Engine,
        settings: DriverSettings,
        reading: Reading,
        *,
        alive_ms: int | None = None,
        redeliver: Iterable[Action] = (),
        observers: tuple[str, ...] = (),
    ) -> None:
        self._engine = engine
        self._settings = settings
        self._clock = EngineClock(reading, alive_ms)
        self._hosts = HostBook(None if alive_ms is None else engine.snapshot())
        self._hooks = HookBook(settings, observers)
        self._alive_ms = self._clock.now_ms(reading) if alive_ms is None else alive_ms
        self._desk = Desk(self._alive_ms, reading.monotonic_ms)
        self._record = Record(engine, settings, self._desk)
        parts = self._desk, self._hosts, self._hooks
        self._releases = Releases(settings, *parts, redeliver)
        self._waiting = Intake()
        self._tickets = 0
        self._heartbeat_at = reading.monotonic_ms
        self._refused_calls = 0
        """Since the overload began."""
        self._stopping = False
        self._finished = False
        self.ended = ""
        """Why the driver has ended; empty: it runs."""
        self._start(reading, is_new=alive_ms is None)

    # Asking ------------------------------------------------------------------

    def take(self) -> Outbox:
        """
        Return what is to be done, once; the caller does all of it, in order.

        Cost: constant, and what the outbox holds.
        """
        for ask in self._hooks.ready(self._desk.monotonic_ms):
            if isinstance(ask, str):
                self._desk.note("hook_late", ask)
            else:
                self._desk.outbox.asks.append(ask)
        if not self.ended:
            self._record.want_commit()
        return self._desk.take()

    @property
    def next_wake_ms(self) -> int:
        """
        When ``wake`` is needed next, by the monotonic clock.
        """
        times = [self._heartbeat_at + self._settings.heartbeat_ms]
        deadline_ms = self._engine.next_deadline_ms
        if self._finished:
            times = [self._desk.monotonic_ms + self._settings.heartbeat_ms]
        elif deadline_ms is not None:
            times.append(self._clock.monotonic_ms(deadline_ms))
        times.extend(self._record.wake_times())
        times.extend(self._hooks.deadlines())
        return min(times)

    @property
    def calls(self) -> int:
        """
        Return how many calls are in progress.
        """
        return len(self._hosts)

    @property
    def is_full(self) -> bool:
        """
        Tell whether told events wait: a host may be made to wait before it tells more.
        """
        return bool(self._waiting)

    @property
    def is_settled(self) -> bool:
        """
        Tell whether all that was told is handled, durable and released.
        """
        return not self._waiting and self._record.is_settled

    @property
    def journal_is_down(self) -> bool:
        """
        Tell whether nothing is acknowledged as durable at present.
        """
        return self._record.is_down

    # Hosts -------------------------------------------------------------------

    def tell(self, event: Event, reading: Reading, *, host: str = "") -> int:
        """
        Tell what happened.

        Args:
            event: What happened.
            reading: Both clocks, now.
            host: The host that tells it; empty: a person or program.

        Returns:
            A ticket, by which a receipt will be known: each gets exactly one.
        """
        self._pass_time(reading)
        return self._take_in(event, host, reading)

    def host_connected(self, host: str, standing: Standing, reading: Reading) -> int:
        """
        Say that a host's connection is there, and what exists.

        Returns:
            The ticket of ``HostResynced``.
        """
        self._pass_time(reading)
        self._hosts.connected.add(host)
        self._releases.redeliver_to(host)
        resynced = HostResynced(
            host=host, calls=standing.calls, unreachable=standing.unreachable
        )
        arrived = frozenset(arrival.call for arrival in standing.arrivals)
        waiting = self._waiting.calls()
        # Asked before the resync: by that many calls may end, and be forgotten.
        new = [
            arrival
            for arrival in standing.arrivals
            if arrival.call not in waiting and not self._is_known(arrival.call)
        ]
        ticket = self._take_in(resynced, host, reading, arrived=arrived)
        for arrival in new:
            # Bounded by what the switch has; nobody could be told of a refusal.
            self._take_in(arrival, host, reading, arrived=arrived)
        return ticket

    def host_lost(self, host: str, reading: Reading) -> int:
        """
        Say that a host's connection is gone: orders for it wait for nobody.

        Returns:
            The ticket of ``HostLost``.
        """
        self._pass_time(reading)
        self._releases.forget(host)
        self._hosts.connected.discard(host)
        return self._take_in(HostLost(host=host), host, reading)

    def carried_out(self, host: str) -> None:
        """
        Say that a host has carried out the oldest order that it owed.
        """
        self._releases.carried_out(host)

    def order_failed(
        self, host: str, action: Action, why: str, reading: Reading
    ) -> None:
        """
        Say that a host could not carry out the oldest order that it owed.

        The engine is told what must follow from it, so that nobody waits for a ring or
        a bridge that nobody works on.
        """
        self._pass_time(reading)
        self.carried_out(host)
        order = type(action).__name__
        self._desk.note("order_failed", f"{host} could not carry out {order}: {why}")
        event = event_of_failure(action)
        if event is not None:
            self._take_in(event, host, reading)

    # Journal -----------------------------------------------------------------

    def committed(self, number: int, reading: Reading) -> None:
        """
        Say that a commit has returned: its group is durable.
        """
        group = self._record.committed(number)
        self._releases.let_go(group, durable=True)
        self._pass_time(reading)
        self._drain(reading)

    def commit_failed(self, number: int, why: str, reading: Reading) -> None:
        """
        Say that a commit failed: its group may not be durable.
        """
        group = self._record.commit_failed(number, reading.monotonic_ms)
        self._journal_failed(why, group)
        self._pass_time(reading)
        self._drain(reading)

    # Hooks -------------------------------------------------------------------

    def hook_answered(self, id: int, answer: object, reading: Reading) -> None:
        """
        Say what a hook answered; one that is late, or was never asked, counts nothing.
        """
        self._pass_time(reading)
        order = self._hooks.answered(id)
        if order is None:
            return
        if answer is not None and not isinstance(answer, LookUpAnswer):
            kind = type(answer).__name__
            self._desk.note("hook_failed", f"skillroute_look_up answered with {kind}")
            answer = None
        self._enrich(order, answer, reading)

    def hook_failed(self, id: int, why: str, reading: Reading) -> None:
        """
        Say that a hook raised: it is noted, and nothing is known.
        """
        if self._hooks.is_open(id):
            self._desk.note("hook_failed", why)
        self.hook_answered(id, None, reading)

    # People ------------------------------------------------------------------

    def reload(self, compiled: bytes, reading: Reading) -> int:
        """
        Go on under another plan.

        Returns:
            The ticket of ``PlanReloaded``.

        Raises:
            PlanError: It is no compiled plan; the one in force is kept.
            JournalError: The journal fails at present (``journal_down``): a restart
                would not know of the plan.
        """
        if self._record.is_down or self._record.has_hole:
            raise JournalError(
                code="journal_down",
                message="the journal fails: no other plan can be taken now",
                where="driver",
            )
        self._pass_time(reading)
        plan_id = self._engine.add_plan(compiled)
        self._desk.enter(KeptPlan(compiled))
        return self._take_in(PlanReloaded(plan_id=plan_id), "", reading)

    def wake(self, reading: Reading) -> None:
        """
        Let time pass: due timers fire, late hooks are passed over, a heart beats.
        """
        now_ms = self._pass_time(reading)
        if not self._finished:
            self._fire(now_ms)
            self._beat(now_ms, reading)
        for why, order in list(self._hooks.late(reading.monotonic_ms)):
            self._desk.note("hook_late", why)
            if order is not None:
                self._enrich(order, None, reading)
        group = self._record.late_commit()
        if group is not None:
            self._journal_failed("a commit takes very long", group)
        self._drain(reading)

    def stop(self) -> None:
        """
        Take no new calls from now on.
        """
        self._stopping = True

    def finish(self, reading: Reading) -> None:
        """
        Handle what waits, and keep a snapshot; whatever is told later does not count.
        """
        now_ms = self._pass_time(reading)
        while self._waiting and not self.ended:
            self._handle_next(reading)
        self._fire(now_ms)
        if not self.ended:
            self._desk.enter(Lived(now_ms))
            self._record.keep_state()
        self._finished = True

    # Inside ------------------------------------------------------------------

    def _start(self, reading: Reading, *, is_new: bool) -> None:
        now_ms = self._clock.now_ms(reading)
        if is_new:
            # Recorded whatever it orders: a replay must begin at the same instant.
            self._advance(now_ms, is_start=True)
        else:
            self._go_over_gap(now_ms)
        self._tell_wall_clock(reading, now_ms)
        self._beat(now_ms, reading, is_due=True)

    def _pass_time(self, reading: Reading) -> int:
        """
        Read the engine's clock, and tell it what happened to the clocks.
        """
        self._desk.monotonic_ms = max(self._desk.monotonic_ms, reading.monotonic_ms)
        now_ms = self._clock.now_ms(reading)
        if self.ended or self._finished:
            return now_ms
        if now_ms - self._alive_ms > self._settings.gap_after_ms:
            self._go_over_gap(now_ms)
            self._desk.outbox.resyncs += sorted(self._hosts.connected)
            self._hosts.connected.clear()
            self._releases.forget_all()
        self._tell_wall_clock(reading, now_ms)
        return now_ms

    def _go_over_gap(self, now_ms: int) -> None:
        from_ms = max(self._alive_ms, self._desk.engine_ms)
        self._happen(Gap(from_ms=from_ms, until_ms=now_ms), now_ms)

    def _tell_wall_clock(self, reading: Reading, now_ms: int) -> None:
        offset_ms = self._clock.wall_offset_ms(reading)
        told_ms = self._hosts.wall_offset_ms
        if abs(offset_ms - told_ms) > self._settings.wall_tolerance_ms:
            # Whether or not the engine can use it, it is not told again and again.
            self._hosts.wall_offset_ms = offset_ms
            self._happen(WallClockMoved(offset_ms=offset_ms), now_ms)

    def _beat(self, now_ms: int, reading: Reading, *, is_due: bool = False) -> None:
        since_ms = reading.monotonic_ms - self._heartbeat_at
        if is_due or since_ms >= self._settings.heartbeat_ms:
            self._heartbeat_at = reading.monotonic_ms
            self._alive_ms = now_ms
            self._desk.enter(Lived(now_ms))

    def _take_in(
        self,
        event: Event,
        host: str,
        reading: Reading,
        *,
        arrived: frozenset[str] | None = None,
    ) -> int:
        """
        Handle an event, let it wait, or refuse it.
        """
        self._tickets += 1
        told = Told(self._tickets, event, host, arrived)
        is_arrival = arrived is None and isinstance(event, CallArrived)
        if self.ended or self._finished:
            self._desk.answer(told.ticket, "stopped")
        elif is_arrival and self._stopping:
            self._desk.answer(told.ticket, "stopping")
        elif not self._must_wait():
            self._handle(told, reading)
        elif is_arrival and len(self._waiting) >= self._settings.waiting_max:
            self._refuse_call(told)
        else:
            self._waiting.put(told)
            if self._waiting.counted > 4 * self._settings.waiting_max:
                self._cut_off_who_floods(reading)
        return told.ticket

    def _must_wait(self) -> bool:
        return (
            bool(self._waiting)
            or self._record.in_flight >= self._settings.in_flight_max
        )

    def _drain(self, reading: Reading) -> None:
        while (
            self._waiting
            and not self.ended
            and self._record.in_flight < self._settings.in_flight_max
        ):
            self._handle_next(reading)
        for host in sorted(self._releases.stuck):
            self._cut_off(host, "it does not carry out its orders", reading)
        self._releases.stuck.clear()
        if self._refused_calls and not self._waiting:
            text = f"{self._refused_calls} calls were refused"
            self._refused_calls = 0
            self._desk.note("overload_ended", text)

    def _handle_next(self, reading: Reading) -> None:
        self._handle(self._waiting.take(), reading)

    def _refuse_call(self, told: Told) -> None:
        if not self._refused_calls:
            self._desk.alarm("overloaded", "more is told than can be handled")
        self._refused_calls += 1
        self._desk.answer(told.ticket, "overloaded")

    def _cut_off_who_floods(self, reading: Reading) -> None:
        """
        Cut off the host that has told most of what waits: it is asked again instead.
        """
        worst = self._waiting.who_floods()
        for told in self._waiting.drop(worst):
            self._desk.answer(told.ticket, "host_dropped")
        if worst:
            self._cut_off(worst, "it tells more than can be handled", reading)

    def _cut_off(self, host: str, why: str, reading: Reading) -> None:
        self._desk.alarm("host_dropped", f"{host} is cut off: {why}")
        self._desk.outbox.drops.append(host)
        self._releases.forget(host)
        self._hosts.connected.discard(host)
        self._happen(HostLost(host=host), self._clock.now_ms(reading))

    def _handle(self, told: Told, reading: Reading) -> None:
        event = told.event
        # What is known is asked now: calls that were told before may have waited, too.
        match event:
            case CallArrived(call=call) if told.arrived and self._is_known(call):
                self._desk.answer(told.ticket, "")
                return
            case HostResynced() if told.arrived is not None:
                event = self._without_unknown(event, told.arrived)
        self._happen(event, self._clock.now_ms(reading), told.ticket)

    def _without_unknown(
        self, event: HostResynced, arrived: frozenset[str]
    ) -> HostResynced:
        """
        Leave out calls that are not known, or not yet: one of them would spoil all.
        """
        known = []
        for each in event.calls:
            if self._is_known(each.call):
                known.append(each)
            elif each.call not in arrived:
                text = f"{event.host} has a call {each.call} that nobody knows"
                self._desk.alarm("unknown_standing", text)
        return msgspec.structs.replace(event, calls=tuple(known))

    def _fire(self, now_ms: int) -> None:
        deadline_ms = self._engine.next_deadline_ms
        if deadline_ms is not None and deadline_ms <= now_ms and not self.ended:
            self._advance(now_ms)

    def _advance(self, now_ms: int, *, is_start: bool = False) -> None:
        try:
            actions = self._engine.advance(now_ms)
        except EngineBugError as error:
            self._end("engine_bug", error.message)
            return
        self._desk.engine_ms = now_ms
        if actions or is_start:
            self._happened(Advanced(), now_ms, actions, "", 0)

    def _happen(self, event: Event, now_ms: int, ticket: int = 0) -> None:
        """
        Let the engine handle an event, and hold what it orders.
        """
        refused = ""
        try:
            actions = self._engine.handle(event, now_ms)
        except EventRefusedError as refusal:
            actions, refused = refusal.actions, refusal.code
        except TypeError as error:
            self._desk.answer(ticket, "no_event")
            self._desk.note("no_event", str(error))
            return
        except EngineBugError as error:
            # Not appended: whoever replays the journal must not meet it again.
            self._desk.answer(ticket, "stopped")
            self._end("engine_bug", error.message)
            return
        self._desk.engine_ms = now_ms
        self._happened(event, now_ms, actions, refused, ticket)

    def _happened(
        self,
        event: Event,
        now_ms: int,
        actions: tuple[Action, ...],
        refused: str,
        ticket: int,
    ) -> None:
        moment = ObservedMoment(
            at_ms=now_ms, event=event, actions=actions, refused=refused
        )
        self._alive_ms = now_ms
        if not refused:
            self._hosts.note(event, actions)
        held = Held(moment, ticket)
        if not self._record.hold(held):
            self._releases.let_go([held], durable=False)

    def _journal_failed(self, why: str, group: list[Held]) -> None:
        held = [*group, *self._record.take_back()]
        if self._settings.on_failure == "stop":
            for each in held:
                self._desk.answer(each.ticket, "stopped")
            self._end("journal_failed", why)
            return
        self._record.go_on_without(why, unrecorded=len(held))
        self._releases.let_go(held, durable=False)

    def _end(self, code: str, why: str) -> None:
        self.ended = code
        self._desk.alarm(code, why)
        for told in self._waiting.drop():
            self._desk.answer(told.ticket, "stopped")

    def _is_known(self, call: str) -> bool:
        """
        Tell whether the engine knows of a call, in progress or ended lately.
        """
        if self._hosts.has(call):
            return True
        query = ExplainQuery(now_ms=self._desk.engine_ms, call=call, only=())
        try:
            self._engine.explain(query)
        except EventRefusedError:
            return False
        return True

    def _enrich(
        self, order: LookUp, answer: LookUpAnswer | None, reading: Reading
    ) -> None:
        known = LookUpAnswer() if answer is None else answer
        enriched = CallEnriched(
            call=order.call,
            what=order.what,
            found=answer is not None,
            needs=known.needs,
            priority=known.priority,
            preferred=known.preferred,
            attributes=known.attributes,
        )
        self._take_in(enriched, "", reading)
