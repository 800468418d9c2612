"""
Faults planted in the program itself: a simulation that misses them would prove nothing.

Each swaps one thing of a sound driver, journal, host or engine for a wrong one, for one
run.  Nothing outside the tests can switch them on: they live here, not in what they
break.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...actions import Action, RecordOutcome
from ...driver import Core, Reading
from ...errors import JournalError
from ...events import CallArrived, Event, Gap, HostResynced
from ...hookspecs import Standing
from .disk import MemoryJournal

__all__ = ["PLANTED", "SOUND", "Planted"]


class Planted:
    """
    What is wrong with a program.

    Args:
        part: ``driver``, ``journal``, ``host``, ``engine``; empty: nothing is wrong.
        summary: What is wrong.
        core: The driver's core.
        journal: Breaks a journal in memory before anything is written to it.
        restarted: Breaks what a restart led to: takes the journal and the engine.
        standing: What a host says instead of the truth.
        engine: What is driven instead of the engine.
        carries_twice: The host carries out an order that comes twice.
        trusts_group: The journal says that a group is durable before it is.
    """

    def __init__(
        self,
        part: str = "",
        summary: str = "",
        *,
        core: type[Core] = Core,
        journal: Callable[[MemoryJournal], None] | None = None,
        restarted: Callable[[Any, Any], None] | None = None,
        standing: Callable[[Standing], Standing] | None = None,
        engine: Callable[[Any], Any] | None = None,
        carries_twice: bool = False,
        trusts_group: bool = False,
    ) -> None:
        self.part = part
        self.summary = summary
        self.core = core
        self.journal = journal
        self.restarted = restarted
        self.standing = standing
        self.engine = engine
        self.carries_twice = carries_twice
        self.trusts_group = trusts_group


SOUND = Planted()
"""Nothing is wrong."""


# The driver ----------------------------------------------------------------------


class _ReleasesBeforeDurable(Core):
    def _happened(self, *told: Any) -> None:
        super()._happened(*told)
        self._releases.let_go(self._record.take_back(), durable=True)


class _NoGapAfterRestart(Core):
    def _go_over_gap(self, now_ms: int) -> None:
        self._advance(now_ms)


class _GapBeginsTooLate(Core):
    def _go_over_gap(self, now_ms: int) -> None:
        self._happen(Gap(from_ms=now_ms, until_ms=now_ms), now_ms)


class _NoHeartbeat(Core):
    def _beat(self, now_ms: int, reading: Reading, *, is_due: bool = False) -> None:
        del is_due
        self._heartbeat_at = reading.monotonic_ms
        self._alive_ms = now_ms


class _KeepsLostHosts(Core):
    def host_lost(self, host: str, reading: Reading) -> int:
        """Pass over it."""
        return self._pass_time(reading) and len(host)


class _RefusesHangUps(Core):
    def _take_in(
        self,
        event: Event,
        host: str,
        reading: Reading,
        *,
        arrived: frozenset[str] | None = None,
    ) -> int:
        if self._must_wait() and len(self._waiting) >= self._settings.waiting_max:
            self._tickets += 1
            self._desk.answer(self._tickets, "overloaded")
            return self._tickets
        return super()._take_in(event, host, reading, arrived=arrived)


class _RefusesInSilence(Core):
    def _refuse_call(self, told: Any) -> None:
        del told


class _WallClockUntold(Core):
    def _tell_wall_clock(self, reading: Reading, now_ms: int) -> None:
        del reading, now_ms


class _TimersAreLate(Core):
    def _fire(self, now_ms: int) -> None:
        if now_ms % 7 == 0:
            super()._fire(now_ms)


class _TimeIsUnrecorded(Core):
    def _happened(self, *told: Any) -> None:
        if type(told[0]).__name__ == "Advanced" and told[2]:
            for action in told[2]:
                self._releases.release(action)
            return
        super()._happened(*told)


class _RefusalsAreUnrecorded(Core):
    def _start(self, reading: Reading, *, is_new: bool) -> None:
        append = self._record.append

        def forgetting(moment: Any) -> bool:
            return bool(moment.refused) or append(moment)

        self._record.append = forgetting  # type: ignore[method-assign]
        super()._start(reading, is_new=is_new)


class _PlanIsNotKept(Core):
    def reload(self, compiled: bytes, reading: Reading) -> int:
        """Forget to keep the plan."""
        ticket = super().reload(compiled, reading)
        kept = self._desk.outbox.entries
        kept[:] = [e for e in kept if type(e).__name__ != "KeptPlan"]
        return ticket


class _TrustsAFailedCommit(Core):
    def commit_failed(self, number: int, why: str, reading: Reading) -> None:
        """Take it for done."""
        del why
        self.committed(number, reading)


class _NeverTriesAgain(Core):
    def _start(self, reading: Reading, *, is_new: bool) -> None:
        failed = self._record.commit_failed

        def giving_up(number: int, monotonic_ms: int) -> Any:
            return failed(number, monotonic_ms + 2**62)

        self._record.commit_failed = giving_up  # type: ignore[method-assign]
        super()._start(reading, is_new=is_new)


class _GoesOnWhereItShouldStop(Core):
    def _journal_failed(self, why: str, group: list[Any]) -> None:
        del why
        held = [*group, *self._record.take_back()]
        self._releases.let_go(held, durable=False)
        self._desk.is_dirty = True


class _ForgetsArrivals(Core):
    def host_connected(self, host: str, standing: Standing, reading: Reading) -> int:
        """Pass over what nobody knows."""
        known = Standing(calls=standing.calls, unreachable=standing.unreachable)
        return super().host_connected(host, known, reading)


class _ResyncIsHalf(Core):
    def _take_in(
        self,
        event: Event,
        host: str,
        reading: Reading,
        *,
        arrived: frozenset[str] | None = None,
    ) -> int:
        if isinstance(event, HostResynced):
            event = HostResynced(host=event.host, calls=event.calls, complete=False)
        return super()._take_in(event, host, reading, arrived=arrived)


class _SnapshotIsEarly(Core):
    def _start(self, reading: Reading, *, is_new: bool) -> None:
        keep = self._record.keep_state

        def keeping_early() -> None:
            keep()
            entries = self._desk.outbox.entries
            if len(entries) > 1 and type(entries[-2]).__name__ == "Happened":
                entries[-2:] = [entries[-1], entries[-2]]

        self._record.keep_state = keeping_early  # type: ignore[method-assign]
        super()._start(reading, is_new=is_new)


class _AHookEndsIt(Core):
    def hook_failed(self, id: int, why: str, reading: Reading) -> None:
        """Let the hook's exception through."""
        del id, reading
        raise RuntimeError(why)


