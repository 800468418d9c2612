"""
Small random pools: few agents and tags, so that everything meets everything.

Ties are wanted: idle times, counters and weights come from a handful of values.
About one operation in twenty is one that must be refused.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from ..reference.strategies import STRATEGIES

__all__ = ["Operation", "PoolWorld"]

TAGS = ("skill:a", "b", "lang:pl", "lang:de", "dept:x", "dept:y")
AGENTS_MAX = 14
NEEDS_MAX = 24
WAITING_MAX = 30
BAD_TAGS = ("", "a b", "a=0", "a=101", "a=", "a=1=2", "x" * 129, "a:=1000", "\u0142")
BAD_NEEDS = ("", "a>=0", "a>=101", "a>=", "*", "a=5", "a>=5>=6", "x" * 129)
BAD_HANDLES = (-1, 10**6, 2**32, 2**63, -(2**64), 2**130, 2**131)
BAD_NUMBERS = (2**53, -(2**53), 2**63, -(2**70), 2**140)


class Operation(NamedTuple):
    """
    A method of the pool and what it is called with.
    """

    name: str
    arguments: tuple[Any, ...]
    keywords: dict[str, Any]

    def __str__(self) -> str:
        """
        Write it as Python would call it.
        """
        named = (f"{name}={value!r}" for name, value in self.keywords.items())
        return f"{self.name}({', '.join([*map(repr, self.arguments), *named])})"


class PoolWorld:
    """
    A source of operations that mostly make sense.

    Args:
        seed: Equal seeds give equal worlds.
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        chance = self._random.random
        self.uncounted = ("lang",) if chance() < 0.5 else ()
        """Categories that do not count."""
        self.seed = self._random.choice((0, 1, 2**64 - 1))
        """Where the random strategies start."""
        self._agents: list[int] = []
        self._needs = 0
        self._tickets: list[int] = []
        self._agents_max = self._random.randint(1, AGENTS_MAX)
        self._idle_values = self._random.choice((1, 3, 20))
        self._only_general = chance() < 0.3
        self._now_ms = 0
        self._often: dict[Callable[[], Operation], int] = {
            self._retag: 4,
            self._remove: 1,
            self._take: 4,
            self._release: 22,
            self._tell: 8,
            self._tell_demand: 2,
            self._set_member: 4,
            self._select: 15,
            self._rank: 8,
            self._reserve: 18,
            self._reserve_many: 1,
            self._wait: 8,
            self._leave: 5,
            self._best_waiting: 6,
        }

    def operation(self) -> Operation:
        """
        Draw the next operation.
        """
        if len(self._agents) < self._agents_max and self._happens(0.3):
            return self._add()
        if self._needs < NEEDS_MAX and self._happens(0.1 if self._needs else 0.5):
            return self._register()
        draw = self._random.choices(list(self._often), list(self._often.values()))[0]
        return draw()

    def observe(self, operation: Operation, result: Any) -> None:
        """
        Learn what an operation answered.
        """
        match operation.name:
            case "add" if result is not None:
                self._agents.append(result)
            case "needs" if result is not None:
                self._needs += 1
            case "wait" if result is not None:
                self._tickets.append(result)
            case "remove" if operation.arguments[0] in self._agents:
                self._agents.remove(operation.arguments[0])
            case "leave" if operation.arguments[0] in self._tickets:
                self._tickets.remove(operation.arguments[0])
            case _:
                pass

    def questions(self) -> Iterable[Operation]:
        """
        Ask for everything that can be asked for without changing anything.
        """
        for needs in range(self._needs):
            yield Operation("rank", (needs, 100), {"draw": (3, needs)})
            yield Operation("select", (needs,), {})
        for agent in self._agents:
            yield Operation("best_waiting", (agent,), {})

    def _happens(self, chance: float) -> bool:
        return self._random.random() < chance

    # Operations --------------------------------------------------------------

    def _add(self) -> Operation:
        keywords: dict[str, Any] = {}
        if self._happens(0.95):
            keywords["tags"] = self._held()
        if self._happens(0.3):
            keywords["free"] = False
        if self._happens(0.8):
            keywords["idle_since_ms"] = self._idle()
        return Operation("add", ("somebody",), keywords)

    def _register(self) -> Operation:
        keywords: dict[str, Any] = {}
        if self._happens(0.25):
            groups = range(self._random.randint(1, 2))
            keywords["any_of"] = [self._some(3, least=1) for _ in groups]
            if self._happens(0.05):
                keywords["any_of"].append([])
        if self._happens(0.3):
            keywords["forbidden"] = self._some(2)
        if self._happens(0.4):
            weights = (1, 1, 2, 5, 1000)
            most = 6 if self._happens(0.2) else 3
            tags = self._some(most)
            keywords["prefer"] = {t: self._random.choice(weights) for t in tags}
            if self._happens(0.2):
                # One tag, written in both ways: the weights add up.
                keywords["prefer"] |= {"b": 1, "skill:b": 2}
            if self._happens(0.05):
                keywords["prefer"]["b"] = self._random.choice((0, 1001, 2**70))
        if self._happens(0.6):
            keywords["strategy"] = self._random.choice(tuple(STRATEGIES))
            if self._happens(0.03):
                keywords["strategy"] = "most_generic"
        if self._happens(0.25):
            keywords["members"] = [
                self._agent() for _ in range(self._random.randint(0, 6))
            ]
        return Operation("needs", tuple(self._required()), keywords)

    def _retag(self) -> Operation:
        return Operation("retag", (self._agent(), self._held()), {})

    def _remove(self) -> Operation:
        return Operation("remove", (self._agent(),), {})

    def _take(self) -> Operation:
        return Operation("take", (self._agent(),), {})

    def _release(self) -> Operation:
        return Operation("release", (self._agent(),), {"idle_since_ms": self._idle()})

    def _tell(self) -> Operation:
        names = ("calls", "talk_ms", "wrap_up_ms", "logged_in_ms", "open_cases")
        values = (0, 1, 2, 2, 3, 6, 2**53 - 1)
        told: dict[str, Any] = {
            name: self._random.choice(values) for name in names if self._happens(0.5)
        }
        if self._happens(0.5):
            told["weight"] = self._random.choice((1, 1, 2, 7, 1000))
        if self._happens(0.05):
            told[self._random.choice(names)] = self._random.choice((-1, *BAD_NUMBERS))
        if self._happens(0.03):
            told["weight"] = self._random.choice((0, 1001))
        return Operation("tell", (self._agent(),), told)

    def _tell_demand(self) -> Operation:
        numbers = (0, 1, 2, 5, 2**53 - 1)
        tag = self._random.choice(("", "a b") if self._happens(0.03) else TAGS)
        keywords = {
            "demand": self._random.choice(numbers),
            "supply": self._random.choice(numbers),
        }
        if self._happens(0.03):
            keywords["supply"] = self._random.choice((-1, *BAD_NUMBERS))
        return Operation("tell_demand", (tag,), keywords)

    def _set_member(self) -> Operation:
        keywords = {"member": self._happens(0.5)}
        return Operation("set_member", (self._queue(), self._agent()), keywords)

    def _select(self) -> Operation:
        return Operation("select", (self._queue(),), self._options())

    def _rank(self) -> Operation:
        count = self._random.choice((-1, 0, 1, 2, 3, 100, 2**70))
        return Operation("rank", (self._queue(), count), self._options())

    def _reserve(self) -> Operation:
        return Operation("reserve", (self._queue(),), self._options())

    def _reserve_many(self) -> Operation:
        queues = [self._queue() for _ in range(self._random.randint(0, 4))]
        return Operation("reserve_many", (queues,), {})

    def _wait(self) -> Operation:
        keywords = {
            "priority": self._random.choice((0, 0, 0, 1, -1, 1000)),
            "since_ms": self._idle(),
        }
        if self._happens(0.03):
            keywords["priority"] = self._random.choice(BAD_NUMBERS)
        if len(self._tickets) >= WAITING_MAX:
            return self._leave()
        return Operation("wait", (self._queue(),), keywords)

    def _leave(self) -> Operation:
        if self._tickets and self._happens(0.95):
            return Operation("leave", (self._random.choice(self._tickets),), {})
        return Operation("leave", (self._random.choice((0, *BAD_HANDLES)),), {})

    def _best_waiting(self) -> Operation:
        return Operation("best_waiting", (self._agent(),), {})

    # Arguments ---------------------------------------------------------------

    def _agent(self) -> int:
        if self._agents and self._happens(0.97):
            return self._random.choice(self._agents)
        return self._random.choice((0, 1, *BAD_HANDLES))

    def _queue(self) -> int:
        if self._needs and self._happens(0.98):
            return self._random.randrange(self._needs)
        return self._random.choice((0, *BAD_HANDLES))

    def _idle(self) -> int:
        self._now_ms += 1
        if self._happens(0.01):
            return self._random.choice(BAD_NUMBERS)
        if self._happens(0.01):
            return self._random.choice((2**53 - 1, 1 - 2**53))
        if self._idle_values == 20 and self._happens(0.8):
            return self._now_ms
        return self._random.randrange(self._idle_values)

    def _options(self) -> dict[str, Any]:
        options: dict[str, Any] = {}
        if self._happens(0.25):
            left_out = range(self._random.randint(0, 5))
            options["exclude"] = [self._agent() for _ in left_out]
        if self._happens(0.3):
            options["draw"] = (self._random.randrange(4), self._random.randrange(3))
        if self._happens(0.02):
            options["draw"] = (0, self._random.choice((-1, 2**64, 2**64 - 1)))
        return options

    def _some(self, most: int, *, least: int = 0) -> list[str]:
        tags = self._random.sample(TAGS, self._random.randint(least, most))
        if self._happens(0.01):
            tags.append(self._random.choice(BAD_TAGS))
        return tags

    def _required(self) -> list[str]:
        most = self._random.choice((1, 2, 2, 3, 6))
        marked = [self._leveled(tag, ">=", 0.25) for tag in self._some(most)]
        if self._happens(0.1):
            marked += [self._leveled(tag, ">=", 0.8) for tag in self._some(2)]
        if self._happens(0.02):
            marked.append(self._random.choice(BAD_NEEDS))
        return marked

    def _held(self) -> list[str]:
        held = [self._leveled(tag, "=", 0.4) for tag in self._some(6)]
        if self._only_general and self._happens(0.7):
            held = ["skill:a"]
        if self._happens(0.1):
            held += [self._leveled(tag, "=", 0.8) for tag in self._some(2)]
        if self._happens(0.15):
            held.append("*")
        if self._happens(0.02):
            held.append(self._random.choice(BAD_TAGS))
        return held

    def _leveled(self, tag: str, mark: str, chance: float) -> str:
        if not self._happens(chance):
            return tag
        return f"{tag}{mark}{self._random.choice((1, 40, 60, 60, 99, 100))}"
