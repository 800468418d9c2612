"""
The compiled scenario: what every backend plays, as canonical MessagePack.

Integers, strings and arrays only, as in the compiled plan, so that all machines draw
the same values: a distribution is a table of its quantiles, a rate a whole number.
Scenario and plan know each other only by names (numbers dialled, tags, ids of agents),
so that one scenario can be played under two plans.  Fields are arrays in MessagePack;
their order is append-only within one ``SCENARIO_FORMAT``.

Lengths of time end in ``_ms``; ``_after_ms`` counts from the start of the run.
"""

from __future__ import annotations

import msgspec

from ..contract import Need, Party
from ..errors import PlanError
from ._scenario_soundness import problem_of

__all__ = [
    "CELL_BITS",
    "OCTAVES",
    "SCENARIO_FORMAT",
    "CompiledBreak",
    "CompiledCall",
    "CompiledClass",
    "CompiledDistribution",
    "CompiledGroup",
    "CompiledRetry",
    "CompiledScenario",
    "decode_scenario",
    "encode_scenario",
]

SCENARIO_FORMAT = 1
"""Version of the layout below; raised when a field changes its meaning."""

CELL_BITS = 7
"""Cells of an octave of probability, as a power of two: the mean of an exponential
distribution is met to 5 in a million."""

OCTAVES = 24
"""Halvings of the tail: one draw in 17 million is cut off at the last value."""


