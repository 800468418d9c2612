"""
Queues as they are written in a plan: where calls wait, and how they are matched.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from .model_types import (
    Destination,
    Digit,
    DroppedTag,
    Grantee,
    Group,
    Id,
    LimitName,
    Line,
    NeededTag,
    Order,
    RoundEnd,
    Strategy,
    Table,
    Tag,
    Weight,
    WrapUp,
)


class RawMembers(Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    ``[[queues.<name>.members]]``: agents who serve the queue, and how.
    """

    agents: Annotated[tuple[Id, ...], Meta(description="Who they are.")] = ()
    teams: Annotated[
        tuple[Id, ...], Meta(description="Teams whose agents they are, too.")
    ] = ()
    priority: Annotated[
        int,
        Meta(
            ge=1,
            le=1000,
            description="Their priority for this queue: calls of queues with a lower"
            " number go first.",
        ),
    ] = 1
    delay_s: Annotated[
        float,
        Meta(
            ge=0,
            le=86400,
            description="They get only calls that have waited so long in the queue.",
        ),
    ] = 0


class RawStep(Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    ``[[queues.<name>.steps]]``: what changes for a call that has waited so long.

    A step adds to those before it.
    """

    after_s: Annotated[
        float,
        Meta(ge=1, le=86400, description="When it begins, in waiting time."),
    ]
    drop: Annotated[
        tuple[DroppedTag, ...],
        Meta(
            description="Tags no longer asked for, `lang:pl`, or all of a category,"
            " `lang:*`, wherever they were asked for."
        ),
    ] = ()
    lower: Annotated[
        dict[Tag, Annotated[int, Meta(ge=1, le=100)]],
        Meta(description="Tags of which at most such a level is asked for."),
    ] = {}
    agents: Annotated[
        tuple[Id, ...], Meta(description="Agents who serve the queue from then on.")
    ] = ()
    teams: Annotated[
        tuple[Id, ...], Meta(description="Teams who serve the queue from then on.")
    ] = ()
    strategy: Annotated[
        Strategy | None,
        Meta(
            description="Who comes first from then on, or how several are rung at once."
        ),
    ] = None
    """None: as before."""
    order: Annotated[
        Order | None,
        Meta(description="Who of those rung at once comes first from then on."),
    ] = None
    """None: as before."""
    raise_priority: Annotated[
        int, Meta(ge=0, le=1000, description="Added to the call's priority.")
    ] = 0
    prefer: Annotated[
        dict[Tag, Weight],
        Meta(description="Tags whose holders come first from then on."),
    ] = {}
    grant: Annotated[
        dict[Tag, Annotated[tuple[Grantee, ...], Meta(min_length=1)]],
        Meta(
            description="Tags that some agents hold for this queue from then on: ids of"
            " agents, or `team:<name>`."
        ),
    ] = {}


class RawQueue(Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    ``[queues.<name>]``: where calls wait and are matched with agents.
    """

    needs: Annotated[
        tuple[NeededTag, ...],
        Meta(
            description="Tags that the agent must hold: `dept:sales`, with a least"
            " level `lang:pl>=50`."
        ),
    ] = ()
    any_of: Annotated[
        tuple[Group, ...],
        Meta(description="Groups of tags, of each of which the agent must hold one."),
    ] = ()
    forbidden: Annotated[
        tuple[Tag, ...], Meta(description="Tags that the agent must not hold.")
    ] = ()
    prefer: Annotated[
        dict[Tag, Weight],
        Meta(description="Tags whose holders come first, each with its weight."),
    ] = {}
    strategy: Annotated[
        Strategy,
        Meta(
            description="Who comes first among those who can take the call, or how"
            " several of them are rung at once."
        ),
    ] = "most_specific"
    exclude: Annotated[
        tuple[Id, ...],
        Meta(description="Agents who get no call of the queue, even if preferred."),
    ] = ()
    order: Annotated[
        Order | None,
        Meta(
            description="Who of those rung at once comes first, with `ring_all` and"
            " `ring_progressively`."
        ),
    ] = None
    """None: ``most_specific``."""
    max_parallel: Annotated[
        int,
        Meta(ge=1, le=1000, description="How many agents a call rings at once."),
    ] = 10
    batch: Annotated[
        int,
        Meta(ge=1, le=1000, description="How many more `ring_progressively` adds."),
    ] = 1
    every_s: Annotated[
        float,
        Meta(ge=1, le=3600, description="How often `ring_progressively` adds them."),
    ] = 5
    agents: Annotated[
        tuple[Id, ...],
        Meta(
            description="Who serves the queue, together with `teams`; with neither"
            " key everybody does."
        ),
    ] = ()
    teams: Annotated[
        tuple[Id, ...], Meta(description="Teams whose agents serve the queue.")
    ] = ()
    members: Annotated[
        tuple[RawMembers, ...],
        Meta(description="More agents, with a priority for the queue or a delay."),
    ] = ()
    steps: Annotated[
        tuple[RawStep, ...],
        Meta(description="How the search widens while a call waits."),
    ] = ()
    merge_steps: Annotated[
        bool,
        Meta(
            description="Whether it no longer matters by which step an agent came in."
        ),
    ] = False
    relax_while_ringing: Annotated[
        bool,
        Meta(description="Whether the steps' clock goes on while an agent is rung."),
    ] = True
    never_relax: Annotated[
        tuple[Tag, ...],
        Meta(description="Tags among `needs` that no step may drop or lower."),
    ] = ()
    line: Annotated[
        Line,
        Meta(
            description="Which call goes first: by priority; the one that waits"
            " longest; the one that the fewest agents could serve."
        ),
    ] = "priority"
    aging_per_min: Annotated[
        float,
        Meta(
            ge=0,
            le=1000,
            description="How much priority a waiting call gains a minute.",
        ),
    ] = 0
    aging_cap: Annotated[
        int, Meta(ge=0, le=100_000, description="The most that it gains by waiting.")
    ] = 1000
    priority: Annotated[
        int,
        Meta(
            ge=-1000,
            le=1000,
            description="Added to the number's and the call's; the higher goes first.",
        ),
    ] = 0
    ring_s: Annotated[
        float, Meta(ge=1, le=600, description="How long one agent is rung.")
    ] = 15
    wrap_up_s: Annotated[
        float,
        Meta(
            ge=0,
            le=3600,
            description="Time after a call, for agents who set none of their own.",
        ),
    ] = 0
    wrap_up: Annotated[
        WrapUp,
        Meta(
            description="How that time ends, for agents who do not say: `capped` by"
            " the agent or by its length, `fixed` by its length alone, `manual` by the"
            " agent, at the latest after `wrap_up_s` or 30 minutes."
        ),
    ] = "capped"
    decline_for_s: Annotated[
        Annotated[float, Meta(ge=0, le=86400)] | None,
        Meta(description="How long a call spares an agent who declined it."),
    ] = None
    """None: for the rest of its visit of the queue."""
    on_round_end: Annotated[
        RoundEnd,
        Meta(description="What a call does when everybody has been tried."),
    ] = "wait"
    round_counts_busy: Annotated[
        bool | None,
        Meta(description="Whether busy agents keep a round from ending."),
    ] = None
    """None: false for ``overflow``, else true."""
    retry_after_s: Annotated[
        float,
        Meta(ge=1, le=3600, description="When a new round begins after one ended."),
    ] = 10
    retry_unreachable_s: Annotated[
        float,
        Meta(
            ge=1,
            le=3600,
            description="How long an agent whose device failed is left alone.",
        ),
    ] = 30
    max_wait_s: Annotated[
        Annotated[float, Meta(ge=1, le=86400)] | None,
        Meta(description="How long a call waits before it overflows."),
    ] = None
    """None: no limit."""
    hours: Annotated[
        Id | None, Meta(description="The schedule in which it takes calls.")
    ] = None
    """None: it takes calls at any time."""
    refuse_nobody_on_shift: Annotated[
        bool,
        Meta(
            description="Whether it takes no call while nobody who could serve it, by"
            " any step, is on shift."
        ),
    ] = False
    refuse_nobody_logged_in: Annotated[
        bool,
        Meta(
            description="Whether it takes no call while nobody who could serve it is"
            " on shift and logged in; those on a break or on a call are."
        ),
    ] = False
    leave_when_empty: Annotated[
        bool,
        Meta(
            description="Whether both hold, and calls leave the line once nobody is"
            " there any more; one that rings an agent goes on ringing."
        ),
    ] = False
    size_per_caller: Annotated[
        Annotated[int, Meta(ge=1, le=1_000_000)] | None,
        Meta(description="How many calls of one caller may be in the line."),
    ] = None
    """None: no limit."""
    size: Annotated[
        Annotated[int, Meta(ge=1, le=1_000_000)] | None,
        Meta(description="How many calls may be in the line."),
    ] = None
    """None: no limit."""
    max_wait_cuts_ring: Annotated[
        bool,
        Meta(
            description="Whether an agent who is being rung at `max_wait_s` is rung no"
            " longer."
        ),
    ] = False
    overflow: Annotated[
        Destination | None,
        Meta(
            description="Where a call goes that the queue gives up: `queue:<name>`,"
            " `agent:<id>`, `voicemail:<box>`, `number:<number>`, `hangup`,"
            " `hangup:<prompt>` or `last_resort`."
        ),
    ] = None
    """None: the last resort."""
    overflow_on: Annotated[
        dict[LimitName, Destination],
        Meta(description="The same for some limits only, by their names."),
    ] = {}
    overflow_keeps_place: Annotated[
        bool,
        Meta(
            description="Whether a call that overflows into another queue counts there"
            " as waiting since before."
        ),
    ] = True
    digits: Annotated[
        dict[Digit, Destination],
        Meta(description="Where a caller goes who presses a digit in the line."),
    ] = {}
    announce_every_s: Annotated[
        Annotated[float, Meta(ge=1, le=3600)] | None,
        Meta(description="How often callers in the line are told where they stand."),
    ] = None
    """None: never."""
    announce_position: Annotated[
        bool, Meta(description="Whether they are told their place in line.")
    ] = True
    announce_wait: Annotated[
        bool,
        Meta(
            description="Whether they are told how long they may have to wait, if"
            " anybody is there to take their calls."
        ),
    ] = True
    expected_handling_s: Annotated[
        float,
        Meta(
            ge=1,
            le=86400,
            description="How long a call takes an agent, in the expected wait, as long"
            " as fewer than 50 calls of the queue have shown it.",
        ),
    ] = 180
