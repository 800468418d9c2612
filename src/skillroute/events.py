"""
Events: what happened, told to the engine in the order in which it happened.

Events are facts.  Those of a host come from a switch, those of the driver from
clocks and connections, those of people (``by``, ``reason``) from a console or
an API.  One definition serves every backend, host, journal and test.  Tags and
the order of fields are append-only: the journal's format follows from them
(``tests/boundary/wire_table.txt``).

``ENGINE_EVENTS`` names those that today's engine carries out; the others are
refused with the code ``not_yet``, so that journals and hosts can be written
against the whole vocabulary.

Times are milliseconds since the Unix epoch (``..._at_ms``, ``..._until_ms``) or
lengths in milliseconds (``..._ms``).  An empty string or tuple means: none.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from .contract import Destination, Need, OfferId, Party, PreferredAgent

__all__ = [
    "ENGINE_EVENTS",
    "EVENTS",
    "Advanced",
    "AgentHungUp",
    "AgentLoggedIn",
    "AgentLoggedOut",
    "AgentOccupied",
    "AgentPaused",
    "AgentResumed",
    "CallArrived",
    "CallAssigned",
    "CallConnected",
    "CallEndOrdered",
    "CallEnriched",
    "CallFailed",
    "CallHeld",
    "CallMoved",
    "CallPicked",
    "CallResumed",
    "CallStanding",
    "CallbackCancelled",
    "CallbackRequested",
    "CallerHungUp",
    "ConferenceStarted",
    "ConnectFailed",
    "ConsultToggled",
    "CustomerAnswered",
    "CustomerFailed",
    "DigitsCollected",
    "EndpointLost",
    "EndpointReached",
    "Event",
    "ForwardAnswered",
    "ForwardFailed",
    "Gap",
    "HostLost",
    "HostResynced",
    "LineDigitPressed",
    "ListEntryAdded",
    "ListEntryRemoved",
    "MembershipSet",
    "MessageLeft",
    "NeedsSet",
    "OfferAccepted",
    "OfferCancelled",
    "OfferConfirmed",
    "OfferDeclined",
    "OfferFailed",
    "OfferRedirected",
    "OpenCasesTold",
    "OutboundDialled",
    "OutboundEnded",
    "OutboundRequested",
    "OverlayReset",
    "Overridden",
    "PlanReloaded",
    "PresenceSet",
    "PrioritySet",
    "PromptEnded",
    "TagsSet",
    "TransferCancelled",
    "TransferCompleted",
    "TransferRequested",
    "VoicemailFailed",
    "VoicemailLeft",
    "WallClockMoved",
    "WrapUpEnded",
]


class _Event(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """
    What every event has: nothing, today.
    """


class CallStanding(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """
    What a switch says of one call after a lost connection.
    """

    call: str
    offer: OfferId = 0
    """The offer whose leg exists; 0: only the caller's."""
    joined: bool = False
    """Caller and agent hear each other."""
    hung_up_at_ms: int | None = None
    """When the caller hung up, if the switch knows; None: the call exists."""


class Advanced(_Event, frozen=True, kw_only=True, array_like=True, tag=1):
    """
    Time has passed and timers fired: the journal's record of ``advance``.
    """


class WallClockMoved(_Event, frozen=True, kw_only=True, array_like=True, tag=2):
    """
    The wall clock differs from the engine's clock by another amount than before.
    """

    offset_ms: int
    """Wall clock minus engine clock, milliseconds; replaces the former."""


class Gap(_Event, frozen=True, kw_only=True, array_like=True, tag=3):
    """
    The driver was not running: applied as of ``from_ms``, before any timer.
    """

    from_ms: int
    """The last heartbeat."""
    until_ms: int
    """When the driver ran again."""


class HostLost(_Event, frozen=True, kw_only=True, array_like=True, tag=4):
    """
    The connection to a switch is gone.
    """

    host: str


class HostResynced(_Event, frozen=True, kw_only=True, array_like=True, tag=5):
    """
    After a lost connection: which calls and agents still exist.
    """

    host: str
    calls: tuple[CallStanding, ...] = ()
    """Every call that still exists there."""
    unreachable: tuple[str, ...] = ()
    """Agents whose endpoint is down."""
    complete: bool = True
    """False: more of the same follows."""


