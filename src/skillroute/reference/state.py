"""
What a site remembers: agents, offers and calls, in the shape of a snapshot.

Each class is a plain record; who may change it is said in the file of its
machine: ``agent.py``, ``offer.py``, ``call.py``.  Everything here is logical
state: indexes are rebuilt, never kept.
"""

from __future__ import annotations

import enum

import msgspec

from ..contract import Party
from ..plan.compiled import (
    CompiledAgent,
    CompiledBox,
    CompiledEnd,
    CompiledNeed,
    CompiledNumber,
    CompiledQueue,
)
from .timers import Timer


class Presence(enum.IntEnum):
    """
    What an agent says of themselves.
    """

    AVAILABLE = 0
    LOGGED_OUT = 1
    PAUSED = 2


class OfferPhase(enum.IntEnum):
    """
    How far one attempt to have one agent take one call has come.

    An offer takes one unit of its agent in every phase but ``OVER``; offers
    that are over are not kept, an old number is enough to know them.
    """

    RINGING = 0
    CONNECTING = 1
    CONNECTED = 2
    WRAP_UP = 3
    WITHDRAWN = 4
    """Ended by us, not yet confirmed by the host."""
    OVER = 5


class CallPhase(enum.IntEnum):
    """
    Where a call is; calls that have ended keep only their id, for a while.
    """

    WAITING = 0
    """In line, nobody is being rung."""
    RINGING = 1
    """In line, one agent or more are being rung."""
    CONNECTING = 2
    """In line still, an agent has accepted."""
    CONNECTED = 3
    VOICEMAIL = 4
    FORWARDING = 5
    """An outside number is being rung."""
    FORWARDED = 6
    """Connected with an outside number; the host says when it is over."""
    ENDED = 7


class Tally(msgspec.Struct, array_like=True, frozen=True):
    """
    What an agent has done in a day, up to an instant; see ``tallies.py``.
    """

    counted_ms: int = 0
    """Up to when it was counted: the day is that of this instant."""
    calls: int = 0
    """How many calls were connected."""
    talk_ms: int = 0
    """Connected; two calls at once count twice."""
    wrap_up_ms: int = 0
    logged_in_ms: int = 0
    """Logged in and on shift, also on a break."""


class AgentState(msgspec.Struct, array_like=True):
    """
    One agent; the index is the order in the plan.
    """

    presence: int
    pause_reason: str
    """Empty unless paused with a reason."""
    login_ms: int
    """Since when there; meaningless while logged out."""
    handled_ms: int | None
    """End of the last handled call, wrap-up included; None: there was none."""
    offers: list[int]
    """Offers that take a unit, ascending."""
    occupied: int
    """Units that other use of the devices takes, as the host said last."""
    open_cases: int
    """How many cases are open, as was said last."""
    missed: int
    """Calls missed in a row, since the last accept or auto-pause."""
    lost: int
    """Endpoints that cannot be reached, as a set: bit n is endpoint n of the plan."""
    tally: Tally
    last_offers: list[tuple[int, int]]
    """The last from each queue that goes round: (queue, offer), ascending."""


class Offer(msgspec.Struct, array_like=True):
    """
    One offer that is not over.
    """

    id: int
    call: int
    """Sequence of the call."""
    agent: int
    queue: int
    phase: int
    alone: bool
    """No other agent was rung for the call beside this one."""
    assigned: bool
    """A supervisor gave the call to this agent: it leaves no tried mark."""
    devices: int
    """Endpoints that ring, as a set; as long as the offer rings."""
    answered: int
    """Those of them that have answered and must still confirm, as a set."""
    outside: bool
    """It was redirected to an outside number, so whoever answers must confirm."""
    connected_ms: int | None
    """Since when caller and agent heard each other; None: they have not."""


class Sourced(msgspec.Struct, frozen=True, array_like=True):
    """
    One need in force: tags, a number, and the source that decided it.
    """

    tags: tuple[int, ...]
    """One tag, or those of an any-of group in order of their names."""
    value: int
    """Least level if required, weight if preferred, else 0."""
    source: int
    """Index into ``needs.SOURCES``."""
    never_relax: bool
    """No step drops or lowers it."""


class Needs(msgspec.Struct, frozen=True, array_like=True):
    """
    What a call asks of an agent, after rule 5.1; each part in order of names.
    """

    required: tuple[Sourced, ...]
    any_of: tuple[Sourced, ...]
    forbidden: tuple[Sourced, ...]
    preferred: tuple[Sourced, ...]


class Visit(msgspec.Struct, frozen=True, array_like=True):
    """
    One visit of a queue that is over, and where the call went then.
    """

    queue: int
    result: str
    end: CompiledEnd


