"""The diagrams of states: the engine is driven along every edge that they show."""

from __future__ import annotations

import contextlib
import importlib
from pathlib import Path
from typing import Any

import pytest

from skillroute.contract import Destination, Party
from skillroute.errors import IllegalEventError
from skillroute.events import (
    AgentHungUp,
    AgentLoggedIn,
    AgentLoggedOut,
    AgentPaused,
    AgentResumed,
    CallArrived,
    CallAssigned,
    CallConnected,
    CallEndOrdered,
    CallerHungUp,
    CallFailed,
    CallMoved,
    ConnectFailed,
    EndpointLost,
    ForwardAnswered,
    ForwardFailed,
    HostLost,
    LineDigitPressed,
    NeedsSet,
    OfferAccepted,
    OfferCancelled,
    OfferConfirmed,
    OfferDeclined,
    OfferFailed,
    OfferRedirected,
    PrioritySet,
    VoicemailFailed,
    VoicemailLeft,
    WrapUpEnded,
)
from skillroute.plan import parse_plan
from skillroute.reference import Engine
from skillroute.reference.agent import AgentEvent
from skillroute.reference.call import CallEvent, CallStep
from skillroute.reference.offer import OfferEvent
from skillroute.reference.state import CallPhase, OfferPhase, Presence

DOCS = Path(__file__).resolve().parents[2] / "docs"
START_MS = 1_767_268_800_000
PATIENT = """
[site]
name = "lab"
[agents.anna]
endpoints = ["PJSIP/1", "+49301"]
ring_endpoints = "all"
[queues.sales]
wrap_up_s = 10
[numbers."100"]
queue = "sales"
"""
LIMITED = (
    PATIENT.replace(
        "wrap_up_s = 10",
        'max_wait_s = 5\noverflow = "voicemail:sales"\n'
        'digits = {"1" = "voicemail:sales"}',
    )
    + "[voicemail.sales]\n"
)
FORWARDS = LIMITED.replace("voicemail:sales", "number:+12025550199", 1)
DIALLED = Party(kind="short", number="100")
ARRIVED = CallArrived(
    call="c1", host="lab", caller=Party(kind="anonymous", number=""), dialled=DIALLED
)
TIME = None
"""In place of an event: let time pass to the next timer."""

OFFER_WAYS: dict[OfferPhase, tuple[Any, ...]] = {
    OfferPhase.RINGING: (ARRIVED,),
    OfferPhase.CONNECTING: (ARRIVED, OfferAccepted(offer=1)),
    OfferPhase.CONNECTED: (ARRIVED, OfferAccepted(offer=1), CallConnected(offer=1)),
    OfferPhase.WRAP_UP: (
        ARRIVED,
        OfferAccepted(offer=1),
        CallConnected(offer=1),
        CallerHungUp(call="c1"),
    ),
    OfferPhase.WITHDRAWN: (ARRIVED, CallerHungUp(call="c1")),
    OfferPhase.OVER: (ARRIVED, CallerHungUp(call="c1"), OfferCancelled(offer=1)),
}
OFFER_EVENTS: dict[OfferEvent, Any] = {
    OfferEvent.ACCEPTED: OfferAccepted(offer=1),
    OfferEvent.DECLINED: OfferDeclined(offer=1),
    OfferEvent.FAILED: OfferFailed(offer=1, code="busy"),
    OfferEvent.CANCELLED: OfferCancelled(offer=1),
    OfferEvent.CONNECTED: CallConnected(offer=1),
    OfferEvent.CONNECT_FAILED: ConnectFailed(offer=1),
    OfferEvent.AGENT_HUNG_UP: AgentHungUp(offer=1),
    OfferEvent.CALLER_HUNG_UP: CallerHungUp(call="c1"),
    OfferEvent.AGENT_LEFT: AgentPaused(agent="anna"),
    OfferEvent.CALL_LEFT: CallEndOrdered(call="c1"),
    OfferEvent.HOST_LOST: HostLost(host="lab"),
    OfferEvent.WRAP_UP_ENDED: WrapUpEnded(agent="anna"),
    OfferEvent.CONFIRMED: (
        OfferAccepted(offer=1, endpoint="+49301"),
        OfferConfirmed(offer=1, digit="1"),
    ),
    OfferEvent.REDIRECTED: OfferRedirected(offer=1, target="+49302"),
    OfferEvent.DEVICES_GONE: (
        EndpointLost(agent="anna", endpoint="PJSIP/1"),
        EndpointLost(agent="anna", endpoint="+49301"),
    ),
    OfferEvent.TIMED_OUT: TIME,
}
CALL_WAYS: dict[CallPhase, tuple[Any, ...]] = {
    CallPhase.WAITING: (AgentPaused(agent="anna"), ARRIVED),
    CallPhase.RINGING: (ARRIVED,),
    CallPhase.CONNECTING: (ARRIVED, OfferAccepted(offer=1)),
    CallPhase.CONNECTED: (ARRIVED, OfferAccepted(offer=1), CallConnected(offer=1)),
    CallPhase.VOICEMAIL: (AgentPaused(agent="anna"), ARRIVED, TIME),
    CallPhase.FORWARDING: (AgentPaused(agent="anna"), ARRIVED, TIME),
    CallPhase.FORWARDED: (
        AgentPaused(agent="anna"),
        ARRIVED,
        TIME,
        ForwardAnswered(call="c1"),
    ),
    CallPhase.ENDED: (ARRIVED, CallerHungUp(call="c1")),
}
CALL_PLANS = {CallPhase.FORWARDING: FORWARDS, CallPhase.FORWARDED: FORWARDS}
"""Plans of phases that the usual one does not lead to."""
CALL_EVENTS: dict[CallEvent, Any] = {
    CallEvent.CALLER_HUNG_UP: CallerHungUp(call="c1"),
    CallEvent.VOICEMAIL_LEFT: VoicemailLeft(call="c1", length_ms=9_000),
    CallEvent.VOICEMAIL_FAILED: VoicemailFailed(call="c1", code="full"),
    CallEvent.FORWARD_ANSWERED: ForwardAnswered(call="c1"),
    CallEvent.FORWARD_FAILED: ForwardFailed(call="c1", code="busy"),
    CallEvent.CALL_FAILED: CallFailed(call="c1", code="network"),
    CallEvent.DIGIT_PRESSED: LineDigitPressed(call="c1", digit="1"),
    CallEvent.MAX_WAIT_ENDED: TIME,
    CallEvent.MOVED: CallMoved(
        call="c1", to=Destination(kind="voicemail", name="sales")
    ),
    CallEvent.PRIORITY_SET: PrioritySet(call="c1", priority=1),
    CallEvent.NEEDS_SET: NeedsSet(call="c1", needs=()),
    CallEvent.ASSIGNED: CallAssigned(call="c1", agent="anna"),
    CallEvent.END_ORDERED: CallEndOrdered(call="c1"),
}
AGENT_WAYS: dict[Presence, tuple[Any, ...]] = {
    Presence.AVAILABLE: (AgentLoggedIn(agent="anna"),),
    Presence.LOGGED_OUT: (AgentLoggedOut(agent="anna"),),
    Presence.PAUSED: (AgentPaused(agent="anna"),),
}
AGENT_EVENTS: dict[AgentEvent, Any] = {
    AgentEvent.LOGGED_IN: AgentLoggedIn(agent="anna"),
    AgentEvent.LOGGED_OUT: AgentLoggedOut(agent="anna"),
    AgentEvent.PAUSED: AgentPaused(agent="anna"),
    AgentEvent.RESUMED: AgentResumed(agent="anna"),
}


