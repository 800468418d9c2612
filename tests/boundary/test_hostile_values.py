"""Values of wrong types and strange texts: refused, and the state as it was."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from skillroute.contract import AnyOf, Forbidden, Party, Preferred, Required
from skillroute.decisions import (
    AgentAssumption,
    AgentQuery,
    AssumedTag,
    ExplainQuery,
)
from skillroute.errors import EventRefusedError
from skillroute.events import (
    AgentLoggedIn,
    AgentPaused,
    CallArrived,
    CallerHungUp,
    OfferAccepted,
    OfferDeclined,
    OfferFailed,
    VoicemailLeft,
    WallClockMoved,
)

START_MS = 1_767_268_800_000


class Int(int):
    """A number that is not quite one."""


class Text(str):
    """A text that is not quite one."""

    __slots__ = ()


def arrival(**changes: Any) -> CallArrived:
    """Make an arrival that is in order but for *changes*."""
    known = Party(kind="e164", number="+74955550100")
    fields = {"call": "c2", "host": "lab", "caller": known, "dialled": known}
    return CallArrived(**{**fields, **changes})


def party(**changes: Any) -> Party:
    """Make a party that is in order but for *changes*."""
    return Party(**{"kind": "e164", "number": "+79165550100", **changes})


def with_caller(**changes: Any) -> CallArrived:
    """Make an arrival whose caller has *changes*."""
    return arrival(caller=party(**changes))


anything: Any = object()

# With an engine that has offered call c1, so that offer 1 rings at anna.
WRONG_TYPES: dict[str, Any] = {
    "no event": anything,
    "None for an event": None,
    "a text for an event": "CallerHungUp",
    "a class for an event": CallerHungUp,
    "an action-like tuple for an event": (15, "c1"),
    "a text for an offer": OfferAccepted(offer="1"),  # type: ignore[arg-type]
    "True for an offer": OfferAccepted(offer=True),
    "a decimal for an offer": OfferAccepted(offer=1.0),  # type: ignore[arg-type]
    "None for an offer": OfferDeclined(offer=None),  # type: ignore[arg-type]
    "an odd number for an offer": OfferAccepted(offer=Int(1)),
    "an unknown word for a code": OfferFailed(
        offer=1,
        code="bored",  # type: ignore[arg-type]
    ),
    "None for a call": CallerHungUp(call=None),  # type: ignore[arg-type]
    "bytes for a call": CallerHungUp(call=b"c1"),  # type: ignore[arg-type]
    "a number for a call": CallerHungUp(call=1),  # type: ignore[arg-type]
    "an odd text for a call": CallerHungUp(call=Text("c1")),
    "None for an agent": AgentLoggedIn(agent=None),  # type: ignore[arg-type]
    "None for a reason": AgentPaused(
        agent="anna",
        reason=None,  # type: ignore[arg-type]
    ),
    "a text for a length": VoicemailLeft(
        call="c1",
        length_ms="5000",  # type: ignore[arg-type]
    ),
    "True for an offset": WallClockMoved(offset_ms=True),
    "None for a party": arrival(caller=None),
    "a text for a party": arrival(caller="+79165550100"),
    "a mapping for a party": arrival(dialled={"kind": "e164", "number": "+7"}),
    "an unknown kind of party": with_caller(kind="fax"),
    "None for a number": with_caller(number=None),
    "a text for zones": with_caller(zones="Europe/Moscow"),
    "a number among zones": with_caller(zones=("Europe/Moscow", 1)),
    "None for needs": arrival(needs=None),
    "a text among needs": arrival(needs=("lang:pl",)),
    "None among needs": arrival(needs=(None,)),
    "a party among needs": arrival(needs=(party(),)),
    "a number for a tag": arrival(needs=(Forbidden(5),)),  # type: ignore[arg-type]
    "a text for a group": arrival(
        needs=(AnyOf("lang:pl"),),  # type: ignore[arg-type]
    ),
    "a number in a group": arrival(needs=(AnyOf((5,)),)),  # type: ignore[arg-type]
    "True for a level": arrival(needs=(Required("lang:pl", True),)),
    "a text for a level": arrival(
        needs=(Required("lang:pl", "60"),),  # type: ignore[arg-type]
    ),
    "a decimal for a priority": arrival(priority=1.5),
    "True for a priority": arrival(priority=True),
    "an odd number for a priority": arrival(priority=Int(1)),
    "half a pair of attributes": arrival(attributes=(("account",),)),
    "a number for an attribute": arrival(attributes=(("account", 5),)),
}

ALIKE: dict[str, tuple[Any, Any]] = {
    "a list of needs": (
        arrival(needs=[Required("lang:pl")]),
        arrival(needs=(Required("lang:pl"),)),
    ),
    "a list in a group": (
        arrival(needs=(AnyOf(["lang:pl"]),)),  # type: ignore[arg-type]
        arrival(needs=(AnyOf(("lang:pl",)),)),
    ),
    "a list of zones": (
        with_caller(zones=["Europe/Moscow"]),
        with_caller(zones=("Europe/Moscow",)),
    ),
    "a list for a pair": (
        arrival(attributes=(["account", "5"],)),
        arrival(attributes=(("account", "5"),)),
    ),
    "a list for a party": (
        arrival(caller=["e164", "+79165550100"]),
        arrival(caller=party()),
    ),
}
"""What is the same in a journal: (as it should not be written, as it should)."""

STRANGE: dict[str, Any] = {
    "an offer beyond 64 bits": OfferAccepted(offer=2**64),
    "an offer far beyond 64 bits": OfferAccepted(offer=2**4096),
    "an offer below 64 bits": OfferAccepted(offer=-(2**63) - 1),
    "a priority beyond 64 bits": arrival(priority=2**63),
    "a level beyond 64 bits": arrival(needs=(Required("lang:pl", 2**80),)),
    "a weight beyond 64 bits": arrival(needs=(Preferred("lang:pl", -(2**80)),)),
    "a length beyond 64 bits": VoicemailLeft(call="c1", length_ms=2**70),
    "an offset beyond 64 bits": WallClockMoved(offset_ms=-(2**70)),
    "half a character in an id": CallerHungUp(call="c\ud800"),
    "half a character in an agent's id": AgentLoggedIn(agent="\udfff"),
    "half a character in a reason": AgentPaused(agent="anna", reason="\ud83d"),
    "half a character in a tag": arrival(needs=(Required("lang:\ud800"),)),
    "half a character in a name": with_caller(name="\ud800"),
    "half a character in a zone": with_caller(zones=("\ud800",)),
    "half a character in an attribute": arrival(attributes=(("a", "\ud800"),)),
    "NUL in an id": CallerHungUp(call="c1\0"),
    "NUL in a tag": arrival(needs=(Required("lang:\0"),)),
    "a line end behind an id": CallerHungUp(call="c1\n"),
    "a line end behind a tag": arrival(needs=(Required("lang:pl\n"),)),
    "a letter that only looks Latin": CallerHungUp(call="с1"),  # noqa: RUF001
    "a digit of another script": CallerHungUp(call="c١"),  # noqa: RUF001
    "a very long call": CallerHungUp(call="c" * 10_000),
    "a very long agent": AgentLoggedIn(agent="a" * 10_000),
    "a very long tag": arrival(needs=(AnyOf(("t" * 10_000,)),)),
    "a very long name": with_caller(name="n" * 10_000),
    "a very long number": with_caller(number="+" + "7" * 10_000),
}

WRONG_TIMES: dict[str, Any] = {
    "a text": "1767268800000",
    "None": None,
    "a decimal": float(START_MS),
    "no number": float("nan"),
    "beyond 64 bits": 2**64,
    "below 64 bits": -(2**63) - 1,
}


def assuming_tag(tag: str, level: int) -> ExplainQuery:
    """Ask what would be if Anna had a tag."""
    tags = (AssumedTag(tag, level),)
    assumption = AgentAssumption(agent="anna", state="unchanged", tags=tags)
    return ExplainQuery(now_ms=START_MS, call="c1", assume=(assumption,))


WRONG_QUESTIONS: dict[str, Any] = {
    "a text": "c1",
    "None": None,
    "an arrival": arrival(),
    "a text for the time": ExplainQuery(now_ms="1"),  # type: ignore[arg-type]
    "a number for a call": ExplainQuery(
        now_ms=START_MS,
        call=5,  # type: ignore[arg-type]
    ),
    "another event": ExplainQuery(
        now_ms=START_MS,
        arrival=AgentPaused(agent="anna"),  # type: ignore[arg-type]
    ),
    "a text among states": ExplainQuery(
        now_ms=START_MS,
        arrival=arrival(),
        assume=("anna",),  # type: ignore[arg-type]
    ),
    "an unknown state": ExplainQuery(
        now_ms=START_MS,
        arrival=arrival(),
        assume=(
            AgentAssumption(
                agent="anna",
                state="bored",  # type: ignore[arg-type]
            ),
        ),
    ),
    "a negative wait": ExplainQuery(now_ms=START_MS, call="c1", waited_ms=-1),
    "a level of 101": assuming_tag("lang:pl", 101),
    "a tag with a space": assuming_tag("lang pl", 100),
    "an unknown agent to speak of": ExplainQuery(
        now_ms=START_MS, call="c1", only=("nobody",)
    ),
    "an unknown agent to ask about": AgentQuery(now_ms=START_MS, agent="nobody"),
    "a number for an agent": AgentQuery(
        now_ms=START_MS,
        agent=5,  # type: ignore[arg-type]
    ),
    "an agent asked about in the past": AgentQuery(now_ms=START_MS - 1, agent="anna"),
    "a text for the idle time": ExplainQuery(
        now_ms=START_MS,
        arrival=arrival(),
        assume=(
            AgentAssumption(
                agent="anna",
                state="available",
                idle_ms="5",  # type: ignore[arg-type]
            ),
        ),
    ),
}


@pytest.fixture
def ringing(engine: Any) -> Any:
    """Give an engine of each backend that rings anna for call c1."""
    engine.handle(arrival(call="c1"), START_MS)
    return engine


@pytest.mark.parametrize("case", WRONG_TYPES)
def test_a_wrong_type_is_a_type_error(
    ringing: Any, case: str, remembered: Callable[[Any], bytes]
) -> None:
    """A mistake in a host's code must be told as such, and harm no call."""
    before = remembered(ringing)
    with pytest.raises(TypeError):
        ringing.handle(WRONG_TYPES[case], START_MS)
    assert before == remembered(ringing)
    assert ringing.handle(OfferAccepted(offer=1), START_MS)


