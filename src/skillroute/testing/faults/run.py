"""
One run: a site with all its parts, first with faults, then without.

In the safety phase everything may fail; nothing that must always hold may break.  Then
the faults stop, connections are mended, and everything must settle: within the longest
ring and the time to connect again every call is offered, waiting with a reason, or
ended (rule 17.14), and when all callers have gone nothing is left of any call.
"""

from __future__ import annotations

import traceback
from pathlib import Path

import msgspec

from ... import events
from ...reference.state import OfferPhase, Snapshot
from .audit import compare_with_switches, settled, still_there
from .happenings import Happenings
from .mix import CALM
from .place import JUDGED_EVERY, Place
from .planted import SOUND, Planted
from .process import Process

__all__ = ["Outcome", "Run", "run_seed"]

QUIET_MS = 40_000
"""Longer than the longest ring, join and grace of a random site together."""
DRAIN_MS = 240_000
"""Longer than any patience, conversation and message."""
WRAP_UP_MS_MAX = 1_801_000
"""Longer than a manual wrap-up may take."""
SAFETY_MS_MAX = 6 * 3_600_000


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """
    What became of a run.
    """

    seed: int
    events: int
    """Events that engines were told, those of replays not counted."""
    injected: dict[str, int]
    """How often each fault was injected."""
    outcomes: dict[str, int]
    """How calls ended."""
    broken: tuple[str, ...]
    """What did not hold; empty: all did."""
    judged: bool
    """Whether every event was judged by the Ledger."""


def run_seed(
    seed: int,
    length: int,
    *,
    planted: Planted = SOUND,
    kept: Path | None = None,
    backend: str = "",
    folder: Path | None = None,
    judged_every: int = JUDGED_EVERY,
    flood: int = 0,
) -> Outcome:
    """
    Run one seed.

    Args:
        seed: Decides everything.
        length: Events of the safety phase, > 0.
        planted: A fault in the program itself, to be found.
        kept: A journal of an earlier version; None: no run goes on with one.
        backend: Of the engine; empty: the active one.
        folder: Where journals are written; None: only in memory.
        judged_every: In one seed of so many the Ledger judges every event.
        flood: Calls that come at one instant; 0: as many as the seed says.

    Returns:
        What became of it; equal for equal arguments.
    """
    run = Run(
        seed,
        length,
        planted=planted,
        kept=kept,
        backend=backend,
        folder=folder,
        judged_every=judged_every,
        flood=flood,
    )
    try:
        run.go()
    # Whatever a seed raises, whoever runs thousands must hear which it was.
    except Exception:  # noqa: BLE001
        run.say(traceback.format_exc())
    finally:
        run.close()
    return run.outcome()


