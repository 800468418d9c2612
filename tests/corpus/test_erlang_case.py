"""The line as queueing theory has it: first come, first served, by the first free."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterator
from heapq import heapify, heappop, heappush
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from skillroute.actions import OfferCall
from skillroute.events import CallConnected, CallerHungUp, Event, OfferAccepted

from .peers import START_MS, agent, arrival, compiled, queue

CALLS = 1500
CALLS_IN_THEORY = 200_000
SEED = 20260302


def test_every_call_waits_as_long_as_theory_says(
    backend: SimpleNamespace, shared: Path
) -> None:
    """Agents who idle while calls wait would show in every figure of a centre."""
    case = erlang_case(shared)
    calls = list(islice(drawn(case), CALLS))
    assert waits_in_theory(case, calls) == waits_here(backend, case, calls)


def test_theory_is_that_of_the_case(shared: Path) -> None:
    """Another distribution would make the comparison above mean something else."""
    case = erlang_case(shared)
    expected_s = case["expected_wait_s"]
    assert math.isclose(erlang_c_s(case), expected_s, abs_tol=case["tolerance"])
    waits_ms = waits_in_theory(case, list(islice(drawn(case), CALLS_IN_THEORY)))
    mean_s = sum(waits_ms) / len(waits_ms) / 1000
    assert math.isclose(mean_s, expected_s, rel_tol=0.1)


def erlang_case(shared: Path) -> dict[str, Any]:
    """Read the case."""
    text = (shared / "cases" / "order_cases.json").read_text("utf-8")
    (case,) = (c for c in json.loads(text) if c["kind"] == "erlang_c")
    return dict(case)


def drawn(case: dict[str, Any]) -> Iterator[tuple[int, int]]:
    """Draw calls for ever: when each comes and how long it takes, in milliseconds."""
    draw = random.Random(SEED)
    at_ms = START_MS
    while True:
        at_ms += round(draw.expovariate(case["calls_per_min"] / 60_000))
        yield at_ms, max(1, round(draw.expovariate(1 / case["service_min"] / 60_000)))


def erlang_c_s(case: dict[str, Any]) -> float:
    """
    Return the mean wait of all calls, in seconds.

    Source: Erlang, Solution of some problems in the theory of probabilities of
    significance in automatic telephone exchanges, 1917, formula C.
    """
    agents, load = case["agents"], case["calls_per_min"] * case["service_min"]
    terms = [load**n / math.factorial(n) for n in range(agents)]
    last = load**agents / math.factorial(agents) * agents / (agents - load)
    waits = last / (sum(terms) + last)
    return float(waits * 60 * case["service_min"] / (agents - load))


def waits_in_theory(case: dict[str, Any], calls: list[tuple[int, int]]) -> list[int]:
    """List how long each call waits for the first agent who is free."""
    free_ms = [START_MS] * case["agents"]
    heapify(free_ms)
    waits = []
    for at_ms, service_ms in calls:
        begins_ms = max(at_ms, heappop(free_ms))
        waits.append(begins_ms - at_ms)
        heappush(free_ms, begins_ms + service_ms)
    return waits


def waits_here(
    backend: SimpleNamespace, case: dict[str, Any], calls: list[tuple[int, int]]
) -> list[int]:
    """List how long each call waits on an engine whose agents answer at once."""
    names = [f"a{n}" for n in range(case["agents"])]
    plan = compiled(*map(agent, names), queue("desk", strategy="fewest_calls"))
    engine = backend.Engine(plan)
    waits = [-1] * len(calls)
    ends: list[tuple[int, int]] = []

    def tell(event: Event, now_ms: int) -> None:
        for order in engine.handle(event, now_ms):
            if isinstance(order, OfferCall):
                number = int(order.call[1:])
                at_ms, service_ms = calls[number]
                waits[number] = now_ms - at_ms
                heappush(ends, (now_ms + service_ms, number))
                engine.handle(OfferAccepted(offer=order.offer), now_ms)
                engine.handle(CallConnected(offer=order.offer), now_ms)

    for number, (at_ms, _) in enumerate(calls):
        while ends and ends[0][0] <= at_ms:
            end_ms, ended = heappop(ends)
            tell(CallerHungUp(call=f"c{ended}"), end_ms)
        tell(arrival(f"c{number}", "desk"), at_ms)
    while ends:
        end_ms, ended = heappop(ends)
        tell(CallerHungUp(call=f"c{ended}"), end_ms)
    return waits
