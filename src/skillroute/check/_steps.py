"""
Lints of steps: those that never begin, change nothing, or pass while one agent rings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ..plan import category_of, parse_dropped, suggest
from ._asked import Asked, asked_of, drops, lowers, relaxed
from ._lint import Lint
from ._survey import is_open, rings_several

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..plan import Fault, Path
    from ..plan.model import RawQueue, RawStep
    from ._survey import Entry, Survey

__all__ = ["LINTS", "find"]

STEP_NEVER_BEGINS = Lint(
    code="step_never_begins",
    severity="warning",
    meaning="Calls have left the queue before a step begins.",
    remedy="Let the step begin earlier, or calls wait longer.",
)
STEP_CHANGES_NOTHING = Lint(
    code="step_changes_nothing",
    severity="warning",
    meaning="With a step everything is as before it.",
    remedy="Let it drop or lower a need that is asked for, add agents, or remove it.",
)
STEP_ADDS_NOBODY = Lint(
    code="step_adds_nobody",
    severity="warning",
    meaning="The agents whom a step adds serve the queue already.",
    remedy="Take them out of one; a queue without `agents` is served by everybody.",
)
STEP_NEED_UNASKED = Lint(
    code="step_need_unasked",
    severity="note",
    meaning="A step drops or lowers a need that no source in the plan asks for then.",
    remedy="If it is misspelt, the hint says how; else only calls' own needs feel it.",
)
RING_LONGER_THAN_STEP = Lint(
    code="ring_longer_than_step",
    severity="warning",
    meaning="One agent is rung for longer than a step lasts.",
    remedy="Make `ring_s` shorter, or the time between the steps longer.",
)
NEXT_STEP_MISSING = Lint(
    code="next_step_missing",
    severity="warning",
    meaning='`on_round_end` is `"next_step"` in a queue without steps.',
    remedy='Add steps, or write `"wait"` or `"overflow"`.',
)

LINTS = (
    STEP_NEVER_BEGINS,
    STEP_CHANGES_NOTHING,
    STEP_ADDS_NOBODY,
    STEP_NEED_UNASKED,
    RING_LONGER_THAN_STEP,
    NEXT_STEP_MISSING,
)


def find(survey: Survey) -> Iterable[Fault]:
    """
    Find steps that cannot do what they seem to do.
    """
    entries = survey.entries_of()
    for name, queue in survey.raw.queues.items():
        if not queue.steps and queue.on_round_end == "next_step":
            yield NEXT_STEP_MISSING.at(
                ("queues", name, "on_round_end"),
                "there is no next step: this queue has none",
                f'add [[queues.{name}.steps]], or write "wait" or "overflow"',
            )
        if not queue.steps:
            continue
        never = list(_never_begin(survey, name, entries[name]))
        yield from never
        if not never:
            yield from _too_quick(("queues", name), queue)
        yield from _Changes(survey, name, entries[name]).find()


def _never_begin(survey: Survey, name: str, entries: list[Entry]) -> Iterable[Fault]:
    queue = survey.raw.queues[name]
    if queue.on_round_end == "next_step":
        # The end of a round begins it, whatever the clock says.
        return
    for index, step in enumerate(queue.steps):
        place = ("queues", name, "steps", index, "after_s")
        if queue.max_wait_s is not None and step.after_s >= queue.max_wait_s:
            yield STEP_NEVER_BEGINS.at(
                place,
                f"this step never begins: calls leave the queue after"
                f" {queue.max_wait_s:g} s",
                f"begin before {queue.max_wait_s:g}, or make max_wait_s longer",
            )
        elif (left_s := _round_s(survey, name, entries, index)) <= step.after_s:
            yield STEP_NEVER_BEGINS.at(
                place,
                "this step never begins: calls leave the queue when everybody has"
                f" been tried, after {left_s:g} s at most",
                'on_round_end = "next_step" would go on to it',
            )


def _round_s(survey: Survey, name: str, entries: list[Entry], steps: int) -> float:
    """
    Return how long a round can last if its end overflows; endless: it does not.
    """
    queue = survey.raw.queues[name]
    site = survey.raw.site
    if queue.on_round_end != "overflow" or queue.round_counts_busy:
        return float("inf")
    if not queue.relax_while_ringing:
        return 0
    numbers = [None, *(survey.raw.numbers[entry.number] for entry in entries)]
    able = [survey.able_for(name, number, steps) for number in numbers]
    most = max(agents.bit_count() for agents in able)
    return most * (queue.ring_s + site.connect_timeout_s + site.whisper_s)


def _too_quick(path: Path, queue: RawQueue) -> Iterable[Fault]:
    """
    Find steps that begin while the first agent of the one before is still rung.
    """
    if not queue.relax_while_ringing:
        return
    before_s, strategy = 0.0, queue.strategy
    for index, step in enumerate(queue.steps):
        lasts_s = step.after_s - before_s
        if 0 < lasts_s < queue.ring_s and not rings_several(strategy):
            before = f"step {index}" if index else "the queue's own rules"
            yield RING_LONGER_THAN_STEP.at(
                (*path, "steps", index, "after_s"),
                f"one agent is rung for {queue.ring_s:g} s, and {before} hold for"
                f" {lasts_s:g} s".replace("step 1 hold", "step 1 holds"),
                "make ring_s shorter, begin later, or set relax_while_ringing = false",
            )
        before_s, strategy = step.after_s, step.strategy or strategy


class _Changes:
    """
    What the steps of one queue change for calls of each of its numbers.
    """

    def __init__(self, survey: Survey, name: str, entries: list[Entry]) -> None:
        self.survey = survey
        self.name = name
        self.queue = survey.raw.queues[name]
        numbers = [survey.raw.numbers[entry.number] for entry in entries]
        # Calls that overflow into the queue come with the needs of their number.
        distinct = {(n.needs, n.never_relax): n for n in numbers}
        self.asked: list[Asked] = [
            asked_of(survey.raw, self.queue, number)
            for number in (None, *distinct.values())
        ]
        self.strategy = self.queue.strategy
        self.order = self.queue.order

    def find(self) -> Iterable[Fault]:
        """
        Go from step to step.
        """
        for index, step in enumerate(self.queue.steps):
            path = ("queues", self.name, "steps", index)
            unasked = list(self._unasked(path, step))
            nobody = self._adds_nobody(step, index)
            if self._changes(step, len(unasked), nobody=nobody):
                yield from unasked
                if nobody:
                    yield self._add_nobody(path, step)
            else:
                yield STEP_CHANGES_NOTHING.at(
                    path,
                    f"step {index + 1} changes nothing",
                    self._why_nothing(step, unasked, nobody=nobody),
                )
            self.asked = [relaxed(asked, [step]) for asked in self.asked]
            self.strategy = step.strategy or self.strategy
            self.order = step.order or self.order

    def _changes(self, step: RawStep, unasked: int, *, nobody: bool) -> bool:
        """
        Tell whether anything is different with a step.
        """
        return (
            len(step.drop) + len(step.lower) > unasked
            or (bool(step.agents or step.teams) and not nobody)
            or (step.strategy or self.strategy) != self.strategy
            or (step.order or self.order) != self.order
            or (step.raise_priority > 0 and self.queue.line == "priority")
            or bool(step.prefer or step.grant)
        )

    def _unasked(self, path: Path, step: RawStep) -> Iterable[Fault]:
        for number, text in enumerate(step.drop):
            if not any(drops(asked, text) for asked in self.asked):
                yield self._need_unasked((*path, "drop", number), text, "drop")
        for text, level in step.lower.items():
            if not any(lowers(asked, text, level) for asked in self.asked):
                yield self._need_unasked((*path, "lower", text), text, "lower")

    def _need_unasked(self, path: Path, text: str, done: str) -> Fault:
        return STEP_NEED_UNASKED.at(
            path,
            f"nothing is there to {done}: neither this queue nor its numbers ask for"
            f" {text!r} by then",
            self._why_unasked(text),
            on_key=done == "lower",
        )

    def _why_unasked(self, text: str) -> str:
        asked = {tag for asked in self.asked for tag in asked.required}
        tag, is_category = parse_dropped(text)
        if tag in ({category_of(each) for each in asked} if is_category else asked):
            return "the need never relaxes, or asks for no more than this level"
        close = suggest(tag, asked) if asked else ""
        if close.startswith("did"):
            return close
        return "only calls that bring this need themselves feel it"

    def _adds_nobody(self, step: RawStep, index: int) -> bool:
        """
        Tell whether a step names agents, all of whom serve the queue already.
        """
        if not step.agents and not step.teams:
            return False
        before = self.survey.serving(self.name, index)
        return not self.survey.named(step.agents, step.teams) & ~before

    def _add_nobody(self, path: Path, step: RawStep) -> Fault:
        key = "agents" if step.agents else "teams"
        return STEP_ADDS_NOBODY.at(
            (*path, key), "these agents serve the queue already", self._who_serves()
        )

    def _why_nothing(self, step: RawStep, unasked: list[Fault], *, nobody: bool) -> str:
        if nobody:
            return self._who_serves()
        if unasked:
            return f"{unasked[0].message}; {unasked[0].hint}"
        bare = msgspec.structs.replace(step, after_s=1) == type(step)(after_s=1)
        return "write what it changes, or remove it" if bare else "remove it"

    def _who_serves(self) -> str:
        if is_open(self.queue):
            return "without agents and teams everybody serves a queue: name some there"
        return "name agents who do not serve the queue before this step"
