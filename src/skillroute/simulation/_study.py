"""
Playing many replications: on this machine, on several, in parts that are joined later.

Replications are independent, so whoever plays them, and in what order, changes
nothing: the result of parts that were joined is that of the whole, byte for byte.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, as_completed
from pathlib import Path

import msgspec
from msgspec.structs import replace

from .. import backends
from ..errors import JournalError
from ..plan.compiled import STRATEGIES, decode, plan_id
from ..plan.compiled import encode as encode_plan
from ._measures import Levels
from ._replication import run_replication
from ._scenario_load import Scenario
from ._service_levels import LevelName
from ._tallies import Tallies

__all__ = [
    "Arm",
    "Study",
    "StudyPart",
    "join_parts",
    "new_study",
    "play",
    "play_all",
    "read_part",
    "shard_of",
    "write_part",
]

PART_FORMAT = 1
_CHUNKS_PER_WORKER = 8
# Odd, so that no two of 2**63 replications have the same seed.
_SEED_STEP = 0x9E3779B97F4A7C15

Progress = Callable[[int, int], None]
"""Called with (replications played, replications in all)."""


class Arm(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """
    One plan of a study.
    """

    name: str
    """As it was given, such as ``bank.toml``."""
    plan_id: str
    plan: bytes
    """Compiled."""


class Study(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """
    What is to be played: everything that decides the result, and nothing else.
    """

    scenario: str
    """Its name."""
    compiled: bytes
    """The scenario."""
    seed: int
    replications: int
    arms: tuple[Arm, ...]
    """The plan, and the one that it is compared with, if any."""
    definition: LevelName
    """The service level that is shown first."""
    thresholds_ms: tuple[int, ...]
    """Those of the scenario; the first is shown first."""
    short_ms: int
    zone: str
    """The site's, for times of day."""

    def __repr__(self) -> str:
        """Name the study; what is compiled in it would be pages."""
        plans = " and ".join(arm.name for arm in self.arms)
        size = f"{self.replications:,} replications, seed {self.seed}"
        return f"<Study {self.scenario!r} under {plans}: {size}>"

    @property
    def levels(self) -> Levels:
        """
        Which service levels are counted.
        """
        return Levels(
            thresholds_ms=tuple(sorted({*self.thresholds_ms, self.short_ms})),
            shown_ms=self.thresholds_ms,
            short_ms=self.short_ms,
        )