class Run:
    """
    One run; see ``run_seed``.
    """

    def __init__(
        self,
        seed: int,
        length: int,
        *,
        planted: Planted = SOUND,
        kept: Path | None = None,
        backend: str = "",
        folder: Path | None = None,
        judged_every: int = JUDGED_EVERY,
        flood: int = 0,
    ) -> None:
        self._length = length
        self._place = Place(
            seed,
            planted=planted,
            kept=kept,
            backend=backend,
            folder=folder,
            judged_every=judged_every,
            flood=flood,
        )
        self._happenings = Happenings(self._place, length)
        self._steps = 0

    def go(self) -> None:
        """
        Run both phases.
        """
        self._place.start_process()
        self._happenings.begin()
        self._safety()
        if not self._place.books.broken:
            self._liveness()

    def say(self, what: str) -> None:
        """
        Note that something does not hold.
        """
        self._place.books.say(what)

    def close(self) -> None:
        """
        Let go of the journal.
        """
        self._place.store.close()

    def outcome(self) -> Outcome:
        """
        Return what became of it.
        """
        return Outcome(
            seed=self._place.seed,
            events=self._place.books.events,
            injected=dict(self._place.injected),
            outcomes=dict(self._place.books.outcomes),
            broken=tuple(self._place.books.broken),
            judged=self._place.is_judged,
        )

    def _safety(self) -> None:
        while (
            self._place.books.events < self._length
            and self._place.agenda.now_ms < SAFETY_MS_MAX
        ):
            self._happenings.happen(self._place.books.events)
            if self._place.books.broken or not self._step(SAFETY_MS_MAX):
                break
        self._look_at_switches()

    def _liveness(self) -> None:
        self._stop_faults()
        self._until(self._place.agenda.now_ms + QUIET_MS)
        self._check_settled()
        if not self._place.books.broken:
            self._drain()
        if not self._place.books.broken:
            self._check_end()

    def _step(self, until_ms: int) -> bool:
        """
        Let the next thing happen; False: nothing does before so late.
        """
        self._steps += 1
        if self._steps > 50_000 + 60 * self._length:
            self._place.books.say("it goes round and round, and time stands still")
            return False
        next_ms = self._place.agenda.next_ms
        wake_ms = self._place.process.next_wake_ms if self._place.process else None
        if wake_ms is not None and (next_ms is None or wake_ms <= next_ms):
            if wake_ms > until_ms:
                return False
            self._place.agenda.go_to(max(wake_ms, self._place.agenda.now_ms))
            assert self._place.process is not None
            self._place.process.wake()
            self._place.start_again_if_ended()
            return True
        if next_ms is None or next_ms > until_ms:
            return False
        self._place.agenda.take()
        self._place.start_again_if_ended()
        return True

    def _until(self, until_ms: int) -> None:
        while not self._place.books.broken and self._step(until_ms):
            pass
        self._place.agenda.go_to(max(until_ms, self._place.agenda.now_ms))

    def _stop_faults(self) -> None:
        """
        Let nothing go wrong any more, and everybody who is connected be so again.
        """
        self._happenings.stop()
        self._place.wall.thaw()
        self._place.crowd.mix = CALM
        self._place.mix = msgspec.structs.replace(
            CALM, routes_on=self._place.mix.routes_on
        )
        self._place.settings = msgspec.structs.replace(
            self._place.settings, in_flight_max=4_096, waiting_max=10_000
        )
        for link in self._place.links.values():
            link.mix = self._place.mix
        if self._place.process is not None:
            self._place.process.mix = self._place.mix
        # A machine that sleeps is awake by then.
        self._until(self._place.agenda.now_ms + 20_000)
        for link in self._place.links.values():
            link.drop(DRAIN_MS, keeps_calls=True)
        # Calls come on while nobody hears of them.
        self._until(self._place.agenda.now_ms + 5_000)
        self._place.is_safe = True
        if self._place.process is None:
            self._place.start_process()
        self._place.crowd.everybody_is_ready()
        for link in self._place.links.values():
            link.mend()
        self._place.books.broken += self._different(only_known=True)

    def _check_settled(self) -> None:
        """
        Rule 17.14, and that switches and engine agree.
        """
        self._place.books.broken += self._different(only_known=False)
        assert self._place.process is not None
        self._place.books.broken += settled(
            self._place.process.engine.snapshot(), self._place.plan
        )
        self._look_at_switches()

    def _different(self, *, only_known: bool) -> list[str]:
        """
        Say in what switches and engine go on to differ: a commit may stall meanwhile.
        """
        process = self._place.process
        assert process is not None
        different: list[str] = []
        for _ in range(70):
            state = process.engine.snapshot()
            different = compare_with_switches(
                state, self._place.links, only_known=only_known
            )
            if not different and (only_known or process.is_settled):
                break
            self._until(self._place.agenda.now_ms + 100)
            if self._place.books.broken:
                break
        return different

    def _drain(self) -> None:
        """
        Let everybody hang up and finish their work: nothing may be left.
        """
        process = self._place.process
        assert process is not None
        self._until(self._place.agenda.now_ms + DRAIN_MS)
        staff = {
            agent.id: None
            for plan in self._place.plans.values()
            for agent in plan.agents
        }
        for agent in staff:
            self._place.console(events.WrapUpEnded(agent=agent))
        self._until(self._place.agenda.now_ms + 30_000)
        site = msgspec.msgpack.decode(process.engine.snapshot(), type=Snapshot)
        if any(offer.phase == OfferPhase.WRAP_UP for offer in site.offers):
            # That of somebody who was removed, and came back as somebody else.
            self._until(self._place.agenda.now_ms + WRAP_UP_MS_MAX)
        self._place.books.broken += still_there(
            process.engine.snapshot(), self._place.links
        )

    def _check_end(self) -> None:
        process = self._place.process
        assert process is not None
        self._place.look_at_heartbeat(process)
        self._clock_is_told(process)
        process.finish()
        self._until(self._place.agenda.now_ms + 10_000)
        if process.journal_is_down:
            self._place.books.say("the journal works, and is not written")
        if process.unanswered:
            self._place.books.say(f"{process.unanswered} events have no receipt")
        self._place.audit(process.engine.snapshot())

    def _clock_is_told(self, process: Process) -> None:
        """
        The engine knows how far its own clock is from the wall.
        """
        self._place.console(events.AgentResumed(agent=self._place.plan.agents[0].id))
        site = msgspec.msgpack.decode(process.engine.snapshot(), type=Snapshot)
        error_ms = (site.clock_ms or 0) + site.wall_offset_ms - self._place.wall.now_ms
        if abs(error_ms) > self._place.settings.wall_tolerance_ms:
            self._place.books.say(
                f"I17: the engine takes the wall clock to be {error_ms} off"
            )

    def _look_at_switches(self) -> None:
        """
        What no switch may ever see: an order carried out twice, or two winners.
        """
        for link in self._place.links.values():
            switch = link.switch
            for offer in switch.rung_twice:
                self._place.books.say(f"1.3: offer {offer} was rung twice")
            for call in switch.two_winners:
                self._place.books.say(f"17.2: {call} was joined with a second agent")
