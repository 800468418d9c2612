"""
The plan as it is written: one class per table, one field per key.

This is what ``Plan.raw`` holds, what the JSON Schema for editors is made of and
what ``docs/reference/plan.md`` is checked against.  Types, ranges and defaults
stand here; what the text of a tag, a weekly interval or a name must look like
stands in ``_tags.py``, ``_hours.py`` and ``_check.py``.

Lengths of time are written in seconds, whole or decimal, and are rounded to the
millisecond.  Empty tables and tuples mean: none, unless a field says otherwise.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from .compiled import LIMITS

__all__ = [
    "RawAgent",
    "RawBox",
    "RawEndpoint",
    "RawLastResort",
    "RawMembers",
    "RawNumber",
    "RawPlan",
    "RawQueue",
    "RawSchedule",
    "RawSite",
    "RawStep",
    "RawTeam",
]

ID_PATTERN = r"^[A-Za-z0-9._:@+/-]{1,128}$"
CATEGORY_PATTERN = r"^[A-Za-z0-9._@+/-]{1,64}$"
_TAG = r"[A-Za-z0-9._@+/-]+(:[A-Za-z0-9._:@+/-]+)?"
_CLOCK = r"[0-9]{1,2}:[0-9]{2}"

# Patterns are told to editors only: `_check.py` finds the same faults and says
# what is wrong, which a pattern cannot.
Id = Annotated[str, Meta(extra_json_schema={"pattern": ID_PATTERN})]
Category = Annotated[str, Meta(extra_json_schema={"pattern": CATEGORY_PATTERN})]
Tag = Annotated[str, Meta(extra_json_schema={"pattern": f"^{_TAG}$"})]
HeldTag = Annotated[
    str, Meta(extra_json_schema={"pattern": rf"^(\*|{_TAG}(=[0-9]{{1,3}})?)$"})
]
NeededTag = Annotated[
    str, Meta(extra_json_schema={"pattern": f"^{_TAG}(>=[0-9]{{1,3}})?$"})
]
Weekly = Annotated[
    str,
    Meta(extra_json_schema={"pattern": f"^ *[A-Za-z,-]+( +{_CLOCK}-{_CLOCK})+ *$"}),
]
DroppedTag = Annotated[
    str,
    Meta(extra_json_schema={"pattern": rf"^({_TAG}|[A-Za-z0-9._@+/-]+:\*)$"}),
]
WrapUp = Literal["capped", "fixed", "manual"]
Order = Literal[
    "most_specific",
    "longest_idle",
    "fewest_extra_tags",
    "highest_level",
    "round_robin",
    "in_order",
    "random",
    "weighted_random",
    "fewest_open_cases",
    "fewest_calls",
    "least_talk",
    "least_occupied",
    "opportunity_cost",
]
Strategy = Literal[Order, "ring_all", "ring_progressively"]
Destination = Annotated[
    str,
    Meta(
        extra_json_schema={
            "pattern": "^(last_resort|hangup|(voicemail|queue|agent|number|hangup):.+)$"
        }
    ),
]
Digit = Annotated[str, Meta(extra_json_schema={"pattern": "^[0-9*#]$"})]
LimitName = Annotated[str, Meta(extra_json_schema={"enum": list(LIMITS)})]
Group = Annotated[tuple[Tag, ...], Meta(extra_json_schema={"minItems": 1})]
Weight = Annotated[int, Meta(ge=1, le=1000)]


class _Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    What every table of a plan is: fixed, and closed to keys that nobody knows.
    """


