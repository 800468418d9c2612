"""Every installed engine gives the same answers to any history, step by step."""

from __future__ import annotations

import random
from typing import Any

import hypothesis.strategies as st
import msgspec
from hypothesis import note
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from skillroute import backends, events
from skillroute.actions import OfferCall, RecordOutcome
from skillroute.contract import AnyOf, Forbidden, Need, Party, Preferred, Required
from skillroute.errors import EventRefusedError
from skillroute.plan.compiled import CompiledPlan, encode
from skillroute.testing.invariants import Ledger
from skillroute.testing.random_plans import NUMBERS, START_MS, TAGS, random_plan

AGENTS = st.integers(0, 12).map("a{}".format)
TAG = st.sampled_from((*TAGS, "x", "lang:fr", "*bad"))
LEVEL = st.integers(-1, 102)
NEEDS: st.SearchStrategy[Need] = st.one_of(
    st.builds(Required, TAG, LEVEL),
    st.builds(AnyOf, st.lists(TAG, max_size=3).map(tuple)),
    st.builds(Forbidden, TAG),
    st.builds(Preferred, TAG, st.integers(0, 1001)),
)
PAUSES_MS = st.sampled_from((0, 0, 1, 499, 500, 1000, 2000, 5000, 15_000, 3_600_000))
OFFER_EVENTS = st.sampled_from(
    (
        events.OfferAccepted,
        events.OfferDeclined,
        events.OfferCancelled,
        events.CallConnected,
        events.ConnectFailed,
        events.AgentHungUp,
    )
)
AGENT_EVENTS = st.sampled_from(
    (
        events.AgentLoggedIn,
        events.AgentLoggedOut,
        events.AgentPaused,
        events.AgentResumed,
        events.WrapUpEnded,
    )
)


class EnginesAgree(RuleBasedStateMachine):
    """Tell every engine the same history and compare what can be seen of them."""

    @initialize(seed=st.integers(0, 10_000))
    def start(self, seed: int) -> None:
        """Make a small site, and an engine of each backend for it."""
        self.plan: CompiledPlan = random_plan(random.Random(seed))
        compiled = encode(self.plan)
        names = backends.available()
        self.engines = [backends.load(name).Engine(compiled) for name in names]
        self.ledger = Ledger(self.plan)
        self.now_ms = START_MS
        self.calls: list[str] = []
        self.offers = 0
        self.waiting: set[str] = set()

    @rule(
        number=st.sampled_from((*NUMBERS, "+1")),
        needs=st.lists(NEEDS, max_size=3),
        priority=st.integers(-1001, 1001),
        again=st.booleans(),
    )
    def call_arrives(
        self, number: str, needs: list[Need], priority: int, *, again: bool
    ) -> None:
        """Let a call in, now and then under an id that is or was in use."""
        if not (again and self.calls):
            self.calls.append(f"c{len(self.calls)}")
        self.tell(
            events.CallArrived(
                call=self.calls[-1],
                host="sim",
                caller=Party(kind="anonymous", number=""),
                dialled=Party(kind="e164", number=number),
                needs=tuple(needs),
                priority=priority,
            )
        )

    @rule(kind=OFFER_EVENTS, back=st.integers(0, 4))
    def offer_is_answered(self, kind: Any, back: int) -> None:
        """Say something of one of the last offers."""
        self.tell(kind(offer=self.offers - back))

    @rule(
        back=st.integers(0, 4),
        code=st.sampled_from(("busy", "unreachable", "no_answer")),
    )
    def offer_fails(self, back: int, code: Any) -> None:
        """Say that one of the last offers could not ring."""
        self.tell(events.OfferFailed(offer=self.offers - back, code=code))

    @rule(kind=AGENT_EVENTS, agent=AGENTS)
    def agent_acts(self, kind: Any, agent: str) -> None:
        """Let an agent, or nobody, come, go or pause."""
        self.tell(kind(agent=agent))

    @precondition(lambda self: self.calls)
    @rule(back=st.integers(0, 6))
    def caller_hangs_up(self, back: int) -> None:
        """Let a caller go, who may have gone before."""
        self.tell(events.CallerHungUp(call=self.calls[-1 - back % len(self.calls)]))

    @precondition(lambda self: self.calls)
    @rule(back=st.integers(0, 6), length_ms=st.integers(-1, 3000))
    def message_is_left(self, back: int, length_ms: int) -> None:
        """Leave a message, in a mailbox or in the wrong place."""
        call = self.calls[-1 - back % len(self.calls)]
        self.tell(events.VoicemailLeft(call=call, length_ms=length_ms))

    @rule(pause_ms=PAUSES_MS)
    def time_passes(self, pause_ms: int) -> None:
        """Let time pass, without an event."""
        self.now_ms += min(pause_ms, 20_000 if self.waiting else pause_ms)
        self.tell(events.Advanced())

    @rule(offset_ms=st.sampled_from((-(10**13), -3_600_000, 0, 250, 86_400_000)))
    def wall_clock_moves(self, offset_ms: int) -> None:
        """Put the wall clock."""
        self.tell(events.WallClockMoved(offset_ms=offset_ms))

    @invariant()
    def deadlines_agree(self) -> None:
        """The driver would wake up at the same instant whatever the backend."""
        if hasattr(self, "engines"):
            deadlines = {engine.next_deadline_ms for engine in self.engines}
            assert 1 == len(deadlines)

    def tell(self, event: events.Event) -> None:
        """Tell every engine, and compare."""
        note(f"{self.now_ms} {event}")
        answers = [_answer(engine, event, self.now_ms) for engine in self.engines]
        for answer in answers[1:]:
            assert answers[0] == answer
        actions, _, snapshot = answers[0]
        assert [] == self.ledger.check(snapshot, actions)
        for action in actions:
            if isinstance(action, OfferCall):
                self.offers = max(self.offers, action.offer)
                self.waiting.add(action.call)
            elif isinstance(action, RecordOutcome):
                self.waiting.discard(action.call)


TestEnginesAgree = EnginesAgree.TestCase


def _answer(engine: Any, event: events.Event, now_ms: int) -> tuple[Any, Any, bytes]:
    refusal = None
    try:
        actions = engine.handle(event, now_ms)
    except EventRefusedError as error:
        actions, refusal = error.actions, (type(error), error.code, str(error))
    return actions, refusal, engine.snapshot()


def test_two_engines_at_least_are_compared() -> None:
    """With one engine alone the comparison above would compare nothing."""
    assert len(backends.available()) >= 2


def test_the_comparison_sees_a_changed_snapshot() -> None:
    """A comparison that cannot fail would hide every difference."""
    plan = encode(random_plan(random.Random(3)))
    one, two = (backends.load(backends.available()[-1]).Engine(plan) for _ in range(2))
    for engine in (one, two):
        engine.handle(events.AgentLoggedIn(agent="a0"), START_MS)
    one.handle(events.AgentPaused(agent="a0"), START_MS)
    two.handle(events.AgentLoggedOut(agent="a0"), START_MS)
    assert one.snapshot() != two.snapshot()
    assert msgspec.msgpack.decode(one.snapshot()) != msgspec.msgpack.decode(
        two.snapshot()
    )
