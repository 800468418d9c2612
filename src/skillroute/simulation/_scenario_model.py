"""
The scenario as it is written: one class per table, one field per key.

This is what the JSON Schema for editors and ``docs/reference/scenario.md`` are made
of.  What needs the plan or another file stands in ``_scenario_check.py``.

Lengths of time are written in seconds, whole or decimal, and are rounded to the
millisecond.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from ._service_levels import LevelName

__all__ = [
    "RawBehaviour",
    "RawCallers",
    "RawCalls",
    "RawDistribution",
    "RawFactor",
    "RawReplay",
    "RawRetry",
    "RawScenario",
    "RawStaffing",
    "RawStaffingGroup",
]

_YEAR_S = 31_622_400


class _Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    What every table of a scenario is: fixed, and closed to keys that nobody knows.
    """


class RawDistribution(_Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    A length of time that is drawn; a plain number instead is always the same.
    """

    kind: Annotated[
        Literal["exponential", "log_normal", "gamma", "uniform", "sample"],
        Meta(description="The family; `sample`: each value of a file is as likely."),
    ] = "exponential"
    mean_s: Annotated[
        Annotated[float, Meta(ge=0, le=_YEAR_S)] | None,
        Meta(description="The mean, of the three families that have one."),
    ] = None
    """None: needed, unless ``uniform`` or ``sample``."""
    sd_s: Annotated[
        Annotated[float, Meta(ge=0, le=_YEAR_S)] | None,
        Meta(description="The standard deviation, of `log_normal` and `gamma`."),
    ] = None
    """None: needed with those two."""
    least_s: Annotated[
        Annotated[float, Meta(ge=0, le=_YEAR_S)] | None,
        Meta(description="The least value, of `uniform`."),
    ] = None
    """None: 0."""
    most_s: Annotated[
        Annotated[float, Meta(ge=0, le=_YEAR_S)] | None,
        Meta(description="The largest value, of `uniform`."),
    ] = None
    """None: needed with it."""
    file: Annotated[
        str | None,
        Meta(description="CSV file of the values of a `sample`, beside the scenario."),
    ] = None
    """None: needed with it."""
    column: Annotated[
        str, Meta(description="The column of the file with them, in seconds.")
    ] = "seconds"
    zero_percent: Annotated[
        float,
        Meta(ge=0, le=99, description="Of a hundred draws, how many are 0 instead."),
    ] = 0


Length = Annotated[float, Meta(ge=0, le=_YEAR_S)] | RawDistribution


class RawFactor(_Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    ``[factors.<name>]``: what the rates of a day are multiplied by; its mean is 1.
    """

    sd: Annotated[
        float, Meta(ge=0.01, le=3, description="The standard deviation around 1.")
    ]
    kind: Annotated[Literal["gamma", "log_normal"], Meta(description="The family.")] = (
        "gamma"
    )


class RawCallers(_Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    ``[calls.<name>.callers]``: from which numbers they call.
    """

    prefix: Annotated[
        str, Meta(description="How the numbers begin, such as `+4420`.")
    ] = ""
    digits: Annotated[
        int, Meta(ge=0, le=9, description="How many digits follow, drawn.")
    ] = 7


class RawRetry(_Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    ``[calls.<name>.retry]``: callers who try again.
    """

    after: Annotated[
        Length, Meta(description="From the end of a call to the next try, seconds.")
    ]
    percent: Annotated[
        float,
        Meta(ge=0, le=100, description="Of a hundred who hung up waiting, how many."),
    ] = 0
    blocked_percent: Annotated[
        float,
        Meta(
            ge=0,
            le=100,
            description="The same of those whom nobody would take: all lines busy, or"
            " given up by the queue.",
        ),
    ] = 0
    tries_max: Annotated[
        int,
        Meta(ge=1, le=1000, description="How often one caller calls in all, at most."),
    ] = 3
    same_patience: Annotated[
        bool,
        Meta(
            description="Who tries again is as patient as before; else a patience is"
            " drawn for each try."
        ),
    ] = False


class RawCalls(_Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    ``[calls.<name>]``: calls of one kind.
    """

    handling: Annotated[
        Length, Meta(description="How long conversations take, seconds.")
    ]
    number: Annotated[
        str | None, Meta(description="The number of ours that is dialled.")
    ] = None
    """None: the plan's first."""
    needs: Annotated[
        tuple[str, ...],
        Meta(description="Tags that the calls need besides those of number and queue."),
    ] = ()
    priority: Annotated[
        int, Meta(ge=-1000, le=1000, description="That the calls bring along.")
    ] = 0
    per_h: Annotated[
        tuple[Annotated[float, Meta(ge=0, le=3_600_000)], ...],
        Meta(
            description="Calls an hour, by chance (Poisson): one rate for the whole"
            " time, or one for each `every_s` from the start on; what lies behind the"
            " end is not used."
        ),
    ] = ()
    counts: Annotated[
        tuple[Annotated[int, Meta(ge=0, le=10_000_000)], ...],
        Meta(
            description="Calls in each `every_s` from the start on: just so many, each"
            " at any instant of it."
        ),
    ] = ()
    counts_from: Annotated[
        str | None, Meta(description="CSV file of such counts, beside the scenario.")
    ] = None
    """None: none."""
    counts_column: Annotated[
        str, Meta(description="The column of the file with them.")
    ] = "calls"
    every_s: Annotated[
        float,
        Meta(
            ge=1, le=_YEAR_S, description="How long each of several rates or counts is."
        ),
    ] = 3600
    daily: Annotated[
        bool, Meta(description="Whether rates or counts begin anew every day.")
    ] = False
    factor: Annotated[
        str | None,
        Meta(description="What each day's rates are multiplied by, from `[factors]`."),
    ] = None
    """None: nothing."""
    patience: Annotated[
        Length | None,
        Meta(description="How long callers wait before they hang up, seconds."),
    ] = None
    """None: for ever."""
    menu: Annotated[
        Length | None,
        Meta(
            description="From the dialling to the arrival, such as in a menu of the"
            " switch, seconds; it is no waiting time."
        ),
    ] = None
    """None: nothing."""
    callers: Annotated[
        RawCallers | None, Meta(description="From which numbers they call.")
    ] = None
    """None: numbers are withheld."""
    retry: Annotated[RawRetry | None, Meta(description="Callers who try again.")] = None
    """None: nobody does."""


class RawReplay(_Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    ``[replay]``: real calls from a file, besides those of ``[calls]``.
    """

    calls: Annotated[str, Meta(description="CSV file of calls, beside the scenario.")]
    handling: Annotated[
        Length, Meta(description="How long those take whose row does not say, seconds.")
    ] = 180.0


class RawBehaviour(_Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    ``[agents]`` and ``[groups.<name>]``: how agents behave.
    """

    agents: Annotated[
        tuple[str, ...], Meta(description="Who belongs to the group, by id.")
    ] = ()
    teams: Annotated[
        tuple[str, ...], Meta(description="Teams of the plan that belong to it.")
    ] = ()
    answer_after: Annotated[
        Length, Meta(description="From the first ring to the pick-up, seconds.")
    ] = 0.0
    connect: Annotated[
        Length,
        Meta(description="From the pick-up until both hear each other, seconds."),
    ] = 0.0
    answer_percent: Annotated[
        float,
        Meta(ge=0, le=100, description="Of a hundred offers, how many are answered."),
    ] = 100
    decline_percent: Annotated[
        float,
        Meta(
            ge=0,
            le=100,
            description="How many are refused; the rest ring until they are missed.",
        ),
    ] = 0
    wrap_up: Annotated[
        Length | None,
        Meta(
            description="After how many seconds they end the wrap-up, where the plan"
            " lets them."
        ),
    ] = None
    """None: when the plan ends it."""
    breaks: Annotated[
        tuple[str, ...],
        Meta(description="When they pause, local time, such as `12:00-12:30`."),
    ] = ()
    handling: Annotated[
        dict[str, Length],
        Meta(description="How long conversations take with them, by kind of calls."),
    ] = {}


class RawStaffingGroup(_Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    ``[staffing.groups.<name>]``: agents who are alike, of whom the number is sought.
    """

    like: Annotated[
        str, Meta(description="An agent of the plan: tags, schedule and all.")
    ]
    least: Annotated[
        int, Meta(ge=0, le=10_000, description="As few of them are tried.")
    ] = 0
    most: Annotated[
        int, Meta(ge=1, le=10_000, description="As many of them are tried.")
    ] = 1000
    cost_per_h: Annotated[
        float, Meta(ge=0, le=1_000_000, description="What an hour of one costs.")
    ] = 1


class RawStaffing(_Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    ``[staffing]``: how many agents are needed.
    """

    groups: Annotated[
        dict[str, RawStaffingGroup],
        Meta(description="They take the place of the agents whom they are like."),
    ]
    target_percent: Annotated[
        float, Meta(ge=1, le=99.9, description="The service level to be reached.")
    ] = 80
    each_queue: Annotated[
        bool,
        Meta(description="Whether each queue must reach it, or all calls together."),
    ] = True


class RawScenario(_Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    A whole scenario, as written.
    """

    plan: Annotated[str, Meta(description="The plan, a file beside the scenario.")]
    start: Annotated[
        str | None,
        Meta(
            description="When it begins, ISO 8601: `2024-01-15T08:00`, in the site's"
            " time zone unless it names another."
        ),
    ] = None
    """None: that of ``replay``'s file, else Monday, 15 January 2024, 08:00."""
    length_s: Annotated[
        float, Meta(ge=1, le=_YEAR_S, description="How long calls come.")
    ] = 43_200
    warm_up_s: Annotated[
        float,
        Meta(
            ge=0,
            le=_YEAR_S,
            description="How much of the beginning is played and not counted.",
        ),
    ] = 0
    drain_s: Annotated[
        float,
        Meta(
            ge=0,
            le=86_400,
            description="How long after the end calls are followed that still go on.",
        ),
    ] = 3600
    seed: Annotated[int, Meta(ge=0, le=2**63 - 1, description="Where draws start.")] = 1
    replications: Annotated[
        int, Meta(ge=1, le=100_000, description="How often it is played.")
    ] = 20
    interval_s: Annotated[
        float,
        Meta(ge=60, le=86_400, description="Length of the intervals of the day."),
    ] = 1800
    thresholds_s: Annotated[
        tuple[Annotated[float, Meta(ge=0, le=86_400)], ...],
        Meta(description="Of the service level; the first is the one that is shown."),
    ] = (20,)
    short_s: Annotated[
        float,
        Meta(
            ge=0,
            le=86_400,
            description="Who hangs up within so long is a short call, for definitions"
            " that leave them out.",
        ),
    ] = 5
    service_level: Annotated[
        LevelName, Meta(description="The definition that is shown first.")
    ] = "all_offered"
    lines: Annotated[
        Annotated[int, Meta(ge=0, le=1_000_000)] | None,
        Meta(description="Calls that can be connected at once; more hear `busy`."),
    ] = None
    """None: any number."""
    calls: Annotated[dict[str, RawCalls], Meta(description="Who calls, by kind.")] = {}
    replay: Annotated[RawReplay | None, Meta(description="Real calls from a file.")] = (
        None
    )
    """None: none."""
    factors: Annotated[
        dict[str, RawFactor], Meta(description="How busy days are, by name.")
    ] = {}
    agents: Annotated[
        RawBehaviour, Meta(description="How agents behave who are in no group.")
    ] = RawBehaviour()
    groups: Annotated[
        dict[str, RawBehaviour],
        Meta(description="How others behave; nothing is taken over from `agents`."),
    ] = {}
    staffing: Annotated[
        RawStaffing | None, Meta(description="How many agents are needed.")
    ] = None
    """None: that is not asked."""
