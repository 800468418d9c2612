"""
Actions: what the engine orders, in the order in which to carry it out.

An action is an order to a host (``OfferCall``), to the driver (``LookUp``) or
to the record keepers (``RecordOutcome``).  One definition serves every backend,
host, journal and test.  Tags and the order of fields are append-only: the
journal's format follows from them (``tests/boundary/wire_table.txt``).

Each action has an ``id`` = (event sequence, timer ordinal, index).  A host may
see an action twice, after a crash for instance, and carries it out once.

Times are milliseconds since the Unix epoch (``..._at_ms``) or lengths in
milliseconds (``..._ms``).  An empty string or tuple means: none.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from .contract import Destination, OfferId, Party

__all__ = [
    "ACTIONS",
    "Action",
    "ActionId",
    "AllowOutbound",
    "AnnouncePosition",
    "AnswerCall",
    "BridgeCall",
    "CancelOffer",
    "CollectDigits",
    "ConfirmOffer",
    "DenyHangUp",
    "DenyOutbound",
    "DialCustomer",
    "ForwardCall",
    "HangUpCall",
    "HoldCaller",
    "JoinConference",
    "KeepCaller",
    "LookUp",
    "NotifyVoicemail",
    "OfferCall",
    "PauseAgent",
    "PlayMessage",
    "RaiseAlarm",
    "RecordAssignment",
    "RecordOutbound",
    "RecordOutcome",
    "RecordResult",
    "RejectCall",
    "ReleaseLeg",
    "RetrieveCaller",
    "RingDevices",
    "SendToVoicemail",
    "StartConsult",
    "StartWaiting",
    "UpdateList",
]

ActionId: TypeAlias = tuple[int, int, int]
"""(event sequence, timer ordinal since that event, index)."""


class _Action(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """
    What every action has.
    """

    id: ActionId
    """(event sequence, timer ordinal since that event, index)."""


class StartWaiting(_Action, frozen=True, kw_only=True, array_like=True, tag=1):
    """
    The call has entered a line: let the caller hear music.
    """

    call: str
    queue: str


class OfferCall(_Action, frozen=True, kw_only=True, array_like=True, tag=2):
    """
    Ring an agent for a call; the engine's own timer ends it.
    """

    call: str
    offer: OfferId
    agent: str
    queue: str
    endpoints: tuple[str, ...]
    """Devices to ring, in the plan's order; more than one ring together.  Empty: those
    that the host knows of the agent."""
    ring_ms: int
    label: str
    """The label of the number dialled, to be shown while it rings."""


class CancelOffer(_Action, frozen=True, kw_only=True, array_like=True, tag=3):
    """
    Stop ringing; answer with ``OfferCancelled`` when the leg is gone.
    """

    call: str
    offer: OfferId
    agent: str
    reason: str
    """``ring_timeout``, ``caller_gone``, ``paused``, ``logged_out``, ``moved``,
    ``ended``, ..."""


class BridgeCall(_Action, frozen=True, kw_only=True, array_like=True, tag=4):
    """
    The agent has accepted: play the whisper to them alone, then join both.

    Other devices of the same offer are let go.
    """

    call: str
    offer: OfferId
    agent: str
    whisper: str
    """What the agent hears first; empty: nothing."""


class ReleaseLeg(_Action, frozen=True, kw_only=True, array_like=True, tag=5):
    """
    Hang up an agent's leg that has no call (any more).
    """

    call: str
    """The call it was offered for; empty if that is no longer known."""
    offer: OfferId
    agent: str
    """Empty if no longer known."""


class HangUpCall(_Action, frozen=True, kw_only=True, array_like=True, tag=6):
    """
    End the caller's leg, after the message if there is one.
    """

    call: str
    message: str
    """Prompt to play before; empty: none."""
    reason: str
    """``agent_hung_up``, ``last_resort``, ``end_ordered``, ``hangup``, ..."""


class SendToVoicemail(_Action, frozen=True, kw_only=True, array_like=True, tag=7):
    """
    Let the caller leave a message; answered by ``VoicemailLeft`` or ``-Failed``.
    """

    call: str
    box: str
    greeting: str


class NotifyVoicemail(_Action, frozen=True, kw_only=True, array_like=True, tag=8):
    """
    Tell the recipients that a message was left.
    """

    call: str
    box: str
    recipients: tuple[str, ...]
    length_ms: int


class RecordResult(_Action, frozen=True, kw_only=True, array_like=True, tag=9):
    """
    A queue visit has ended: one per visit.
    """

    call: str
    queue: str
    result: str
    """``answered``, ``abandoned``, ``overflowed:<limit>``, ``callback_taken``,
    ``transferred`` or ``ended``."""
    waited_ms: int
    """From the entry into this queue to the end of the visit."""


class RecordOutcome(_Action, frozen=True, kw_only=True, array_like=True, tag=10):
    """
    The call has ended: exactly one per call.
    """

    call: str
    outcome: str
    """``answered``, ``abandoned``, ``voicemail``, ``forwarded``, ``callback_done``,
    ``callback_expired``, ``rejected:<code>``, ``overflowed``, ``hung_up`` or
    ``failed:<code>``."""
    last_result: str
    """Result of the last queue visit; empty if there was none."""


class RejectCall(_Action, frozen=True, kw_only=True, array_like=True, tag=11):
    """
    Refuse a call that was not answered yet.
    """

    call: str
    code: str
    """``busy``, ``declined`` or ``unallocated``."""


class ForwardCall(_Action, frozen=True, kw_only=True, array_like=True, tag=12):
    """
    Connect the caller with an outside number.
    """

    call: str
    number: str
    ring_ms: int


class PlayMessage(_Action, frozen=True, kw_only=True, array_like=True, tag=13):
    """
    Play a prompt to the caller; answered by ``PromptEnded``.
    """

    call: str
    prompt: str
    early: bool
    """True: before the call is answered."""


class CollectDigits(_Action, frozen=True, kw_only=True, array_like=True, tag=14):
    """
    Play a prompt and collect digits; answered by ``DigitsCollected``.
    """

    call: str
    prompt: str
    digits_max: int
    timeout_ms: int


class LookUp(_Action, frozen=True, kw_only=True, array_like=True, tag=15):
    """
    Ask the driver's hooks about a caller; answered by ``CallEnriched``.
    """

    call: str
    what: str
    deadline_at_ms: int


class AnnouncePosition(_Action, frozen=True, kw_only=True, array_like=True, tag=16):
    """
    Tell the caller their place in line and the expected wait.
    """

    call: str
    position: int
    """1 is next; 0: say nothing of it."""
    expected_wait_ms: int | None
    """None: not known, say nothing of it."""


class AnswerCall(_Action, frozen=True, kw_only=True, array_like=True, tag=17):
    """
    Pick up the caller's leg, since what follows needs it.
    """

    call: str


class PauseAgent(_Action, frozen=True, kw_only=True, array_like=True, tag=18):
    """
    The engine has paused an agent; show it on their console.
    """

    agent: str
    reason: str
    until_ms: int | None


class HoldCaller(_Action, frozen=True, kw_only=True, array_like=True, tag=19):
    """
    Put the caller on hold (music), in a consultation for instance.
    """

    call: str


class RetrieveCaller(_Action, frozen=True, kw_only=True, array_like=True, tag=20):
    """
    Take the caller back from hold and join them with the agent.
    """

    call: str
    offer: OfferId
    agent: str


class StartConsult(_Action, frozen=True, kw_only=True, array_like=True, tag=21):
    """
    Join the transferring agent with the target, the caller still on hold.
    """

    call: str
    offer: OfferId
    agent: str
    target: Destination


class JoinConference(_Action, frozen=True, kw_only=True, array_like=True, tag=22):
    """
    Join caller, agent and target.
    """

    call: str
    offer: OfferId
    agent: str


class DialCustomer(_Action, frozen=True, kw_only=True, array_like=True, tag=23):
    """
    Dial the customer of a callback.
    """

    call: str
    number: str
    caller_id: str
    ring_ms: int


class AllowOutbound(_Action, frozen=True, kw_only=True, array_like=True, tag=24):
    """
    The outbound guard allows: dial this number, show that caller id.
    """

    request: str
    agent: str
    number: str
    caller_id: str


class DenyOutbound(_Action, frozen=True, kw_only=True, array_like=True, tag=25):
    """
    The outbound guard denies: do not dial.
    """

    request: str
    agent: str
    code: str
    rule: str
    allowed_at_ms: int | None
    """When it would be allowed; None: never by itself."""


class RecordOutbound(_Action, frozen=True, kw_only=True, array_like=True, tag=26):
    """
    An outbound call has ended.
    """

    request: str
    outcome: str


class KeepCaller(_Action, frozen=True, kw_only=True, array_like=True, tag=27):
    """
    The agent hung up first where the caller may: keep the caller connected.
    """

    call: str


class DenyHangUp(_Action, frozen=True, kw_only=True, array_like=True, tag=28):
    """
    Switch off the console's hang-up button for this call, or on again.
    """

    call: str
    agent: str
    denied: bool


class UpdateList(_Action, frozen=True, kw_only=True, array_like=True, tag=29):
    """
    An entry was put into a list, or taken out, by a rule of the plan.
    """

    list: str
    party: Party
    added: bool
    reason: str


class RaiseAlarm(_Action, frozen=True, kw_only=True, array_like=True, tag=30):
    """
    Tell a supervisor: a hold is too long, a queue has nobody, and so on.
    """

    alarm: str
    call: str
    agent: str
    queue: str


class RingDevices(_Action, frozen=True, kw_only=True, array_like=True, tag=31):
    """
    Change which devices of an agent ring inside one offer.
    """

    offer: OfferId
    endpoints: tuple[str, ...]
    """Those that ring from now on, or have answered; others stop."""


class RecordAssignment(_Action, frozen=True, kw_only=True, array_like=True, tag=32):
    """
    An offer was made since somebody said so, not by matching.
    """

    call: str
    offer: OfferId
    agent: str
    act: Literal["assign", "pick"]
    overridden: tuple[str, ...]
    """Codes of the tests that the agent fails, in the order of the tests."""
    by: str
    """Who did it: the id of a person or program; empty: not said."""


class ConfirmOffer(_Action, frozen=True, kw_only=True, array_like=True, tag=33):
    """
    A device has answered: let it hear the whisper, and collect a digit.

    Each digit pressed is answered by ``OfferConfirmed``, until the engine orders
    ``BridgeCall`` or ends the offer; other devices of it go on ringing.
    """

    call: str
    offer: OfferId
    agent: str
    endpoint: str
    """The device that has answered."""
    whisper: str
    """What whoever answers hears; empty: nothing."""
    digit: str
    """What must be pressed; the engine compares."""


Action: TypeAlias = (
    StartWaiting
    | OfferCall
    | CancelOffer
    | BridgeCall
    | ReleaseLeg
    | HangUpCall
    | SendToVoicemail
    | NotifyVoicemail
    | RecordResult
    | RecordOutcome
    | RejectCall
    | ForwardCall
    | PlayMessage
    | CollectDigits
    | LookUp
    | AnnouncePosition
    | AnswerCall
    | PauseAgent
    | HoldCaller
    | RetrieveCaller
    | StartConsult
    | JoinConference
    | DialCustomer
    | AllowOutbound
    | DenyOutbound
    | RecordOutbound
    | KeepCaller
    | DenyHangUp
    | UpdateList
    | RaiseAlarm
    | RingDevices
    | RecordAssignment
    | ConfirmOffer
)
"""Any action."""

ACTIONS: tuple[type[Action], ...] = (
    StartWaiting,
    OfferCall,
    CancelOffer,
    BridgeCall,
    ReleaseLeg,
    HangUpCall,
    SendToVoicemail,
    NotifyVoicemail,
    RecordResult,
    RecordOutcome,
    RejectCall,
    ForwardCall,
    PlayMessage,
    CollectDigits,
    LookUp,
    AnnouncePosition,
    AnswerCall,
    PauseAgent,
    HoldCaller,
    RetrieveCaller,
    StartConsult,
    JoinConference,
    DialCustomer,
    AllowOutbound,
    DenyOutbound,
    RecordOutbound,
    KeepCaller,
    DenyHangUp,
    UpdateList,
    RaiseAlarm,
    RingDevices,
    RecordAssignment,
    ConfirmOffer,
)
"""Every action class, by tag."""
