"""Every refusal of the engine: what provokes it, and what it says in its fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from skillroute.contract import (
    AnyOf,
    Destination,
    Party,
    Preferred,
    PreferredAgent,
    Required,
)
from skillroute.errors import (
    EventRefusedError,
    IllegalEventError,
    LimitError,
    UnknownIdError,
)
from skillroute.events import (
    AgentLoggedOut,
    AgentOccupied,
    AgentPaused,
    AgentResumed,
    CallArrived,
    CallAssigned,
    CallConnected,
    CallEndOrdered,
    CallerHungUp,
    CallHeld,
    CallMoved,
    CallPicked,
    EndpointLost,
    Event,
    Gap,
    HostLost,
    MembershipSet,
    OfferAccepted,
    OfferConfirmed,
    OfferDeclined,
    OpenCasesTold,
    OverlayReset,
    Overridden,
    PlanReloaded,
    PresenceSet,
    TagsSet,
    VoicemailLeft,
    WallClockMoved,
)

PLAN = """
[site]
name = "lab"

[schedules.day]
weekly = ["mo-su 00:00-24:00"]

[agents.anna]

[queues.sales]
max_wait_s = 60
overflow = "voicemail:sales"

[voicemail.sales]

[numbers."+74955550100"]
queue = "sales"
"""
START_MS = 1_767_268_800_000
DIALLED = Party(kind="e164", number="+74955550100")
MANY = tuple(Required(f"t{n}") for n in range(33))
ID_EXPECTED = "1 to 128 of the characters A-Z a-z 0-9 . _ : @ + / -"


class Refusal(NamedTuple):
    """One event that is refused; those in *before* are carried out first."""

    error: type[EventRefusedError]
    code: str
    event: Event
    fields: Mapping[str, object]
    before: tuple[Event, ...] = ()
    now_ms: int = START_MS


def arrival(**changes: object) -> CallArrived:
    """Make an arrival that is in order but for *changes*."""
    fields: dict[str, object] = {
        "call": "c1",
        "host": "lab",
        "caller": Party(kind="anonymous", number=""),
        "dialled": DIALLED,
        **changes,
    }
    return CallArrived(**fields)  # type: ignore[arg-type]


def illegal(
    code: str,
    event: Event,
    state: str,
    expected: str,
    *before: Event,
    now_ms: int = START_MS,
) -> Refusal:
    """Describe an event that does not fit."""
    fields = {"event": type(event).__name__, "state": state, "expected": expected}
    return Refusal(IllegalEventError, code, event, fields, before, now_ms)


def unknown(event: Event, kind: str, id: str, *before: Event) -> Refusal:
    """Describe an event about something that nobody knows."""
    fields = {"kind": kind, "id": id}
    return Refusal(UnknownIdError, f"unknown_{kind}", event, fields, before)


def limit(event: Event, name: str, value: int, *before: Event) -> Refusal:
    """Describe an event that would cross a bound."""
    return Refusal(LimitError, name, event, {"limit": name, "value": value}, before)


def crowd(call: str, first: int) -> CallArrived:
    """Make an arrival with as many new tags as one may bring."""
    numbers = range(first, first + 4096, 64)
    groups = tuple(AnyOf(tuple(f"t{n + i}" for i in range(64))) for n in numbers)
    return arrival(call=call, needs=groups)


REFUSALS = {
    "an event that is not carried out yet": illegal(
        "not_yet",
        CallHeld(call="c1", by="anna"),
        "not carried out yet",
        "a later version",
    ),
    "a plan that the engine was not given": illegal(
        "plan_not_given",
        PlanReloaded(plan_id="ab"),
        "no plan ab was given",
        "the id of a plan that add_plan was given",
    ),
    "connected before it was accepted": illegal(
        "illegal_event",
        CallConnected(offer=1),
        "offer ringing",
        "OfferAccepted, OfferDeclined or OfferFailed",
        arrival(),
    ),
    "declined after it was accepted": illegal(
        "illegal_event",
        OfferDeclined(offer=1),
        "offer connecting",
        "CallConnected, ConnectFailed or AgentHungUp",
        arrival(),
        OfferAccepted(offer=1),
    ),
    "confirmed before anybody answered": illegal(
        "illegal_event",
        OfferConfirmed(offer=1, digit="1"),
        "offer not answered",
        "OfferAccepted",
        arrival(),
    ),
    "a message of a call that rings": illegal(
        "illegal_event",
        VoicemailLeft(call="c1", length_ms=5000),
        "call ringing",
        "CallerHungUp or an answer to the offer",
        arrival(),
    ),
    "resumed after a log-out": illegal(
        "illegal_event",
        AgentResumed(agent="anna"),
        "agent logged_out",
        "AgentLoggedIn",
        AgentLoggedOut(agent="anna"),
    ),
    "a time before the last": illegal(
        "time_went_back",
        CallerHungUp(call="c1"),
        f"the clock is at {START_MS}",
        "no earlier time",
        arrival(),
        now_ms=START_MS - 1,
    ),
    "a time before 1970": illegal(
        "time_out_of_range",
        arrival(),
        "time out of range",
        f"0 to {2**53 - 1}",
        now_ms=-1,
    ),
    "a time that no double holds": illegal(
        "time_out_of_range",
        arrival(),
        "time out of range",
        f"0 to {2**53 - 1}",
        now_ms=2**53,
    ),
    "an id with a blank": illegal(
        "malformed_id", arrival(call="c 1"), "malformed call id", ID_EXPECTED
    ),
    "an empty host": illegal(
        "malformed_id", arrival(host=""), "malformed host id", ID_EXPECTED
    ),
    "an agent's id that is too long": illegal(
        "malformed_id",
        AgentResumed(agent="a" * 129),
        "malformed agent id",
        ID_EXPECTED,
    ),
    "a pause with a sentence for its reason": illegal(
        "malformed_id",
        AgentPaused(agent="anna", reason="gone for lunch"),
        "malformed reason id",
        ID_EXPECTED,
    ),
    "a tag with a blank": illegal(
        "malformed_id",
        arrival(needs=(Required("lang:p l"),)),
        "malformed tag id",
        ID_EXPECTED,
    ),
    "a call that is there already": illegal(
        "call_exists", arrival(), "the call id is in use", "a new id", arrival()
    ),
    "a call that has ended": illegal(
        "call_exists",
        arrival(),
        "the call id is in use",
        "a new id",
        arrival(),
        CallerHungUp(call="c1"),
    ),
    "a move to where no call can go yet": illegal(
        "not_yet",
        CallMoved(call="c1", to=Destination(kind="flow", name="f")),
        "a move to kind flow",
        "kind queue, tags, agent, number or voicemail",
        arrival(),
    ),
    "a move to what is no number": illegal(
        "malformed_number",
        CallMoved(call="c1", to=Destination(kind="number", name="+1 202 555 0199")),
        "malformed number",
        "+ and 7 to 15 digits",
        arrival(),
    ),
    "a move to somebody paused": illegal(
        "not_eligible",
        CallMoved(call="c1", to=Destination(kind="agent", name="anna")),
        "agent paused",
        "an agent who may take the call",
        AgentPaused(agent="anna"),
        arrival(),
    ),
    "a move to an agent that there is not": unknown(
        CallMoved(call="c1", to=Destination(kind="agent", name="zoe")),
        "agent",
        "zoe",
        arrival(),
    ),
    "a move to a queue that there is not": unknown(
        CallMoved(call="c1", to=Destination(kind="queue", name="q")),
        "queue",
        "q",
        arrival(),
    ),
    "a move to a box that there is not": unknown(
        CallMoved(call="c1", to=Destination(kind="voicemail", name="b")),
        "box",
        "b",
        arrival(),
    ),
    "a call assigned to somebody busy": illegal(
        "not_assignable",
        CallAssigned(call="c2", agent="anna"),
        "agent ringing",
        "an agent who is logged in and has a unit left",
        arrival(),
        arrival(call="c2"),
    ),
    "a call picked by somebody paused": illegal(
        "not_eligible",
        CallPicked(call="c1", agent="anna"),
        "agent paused",
        "an agent who may take the call",
        AgentPaused(agent="anna"),
        arrival(),
    ),
    "a gap that is not over": illegal(
        "gap_malformed",
        Gap(from_ms=START_MS, until_ms=START_MS + 10_000_000),
        f"it is {START_MS}",
        "from_ms not before the clock, then until_ms, and not after now",
    ),
    "one host too many": limit(
        HostLost(host="one-more"),
        "hosts_max",
        1_000,
        *(HostLost(host=f"host-{number}") for number in range(1_000)),
    ),
    "a change taken back that there is not": illegal(
        "unknown_overlay",
        OverlayReset(kind="weather", name="rain"),
        "no overlay weather",
        "schedule, queue, number, agent, tags, membership or call",
    ),
    "a schedule that is to play a message": illegal(
        "illegal_event",
        Overridden(kind="schedule", name="day", to="play", prompt="x.wav"),
        "a schedule plays nothing",
        "open or closed",
    ),
    "a message that is not named": illegal(
        "prompt_missing",
        Overridden(kind="queue", name="sales", to="play"),
        "no prompt to play",
        "a prompt",
    ),
    "an override that is over": illegal(
        "until_ms_out_of_range",
        Overridden(kind="queue", name="sales", to="closed", until_ms=START_MS),
        "until_ms out of range",
        f"{START_MS + 1} to {2**53 - 1}",
    ),
    "an override of a schedule that there is not": unknown(
        Overridden(kind="schedule", name="night", to="open"), "schedule", "night"
    ),
    "an override of a number that is not ours": unknown(
        Overridden(kind="number", name="+1", to="open"), "number", "+1"
    ),
    "membership of a queue that there is not": unknown(
        MembershipSet(agent="anna", queue="q", member=True), "queue", "q"
    ),
    "more tags than anybody holds": limit(
        TagsSet(agent="anna", tags=tuple((f"t{n}", 1) for n in range(4097))),
        "tags_per_agent_max",
        4096,
    ),
    "a tag of no level": illegal(
        "level_out_of_range",
        TagsSet(agent="anna", tags=(("lang:pl", 0),)),
        "level out of range",
        "1 to 100",
    ),
    "a pause of somebody who is logged out": illegal(
        "illegal_event",
        PresenceSet(agent="anna", presence="paused"),
        "agent logged_out",
        "AgentLoggedIn",
        AgentLoggedOut(agent="anna"),
    ),
    "a reason as long as a novel": limit(
        CallEndOrdered(call="c1", reason="x" * 1025),
        "text_length_max",
        1024,
        arrival(),
    ),
    "more and more needs with every move": limit(
        CallMoved(call="c1", to=Destination(kind="queue", name="sales", needs=MANY)),
        "needs_per_call_max",
        64,
        arrival(needs=MANY),
    ),
    "a group without tags": illegal(
        "empty_group",
        arrival(needs=(AnyOf(()),)),
        "empty any-of group",
        "at least one tag",
    ),
    "a priority that is too high": illegal(
        "priority_out_of_range",
        arrival(priority=1001),
        "priority out of range",
        "-1000 to 1000",
    ),
    "a level that is too high": illegal(
        "level_out_of_range",
        arrival(needs=(Required("lang:pl", 101),)),
        "level out of range",
        "1 to 100",
    ),
    "a weight of nothing": illegal(
        "weight_out_of_range",
        arrival(needs=(Preferred("lang:pl", 0),)),
        "weight out of range",
        "1 to 1000",
    ),
    "a message of negative length": illegal(
        "length_ms_out_of_range",
        VoicemailLeft(call="c1", length_ms=-1),
        "length_ms out of range",
        f"0 to {2**53 - 1}",
        arrival(),
    ),
    "other use that gives units": illegal(
        "units_out_of_range",
        AgentOccupied(agent="anna", units=-1),
        "units out of range",
        "0 to 1000",
    ),
    "more open cases than anybody has": illegal(
        "cases_out_of_range",
        OpenCasesTold(agent="anna", cases=1_000_001),
        "cases out of range",
        "0 to 1000000",
    ),
    "a wall clock in another age": illegal(
        "offset_ms_out_of_range",
        WallClockMoved(offset_ms=10**12 + 1),
        "offset_ms out of range",
        f"-{10**12} to {10**12}",
    ),
    "a call that nobody knows": unknown(CallerHungUp(call="c9"), "call", "c9"),
    "an agent who is not in the plan": unknown(
        AgentResumed(agent="zoe"), "agent", "zoe"
    ),
    "an offer that was never made": unknown(OfferAccepted(offer=7), "offer", "7"),
    "an endpoint that the plan does not name": unknown(
        EndpointLost(agent="anna", endpoint="PJSIP/9"), "endpoint", "PJSIP/9"
    ),
    "offer nought": unknown(OfferAccepted(offer=0), "offer", "0"),
    "a call held for longer than a day": illegal(
        "for_ms_out_of_range",
        arrival(preferred=(PreferredAgent("anna", 86_400_001),)),
        "for_ms out of range",
        "0 to 86400000",
    ),
    "too many agents excluded": limit(
        arrival(excluded=tuple(f"a{n}" for n in range(65))),
        "agents_per_call_max",
        64,
    ),
    "too many needs": limit(
        arrival(needs=tuple(Required(f"t{n}") for n in range(65))),
        "needs_per_call_max",
        64,
    ),
    "too many tags in a group": limit(
        arrival(needs=(AnyOf(tuple(f"t{n}" for n in range(65))),)),
        "tags_per_group_max",
        64,
    ),
    "too long a name": limit(
        arrival(caller=Party(kind="e164", number="+7", name="x" * 1025)),
        "text_length_max",
        1024,
    ),
    "too many tags of which the plan knows nothing": limit(
        crowd("c3", 8192),
        "extra_tags_max",
        10_000,
        crowd("c1", 0),
        crowd("c2", 4096),
    ),
}

NOT_PROVOKED = {
    "calls_max": "a million calls would take minutes: see the test that lowers it",
    "pool_agents_max": "a million agents would take minutes in the specification",
    "pool_needs_max": "a million needs likewise",
    "pool_waiting_max": "a million waiting calls likewise",
    "unknown_needs": "of the pool: see test_pool.py",
    "unknown_ticket": "of the pool: see test_pool.py",
}
"""Codes of refusals that no row above provokes, and why."""