@pytest.mark.parametrize("case", ALIKE)
def test_what_a_journal_cannot_tell_apart_does_the_same(
    backend: SimpleNamespace, plan: bytes, case: str
) -> None:
    """A replay would come to another state than the day that it replays."""
    odd, right = ALIKE[case]
    first, second = backend.Engine(plan), backend.Engine(plan)
    assert second.handle(right, START_MS) == first.handle(odd, START_MS)
    assert second.snapshot() == first.snapshot()


@pytest.mark.parametrize("case", STRANGE)
def test_a_strange_value_is_refused(
    ringing: Any, case: str, remembered: Callable[[Any], bytes]
) -> None:
    """Whatever a caller's telephone sends, the engine goes on for the others."""
    before = remembered(ringing)
    with pytest.raises((TypeError, EventRefusedError)):
        ringing.handle(STRANGE[case], START_MS)
    assert before == remembered(ringing)
    assert ringing.handle(OfferAccepted(offer=1), START_MS)


@pytest.mark.parametrize("case", WRONG_TIMES)
@pytest.mark.parametrize("way", ["handle", "advance"])
def test_a_wrong_time_is_refused(ringing: Any, case: str, way: str) -> None:
    """A decimal that slips into the clock would make two machines differ."""
    before = ringing.snapshot()
    ways: dict[str, Callable[[Any], object]] = {
        "handle": lambda now_ms: ringing.handle(OfferAccepted(offer=1), now_ms),
        "advance": ringing.advance,
    }
    with pytest.raises((TypeError, EventRefusedError)):
        ways[way](WRONG_TIMES[case])
    assert before == ringing.snapshot()