class PlanReloaded(_Event, frozen=True, kw_only=True, array_like=True, tag=6):
    """
    Another plan holds from now on: the journal's record of ``reload``.
    """

    plan_id: str
    """blake2b-128 of the compiled plan, hexadecimal."""


class CallArrived(_Event, frozen=True, kw_only=True, array_like=True, tag=10):
    """
    A call has come in.
    """

    call: str
    """Id of the call, chosen by the host."""
    host: str
    """Name of the host that has the call."""
    caller: Party
    dialled: Party
    """The number of ours that was dialled."""
    needs: tuple[Need, ...] = ()
    """What a hook or the host already knows that the call needs."""
    priority: int = 0
    """Added to the number's priority; the sum is kept within -1000 to 1000."""
    attributes: tuple[tuple[str, str], ...] = ()
    """Anything else known: (name, value) pairs, sorted by name."""
    preferred: tuple[PreferredAgent, ...] = ()
    """Agents to try first, in that order, such as the one who knows the caller."""
    excluded: tuple[str, ...] = ()
    """Agents who never get the call; who is not in the plan is passed over."""


class CallEnriched(_Event, frozen=True, kw_only=True, array_like=True, tag=11):
    """
    The driver answers a ``LookUp``.
    """

    call: str
    """Id of the call, chosen by the host."""
    what: str
    found: bool
    """False: nothing is known."""
    needs: tuple[Need, ...] = ()
    priority: int | None = None
    """None: as it was."""
    preferred: tuple[str, ...] = ()
    """Agents to try first, in that order."""
    attributes: tuple[tuple[str, str], ...] = ()


class DigitsCollected(_Event, frozen=True, kw_only=True, array_like=True, tag=12):
    """
    The caller has pressed digits, or none in time.
    """

    call: str
    """Id of the call, chosen by the host."""
    digits: str
    """Empty: nothing was pressed."""


class PromptEnded(_Event, frozen=True, kw_only=True, array_like=True, tag=13):
    """
    A prompt was played to its end, or could not be.
    """

    call: str
    """Id of the call, chosen by the host."""
    prompt: str
    failed: str = ""
    """Why it could not; empty: it was played."""


class LineDigitPressed(_Event, frozen=True, kw_only=True, array_like=True, tag=14):
    """
    The caller pressed a digit while waiting in line.
    """

    call: str
    """Id of the call, chosen by the host."""
    digit: str


class CallerHungUp(_Event, frozen=True, kw_only=True, array_like=True, tag=15):
    """
    The caller's leg has ended.
    """

    call: str
    """Id of the call, chosen by the host."""


class AgentHungUp(_Event, frozen=True, kw_only=True, array_like=True, tag=16):
    """
    The agent's leg of a connecting or connected call has ended.
    """

    offer: OfferId


class CallFailed(_Event, frozen=True, kw_only=True, array_like=True, tag=17):
    """
    The switch lost the call.
    """

    call: str
    """Id of the call, chosen by the host."""
    code: str
    """Such as ``network`` or ``media``."""


class CallHeld(_Event, frozen=True, kw_only=True, array_like=True, tag=18):
    """
    A connected call was put on hold.
    """

    call: str
    """Id of the call, chosen by the host."""
    by: str
    """The agent, or ``caller``."""


class CallResumed(_Event, frozen=True, kw_only=True, array_like=True, tag=19):
    """
    A call was taken back from hold.
    """

    call: str
    """Id of the call, chosen by the host."""
    by: str


class OfferAccepted(_Event, frozen=True, kw_only=True, array_like=True, tag=20):
    """
    The agent picked up.
    """

    offer: OfferId
    endpoint: str = ""
    """The device that answered; empty, or one that the plan does not name: the first
    of those that ring."""


class OfferConfirmed(_Event, frozen=True, kw_only=True, array_like=True, tag=21):
    """
    The answered leg pressed a digit after ``ConfirmOffer``; maybe a wrong one.
    """

    offer: OfferId
    digit: str


class OfferDeclined(_Event, frozen=True, kw_only=True, array_like=True, tag=22):
    """
    The agent refused the call.
    """

    offer: OfferId


