"""
The same models as others simulate them: SimPy, Ciw, and bare loops of heapq.

Each returns the mean wait in seconds, which is compared with theory or with ours before
anything is timed.  SimPy and Ciw have no shared skills with a choice by fewest skills
and longest idle: their rows say what they play instead.
"""

from __future__ import annotations

import heapq
import random
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

from simulation_models import HANDLING_S, Model

__all__ = ["PEERS", "Peer"]

Peer = Callable[[Model, int, int], float]
"""(model, calls, seed) -> mean wait in seconds."""


def heapq_loop(model: Model, calls: int, seed: int) -> float:
    """
    Play M/M/c, or Erlang A, with a heap of ends of conversations and a line.
    """
    draw = random.Random(seed).expovariate
    rate, talk, agents = (
        model.arrivals_per_hour / 3600,
        1 / HANDLING_S,
        len(model.agents),
    )
    ends: list[float] = []
    line: deque[tuple[float, float]] = deque()
    now = waited = 0.0
    for _ in range(calls):
        now += draw(rate)
        while ends and ends[0] <= now:
            end = ends[0]
            while line and line[0][1] <= end:
                since, leaves = line.popleft()
                waited += leaves - since
            if line:
                since, _ = line.popleft()
                waited += end - since
                heapq.heapreplace(ends, end + draw(talk))
            else:
                heapq.heappop(ends)
        if len(ends) < agents:
            heapq.heappush(ends, now + draw(talk))
        else:
            patience = model.patience_s
            leaves = now + draw(1 / patience) if patience else float("inf")
            line.append((now, leaves))
    return waited / calls


def heapq_skills(model: Model, calls: int, seed: int) -> float:
    """
    Play the centre of skills: fewest skills, then longest idle; the oldest call first.

    A heap of free agents for each set of skills, a line for each skill.
    """
    source = random.Random(seed)
    draw = source.expovariate
    rate, talk = model.arrivals_per_hour / 3600, 1 / HANDLING_S
    sets = sorted(set(model.agents), key=lambda held: (len(held), sorted(held)))
    free: dict[frozenset[int], list[tuple[float, int]]] = {held: [] for held in sets}
    for number, held in enumerate(model.agents):
        heapq.heappush(free[held], (0.0, number))
    skills = sorted(set().union(*model.agents))
    able = {skill: [held for held in sets if skill in held] for skill in skills}
    lines: dict[int, deque[float]] = {skill: deque() for skill in skills}
    ends: list[tuple[float, int]] = []
    now = waited = 0.0
    for _ in range(calls):
        now += draw(rate)
        while ends and ends[0][0] <= now:
            end, number = heapq.heappop(ends)
            held = model.agents[number]
            first = (
                min((lines[s][0], s) for s in held if lines[s])
                if any(lines[s] for s in held)
                else None
            )
            if first is None:
                heapq.heappush(free[held], (end, number))
            else:
                waited += end - lines[first[1]].popleft()
                heapq.heappush(ends, (end + draw(talk), number))
        skill = source.choice(skills)
        offers = [
            (len(held), free[held][0], held) for held in able[skill] if free[held]
        ]
        if offers:
            held = min(offers, key=lambda one: one[:2])[2]
            _, number = heapq.heappop(free[held])
            heapq.heappush(ends, (now + draw(talk), number))
        else:
            lines[skill].append(now)
    return waited / calls


def simpy_resource(model: Model, calls: int, seed: int) -> float:
    """
    Play M/M/c, or Erlang A, as SimPy's manual does: a resource of so many servers.
    """
    import simpy  # noqa: PLC0415 - it may be missing

    draw = random.Random(seed).expovariate
    world = simpy.Environment()
    agents = simpy.Resource(world, capacity=len(model.agents))
    waits: list[float] = []

    def call() -> Iterator[Any]:
        since = world.now
        with agents.request() as request:
            if model.patience_s is None:
                yield request
            else:
                patience = world.timeout(draw(1 / model.patience_s))
                yield request | patience
            waits.append(world.now - since)
            if request.triggered:
                yield world.timeout(draw(1 / HANDLING_S))

    def source() -> Iterator[Any]:
        for _ in range(calls):
            yield world.timeout(draw(model.arrivals_per_hour / 3600))
            world.process(call())

    world.process(source())
    world.run()
    return sum(waits) / len(waits)


def simpy_filter_store(model: Model, calls: int, seed: int) -> float:
    """
    Play the centre of skills with a FilterStore of agents: who came back first.
    """
    import simpy  # noqa: PLC0415 - it may be missing

    source = random.Random(seed)
    draw = source.expovariate
    world = simpy.Environment()
    agents = simpy.FilterStore(world)
    # Those with fewest skills first, as far as a store has an order.
    agents.items.extend(sorted(model.agents, key=len))
    waits: list[float] = []

    def call(skill: int) -> Iterator[Any]:
        since = world.now
        held = yield agents.get(lambda held: skill in held)
        waits.append(world.now - since)
        yield world.timeout(draw(1 / HANDLING_S))
        yield agents.put(held)

    skills = sorted(set().union(*model.agents))

    def arrivals() -> Iterator[Any]:
        for _ in range(calls):
            yield world.timeout(draw(model.arrivals_per_hour / 3600))
            world.process(call(source.choice(skills)))

    world.process(arrivals())
    world.run()
    return sum(waits) / len(waits)


def ciw_node(model: Model, calls: int, seed: int) -> float:
    """
    Play M/M/c, or Erlang A, as one node of Ciw.
    """
    import ciw  # noqa: PLC0415 - it may be missing

    exponential = ciw.dists.Exponential
    arrivals = [exponential(model.arrivals_per_hour / 3600)]
    reneging = (
        {}
        if model.patience_s is None
        else {"reneging_time_distributions": [exponential(1 / model.patience_s)]}
    )
    network = ciw.create_network(
        arrival_distributions=arrivals,
        service_distributions=[exponential(1 / HANDLING_S)],
        number_of_servers=[len(model.agents)],
        **reneging,
    )
    ciw.seed(seed)
    world = ciw.Simulation(network)
    world.simulate_until_max_customers(calls, method="Finish")
    waits = [
        record.waiting_time
        for record in world.get_all_records(only=["service", "renege"])
    ]
    return float(sum(waits) / len(waits))


PEERS: dict[str, dict[str, Peer]] = {
    "mmc100": {"heapq": heapq_loop, "simpy": simpy_resource, "ciw": ciw_node},
    "erlang_a100": {"heapq": heapq_loop, "simpy": simpy_resource, "ciw": ciw_node},
    "five_skills": {"heapq": heapq_skills, "simpy": simpy_filter_store},
}
"""By model and name."""