class StudyPart(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """
    Some replications of a study, or all.
    """

    format: int
    study: Study
    backend: str
    tallies: tuple[tuple[Tallies, ...], ...]
    """By arm: the replications, ascending."""
    seconds: float
    """That playing them took, added up over workers."""

    def __repr__(self) -> str:
        """Say how much of the study it is."""
        return f"<StudyPart, {len(self.tallies[0]):,} replications of {self.study!r}>"

    @property
    def events(self) -> int:
        """
        How many events the engine handled.
        """
        return sum(each.events for tallies in self.tallies for each in tallies)


def new_study(
    scenario: Scenario,
    *,
    against: Scenario | None = None,
    replications: int | None = None,
) -> Study:
    """
    Say what is to be played.

    Args:
        scenario: Scenario and plan.
        against: The same scenario with a second plan; None: nothing is compared.
        replications: None: as many as the scenario says.
    """
    raw = scenario.raw
    both = [scenario] if against is None else [scenario, against]
    return Study(
        scenario=scenario.compiled.name,
        compiled=scenario.encoded,
        seed=scenario.compiled.seed,
        replications=raw.replications if replications is None else replications,
        arms=tuple(
            Arm(
                name=Path(each.plan.file).name,
                plan_id=plan_id(each.plan.compiled),
                plan=each.plan.compiled,
            )
            for each in both
        ),
        definition=raw.service_level,
        thresholds_ms=tuple(round(value * 1000) for value in raw.thresholds_s),
        short_ms=round(raw.short_s * 1000),
        zone=scenario.plan.raw.site.zone,
    )


def shard_of(replications: int, number: int, of: int) -> range:
    """
    Return which replications one of several machines plays.

    Args:
        replications: In all.
        number: Of the machine, from 1.
        of: How many machines there are.
    """
    return range(number - 1, replications, of)


def play(
    study: Study,
    *,
    numbers: Iterable[int] | None = None,
    executor: Executor | None = None,
    workers: int = 1,
    backend: str | None = None,
    progress: Progress | None = None,
) -> StudyPart:
    """
    Play replications of a study, all of them with all plans.

    Args:
        study: What is to be played.
        numbers: Which replications; None: all.
        executor: Whoever plays them: threads, processes, or other machines; what it is
            given can be pickled.  None: this thread.
        workers: How many tasks the executor works on at once: work is cut accordingly.
        backend: Which engine; None: the active one.
        progress: Is told how far it is.

    Returns:
        What was counted.

    Raises:
        ImportError: The backend is unknown or not installed.

    Cost: that of the replications; a task has some ten of them, or fewer.
    """
    several = _Playing([study], numbers, backend, progress)
    several.run(executor, workers)
    [part] = several.parts()
    return part


def play_all(
    studies: Sequence[Study],
    *,
    executor: Executor | None = None,
    workers: int = 1,
    backend: str | None = None,
    progress: Progress | None = None,
) -> tuple[StudyPart, ...]:
    """
    Play several studies at once: the points of a sweep.

    Args:
        studies: What is to be played, such as one study for each staffing.
        executor: As for ``play``; the replications of all studies are its tasks.
        workers: As for ``play``.
        backend: As for ``play``.
        progress: Is told how far all of them are together.

    Returns:
        What was counted, in the order of *studies*.

    Raises:
        ImportError: The backend is unknown or not installed.

    Cost: that of all replications.
    """
    several = _Playing(studies, None, backend, progress)
    several.run(executor, workers)
    return several.parts()


class _Playing:
    """
    Studies that are being played, and what has come back so far.
    """

    def __init__(
        self,
        studies: Sequence[Study],
        numbers: Iterable[int] | None,
        backend: str | None,
        progress: Progress | None,
    ) -> None:
        self.studies = studies
        self.backend = backends.active() if backend is None else backend
        self.progress = progress
        chosen = None if numbers is None else sorted(numbers)
        self.numbers = [
            list(range(study.replications)) if chosen is None else chosen
            for study in studies
        ]
        self.played: list[list[dict[int, bytes]]] = [
            [{} for _ in study.arms] for study in studies
        ]
        self.seconds = [0.0] * len(studies)
        self.done = 0

    def run(self, executor: Executor | None, workers: int) -> None:
        """
        Play everything, here or wherever the executor is.
        """
        if executor is None:
            for study, arm, chunk in self._tasks(workers):
                self._note(study, arm, _task(*self._given(study, arm, chunk)))
            return
        waiting: dict[Future[_Answer], tuple[int, int]] = {
            executor.submit(_task, *self._given(study, arm, chunk)): (study, arm)
            for study, arm, chunk in self._tasks(workers)
        }
        for future in as_completed(waiting):
            self._note(*waiting[future], future.result())

    def parts(self) -> tuple[StudyPart, ...]:
        """
        Return what was counted, replications in order.
        """
        decoder = msgspec.msgpack.Decoder(Tallies)
        return tuple(
            StudyPart(
                format=PART_FORMAT,
                study=study,
                backend=self.backend,
                tallies=tuple(
                    tuple(decoder.decode(found[number]) for number in numbers)
                    for found in played
                ),
                seconds=seconds,
            )
            for study, numbers, played, seconds in zip(
                self.studies, self.numbers, self.played, self.seconds, strict=True
            )
        )

    def _tasks(self, workers: int) -> Iterator[tuple[int, int, list[int]]]:
        """
        Yield (study, arm, replications), all plans of some replications together.
        """
        for place, numbers in enumerate(self.numbers):
            for chunk in _chunks(numbers, workers):
                for arm in range(len(self.studies[place].arms)):
                    yield place, arm, chunk

    def _given(
        self, place: int, arm: int, chunk: list[int]
    ) -> tuple[bytes, bytes, list[int], str, bool]:
        study = self.studies[place]
        # One replication has intervals only if its calls can be cut into stretches.
        keep_calls = study.replications == 1
        return study.arms[arm].plan, study.compiled, chunk, self.backend, keep_calls

    def _note(self, place: int, arm: int, answer: _Answer) -> None:
        found, seconds = answer
        self.played[place][arm].update(found)
        self.seconds[place] += seconds
        self.done += len(found)
        if self.progress is not None:
            pairs = zip(self.studies, self.numbers, strict=True)
            total = sum(len(study.arms) * len(numbers) for study, numbers in pairs)
            self.progress(self.done, total)


_Answer = tuple[dict[int, bytes], float]


def _task(
    plan: bytes,
    scenario: bytes,
    numbers: Sequence[int],
    backend: str,
    keep_calls: bool,  # noqa: FBT001 - what an executor is given is positional
) -> _Answer:
    """
    Play some replications; runs wherever the executor is.
    """
    begun_s = time.perf_counter()
    encode = msgspec.msgpack.encode
    found = {
        number: encode(
            run_replication(
                _with_own_chance(plan, number),
                scenario,
                number,
                keep_calls=keep_calls,
                backend=backend,
            )
        )
        for number in numbers
    }
    return found, time.perf_counter() - begun_s


def _with_own_chance(plan: bytes, replication: int) -> bytes:
    """
    Give a plan whose strategies draw another seed in each replication.

    Else the k-th call would be drawn the same agents in all of them, and what is one
    sample would look like many.
    """
    site = decode(plan)
    drawing = {STRATEGIES.index("random"), STRATEGIES.index("weighted_random")}
    chosen = {queue.strategy for queue in site.queues}
    chosen |= {step.strategy for queue in site.queues for step in queue.steps}
    if not chosen & drawing:
        return plan
    seed = (site.settings.seed + replication * _SEED_STEP) % (1 << 63)
    return encode_plan(replace(site, settings=replace(site.settings, seed=seed)))


def _chunks(numbers: Sequence[int], workers: int) -> list[list[int]]:
    size = max(1, min(16, len(numbers) // (workers * _CHUNKS_PER_WORKER)))
    return [
        list(numbers[first : first + size]) for first in range(0, len(numbers), size)
    ]


def join_parts(parts: Sequence[StudyPart]) -> StudyPart:
    """
    Join what several machines played.

    Args:
        parts: In any order.

    Returns:
        The whole: the same as if one machine had played it.

    Raises:
        JournalError: They are not parts of one study (``parts_differ``), or a
            replication is missing or there twice (``parts_incomplete``).
    """
    first = parts[0]
    if any(part.study != first.study for part in parts):
        message = "these are parts of different studies: plan, scenario or seed differ"
        raise JournalError(code="parts_differ", message=message, where="")
    joined = []
    for arm in range(len(first.study.arms)):
        tallies = [each for part in parts for each in part.tallies[arm]]
        numbers = [each.replication for each in tallies]
        if sorted(numbers) != list(range(first.study.replications)):
            message = _what_is_missing(numbers, first.study.replications)
            raise JournalError(code="parts_incomplete", message=message, where="")
        joined.append(tuple(sorted(tallies, key=lambda each: each.replication)))
    return StudyPart(
        format=PART_FORMAT,
        study=first.study,
        backend=first.backend,
        tallies=tuple(joined),
        seconds=sum(part.seconds for part in parts),
    )


def write_part(part: StudyPart, file: Path) -> None:
    """
    Write what was played, to be joined with other parts.
    """
    file.write_bytes(msgspec.msgpack.encode(part))


def read_part(file: Path) -> StudyPart:
    """
    Read what ``write_part`` wrote.

    Raises:
        JournalError: It is no such file (``part_malformed``).
        OSError: It cannot be read.
    """
    try:
        part = msgspec.msgpack.decode(file.read_bytes(), type=StudyPart)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        message = f"{file} is no part of a study"
        raise JournalError(
            code="part_malformed", message=message, where=str(file)
        ) from error
    if part.format != PART_FORMAT:
        message = f"{file} is a part of format {part.format}, not {PART_FORMAT}"
        raise JournalError(code="part_malformed", message=message, where=str(file))
    return part


def _what_is_missing(numbers: Sequence[int], replications: int) -> str:
    missing = sorted(set(range(replications)) - set(numbers))
    if missing:
        some = f"{len(missing)} are missing, such as {missing[0]}"
        return f"of {replications} replications {some}"
    return "some replications are there twice"
