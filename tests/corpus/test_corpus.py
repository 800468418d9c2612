"""Every situation of the corpus on every engine, and what the corpus covers."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeAlias

import msgspec
import pytest

from skillroute import reference
from skillroute.plan import parse_plan
from skillroute.plan.compiled import decode
from skillroute.reference import agent, call, offer
from skillroute.reference.agent import AgentEvent, AgentStep
from skillroute.reference.call import CallEvent, CallStep
from skillroute.reference.offer import OfferEvent, OfferStep
from skillroute.reference.state import CallPhase, OfferPhase, Presence
from skillroute.testing.invariants import Ledger
from skillroute.testing.transcripts import Transcript, load_corpus, run

Edge: TypeAlias = tuple[Any, Any]
"""A state of a machine and an event that meets it."""

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "rules.md"
CORPUS = load_corpus()
CORPUS_SIZE_MIN = 150

# Chapters of the rules, with how many numbered rules each has; 14 and 16 have none
# of their own.  Each rule is in one of the two tables below: its feature exists and
# some situation shows it, or it waits for a feature.
SECTIONS = {"1": 7, "3": 3, "4": 7, "5": 4, "6": 5, "7": 7, "8": 5, "9": 5}
SECTIONS |= {"15": 2, "18": 16}
WHOLE = {"14", "16"}
TODAY = {
    "1": (1, 2, 3, 4, 5, 6, 7),
    "3": (1, 2, 3),
    "4": (1, 2, 3, 4, 5, 6, 7),
    "5": (1, 2, 3, 4),
    "6": (1, 2, 3, 4, 5),
    "7": (1, 2, 3, 4, 5, 6, 7),
    "8": (1, 2, 3, 4, 5),
    "9": (1, 2, 3, 4, 5),
    "15": (1, 2),
    "18": (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16),
}
RULES_TODAY = {f"{section}.{n}" for section, ns in TODAY.items() for n in ns} | WHOLE
RULES_LATER: dict[str, str] = {}
# Other rules that a transcript may name beside one of those above.
RULES_BESIDE = {"10.1", "17.5", "17.11"}

# Legal edges that no history crosses, because routing never asks: nothing holds a
# reference to the offer or call any more.
UNREACHABLE: dict[str, dict[Edge, str]] = {
    "offer": {
        (OfferPhase.WRAP_UP, OfferEvent.CALLER_HUNG_UP): "its call has ended",
        (OfferPhase.WRAP_UP, OfferEvent.CALL_LEFT): "its call has ended",
        (OfferPhase.WITHDRAWN, OfferEvent.CALL_LEFT): "its call has let it go",
        (OfferPhase.OVER, OfferEvent.CALL_LEFT): "its call has let it go",
        (OfferPhase.WITHDRAWN, OfferEvent.CALLER_HUNG_UP): "its call has let it go",
        (OfferPhase.WITHDRAWN, OfferEvent.WRAP_UP_ENDED): "only wrap-ups are ended",
        (OfferPhase.OVER, OfferEvent.CALLER_HUNG_UP): "its call has let it go",
        **{
            (phase, OfferEvent.HOST_LOST): "only what rings is withdrawn"
            for phase in OfferPhase
            if phase is not OfferPhase.RINGING
        },
        (OfferPhase.OVER, OfferEvent.AGENT_LEFT): "its agent has let it go",
        (OfferPhase.OVER, OfferEvent.WRAP_UP_ENDED): "its agent has let it go",
        (OfferPhase.OVER, OfferEvent.TIMED_OUT): "its timers went with it",
    },
    "call": {
        (CallPhase.ENDED, event): "only its id is kept, so its events are stale"
        for event in CallEvent
    },
    "agent": {},
}


@pytest.fixture(params=CORPUS, ids=lambda transcript: transcript.name)
def transcript(request: pytest.FixtureRequest) -> Transcript:
    """Give each situation in turn."""
    situation: Transcript = request.param
    return situation


def test_situation_runs_as_written(
    backend: SimpleNamespace, transcript: Transcript
) -> None:
    """An engine that fails here treats callers otherwise than the rules say."""
    assert [] == run(transcript, backend.Engine)


def test_situation_survives_a_restart_after_every_step(
    backend: SimpleNamespace, transcript: Transcript
) -> None:
    """A snapshot that forgets something changes what happens after a restart."""
    plans = transcript.plans()
    steps = 0

    def restart(engine: Any, _: tuple[Any, ...]) -> Any:
        nonlocal steps
        steps += 1
        snapshot = engine.snapshot()
        restored = backend.Engine.restore(plans[steps - 1], snapshot)
        assert snapshot == restored.snapshot()
        assert engine.next_deadline_ms == restored.next_deadline_ms
        return restored

    assert [] == run(transcript, backend.Engine, after_step=restart)
    assert steps > 0


def test_invariants_hold_after_every_step(
    backend: SimpleNamespace, transcript: Transcript
) -> None:
    """What must always hold does not hold only in random worlds."""
    first = parse_plan(transcript.plan).compiled
    ledger = Ledger(decode(first))
    plans = [first, *transcript.plans()]
    pairs = iter(pairwise(plans))
    broken: list[str] = []

    def check(engine: Any, orders: tuple[Any, ...]) -> None:
        former, plan = next(pairs)
        if former != plan:
            ledger.reload(decode(plan))
        broken.extend(ledger.check(engine.snapshot(), orders))

    run(transcript, backend.Engine, after_step=check)
    assert [] == broken


def test_corpus_is_whole() -> None:
    """A corpus that is not found would pass every test above."""
    assert len(CORPUS) >= CORPUS_SIZE_MIN
    assert len(CORPUS) == len({transcript.about for transcript in CORPUS})


def test_orders_are_written_out_at_every_step() -> None:
    """A step without its orders would pass whatever the engine orders."""
    silent = [
        f"{transcript.name}, step {number}"
        for transcript in CORPUS
        for number, step in enumerate(transcript.steps)
        if not (step.call or step.idle) and step.expect is None
    ]
    assert [] == silent


def test_each_rule_is_shown_or_waits() -> None:
    """A rule that stands in neither list is forgotten, one in both is in doubt."""
    numbered = {f"{s}.{n}" for s, end in SECTIONS.items() for n in range(1, end + 1)}
    assert numbered | WHOLE == RULES_TODAY | set(RULES_LATER)
    assert set() == RULES_TODAY & set(RULES_LATER)


def test_the_page_of_the_rules_says_which_are_carried_out() -> None:
    """The page is what people read; these lists are what is tested."""
    entry = r"^\*\*(\[)?([\d.]+)(?:\]\([^)]*\))?\*\* (\*\(not carried out yet\)\*)?"
    found = re.findall(entry, PAGE.read_text("utf-8"), re.MULTILINE)
    numbers = [number for _, number, _ in found]
    assert len(numbers) == len(set(numbers))
    listed = {n for n in numbers if n.partition(".")[0] in SECTIONS or n in WHOLE}
    assert listed == RULES_TODAY | set(RULES_LATER)
    waiting = {number for _, number, mark in found if mark}
    assert listed & waiting == set(RULES_LATER)
    # The number of a rule leads to its situations.
    assert RULES_TODAY | RULES_BESIDE == {number for link, number, _ in found if link}


@pytest.mark.parametrize("rule", sorted(RULES_TODAY))
def test_rule_has_a_situation(rule: str) -> None:
    """A rule without a situation may be broken unseen."""
    assert [t.name for t in CORPUS if rule in t.rules]


def test_situations_name_only_rules_of_today() -> None:
    """A number that is no rule, or one that waits, is a slip of the pen."""
    named = {rule for transcript in CORPUS for rule in transcript.rules}
    assert RULES_TODAY == named - RULES_BESIDE
    assert all(transcript.rules for transcript in CORPUS)


@pytest.fixture(scope="module")
def crossed() -> dict[str, set[Edge]]:
    """Run the corpus on the specification, and note what each machine is asked."""
    edges: dict[str, set[Edge]] = {"offer": set(), "call": set(), "agent": set()}
    with pytest.MonkeyPatch.context() as patch:
        for machine in (offer, call, agent):
            name = machine.__name__.rpartition(".")[2]
            patch.setattr(machine, "step", _noting(machine.step, edges[name]))
        for transcript in CORPUS:
            # Explaining runs on a copy and crosses nothing.
            steps = [step for step in transcript.steps if not step.call]
            only_events = msgspec.structs.replace(transcript, steps=steps)
            assert [] == run(only_events, reference.Engine)
    return edges


def _noting(step: Any, edges: set[Edge]) -> Any:
    def noting(state: Any, event: Any) -> Any:
        edges.add((state, event))
        return step(state, event)

    return noting


@pytest.mark.parametrize(
    ("machine", "states", "events", "refusal"),
    [
        ("offer", OfferPhase, OfferEvent, OfferStep.ILLEGAL),
        ("call", CallPhase, CallEvent, CallStep.ILLEGAL),
        ("agent", Presence, AgentEvent, AgentStep.ILLEGAL),
    ],
)
def test_every_legal_edge_is_crossed(
    crossed: dict[str, set[Edge]],
    machine: str,
    states: type[Any],
    events: type[Any],
    refusal: Any,
) -> None:
    """An edge that no situation crosses is one whose effect nobody has looked at."""
    step: Any = {"offer": offer.step, "call": call.step, "agent": agent.step}[machine]
    edges = {(state, event) for state in states for event in events}
    legal = {edge for edge in edges if step(*edge) is not refusal}
    unreachable = set(UNREACHABLE[machine])
    uncovered = _names(legal - unreachable - crossed[machine])
    assert len(legal) > len(unreachable)
    assert set() == unreachable - legal
    assert [] == _names(unreachable & crossed[machine])
    assert [] == uncovered, _table(machine, states, events, crossed[machine], step)


def _names(edges: set[Edge]) -> list[str]:
    return sorted(f"{state.name} x {event.name}" for state, event in edges)


def _table(
    machine: str, states: type[Any], events: type[Any], crossed: set[Edge], step: Any
) -> str:
    """Draw the machine's edges: what each does, in brackets if not crossed."""
    lines = [f"{machine}:"]
    for state in states:
        for event in events:
            does = step(state, event).name
            shown = does if (state, event) in crossed else f"({does})"
            lines.append(f"  {state.name:12} {event.name:18} {shown}")
    return "\n".join(lines)