def test_a_time_is_what_it_counts_as(backend: SimpleNamespace, plan: bytes) -> None:
    """Numbers of other libraries are numbers; a snapshot has plain ones only."""
    for odd, plain in ((Int(START_MS), START_MS), (True, 1)):
        first, second = backend.Engine(plan), backend.Engine(plan)
        event = arrival()
        assert second.handle(event, plain) == first.handle(event, odd)
        assert second.advance(plain) == first.advance(odd)
        assert second.snapshot() == first.snapshot()


@pytest.mark.parametrize("case", WRONG_QUESTIONS)
def test_a_wrong_question_is_refused(ringing: Any, case: str) -> None:
    """A question, however wrong, must not break the engine that routes calls."""
    before = ringing.snapshot()
    with pytest.raises((TypeError, EventRefusedError)):
        ringing.explain(WRONG_QUESTIONS[case])
    assert before == ringing.snapshot()


def test_a_text_with_nul_in_it_is_kept_as_it_came(ringing: Any) -> None:
    """Display names hold anything; what is legal must survive a snapshot."""
    ringing.handle(with_caller(name="A\0B"), START_MS)
    assert b"A\0B" in ringing.snapshot()


def test_wrong_types_in_a_batch_leave_the_engine_whole(ringing: Any) -> None:
    """Which events were carried out must still be found in the state."""
    with pytest.raises(TypeError):
        ringing.handle_many([(OfferAccepted(offer=1), START_MS), (None, START_MS)])
    assert ringing.handle(CallerHungUp(call="c1"), START_MS)