class RawSite(_Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    ``[site]``: what holds for the whole site.
    """

    name: Annotated[Id, Meta(description="The site's name in journals and reports.")]
    zone: Annotated[
        str,
        Meta(
            description="IANA time zone of schedules that name none, and of the days"
            " for which handled calls are counted."
        ),
    ] = "UTC"
    seed: Annotated[
        int,
        Meta(ge=0, le=2**63 - 1, description="Where pseudo-random choices start."),
    ] = 0
    country_code: Annotated[
        str,
        Meta(
            description="Calling code, such as `7`, that national numbers are given;"
            " empty: they are not understood.",
            extra_json_schema={"pattern": "^([1-9][0-9]{0,2})?$"},
        ),
    ] = ""
    national_prefix: Annotated[
        str,
        Meta(
            description="What is dialled before a national number, such as `8`;"
            " empty: nothing.",
            extra_json_schema={"pattern": "^[0-9]{0,4}$"},
        ),
    ] = ""
    single: Annotated[
        tuple[Category, ...],
        Meta(
            description="Categories of which a call needs only the last tag"
            " that was asked for."
        ),
    ] = ("lang", "dept")
    uncounted: Annotated[
        tuple[Category, ...],
        Meta(description="Categories whose tags do not count in `most_specific`."),
    ] = ()
    never_relax: Annotated[
        tuple[Tag, ...],
        Meta(description="Tags that no step of any queue may drop or lower."),
    ] = ()
    cancel_grace_s: Annotated[
        float,
        Meta(
            ge=0,
            le=60,
            description="How long an agent stays taken while the switch stops a"
            " withdrawn offer.",
        ),
    ] = 2
    connect_timeout_s: Annotated[
        float,
        Meta(
            ge=1,
            le=300,
            description="How long joining caller and agent may take, the whisper"
            " not counted.",
        ),
    ] = 15
    whisper_s: Annotated[
        float,
        Meta(
            ge=0,
            le=60,
            description="How long the agent alone hears what the call is about.",
        ),
    ] = 5
    auto_pause_after: Annotated[
        Annotated[int, Meta(ge=1, le=100)] | None,
        Meta(description="How many calls in a row an agent misses before a pause."),
    ] = None
    """None: missed calls pause nobody."""
    auto_pause_for_s: Annotated[
        float,
        Meta(ge=1, le=86400, description="How long such a pause lasts."),
    ] = 600
    auto_pause_last: Annotated[
        bool,
        Meta(description="Whether it also takes the last available agent of a queue."),
    ] = False
    max_visits: Annotated[
        int,
        Meta(
            ge=1,
            le=100,
            description="How often one call may enter one queue, before it gets the"
            " last resort.",
        ),
    ] = 5


class RawLastResort(_Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    ``[last_resort]``: what a call gets that nothing else could be done with.
    """

    message: Annotated[
        str,
        Meta(min_length=1, description="Prompt that is played before the hang-up."),
    ] = "sorry-no-one-can-take-your-call"
    to: Annotated[
        str,
        Meta(
            description="What is tried before it: `voicemail:<box>` or"
            " `number:<number>`; `hangup`: nothing.",
            extra_json_schema={"pattern": "^(hangup|(voicemail|number):.+)$"},
        ),
    ] = "hangup"


class RawSchedule(_Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    ``[schedules.<name>]``: weekly hours.
    """

    weekly: Annotated[
        tuple[Weekly, ...],
        Meta(
            description="Days and hours, such as `mo-fr 09:00-12:00 13:00-18:00`;"
            " empty: never open."
        ),
    ]
    zone: Annotated[str | None, Meta(description="IANA time zone of the hours.")] = None
    """None: the site's."""


class RawTeam(_Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    ``[teams.<name>]``: a named set of agents.
    """

    agents: Annotated[tuple[Id, ...], Meta(description="Who belongs to the team.")]


class RawEndpoint(_Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    One of an agent's ``endpoints``, written as a table.
    """

    address: Annotated[
        str, Meta(min_length=1, description="The device, as the switch names it.")
    ]
    confirm: Annotated[
        str | None,
        Meta(
            description="The digit that whoever answers must press, so that no mailbox"
            " takes a call; empty: none.",
            extra_json_schema={"pattern": "^[0-9*#]?$"},
        ),
    ] = None
    """None: ``1`` for outside numbers, which begin with ``+`` or ``tel:+``."""
    follow: Annotated[
        bool,
        Meta(description="Whether a call that the device redirects rings on there."),
    ] = False


class RawAgent(_Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    ``[agents.<id>]``: one person, or bot, who takes calls.
    """

    name: Annotated[str | None, Meta(description="The name people see.")] = None
    """None: the id."""
    tags: Annotated[
        tuple[HeldTag, ...],
        Meta(
            max_length=4096,
            description="What the agent is or can do: `lang:pl`, with a level"
            " `lang:pl=60`, or `*` for everything.",
        ),
    ] = ()
    schedule: Annotated[
        Id | None, Meta(description="The schedule of the agent's shifts.")
    ] = None
    """None: always on shift."""
    login: Annotated[
        Literal["auto", "manual"],
        Meta(
            description="Whether the agent is there whenever on shift, or only"
            " after a log-in."
        ),
    ] = "auto"
    units: Annotated[int, Meta(ge=1, le=100, description="How many calls at once.")] = 1
    wrap_up_s: Annotated[
        Annotated[float, Meta(ge=0, le=3600)] | None,
        Meta(description="Time after a call in which the agent gets none."),
    ] = None
    """None: the queue's."""
    wrap_up: Annotated[
        WrapUp | None,
        Meta(
            description="Whether that time may be cut short by the agent (`capped`),"
            " may not (`fixed`), or lasts until the agent ends it (`manual`)."
        ),
    ] = None
    """None: the queue's."""
    endpoints: Annotated[
        tuple[Annotated[str, Meta(min_length=1)] | RawEndpoint, ...],
        Meta(
            max_length=32,
            description="Devices, in the order in which they are tried: addresses, or"
            " tables with more.",
        ),
    ] = ()
    ring_endpoints: Annotated[
        Literal["first", "all"],
        Meta(
            description="Which of those that can be reached ring: the first, or all"
            " together."
        ),
    ] = "first"
    host: Annotated[
        Id | None,
        Meta(description="The switch through which the agent is reached."),
    ] = None
    """None: any."""
    weight: Annotated[
        int,
        Meta(
            ge=1,
            le=1000,
            description="How often `weighted_random` chooses the agent, compared with"
            " others.",
        ),
    ] = 1


class RawMembers(_Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
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


class RawStep(_Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
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


class RawQueue(_Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
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
        Literal["priority", "longest_waiting", "hardest_first"],
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
        Literal["wait", "overflow", "next_step"],
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


class RawBox(_Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    ``[voicemail.<name>]``: a box for messages.
    """

    greeting: Annotated[
        str, Meta(description="Prompt before the tone; empty: the switch's own.")
    ] = ""
    recipients: Annotated[
        tuple[Annotated[str, Meta(min_length=1)], ...],
        Meta(description="Who is told of a message, such as mail addresses."),
    ] = ()
    min_message_s: Annotated[
        float,
        Meta(ge=0, le=60, description="A shorter message counts as none."),
    ] = 2


class RawNumber(_Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    ``[numbers."<number>"]``: a number of ours.
    """

    queue: Annotated[Id, Meta(description="The queue that its calls enter.")]
    label: Annotated[
        str | None, Meta(description="What agents hear and see of the number.")
    ] = None
    """None: the number."""
    priority: Annotated[
        int,
        Meta(ge=-1000, le=1000, description="Added to the queue's and the call's."),
    ] = 0
    needs: Annotated[
        tuple[NeededTag, ...],
        Meta(description="Tags that its calls need besides those of the queue."),
    ] = ()
    never_relax: Annotated[
        tuple[Tag, ...],
        Meta(description="Tags among `needs` that no step may drop or lower."),
    ] = ()
    prefer_agents: Annotated[
        tuple[Id, ...],
        Meta(
            max_length=64,
            description="Agents whom its calls try first, in this order, whatever queue"
            " they serve.",
        ),
    ] = ()
    prefer_for_s: Annotated[
        float,
        Meta(
            ge=0,
            le=86400,
            description="How long a call is held for each of them who is busy.",
        ),
    ] = 0


class RawPlan(_Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    A whole plan, as written.
    """

    site: Annotated[RawSite, Meta(description="What holds for the whole site.")]
    last_resort: Annotated[
        RawLastResort, Meta(description="What a call gets that nobody can take.")
    ] = RawLastResort()
    schedules: Annotated[
        dict[Id, RawSchedule], Meta(description="Weekly hours, by name.")
    ] = {}
    teams: Annotated[dict[Id, RawTeam], Meta(description="Named sets of agents.")] = {}
    agents: Annotated[
        dict[Id, RawAgent],
        Meta(description="Who takes calls, by id; their order decides ties."),
    ] = {}
    agents_from: Annotated[
        str | None,
        Meta(
            description="A file of further agents, `.jsonl` or `.csv`, beside the plan."
        ),
    ] = None
    """None: all agents stand in the plan.  Those of the file follow the plan's."""
    queues: Annotated[
        dict[Id, RawQueue], Meta(description="Where calls wait, by name.")
    ] = {}
    voicemail: Annotated[
        dict[Id, RawBox], Meta(description="Boxes for messages, by name.")
    ] = {}
    numbers: Annotated[
        dict[str, RawNumber], Meta(description="Numbers of ours, as people write them.")
    ] = {}