class Call(msgspec.Struct, array_like=True):
    """
    One call in progress.
    """

    sequence: int
    """Arrival sequence: the engine's own number of the call."""
    id: str
    host: str
    caller: Party
    dialled: Party
    number: int | None
    """Index into the plan's ``numbers``; None: no such number, so no queue either."""
    queue: int
    """The queue it is in, or was in last; 0 without a number."""
    needs: Needs
    priority: int
    arrived_ms: int
    line_since_ms: int
    """Decides the order (rule 8.1)."""
    queue_since_ms: int
    """Decides steps, delays and limits (rule 8.1)."""
    phase: int
    offers: list[int]
    """The offers that ring, or the one that connects or is connected; ascending."""
    tried: list[int]
    """Agents who missed, declined or failed this call in this round, ascending."""
    declined: list[int]
    """Agents who declined it in this queue visit, ascending."""
    round_ended: bool
    """The round has ended and the call waits for the next."""
    max_wait_passed: bool
    """The limit was reached while an agent was being rung."""
    box: int | None
    """The voicemail box it was sent to."""
    last_result: str
    """Result of the last queue visit; empty: none has ended."""
    step: int
    """The step of the queue that is in force; 0: the queue's own rules."""
    stopped_ms: int
    """How long the steps' clock has stood still in this visit."""
    stopped_since_ms: int | None
    """Since when it stands still; None: it goes."""
    declines: list[tuple[int, int]]
    """Of those in ``declined`` for whom that ends: (when, agent), ascending."""
    own_needs: tuple[CompiledNeed, ...]
    """What it asked itself when it came, or when it was moved."""
    set_needs: tuple[CompiledNeed, ...]
    """What a supervisor asked for it; empty: nothing."""
    own_priority: int
    """Its own part, to which those of its queue and number are added."""
    set_priority: int | None
    """What a supervisor set in place of the sum; None: nothing."""
    round_since_ms: int | None
    """When the first offer of this round was made; None: none was."""
    visits: list[Visit]
    """Those that led somewhere else, in their order."""
    in_last_resort: bool
    """Sent to the site's last resort: a failure of that ends it."""
    preferred: list[tuple[int, int]]
    """Agents to try first, and how long to hold the call for each; each agent once."""
    turn: int
    """Index into ``preferred``: whose turn it is; their number: nobody's."""
    excluded: list[int]
    """Agents who never get it, ascending."""
    offers_made: int
    """How many offers were made for it."""
    in_demand: bool
    """It was counted among those who ask for tags."""
    announced_position: int | None
    """The place in line that the caller was told last; None: none was told."""
    announced_wait_ms: int | None
    """The expected wait that the caller was told last; None: none was told."""


class TagsOverlay(msgspec.Struct, frozen=True, array_like=True, order=True):
    """
    What an agent holds in place of what the plan says.
    """

    agent: int
    wildcard: bool
    tags: tuple[tuple[int, int], ...]
    """(tag, level), ascending by tag."""


class MemberOverlay(msgspec.Struct, frozen=True, array_like=True, order=True):
    """
    Whether an agent serves a queue, whatever the plan says.
    """

    queue: int
    agent: int
    member: bool


class Override(msgspec.Struct, frozen=True, array_like=True):
    """
    A schedule, queue or number that is opened, closed, or plays a message.
    """

    kind: int
    """Index into ``overrides.KINDS``."""
    subject: int
    """The schedule, queue or number."""
    to: int
    """Index into ``overrides.TO``."""
    prompt: str
    """What is played; empty unless it plays."""
    until_ms: int | None
    """None: until it is taken back."""


class Overlay(msgspec.Struct, array_like=True):
    """
    What was changed while running, on top of the plan.
    """

    tags: list[TagsOverlay]
    """Ascending by agent, each once."""
    members: list[MemberOverlay]
    """Ascending by queue and agent, each pair once."""
    overrides: list[Override]
    """Ascending by kind and subject, each pair once."""

    def override(self, kind: int, subject: int) -> Override | None:
        """
        Return what overrides something now.
        """
        key = (kind, subject)
        found = (one for one in self.overrides if (one.kind, one.subject) == key)
        return next(found, None)


class HostState(msgspec.Struct, array_like=True):
    """
    What is known of a host.
    """

    name: str
    in_sync: bool
    """What the site knows of its calls is so."""
    told: list[str]
    """While it is not: ids of the calls that it has told of, ascending."""


class Demand(msgspec.Struct, array_like=True):
    """
    How much tags were asked for lately; see ``demand.py``.
    """

    asked: list[tuple[int, int, int]]
    """(minute's start, tag, calls that asked for it in that minute), ascending."""
    costs: list[tuple[int, int]]
    """(tag, its cost as of the last full minute), ascending; others cost nothing."""


class Kept(msgspec.Struct, frozen=True, array_like=True):
    """
    What calls and offers still use of former plans; its numbers go on behind those of
    the plan, and its tags are also those that only events have mentioned.
    """

    agents: tuple[CompiledAgent, ...] = ()
    """Removed ones whose last units are not free yet: logged out for good."""
    queues: tuple[CompiledQueue, ...] = ()
    """Rules of removed and of changed queues; the name may be there again."""
    boxes: tuple[CompiledBox, ...] = ()
    numbers: tuple[CompiledNumber, ...] = ()


class Snapshot(msgspec.Struct, array_like=True):
    """
    All logical state of a site.
    """

    version: int
    clock_ms: int | None
    """None: the site has not started."""
    wall_offset_ms: int
    event_sequence: int
    timer_ordinal: int
    timer_sequence: int
    call_sequence: int
    """How many calls have arrived."""
    offer_sequence: int
    """How many offers were made."""
    extra_tags: list[str]
    """Tags that only events or former plans have mentioned, in the order in which they
    came."""
    schedules_open: list[bool]
    agents: list[AgentState]
    offers: list[Offer]
    """Ascending by id."""
    calls: list[Call]
    """Ascending by sequence."""
    ended: list[str]
    """Ids of the calls that ended last, oldest first."""
    timers: list[Timer]
    """In the order in which they fire."""
    overlay: Overlay
    hosts: list[HostState]
    """Ascending by name."""
    demand: Demand
    kept: Kept
    handled: list[tuple[int, list[int]]]
    """(queue, how long the calls of its line took that were handled last, wrap-up
    included, the oldest first), ascending by queue."""


SNAPSHOT_VERSION = 1
