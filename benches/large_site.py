"""
A whole site at three sizes: load, memory, and time per event, with calls waiting.

Each size has ten times the agents, tags, queues and waiting calls of the one before;
every agent holds 64 tags.  A site runs *plain*, or *full*: steps and aging.
What an agent is offered is checked before anything is timed: they hold the tags that
the queue asks for, and are free.  ``--renew`` writes the record beside this file.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from skillroute import Engine, events, load_plan
from skillroute.contract import Party
from skillroute.plan.compiled import CompiledPlan, CompiledStep, decode

RECORD = Path(__file__).resolve().with_suffix(".json")
START_MS = 1_795_000_000_000
TAGS_PER_AGENT = 64
AGENTS_PER_TAG = 10
AGENTS_PER_QUEUE = 20
AT_WORK = 5
"""One agent of so many is there, and soon talks: the others make the site large."""
STEP_S = 30
DELAY_S = 20
ROUNDS = 20_000
SIZES = (1_000, 10_000, 100_000)
"""Agents, and waiting calls."""


class Site:
    """
    A running site, and what is known of it from outside.
    """

    def __init__(self, folder: Path, agents: int, *, full: bool) -> None:
        self.draw = random.Random(agents)
        self._write(folder, agents, full=full)
        before = time.perf_counter()
        plan = load_plan(folder / "plan.toml")
        self.load_s = time.perf_counter() - before
        before, self._kib = time.perf_counter(), _resident_kib()
        self.engine: Any = Engine(plan.compiled)
        self.now_ms = START_MS
        self.engine.advance(self.now_ms)
        self.start_s = time.perf_counter() - before
        self.engine_mib = (_resident_kib() - self._kib) // 1024
        self.plan: CompiledPlan = decode(plan.compiled)
        self.numbers = [number.number for number in self.plan.numbers]
        self.agents = {agent.id: n for n, agent in enumerate(self.plan.agents)}
        self.tags = [{tag for tag, _ in agent.tags} for agent in self.plan.agents]
        self.talking: list[tuple[int, str]] = []
        """(offer, agent) of each conversation."""
        self.busy: set[str] = set()
        self.calls = 0
        self.since_ms: dict[str, int] = {}
        """Arrival of each call that has not been answered."""

    def _write(self, folder: Path, agents: int, *, full: bool) -> None:
        draw, tags = self.draw, agents // AGENTS_PER_TAG
        held: list[list[int]] = []
        with (folder / "agents.jsonl").open("w") as file:
            for agent in range(agents):
                held.append(draw.sample(range(tags), TAGS_PER_AGENT))
                login = "manual" if agent % AT_WORK else "auto"
                names = [f"t{tag}" for tag in held[-1]]
                row = {"id": f"a{agent}", "tags": names, "login": login}
                file.write(json.dumps(row) + "\n")
        lines = ['agents_from = "agents.jsonl"', "[site]", 'name = "large"']
        for queue in range(agents // AGENTS_PER_QUEUE):
            one, two = draw.sample(held[draw.randrange(0, agents, AT_WORK)], 2)
            lines += [f"[queues.q{queue}]", f'needs = ["t{one}", "t{two}"]']
            if full:
                lines += ["aging_per_min = 1", f"[[queues.q{queue}.steps]]"]
                lines += [f"after_s = {STEP_S}", f'drop = ["t{two}"]']
            lines += [f'[numbers."+1202{queue:07}"]', f'queue = "q{queue}"']
        (folder / "plan.toml").write_text("\n".join(lines) + "\n")

    def fill(self, waiting: int) -> None:
        """
        Let calls come until so many wait.
        """
        while len(self.since_ms) < waiting:
            self.arrive(self.engine.handle)

    def arrive(self, handle: Callable[..., Any]) -> None:
        """
        Let a call come; whoever gets it answers.
        """
        self.calls += 1
        self.now_ms += 1
        call = f"c{self.calls}"
        self.since_ms[call] = self.now_ms
        dialled = self.draw.choice(self.numbers)
        event = events.CallArrived(
            call=call,
            host="bench",
            caller=Party(kind="e164", number="+12025550123"),
            dialled=Party(kind="e164", number=dialled),
        )
        self.answer(handle(event, self.now_ms), self.engine.handle, self.engine.handle)

    def answer(self, orders: Any, accept: Any, connect: Any) -> None:
        """
        Let whoever is rung answer, after a look at whether they should be.
        """
        for order in orders:
            if type(order).__name__ == "OfferCall":
                self._check(order)
                accept(events.OfferAccepted(offer=order.offer), self.now_ms)
                connect(events.CallConnected(offer=order.offer), self.now_ms)
                self.talking.append((order.offer, order.agent))
                self.busy.add(order.agent)
                del self.since_ms[order.call]

    def hang_up(self, handle: Callable[..., Any]) -> Any:
        """
        Let one of those who talk hang up, and so become free.
        """
        place = self.draw.randrange(len(self.talking))
        self.talking[place], self.talking[-1] = self.talking[-1], self.talking[place]
        offer, agent = self.talking.pop()
        self.busy.remove(agent)
        return handle(events.AgentHungUp(offer=offer), self.now_ms)

    def _check(self, order: Any) -> None:
        """
        The agent is free, and holds what the queue asks by now.
        """
        queue = next(q for q in self.plan.queues if q.name == order.queue)
        waited_ms = self.now_ms - self.since_ms[order.call]
        asked = {need.tags[0] for need in queue.needs}
        for step in queue.steps:
            asked -= _dropped(step, waited_ms)
        assert order.agent not in self.busy
        assert asked <= self.tags[self.agents[order.agent]]


def measure(agents: int, *, full: bool, rounds: int) -> dict[str, Any]:
    """
    Make a site, fill it, and time events: nanoseconds, by kind.
    """
    with tempfile.TemporaryDirectory() as folder:
        site = Site(Path(folder), agents, full=full)
    site.fill(agents)
    # What the interpreter tidies up is not the engine's time.
    gc.freeze()
    gc.disable()
    times: dict[str, list[int]] = {
        "arrives_and_waits": [],
        "hangs_up_and_is_offered_the_next": [],
        "accepts": [],
        "is_connected": [],
    }

    def timed(kind: str) -> Callable[..., Any]:
        def handle(event: Any, now_ms: int) -> Any:
            before = time.perf_counter_ns()
            orders = site.engine.handle(event, now_ms)
            times[kind].append(time.perf_counter_ns() - before)
            return orders

        return handle

    for _ in range(rounds):
        site.arrive(timed("arrives_and_waits"))
        orders = site.hang_up(timed("hangs_up_and_is_offered_the_next"))
        site.answer(orders, timed("accepts"), timed("is_connected"))
    return {
        "agents": agents,
        "full": full,
        "queues": len(site.plan.queues),
        "tags": len(site.plan.tags),
        "waiting": len(site.since_ms),
        "talking": len(site.talking),
        "load_s": round(site.load_s, 2),
        "start_s": round(site.start_s, 2),
        "engine_mib": site.engine_mib,
        "us": {kind: _percentiles(found) for kind, found in times.items()},
    }


def main(arguments: list[str] | None = None) -> int:
    """
    Measure every size, each in a process of its own, and print a table.
    """
    parser = argparse.ArgumentParser(prog="python benches/large_site.py")
    parser.add_argument("--agents", type=int, help="only this size, as JSON")
    parser.add_argument("--full", action="store_true", help="with steps and aging")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--renew", action="store_true", help="write the record")
    options = parser.parse_args(arguments)
    if options.agents:
        result = measure(options.agents, full=options.full, rounds=options.rounds)
        sys.stdout.write(json.dumps(result) + "\n")
        return 0
    results = []
    for full in (False, True):
        for agents in SIZES:
            results.append(_measured(agents, full=full, rounds=options.rounds))
            sys.stdout.write("".join(f"{line}\n" for line in _lines(results[-1])))
            sys.stdout.flush()
    if options.renew:
        RECORD.write_text(json.dumps(results, indent=1) + "\n")
    return 0


def _measured(agents: int, *, full: bool, rounds: int) -> dict[str, Any]:
    words = ["--agents", str(agents), "--rounds", str(rounds)]
    answer = subprocess.run(  # noqa: S603 - ourselves, with our own words
        [sys.executable, __file__, *words, *(["--full"] if full else [])],
        check=True,
        capture_output=True,
        text=True,
    )
    result: dict[str, Any] = json.loads(answer.stdout)
    return result


def _lines(result: dict[str, Any]) -> Iterator[str]:
    kind = "full" if result["full"] else "plain"
    yield (
        f"{kind}, {result['agents']:,} agents, {result['tags']:,} tags,"
        f" {result['queues']:,} queues, {result['waiting']:,} waiting: plan read in"
        f" {result['load_s']} s, engine in {result['start_s']} s,"
        f" {result['engine_mib']} MiB"
    )
    for kind, (p50, p99) in result["us"].items():
        yield f"    {kind:<36}{p50:>9.2f} us {p99:>9.2f} us (99 %)"


def _percentiles(found_ns: list[int]) -> tuple[float, float]:
    found_ns.sort()
    places = (len(found_ns) // 2, len(found_ns) * 99 // 100)
    p50, p99 = (round(found_ns[place] / 1000, 2) for place in places)
    return p50, p99


def _dropped(step: CompiledStep, waited_ms: int) -> set[int]:
    return set(step.drop) if waited_ms >= step.after_ms else set()


def _resident_kib() -> int:
    status = Path("/proc/self/status").read_text("ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1])


if __name__ == "__main__":
    raise SystemExit(main())