class _Frozen(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """
    What every part of a compiled scenario is.
    """


class CompiledDistribution(_Frozen, frozen=True, kw_only=True, array_like=True):
    """
    A distribution as a table of integers.

    ``cell_bits`` = 0: each of the values is equally likely, and nothing between them;
    one value is a constant.

    Else the values are quantiles, close together where the tail is thin: with
    m = 2**cell_bits, value number ``k * m + j`` is exceeded with the probability
    ``2**-k * (1 - j / (2 * m))``.  Between two neighbours a draw is interpolated and
    rounded; behind the last one it is the last one.
    """

    values: tuple[int, ...]
    """Ascending where quantiles; -2**53 < value < 2**53."""
    cell_bits: int = 0
    """0, or 1 to 12; then there are ``octaves * 2**cell_bits + 1`` values."""


class CompiledGroup(_Frozen, frozen=True, kw_only=True, array_like=True):
    """
    How some agents behave.
    """

    name: str
    answer: int
    """Distribution: from the first ring to the pick-up or the refusal, ms."""
    connect: int
    """Distribution: from the pick-up until both hear each other, ms."""
    answer_permille: int = 1000
    """Of a thousand offers, how many are answered."""
    decline_permille: int = 0
    """How many are refused; the rest ring until the engine gives up."""
    wrap_up: int | None = None
    """Distribution, ms: after so long the agent ends the wrap-up, if the plan has not
    and lets them; None: the plan's length."""


class CompiledBreak(_Frozen, frozen=True, kw_only=True, array_like=True):
    """
    An agent pauses.
    """

    agent: str
    from_after_ms: int
    until_after_ms: int
    """More than ``from_after_ms``."""


class CompiledRetry(_Frozen, frozen=True, kw_only=True, array_like=True):
    """
    Callers who try again.
    """

    abandoned_permille: int
    """Of a thousand who abandon, how many call again."""
    blocked_permille: int
    """The same of those who were blocked, rejected, or given up by a queue
    (``overflowed``, ``hung_up``, ``failed``)."""
    delay: int
    """Distribution: from the end of the call to the next, ms."""
    tries_max: int
    """Calls of one caller, the first included; 1 or more."""
    same_patience: bool = False
    """A caller has one patience for all tries; False: another one at each try."""


class CompiledClass(_Frozen, frozen=True, kw_only=True, array_like=True):
    """
    Calls of one kind.

    Its calls are numbered from 0 in the order in which they come; all that is drawn
    for a call follows from the seed, the replication, the class's index and that
    number, so the k-th call is the same under every plan.
    """

    name: str
    dialled: Party
    """The number of ours that is dialled, as ``numbers.resolve`` gives it."""
    handling: int
    """Distribution: length of the conversation, ms."""
    caller_prefix: str = ""
    """Numbers of callers begin like this, such as ``+4420``; empty: withheld."""
    caller_digits: int = 0
    """How many digits follow, drawn for each call, 0 to 9."""
    needs: tuple[Need, ...] = ()
    """What the call brings along, besides the needs of number and queue."""
    priority: int = 0
    """-1000 to 1000."""
    handling_by_group: tuple[int | None, ...] = ()
    """Distribution by index of the agent's group; None, or behind the end:
    ``handling``.  The same number is drawn for both."""
    patience: int | None = None
    """Distribution: the caller hangs up after so long without an agent, ms;
    None: never."""
    menu: int | None = None
    """Distribution: from the dialling to the arrival at the engine, ms; it is no
    waiting time; None: at once."""
    rates: tuple[tuple[int, int, int], ...] = ()
    """Poisson arrivals: (from_after_ms, until_after_ms, millionths of a call an hour),
    ascending, disjoint; elsewhere none come."""
    counts: tuple[tuple[int, int, int], ...] = ()
    """(from_after_ms, until_after_ms, calls): so many, each anywhere in it with equal
    likelihood; ascending, disjoint."""
    repeat_ms: int = 0
    """``rates`` and ``counts`` repeat so often, and lie within it; 0: they do not."""
    factor: int | None = None
    """Index into ``factors``: what the rates of a day are multiplied by."""
    retry: CompiledRetry | None = None


class CompiledCall(_Frozen, frozen=True, kw_only=True, array_like=True):
    """
    One call whose arrival is given; it counts among the calls of its class.
    """

    arrival_after_ms: int
    kind: int
    """Index into ``classes``."""
    patience_ms: int | None = None
    """None: never hangs up while waiting."""
    handling_ms: int | None = None
    """None: drawn."""


class CompiledScenario(_Frozen, frozen=True, kw_only=True, array_like=True):
    """
    One scenario.
    """

    format: int
    name: str
    seed: int
    """0 to 2**63 - 1."""
    start_ms: int
    """Epoch milliseconds: the run begins."""
    length_ms: int
    """Calls dialled before that; times of agents and lines count until then."""
    distributions: tuple[CompiledDistribution, ...]
    unit_exponential: int
    """Distribution: exponential with mean 1, in units of 2**-48, between arrivals."""
    classes: tuple[CompiledClass, ...]
    groups: tuple[CompiledGroup, ...]
    """One or more; the first is that of agents who are not named."""
    agents: tuple[tuple[str, int], ...] = ()
    """(id, index into ``groups``), ascending by id; who is not in the plan is passed
    over."""
    breaks: tuple[CompiledBreak, ...] = ()
    """Those of one agent are disjoint; of agents in the plan only."""
    calls: tuple[CompiledCall, ...] = ()
    """Ascending by arrival; ties in the order given."""
    factors: tuple[int, ...] = ()
    """Distributions of day factors, in millionths; each is drawn once a day."""
    warm_up_ms: int = 0
    """Calls that come before it are not counted, nor is what agents do before it."""
    drain_ms: int = 0
    """So long calls are followed after the end; 0: what goes on then is in progress."""
    interval_ms: int = 1_800_000
    """Length of an interval of the day."""
    interval_count: int = 48
    """Of the day: interval = after_ms // interval_ms % interval_count."""
    day_ms: int = 86_400_000
    """How often day factors are drawn anew."""
    thresholds_ms: tuple[int, ...] = (20_000,)
    """Of the service level, ascending."""
    lines: int | None = None
    """Calls that can be connected at once; one more is blocked, and never reaches the
    engine; None: any number."""
    log_in: bool = True
    """Agents whose log-in is ``manual`` log in as the run begins."""
    release_ms: int = 0
    """Until the switch confirms that a leg is gone."""
    message_ms: int = 20_000
    """Length of a message left in a voicemail box."""
    forwarded_ms: int = 180_000
    """Length of a conversation with an outside number."""


# Made here, for msgspec looks into a class when it first reads one, and two threads
# that do so at once crash.
_SCENARIO = msgspec.msgpack.Decoder(CompiledScenario)


def encode_scenario(scenario: CompiledScenario) -> bytes:
    """
    Write a compiled scenario as canonical MessagePack.

    Args:
        scenario: A scenario whose parts are sorted as their fields say.

    Returns:
        What ``run_replication`` takes: equal scenarios give equal bytes.

    Cost: linear in the scenario.
    """
    return msgspec.msgpack.encode(scenario)


def decode_scenario(data: bytes) -> CompiledScenario:
    """
    Read a compiled scenario.

    Args:
        data: What ``encode_scenario`` wrote.

    Returns:
        The scenario.

    Raises:
        PlanError: *data* is no compiled scenario, or one whose parts do not fit
            (``scenario_malformed``).

    Cost: linear in the scenario.
    """
    try:
        scenario = _SCENARIO.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _malformed(str(error)) from error
    problem = problem_of(scenario)
    if problem:
        raise _malformed(problem)
    return scenario


def _malformed(what: str) -> PlanError:
    message = f"not a compiled scenario: {what}"
    return PlanError(code="scenario_malformed", message=message)