# The journal -----------------------------------------------------------------------


def _forgets_after_failure(journal: MemoryJournal) -> None:
    """Lose what waits when a commit fails."""
    commit = journal.commit

    def forgetting() -> int:
        try:
            return commit()
        except JournalError:
            journal.close()
            raise

    journal.commit = forgetting  # type: ignore[method-assign]


def _swaps_records(journal: MemoryJournal) -> None:
    """Write the last two records of every tenth event the other way round."""
    append = journal.append
    count = 0

    def swapping(event: Event, at_ms: int, **more: Any) -> int:
        nonlocal count
        count += 1
        seq = append(event, at_ms, **more)
        if count % 10 == 0:
            journal.swap_last()
        return seq

    journal.append = swapping  # type: ignore[method-assign]


def _loses_refusals(journal: MemoryJournal) -> None:
    """Record a refused event as if it had been taken."""
    append = journal.append

    def losing(event: Event, at_ms: int, **more: Any) -> int:
        more["refused"] = ""
        return append(event, at_ms, **more)

    journal.append = losing  # type: ignore[method-assign]


def _replays_twice(journal: Any, engine: Any) -> None:
    """Handle the last record again."""
    last = journal.durable_seq
    if last:
        for frames in journal.frames(after_seq=last - 1):
            engine.replay(frames)


# The engine ------------------------------------------------------------------------


