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

from msgspec import Meta

from ._model_queue import RawMembers, RawQueue, RawStep
from .model_types import (
    Category,
    HeldTag,
    Id,
    Login,
    NeededTag,
    Table,
    Tag,
    Weekly,
    WrapUp,
)

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


class RawSite(Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
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


class RawLastResort(Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
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


class RawSchedule(Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
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


class RawTeam(Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    ``[teams.<name>]``: a named set of agents.
    """

    agents: Annotated[tuple[Id, ...], Meta(description="Who belongs to the team.")]


class RawEndpoint(Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
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


class RawAgent(Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
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
        Login,
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


class RawBox(Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
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


class RawNumber(Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
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


class RawPlan(Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
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