@pytest.fixture
def states(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Give the module that writes the page."""
    monkeypatch.syspath_prepend(str(DOCS))
    return importlib.import_module("generator.states")


def tell(engine: Engine, event: Any) -> None:
    """Let events happen, or time pass to the next timer; refusals are no matter."""
    if isinstance(event, tuple):
        for part in event:
            tell(engine, part)
        return
    now_ms = engine._site.clock_ms or START_MS
    if event is TIME:
        engine.advance(engine.next_deadline_ms or now_ms)
        return
    with contextlib.suppress(IllegalEventError):
        engine.handle(event, now_ms)


def at(way: tuple[Any, ...], plan: str) -> Engine:
    """Make an engine and bring it into a state."""
    engine = Engine(parse_plan(plan).compiled)
    for event in way:
        tell(engine, event)
    return engine


def call_phase(engine: Engine) -> CallPhase:
    """Return where the call is."""
    calls = engine._site.calls.values()
    return next((CallPhase(call.phase) for call in calls), CallPhase.ENDED)


@pytest.mark.parametrize("phase", OfferPhase)
@pytest.mark.parametrize("happening", OfferEvent)
def test_an_offer_goes_where_its_diagram_says(
    states: Any, phase: OfferPhase, happening: OfferEvent
) -> None:
    """Whoever builds a host by the diagram must not find another engine."""
    machine = states.MACHINES[0]
    engine = at(OFFER_WAYS[phase], PATIENT)
    assert phase is engine._site.offer_phase(1)
    expected = machine.after.get(machine.step(phase, happening), phase)
    tell(engine, OFFER_EVENTS[happening])
    assert expected is engine._site.offer_phase(1)


@pytest.mark.parametrize("phase", CallPhase)
@pytest.mark.parametrize("happening", CALL_EVENTS)
def test_a_call_goes_where_its_diagram_says(
    states: Any, phase: CallPhase, happening: CallEvent
) -> None:
    """As for an offer."""
    machine = states.MACHINES[1]
    engine = at(CALL_WAYS[phase], CALL_PLANS.get(phase, LIMITED))
    assert phase is call_phase(engine)
    step = machine.step(phase, happening)
    tell(engine, CALL_EVENTS[happening])
    assert machine.after.get(step, phase) is call_phase(engine)
    if step is CallStep.NOTE_LIMIT:
        # The limit takes effect when the offer has come to nothing.
        tell(engine, AgentPaused(agent="anna"))
        tell(engine, ConnectFailed(offer=1))
        assert CallPhase.VOICEMAIL is call_phase(engine)


@pytest.mark.parametrize("presence", Presence)
@pytest.mark.parametrize("happening", AGENT_EVENTS)
def test_an_agent_goes_where_the_diagram_says(
    states: Any, presence: Presence, happening: AgentEvent
) -> None:
    """As for an offer."""
    machine = states.MACHINES[2]
    engine = at(AGENT_WAYS[presence], PATIENT)
    assert presence == engine._site.agents[0].presence
    expected = machine.after.get(machine.step(presence, happening), presence)
    tell(engine, AGENT_EVENTS[happening])
    assert expected == engine._site.agents[0].presence


def test_every_step_that_changes_a_state_has_its_edge(states: Any) -> None:
    """A step without an edge would be missing in the picture alone."""
    changing_nothing = {
        "STALE",
        "STALE_RELEASE",
        "ILLEGAL",
        "NOTE_LIMIT",
        "ADJUST",
        "RENEW",
    }
    assert 3 == len(states.MACHINES)
    for machine in states.MACHINES:
        steps = {step.name for step in machine.steps} - changing_nothing
        assert steps == {step.name for step in machine.after}
        for source, target, _ in machine.edges:
            line = f"{source.name.lower()} --> {target.name.lower()}: "
            assert line in states.page()