class OfferFailed(_Event, frozen=True, kw_only=True, array_like=True, tag=23):
    """
    The agent could not be rung, or the switch stopped ringing.
    """

    offer: OfferId
    code: Literal["busy", "unreachable", "no_answer"]
    """``no_answer``: the switch gave up before the engine's timer."""


class OfferCancelled(_Event, frozen=True, kw_only=True, array_like=True, tag=24):
    """
    The switch confirms that the leg of an ended offer is gone.
    """

    offer: OfferId


class OfferRedirected(_Event, frozen=True, kw_only=True, array_like=True, tag=25):
    """
    The agent's device sent the call somewhere else.
    """

    offer: OfferId
    target: str


class CallConnected(_Event, frozen=True, kw_only=True, array_like=True, tag=26):
    """
    Caller and agent hear each other.
    """

    offer: OfferId


class ConnectFailed(_Event, frozen=True, kw_only=True, array_like=True, tag=27):
    """
    The accepted call could not be joined.
    """

    offer: OfferId
    code: str = ""


class VoicemailLeft(_Event, frozen=True, kw_only=True, array_like=True, tag=30):
    """
    The caller has left a message.
    """

    call: str
    """Id of the call, chosen by the host."""
    length_ms: int


class VoicemailFailed(_Event, frozen=True, kw_only=True, array_like=True, tag=31):
    """
    The mailbox could not take a message.
    """

    call: str
    """Id of the call, chosen by the host."""
    code: str
    """Such as ``full`` or ``no_such_box``."""


class ForwardAnswered(_Event, frozen=True, kw_only=True, array_like=True, tag=32):
    """
    The outside number has picked up.
    """

    call: str
    """Id of the call, chosen by the host."""


class ForwardFailed(_Event, frozen=True, kw_only=True, array_like=True, tag=33):
    """
    The outside number could not be had.
    """

    call: str
    """Id of the call, chosen by the host."""
    code: Literal["no_answer", "busy", "refused", "failed"]


class AgentLoggedIn(_Event, frozen=True, kw_only=True, array_like=True, tag=40):
    """
    An agent is there to take calls.
    """

    agent: str


class AgentLoggedOut(_Event, frozen=True, kw_only=True, array_like=True, tag=41):
    """
    An agent takes no more calls.
    """

    agent: str


class AgentPaused(_Event, frozen=True, kw_only=True, array_like=True, tag=42):
    """
    An agent takes a break.
    """

    agent: str
    reason: str = ""
    """Such as ``lunch``; empty: not said."""


class AgentResumed(_Event, frozen=True, kw_only=True, array_like=True, tag=43):
    """
    An agent is back from a break.
    """

    agent: str


class WrapUpEnded(_Event, frozen=True, kw_only=True, array_like=True, tag=44):
    """
    An agent has finished the work after a call.
    """

    agent: str


class EndpointLost(_Event, frozen=True, kw_only=True, array_like=True, tag=45):
    """
    A device of an agent cannot be reached.
    """

    agent: str
    endpoint: str


class EndpointReached(_Event, frozen=True, kw_only=True, array_like=True, tag=46):
    """
    A device of an agent can be reached again.
    """

    agent: str
    endpoint: str


class AgentOccupied(_Event, frozen=True, kw_only=True, array_like=True, tag=47):
    """
    An agent's device is in use by something that is not ours.
    """

    agent: str
    units: int
    """How many units it takes; 0: free again."""


class OpenCasesTold(_Event, frozen=True, kw_only=True, array_like=True, tag=48):
    """
    How many open cases an agent has.
    """

    agent: str
    cases: int


class ListEntryAdded(_Event, frozen=True, kw_only=True, array_like=True, tag=50):
    """
    A number or mask was put into a list.
    """

    list: str
    mask: str
    expires_at_ms: int | None = None
    """None: never."""
    by: str = ""
    """Who did it: the id of a person or program."""
    reason: str = ""
    """Why, in their words."""


class ListEntryRemoved(_Event, frozen=True, kw_only=True, array_like=True, tag=51):
    """
    A number or mask was taken out of a list.
    """

    list: str
    mask: str
    by: str = ""
    """Who did it: the id of a person or program."""
    reason: str = ""
    """Why, in their words."""