class _LosesOutcomes:
    """Give no outcome to every fortieth call."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine
        self._ended = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def handle(self, event: Event, now_ms: int) -> tuple[Action, ...]:
        """Handle an event, and lose an order now and then."""
        return self._without(self._engine.handle(event, now_ms))

    def advance(self, now_ms: int) -> tuple[Action, ...]:
        """Let time pass, and lose an order now and then."""
        return self._without(self._engine.advance(now_ms))

    def _without(self, actions: tuple[Action, ...]) -> tuple[Action, ...]:
        kept = []
        for action in actions:
            self._ended += isinstance(action, RecordOutcome)
            if not isinstance(action, RecordOutcome) or self._ended % 40:
                kept.append(action)
        return tuple(kept)


class _TakesTwice(_LosesOutcomes):
    """Let every fiftieth call in a second time, under another id."""

    def handle(self, event: Event, now_ms: int) -> tuple[Action, ...]:
        """Handle an event, maybe twice."""
        actions: tuple[Action, ...] = self._engine.handle(event, now_ms)
        self._ended += isinstance(event, CallArrived)
        if isinstance(event, CallArrived) and self._ended % 50 == 0:
            again = CallArrived(
                call=f"{event.call}-again",
                host=event.host,
                caller=event.caller,
                dialled=event.dialled,
            )
            actions += self._engine.handle(again, now_ms)
        return actions


def _says_nothing(standing: Standing) -> Standing:
    """Forget every call."""
    return Standing(unreachable=standing.unreachable)


def _says_joined(standing: Standing) -> Standing:
    """Forget which calls have agents."""
    calls = tuple(type(one)(call=one.call) for one in standing.calls)
    return Standing(calls=calls, arrivals=standing.arrivals)


PLANTED: dict[str, Planted] = {
    "releases_before_durable": Planted(
        "driver",
        "orders leave before their event is durable",
        core=_ReleasesBeforeDurable,
    ),
    "no_gap_after_restart": Planted(
        "driver",
        "after a restart time goes on as if nothing was",
        core=_NoGapAfterRestart,
    ),
    "gap_begins_too_late": Planted(
        "driver", "a gap begins when it ends", core=_GapBeginsTooLate
    ),
    "no_heartbeat": Planted(
        "driver", "the journal does not learn that the driver runs", core=_NoHeartbeat
    ),
    "keeps_lost_hosts": Planted(
        "driver", "a lost host goes on in the engine", core=_KeepsLostHosts
    ),
    "refuses_hang_ups": Planted(
        "driver", "a full driver refuses anything, not only calls", core=_RefusesHangUps
    ),
    "refuses_in_silence": Planted(
        "driver", "a call that is refused gets no receipt", core=_RefusesInSilence
    ),
    "wall_clock_untold": Planted(
        "driver",
        "the engine does not hear that the wall clock jumped",
        core=_WallClockUntold,
    ),
    "timers_are_late": Planted(
        "driver", "most timers fire only with the next event", core=_TimersAreLate
    ),
    "time_is_unrecorded": Planted(
        "driver", "what timers ordered is not in the journal", core=_TimeIsUnrecorded
    ),
    "refusals_are_unrecorded": Planted(
        "driver", "refused events are not in the journal", core=_RefusalsAreUnrecorded
    ),
    "plan_is_not_kept": Planted(
        "driver", "the journal does not get the plan of a reload", core=_PlanIsNotKept
    ),
    "trusts_a_failed_commit": Planted(
        "driver", "a commit that failed counts as done", core=_TrustsAFailedCommit
    ),
    "never_tries_again": Planted(
        "driver", "after a failed commit there is no other", core=_NeverTriesAgain
    ),
    "goes_on_where_it_should_stop": Planted(
        "driver",
        "calls go on unrecorded, whatever the settings say",
        core=_GoesOnWhereItShouldStop,
    ),
    "forgets_arrivals": Planted(
        "driver",
        "calls that came while it was dead are passed over",
        core=_ForgetsArrivals,
    ),
    "resync_is_half": Planted(
        "driver", "no resync is ever complete", core=_ResyncIsHalf
    ),
    "snapshot_is_early": Planted(
        "driver", "a snapshot is kept one record too early", core=_SnapshotIsEarly
    ),
    "a_hook_ends_it": Planted(
        "driver", "a hook that raises ends the driver", core=_AHookEndsIt
    ),
    "loses_last_group": Planted(
        "journal", "a commit returns before its group is durable", trusts_group=True
    ),
    "forgets_after_failure": Planted(
        "journal",
        "a failed commit forgets what it should write",
        journal=_forgets_after_failure,
    ),
    "swaps_records": Planted(
        "journal", "records are written in another order", journal=_swaps_records
    ),
    "loses_refusals": Planted(
        "journal", "a refusal is recorded without its code", journal=_loses_refusals
    ),
    "replays_twice": Planted(
        "journal", "a restart handles the last record again", restarted=_replays_twice
    ),
    "carries_twice": Planted(
        "host", "an order that comes twice is carried out twice", carries_twice=True
    ),
    "says_nothing": Planted(
        "host", "a resync tells of no call", standing=_says_nothing
    ),
    "says_joined": Planted(
        "host", "a resync tells of calls, not of their agents", standing=_says_joined
    ),
    "loses_outcomes": Planted(
        "engine", "a call ends now and then without outcome", engine=_LosesOutcomes
    ),
    "takes_twice": Planted(
        "engine", "a call is let in twice now and then", engine=_TakesTwice
    ),
}
"""Every planted fault, by its name."""
