"""
The compiled plan: what every backend reads, as canonical MessagePack.

Names are interned to dense integers, times are milliseconds, zones are tables
of transitions, and there is nothing but integers, strings and arrays, so that
the same plan gives the same bytes on every machine.  Struct fields are arrays
in MessagePack; their order is append-only within one ``FORMAT``.

``compile_plan`` in ``_compile.py`` is the one writer; ``decode`` is what the
Python backends read it with, and ``rust/skillroute-core/src/plan.rs`` mirrors it.
"""

from __future__ import annotations

from hashlib import blake2b

import msgspec

from ..errors import PlanError
from ._soundness import are_parts, is_end, is_sound
from .names import (
    END_KINDS,
    LIMITS,
    LINES,
    LOGINS,
    NEED_KINDS,
    RINGINGS,
    ROUND_ENDS,
    STRATEGIES,
    WRAP_UPS,
)

__all__ = [
    "END_KINDS",
    "FORMAT",
    "LIMITS",
    "LINES",
    "LOGINS",
    "NEED_KINDS",
    "RINGINGS",
    "ROUND_ENDS",
    "STRATEGIES",
    "WRAP_UPS",
    "CompiledAgent",
    "CompiledBox",
    "CompiledEnd",
    "CompiledLimits",
    "CompiledNeed",
    "CompiledNumber",
    "CompiledParallel",
    "CompiledPlacement",
    "CompiledPlan",
    "CompiledQueue",
    "CompiledSchedule",
    "CompiledSettings",
    "CompiledStep",
    "CompiledZone",
    "are_parts",
    "decode",
    "encode",
    "is_end",
    "is_outside",
    "plan_id",
]

FORMAT = 1
"""Version of the layout below; raised when a field changes its meaning."""