class Overridden(_Event, frozen=True, kw_only=True, array_like=True, tag=60):
    """
    A supervisor opened or closed something, or let it play a message and hang up.

    It beats the hours of a schedule, and holds for calls that come to a queue or a
    number from then on; in place of a former one.
    """

    kind: Literal["schedule", "queue", "number"]
    name: str
    to: Literal["open", "closed", "play"]
    """A schedule plays nothing."""
    prompt: str = ""
    """What ``play`` plays."""
    until_ms: int | None = None
    """None: until reset."""
    by: str = ""
    """Who did it: the id of a person or program."""
    reason: str = ""
    """Why, in their words."""


class OverlayReset(_Event, frozen=True, kw_only=True, array_like=True, tag=61):
    """
    A change made while running is taken back.
    """

    kind: str
    """``schedule``, ``queue``, ``number``: an override; ``tags``, ``membership`` (in
    all queues) or ``agent`` (both); ``call``: its priority and needs; ``list``."""
    name: str
    """The schedule, queue, number or list, or the id of the agent or call."""
    by: str = ""
    """Who did it: the id of a person or program."""
    reason: str = ""
    """Why, in their words."""


class CallMoved(_Event, frozen=True, kw_only=True, array_like=True, tag=62):
    """
    A call in line is moved to another place; it keeps the time that it has waited.

    An offer that rings is withdrawn, and is no miss.
    """

    call: str
    """Id of the call, chosen by the host."""
    to: Destination
    """Of kind ``queue``, ``voicemail`` or ``number``; of kind ``agent``, its own queue,
    where it is for that agent alone until they answer, miss or decline it; of kind
    ``tags``, its own queue, with these needs beside its own."""
    by: str = ""
    """Who did it: the id of a person or program."""
    reason: str = ""
    """Why, in their words."""


class PrioritySet(_Event, frozen=True, kw_only=True, array_like=True, tag=63):
    """
    A call in line gets another priority.
    """

    call: str
    """Id of the call, chosen by the host."""
    priority: int
    """In place of the sum of its queue's, its number's and its own."""
    by: str = ""
    """Who did it: the id of a person or program."""
    reason: str = ""
    """Why, in their words."""


class NeedsSet(_Event, frozen=True, kw_only=True, array_like=True, tag=64):
    """
    A call in line gets needs beside those of its queue, its number and its own.
    """

    call: str
    """Id of the call, chosen by the host."""
    needs: tuple[Need, ...]
    """In place of those that were set before; empty: none any more."""
    by: str = ""
    """Who did it: the id of a person or program."""
    reason: str = ""
    """Why, in their words."""


class CallAssigned(_Event, frozen=True, kw_only=True, array_like=True, tag=65):
    """
    A supervisor gives a waiting call to an agent, whatever the tests say.

    Only an agent who is logged out or has no unit left cannot be given a call.
    """

    call: str
    """Id of the call, chosen by the host."""
    agent: str
    by: str = ""
    """Who did it: the id of a person or program."""
    reason: str = ""
    """Why, in their words."""


class CallPicked(_Event, frozen=True, kw_only=True, array_like=True, tag=66):
    """
    An agent takes a certain waiting call, also one that they missed or declined.
    """

    call: str
    """Id of the call, chosen by the host."""
    agent: str
    by: str = ""
    """Who did it: the id of a person or program."""
    reason: str = ""
    """Why, in their words."""


class CallEndOrdered(_Event, frozen=True, kw_only=True, array_like=True, tag=67):
    """
    A supervisor ends a call, wherever it is.
    """

    call: str
    """Id of the call, chosen by the host."""
    by: str = ""
    """Who did it: the id of a person or program."""
    reason: str = ""
    """Why, in their words."""


class PresenceSet(_Event, frozen=True, kw_only=True, array_like=True, tag=68):
    """
    A supervisor logs an agent in or out, or pauses them.
    """

    agent: str
    presence: Literal["available", "logged_out", "paused"]
    pause_reason: str = ""
    by: str = ""
    """Who did it: the id of a person or program."""
    reason: str = ""
    """Why, in their words."""


