"""A small contact centre for the cases of other systems: time, calls, agents."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import Any

from skillroute.actions import OfferCall
from skillroute.contract import Party, PreferredAgent
from skillroute.decisions import Decision, ExplainQuery
from skillroute.events import (
    AgentHungUp,
    CallArrived,
    CallAssigned,
    CallConnected,
    CallerHungUp,
    Event,
    OfferAccepted,
    OfferDeclined,
)
from skillroute.plan import parse_plan

START_MS = 1_772_442_000_000  # 2026-03-02 09:00 UTC, a Monday
CALLER = Party(kind="e164", number="+12025550100")

Case = dict[str, Any]
Check = Callable[["Centre", Case], None]


def table(name: str, **keys: Any) -> str:
    """Write one table of a plan."""
    lines = [f"{key} = {toml(value)}" for key, value in keys.items()]
    return "\n".join([name, *lines])


def toml(value: Any) -> str:
    """Write a value as a plan has it."""
    match value:
        case dict():
            items = [f"{json.dumps(key)} = {toml(one)}" for key, one in value.items()]
            return "{" + ", ".join(items) + "}"
        case list():
            return "[" + ", ".join(map(toml, value)) + "]"
        case _:
            return json.dumps(value)


def agent(name: str, **keys: Any) -> str:
    """Write one agent."""
    return table(f"[agents.{name}]", **keys)


def queue(name: str, *parts: str, **keys: Any) -> str:
    """Write a queue with its steps or members, and the number that leads to it."""
    number = table(f"[numbers.{dialled(name)}]", queue=name)
    return "\n".join([table(f"[queues.{name}]", **keys), *parts, number])


def step(name: str, after_s: int, **keys: Any) -> str:
    """Write a step of a queue."""
    return table(f"[[queues.{name}.steps]]", after_s=after_s, **keys)


def dialled(name: str) -> str:
    """Return the number that leads to a queue: 101 to q1, 100 to any other name."""
    return f"10{name[1:]}" if name[1:].isdigit() else "100"


class Centre:
    """
    One engine, driven in seconds since the start.
    """

    def __init__(self, backend: SimpleNamespace) -> None:
        self._backend = backend
        self._calls = 0
        self.engine: Any = None
        self.orders: list[Any] = []

    def open(self, *parts: str) -> None:
        """Begin with a plan."""
        self.engine = self._backend.Engine(compiled(*parts))
        self.engine.advance(START_MS)

    def reload(self, at_s: float, *parts: str) -> None:
        """Go on under another plan."""
        self.orders = list(self.engine.reload(compiled(*parts), ms(at_s)))

    def tell(self, at_s: float, *events: Event) -> list[Any]:
        """Tell of events; return the orders of the last one and its timers."""
        for event in events:
            self.orders = list(self.engine.handle(event, ms(at_s)))
        return self.orders

    def pass_time(self, at_s: float) -> list[Any]:
        """Let time pass; return the orders of the timers."""
        self.orders = list(self.engine.advance(ms(at_s)))
        return self.orders

    def call(self, at_s: float, queue: str = "desk", **keys: Any) -> str:
        """Let a call arrive; return its id."""
        self._calls += 1
        name = keys.pop("call", f"c{self._calls}")
        self.tell(at_s, arrival(name, queue, **keys))
        return str(name)

    def offered(self, orders: Iterable[Any] | None = None) -> list[str]:
        """List the agents who are rung by the last orders, or by these."""
        listed = self.orders if orders is None else orders
        return [order.agent for order in listed if isinstance(order, OfferCall)]

    def answer(self, at_s: float) -> str | None:
        """Let the agent answer who was just rung; return who it is."""
        offers = [order for order in self.orders if isinstance(order, OfferCall)]
        if not offers:
            return None
        offer = offers[0].offer
        self.tell(at_s, OfferAccepted(offer=offer), CallConnected(offer=offer))
        return str(offers[0].agent)

    def serve(self, at_s: float, agent: str, talk_s: float) -> None:
        """Let an agent have handled a call, which was assigned to them."""
        call = self.call(at_s, "q9")
        orders = self.tell(at_s, CallAssigned(call=call, agent=agent, by="case"))
        offer = next(o.offer for o in orders if isinstance(o, OfferCall))
        self.tell(at_s, OfferAccepted(offer=offer), CallConnected(offer=offer))
        self.tell(at_s + talk_s, AgentHungUp(offer=offer))

    def order(self, at_s: float, queue: str = "desk") -> list[str]:
        """List who is asked one after another, each of whom declines."""
        call, asked = self.call(at_s, queue), []
        while offers := [o for o in self.orders if isinstance(o, OfferCall)]:
            asked += [offer.agent for offer in offers]
            self.tell(at_s, OfferDeclined(offer=offers[0].offer))
        self.tell(at_s, CallerHungUp(call=call))
        return asked

    def explain(
        self, at_s: float, queue: str = "desk", waited_s: float = 0
    ) -> Decision:
        """Explain what would happen to a call that has waited so long."""
        query = ExplainQuery(
            now_ms=ms(at_s),
            arrival=arrival("asked", queue),
            waited_ms=round(waited_s * 1000),
        )
        decision: Decision = self.engine.explain(query)
        return decision

    def eligible(
        self, at_s: float, queue: str = "desk", waited_s: float = 0
    ) -> set[str]:
        """Gather who could take a call."""
        judged = self.explain(at_s, queue, waited_s).agents
        return {one.agent for one in judged if one.verdict == "eligible"}


def compiled(*parts: str) -> bytes:
    """Compile a plan of these tables."""
    return parse_plan("\n".join(['[site]\nname = "cases"', *parts])).compiled


def arrival(
    call: str,
    queue: str,
    preferred: tuple[PreferredAgent, ...] = (),
    priority: int = 0,
) -> CallArrived:
    """Make the arrival of a call for a queue."""
    return CallArrived(
        call=call,
        host="sim",
        caller=CALLER,
        dialled=Party(kind="extension", number=dialled(queue)),
        preferred=preferred,
        priority=priority,
    )


def ms(at_s: float) -> int:
    """Return an instant in milliseconds."""
    return START_MS + round(at_s * 1000)