class _Frozen(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """
    What every part of a compiled plan is.
    """


class CompiledZone(_Frozen, frozen=True, kw_only=True, array_like=True):
    """
    One IANA zone as a table, 1970 to 2100.
    """

    name: str
    transitions_ms: tuple[int, ...]
    """Instants at which the offset changes, ascending, epoch milliseconds."""
    offsets_ms: tuple[int, ...]
    """Local minus UTC before the first transition, after it, and so on: one more
    than there are transitions."""


class CompiledSchedule(_Frozen, frozen=True, kw_only=True, array_like=True):
    """
    Weekly opening intervals in one zone.
    """

    name: str
    zone: int
    """Index into ``zones``."""
    weekly_ms: tuple[tuple[int, int], ...]
    """[start, end) in local milliseconds since Monday 00:00, sorted, disjoint, not
    touching, 0 <= start < end <= 604,800,000; empty: never open."""


class CompiledAgent(_Frozen, frozen=True, kw_only=True, array_like=True):
    """
    One agent; the index in ``agents`` is the order in the plan.
    """

    id: str
    name: str
    tags: tuple[tuple[int, int], ...]
    """(index into ``tags``, level 1-100), sorted, distinct."""
    wildcard: bool
    """Can do everything (``*``)."""
    schedule: int | None
    """Index into ``schedules``; None: always on shift."""
    login: int
    """Index into ``LOGINS``."""
    units: int
    """How many calls at once, 1 or more."""
    wrap_up_ms: int | None
    """None: the queue's."""
    endpoints: tuple[str, ...]
    wrap_up: int | None
    """Index into ``WRAP_UPS``; None: the queue's."""
    confirm_digits: tuple[str, ...]
    """By endpoint: what whoever answers must press; empty: nothing."""
    follows: tuple[bool, ...]
    """By endpoint: a call that it redirects rings on there."""
    rings_all: bool
    """All endpoints that can be reached ring together, else the first."""
    host: str
    """The switch through which the agent is reached; empty: any."""
    weight: int = 1
    """For ``weighted_random``, 1 to 1000."""


class CompiledNeed(_Frozen, frozen=True, kw_only=True, array_like=True):
    """
    One thing that a queue or number asks of an agent.
    """

    kind: int
    """Index into ``NEED_KINDS``."""
    tags: tuple[int, ...]
    """Indexes into ``tags``: sorted; one, or for ``any_of`` one or more."""
    value: int
    """Least level for ``required``, weight for ``preferred``, else 0."""
    never_relax: bool
    """No step drops or lowers it."""


class CompiledEnd(_Frozen, frozen=True, kw_only=True, array_like=True):
    """
    Where a call goes that a queue gives up.
    """

    kind: int
    """Index into ``END_KINDS``."""
    target: int
    """Index into ``boxes`` for ``voicemail``, into ``queues`` for ``queue``, else 0."""
    text: str = ""
    """The outside number of ``number``, the prompt of ``hangup`` (empty: none)."""


class CompiledLimits(_Frozen, frozen=True, kw_only=True, array_like=True):
    """
    What makes a queue give up a call, and where it goes then.
    """

    overflow_on: tuple[tuple[int, CompiledEnd], ...] = ()
    """(index into ``LIMITS``, where such a call goes), ascending; the queue's
    ``overflow`` holds for the others."""
    keeps_place: bool = True
    """In another queue a call that overflows counts as waiting since before."""
    max_wait_cuts_ring: bool = False
    """An agent who is being rung at the limit is rung no longer."""
    hours: int | None = None
    """Index into ``schedules``; None: the queue is always open."""
    size_per_caller: int | None = None
    """How many calls of one caller may be in the line; None: no limit."""
    size: int | None = None
    """How many calls may be in the line; None: no limit."""
    digits: tuple[tuple[str, CompiledEnd], ...] = ()
    """(digit, where a caller goes who presses it in the line), sorted by digit."""
    refuse_nobody_on_shift: bool = False
    """It takes no call while nobody who could serve it is on shift."""
    refuse_nobody_logged_in: bool = False
    """Nor while nobody of those on shift is logged in."""
    leave_when_empty: bool = False
    """Both, and calls in its line leave it then."""


class CompiledAnnouncements(_Frozen, frozen=True, kw_only=True, array_like=True):
    """
    What callers in the line of a queue are told, and how often.
    """

    every_ms: int | None = None
    """> 0; None: they are told nothing."""
    position: bool = True
    """Their place in line."""
    wait: bool = True
    """How long they may have to wait."""
    expected_handling_ms: int = 180_000
    """How long a call takes an agent, as long as it is not known."""


class CompiledPlacement(_Frozen, frozen=True, kw_only=True, array_like=True):
    """
    How one agent serves one queue, where that is not the default.
    """

    agent: int
    """Index into ``agents``."""
    priority: int
    """The agent's priority for the queue, 1 (first) to 1000."""
    delay_ms: int
    """The agent gets only calls that have waited so long in the queue."""


class CompiledStep(_Frozen, frozen=True, kw_only=True, array_like=True):
    """
    One step of a queue, with all that the steps before it have changed.
    """

    after_ms: int
    """When it begins, in waiting time of the queue; more than the one before."""
    drop: tuple[int, ...]
    """Tags that are no longer asked for: indexes into ``tags``, ascending."""
    drop_categories: tuple[str, ...]
    """Categories of which no tag is asked for any more; sorted."""
    lower: tuple[tuple[int, int], ...]
    """(tag, level): the most that is still asked of a tag; ascending by tag."""
    members: tuple[int, ...] | None
    """As ``CompiledQueue.members``, with those that were added."""
    strategy: int
    """Index into ``STRATEGIES``; of a parallel one, its order."""
    raise_priority: int
    """Added to the call's priority."""
    prefer: tuple[tuple[int, int], ...]
    """(tag, weight): preferred beside what the call prefers; ascending by tag."""
    ringing: int
    """Index into ``RINGINGS``."""
    grants: tuple[tuple[int, tuple[int, ...]], ...] = ()
    """(tag, indexes into ``agents``): who passes where a tag is asked for, as if they
    held it at the highest level; both ascending."""


class CompiledParallel(_Frozen, frozen=True, kw_only=True, array_like=True):
    """
    How many agents one call of a queue rings at once, where it rings several.
    """

    max_parallel: int
    """1 to 1000."""
    batch: int
    """How many more a progressive ring adds at a time, 1 to 1000."""
    every_ms: int
    """How often it does, > 0."""


class CompiledQueue(_Frozen, frozen=True, kw_only=True, array_like=True):
    """
    One queue; sorted by name.
    """

    name: str
    strategy: int
    """Index into ``STRATEGIES``; of a parallel one, its order."""
    needs: tuple[CompiledNeed, ...]
    """In the order written."""
    members: tuple[int, ...] | None
    """Indexes into ``agents``, ascending; None: everybody."""
    priority: int
    """-1000 to 1000, added to the number's and the call's; higher first."""
    ring_ms: int
    wrap_up_ms: int
    on_round_end: int
    """Index into ``ROUND_ENDS``."""
    round_counts_busy: bool
    retry_after_ms: int
    retry_unreachable_ms: int
    max_wait_ms: int | None
    """None: no limit."""
    overflow: CompiledEnd
    next_step_overflows: bool
    """With ``next_step``: what is done behind the last step, overflow or wait."""
    placements: tuple[CompiledPlacement, ...]
    """Ascending by agent; agents without one have priority 1 and no delay."""
    line: int
    """Index into ``LINES``."""
    aging_milli: int
    """How much priority a call gains a minute, in thousandths."""
    aging_cap: int
    """The most that it gains."""
    steps: tuple[CompiledStep, ...]
    """In the order in which they begin."""
    merge_steps: bool
    """The step by which an agent became eligible does not matter."""
    relax_while_ringing: bool
    """The steps' clock goes on while an offer is out."""
    wrap_up: int
    """Index into ``WRAP_UPS``."""
    decline_for_ms: int | None
    """How long a decline holds for call and agent; None: for the whole visit."""
    ringing: int
    """Index into ``RINGINGS``."""
    parallel: CompiledParallel
    limits: CompiledLimits = CompiledLimits()
    is_direct: bool = False
    """One agent's own, made for ``agent:<id>``: its calls ask for nothing."""
    exclude: tuple[int, ...] = ()
    """Agents who get no call of the queue: indexes into ``agents``, ascending."""
    announcements: CompiledAnnouncements = CompiledAnnouncements()


class CompiledBox(_Frozen, frozen=True, kw_only=True, array_like=True):
    """
    One voicemail box; sorted by name.
    """

    name: str
    greeting: str
    recipients: tuple[str, ...]
    message_ms_min: int
    """A shorter message counts as none."""


class CompiledNumber(_Frozen, frozen=True, kw_only=True, array_like=True):
    """
    One number of ours; sorted by number.
    """

    number: str
    """As ``Party.number`` of the dialled party."""
    label: str
    queue: int
    """Index into ``queues``."""
    priority: int
    needs: tuple[CompiledNeed, ...]
    prefer_agents: tuple[int, ...]
    """Agents whom its calls try first, in order: indexes into ``agents``, distinct."""
    prefer_for_ms: int
    """How long a call is held for each of them; at most a day."""


class CompiledSettings(_Frozen, frozen=True, kw_only=True, array_like=True):
    """
    What holds for the whole site.
    """

    seed: int
    cancel_grace_ms: int
    connect_timeout_ms: int
    whisper_ms: int
    last_resort_message: str
    never_relax: tuple[int, ...]
    """Tags that no step drops or lowers: indexes into ``tags``, ascending."""
    auto_pause_after: int | None
    """Misses in a row that pause an agent, 1 or more; None: none do."""
    auto_pause_for_ms: int
    auto_pause_last: bool
    """It also takes the last available agent of a queue."""
    last_resort: CompiledEnd = CompiledEnd(kind=0, target=0)
    """Not a queue; ``last_resort`` itself is the message and the hang-up."""
    max_visits: int = 5
    """How often one call may enter one queue."""
    zone: int | None = None
    """Index into ``zones``: at whose midnight a day begins; None: at that of UTC."""


class CompiledPlan(_Frozen, frozen=True, kw_only=True, array_like=True):
    """
    One site.
    """

    format: int
    name: str
    settings: CompiledSettings
    tags: tuple[str, ...]
    """Names ``category:value``, sorted, distinct."""
    single: tuple[str, ...]
    """Categories of which a call needs only the last one asked for; sorted."""
    uncounted: tuple[str, ...]
    """Categories whose tags do not count in ``most_specific``; sorted."""
    zones: tuple[CompiledZone, ...]
    """Sorted by name; only those in use."""
    schedules: tuple[CompiledSchedule, ...]
    """Sorted by name."""
    agents: tuple[CompiledAgent, ...]
    """In the order of the plan."""
    queues: tuple[CompiledQueue, ...]
    boxes: tuple[CompiledBox, ...]
    numbers: tuple[CompiledNumber, ...]


def is_outside(address: str) -> bool:
    """
    Tell whether a device is an outside number, where a mailbox may answer.

    Args:
        address: Of an endpoint, or where one redirected a call.

    Returns:
        Whether it begins with ``+`` or ``tel:+``.
    """
    return address.startswith(("+", "tel:+"))


# Made here, not in `decode`: msgspec looks into a class when it first reads one, and
# two threads that do so at once crash.
_PLAN = msgspec.msgpack.Decoder(CompiledPlan)


def plan_id(compiled: bytes) -> str:
    """
    Return the id of a compiled plan: equal bytes, equal id.

    Args:
        compiled: What ``encode`` wrote.

    Returns:
        32 hexadecimal digits, by which a journal names the plan.

    Cost: linear in the plan.
    Source: BLAKE2b, RFC 7693, with 16 bytes.
    """
    return blake2b(compiled, digest_size=16).hexdigest()


def encode(plan: CompiledPlan) -> bytes:
    """
    Write a compiled plan as canonical MessagePack.

    Args:
        plan: A plan whose parts are sorted as their fields say.

    Returns:
        The bytes that ``Engine`` takes: equal plans give equal bytes.

    Cost: linear in the plan.
    """
    return msgspec.msgpack.encode(plan)


def decode(data: bytes) -> CompiledPlan:
    """
    Read a compiled plan.

    Args:
        data: What ``encode`` wrote.

    Returns:
        The plan.

    Raises:
        PlanError: *data* is no compiled plan (``plan_malformed``) or one of
            another layout (``plan_format``).

    Cost: linear in the plan.
    """
    try:
        version = msgspec.msgpack.decode(data)[0]
    except (msgspec.DecodeError, UnicodeDecodeError, LookupError, TypeError):
        version = None
    if not isinstance(version, int):
        raise PlanError(code="plan_malformed", message="not a compiled plan")
    if version != FORMAT:
        raise PlanError(
            code="plan_format",
            message=f"compiled plan has format {version}, this engine reads {FORMAT}",
        )
    try:
        plan = _PLAN.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise PlanError(code="plan_malformed", message="not a compiled plan") from error
    if not is_sound(plan):
        raise PlanError(code="plan_malformed", message="not a compiled plan")
    return plan