class MembershipSet(_Event, frozen=True, kw_only=True, array_like=True, tag=69):
    """
    A supervisor puts an agent into a queue, or takes them out, in all its steps.
    """

    agent: str
    queue: str
    member: bool
    by: str = ""
    """Who did it: the id of a person or program."""
    reason: str = ""
    """Why, in their words."""


class TagsSet(_Event, frozen=True, kw_only=True, array_like=True, tag=70):
    """
    A supervisor gives an agent other tags.
    """

    agent: str
    tags: tuple[tuple[str, int], ...]
    """(tag, level) pairs, in place of all former ones; ``*``: can do everything."""
    by: str = ""
    """Who did it: the id of a person or program."""
    reason: str = ""
    """Why, in their words."""


class TransferRequested(_Event, frozen=True, kw_only=True, array_like=True, tag=80):
    """
    An agent transfers a connected call.
    """

    call: str
    """Id of the call, chosen by the host."""
    agent: str
    kind: Literal["blind", "attended"]
    to: Destination
    context: tuple[tuple[str, str], ...] = ()
    """Account, summary, path so far, ...: (name, value) pairs."""
    reason: str = ""


class TransferCompleted(_Event, frozen=True, kw_only=True, array_like=True, tag=81):
    """
    The transferring agent leaves caller and target together.
    """

    call: str
    """Id of the call, chosen by the host."""
    agent: str


class TransferCancelled(_Event, frozen=True, kw_only=True, array_like=True, tag=82):
    """
    The transferring agent goes back to the caller.
    """

    call: str
    """Id of the call, chosen by the host."""
    agent: str


class ConsultToggled(_Event, frozen=True, kw_only=True, array_like=True, tag=83):
    """
    The transferring agent changes between caller and target.
    """

    call: str
    """Id of the call, chosen by the host."""
    agent: str


class ConferenceStarted(_Event, frozen=True, kw_only=True, array_like=True, tag=84):
    """
    The transferring agent joins all three.
    """

    call: str
    """Id of the call, chosen by the host."""
    agent: str


class MessageLeft(_Event, frozen=True, kw_only=True, array_like=True, tag=85):
    """
    A consultation ended with a message for somebody.
    """

    call: str
    """Id of the call, chosen by the host."""
    agent: str
    to: str
    text: str
    number: str = ""
    """Where to call back."""


class CallbackRequested(_Event, frozen=True, kw_only=True, array_like=True, tag=90):
    """
    A caller wants to be called back.
    """

    call: str
    """Id of the call, chosen by the host."""
    number: Party
    window_from_ms: int | None = None
    window_until_ms: int | None = None


class CallbackCancelled(_Event, frozen=True, kw_only=True, array_like=True, tag=91):
    """
    A callback is wanted no more.
    """

    call: str
    """Id of the call, chosen by the host."""
    by: str = ""
    """Who did it: the id of a person or program."""
    reason: str = ""
    """Why, in their words."""


class CustomerAnswered(_Event, frozen=True, kw_only=True, array_like=True, tag=92):
    """
    The customer of a callback or outbound call picked up.
    """

    call: str
    """Id of the call, chosen by the host."""


class CustomerFailed(_Event, frozen=True, kw_only=True, array_like=True, tag=93):
    """
    The customer could not be had.
    """

    call: str
    """Id of the call, chosen by the host."""
    code: Literal["no_answer", "busy", "invalid", "machine", "failed"]


class OutboundRequested(_Event, frozen=True, kw_only=True, array_like=True, tag=94):
    """
    An agent wants to dial a number.
    """

    request: str
    """Id of the request."""
    agent: str
    number: Party
    queue: str = ""


class OutboundDialled(_Event, frozen=True, kw_only=True, array_like=True, tag=95):
    """
    The host reports the leg of an allowed request.
    """

    request: str
    call: str
    """Id of the call, chosen by the host."""


class OutboundEnded(_Event, frozen=True, kw_only=True, array_like=True, tag=96):
    """
    An outbound call has ended.
    """

    request: str
    outcome: str


Event: TypeAlias = (
    Advanced
    | WallClockMoved
    | Gap
    | HostLost
    | HostResynced
    | PlanReloaded
    | CallArrived
    | CallEnriched
    | DigitsCollected
    | PromptEnded
    | LineDigitPressed
    | CallerHungUp
    | AgentHungUp
    | CallFailed
    | CallHeld
    | CallResumed
    | OfferAccepted
    | OfferConfirmed
    | OfferDeclined
    | OfferFailed
    | OfferCancelled
    | OfferRedirected
    | CallConnected
    | ConnectFailed
    | VoicemailLeft
    | VoicemailFailed
    | ForwardAnswered
    | ForwardFailed
    | AgentLoggedIn
    | AgentLoggedOut
    | AgentPaused
    | AgentResumed
    | WrapUpEnded
    | EndpointLost
    | EndpointReached
    | AgentOccupied
    | OpenCasesTold
    | ListEntryAdded
    | ListEntryRemoved
    | Overridden
    | OverlayReset
    | CallMoved
    | PrioritySet
    | NeedsSet
    | CallAssigned
    | CallPicked
    | CallEndOrdered
    | PresenceSet
    | MembershipSet
    | TagsSet
    | TransferRequested
    | TransferCompleted
    | TransferCancelled
    | ConsultToggled
    | ConferenceStarted
    | MessageLeft
    | CallbackRequested
    | CallbackCancelled
    | CustomerAnswered
    | CustomerFailed
    | OutboundRequested
    | OutboundDialled
    | OutboundEnded
)
"""Any event."""

EVENTS: tuple[type[Event], ...] = (
    Advanced,
    WallClockMoved,
    Gap,
    HostLost,
    HostResynced,
    PlanReloaded,
    CallArrived,
    CallEnriched,
    DigitsCollected,
    PromptEnded,
    LineDigitPressed,
    CallerHungUp,
    AgentHungUp,
    CallFailed,
    CallHeld,
    CallResumed,
    OfferAccepted,
    OfferConfirmed,
    OfferDeclined,
    OfferFailed,
    OfferCancelled,
    OfferRedirected,
    CallConnected,
    ConnectFailed,
    VoicemailLeft,
    VoicemailFailed,
    ForwardAnswered,
    ForwardFailed,
    AgentLoggedIn,
    AgentLoggedOut,
    AgentPaused,
    AgentResumed,
    WrapUpEnded,
    EndpointLost,
    EndpointReached,
    AgentOccupied,
    OpenCasesTold,
    ListEntryAdded,
    ListEntryRemoved,
    Overridden,
    OverlayReset,
    CallMoved,
    PrioritySet,
    NeedsSet,
    CallAssigned,
    CallPicked,
    CallEndOrdered,
    PresenceSet,
    MembershipSet,
    TagsSet,
    TransferRequested,
    TransferCompleted,
    TransferCancelled,
    ConsultToggled,
    ConferenceStarted,
    MessageLeft,
    CallbackRequested,
    CallbackCancelled,
    CustomerAnswered,
    CustomerFailed,
    OutboundRequested,
    OutboundDialled,
    OutboundEnded,
)
"""Every event class, by tag."""

ENGINE_EVENTS: tuple[type[Event], ...] = (
    Advanced,
    WallClockMoved,
    Gap,
    HostLost,
    HostResynced,
    PlanReloaded,
    CallArrived,
    LineDigitPressed,
    CallerHungUp,
    AgentHungUp,
    CallFailed,
    OfferAccepted,
    OfferDeclined,
    OfferFailed,
    OfferCancelled,
    CallConnected,
    ConnectFailed,
    VoicemailLeft,
    VoicemailFailed,
    ForwardAnswered,
    ForwardFailed,
    AgentLoggedIn,
    AgentLoggedOut,
    AgentPaused,
    AgentResumed,
    WrapUpEnded,
    AgentOccupied,
    OpenCasesTold,
    CallMoved,
    PrioritySet,
    NeedsSet,
    CallAssigned,
    CallPicked,
    CallEndOrdered,
    PresenceSet,
    MembershipSet,
    TagsSet,
    OverlayReset,
    OfferConfirmed,
    OfferRedirected,
    EndpointLost,
    EndpointReached,
    Overridden,
)
"""Those that today's engine carries out."""
