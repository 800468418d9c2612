"""
A contender at work: its state, the check of its answers, and the loops that are timed.

Every contender is driven by the same loops; its functions are looked up before the
clock starts, and the steps of a loop are made before it as well.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle, islice
from random import Random

from .contenders import Contender, Peer
from .pools import tag_texts
from .workloads import Workload

__all__ = ["Session", "WrongAnswerError", "begin"]

_clock_ns = time.perf_counter_ns


class WrongAnswerError(AssertionError):
    """
    A contender chose another agent than brute force did: it is not timed.
    """


class Session:
    """
    One contender with one workload.

    Args:
        name: The contender's name.
        contender: In the workload's first state but for who is busy.
        work: The workload.
    """

    def __init__(self, name: str, contender: Contender, work: Workload) -> None:
        self.name = name
        self.contender = contender
        self._work = work
        self._busy = deque(work.busy)
        self._asked = cycle(work.asked)
        self._steps_made = 0
        self._is_free_known = False
        self._free: Iterator[int] = iter(())
        for agent in work.busy:
            contender.take(agent)

    def check(self, right: Sequence[int | None], seconds: float) -> int:
        """
        Serve calls and compare each choice with the right one.

        Args:
            right: From ``right_answers``, for the first calls.
            seconds: After these, stop; but not before ten calls.

        Returns:
            How many choices were compared.

        Raises:
            WrongAnswerError: One differs.
        """
        until_s = time.perf_counter() + seconds
        for compared, expected in enumerate(right):
            if compared >= 10 and time.perf_counter() > until_s:
                return compared
            needs, now_ms = self._steps(1)[0]
            for ask in (self.contender.select, self.contender.reserve):
                found = ask(needs)
                if found != expected:
                    raise WrongAnswerError(
                        f"{self.name} chose {found} and not {expected} for call "
                        f"{compared} of {self._work.kind}, {len(self._work.agents)} "
                        "agents: it is not timed"
                    )
            if expected is not None:
                self._busy.append(expected)
                self.contender.release(self._busy.popleft(), now_ms)
        return len(right)

    def select(self, count: int) -> int:
        """
        Select for so many calls, with no change of state.
        """
        asked = list(islice(self._asked, count))
        select = self.contender.select
        begun_ns = _clock_ns()
        for needs in asked:
            select(needs)
        return _clock_ns() - begun_ns

    def whole(self, count: int) -> int:
        """
        Reserve an agent for each call, and release the one who is busy longest.
        """
        steps = self._steps(count)
        self._is_free_known = False
        reserve, release = self.contender.reserve, self.contender.release
        push, pop = self._busy.append, self._busy.popleft
        begun_ns = _clock_ns()
        for needs, now_ms in steps:
            agent = reserve(needs)
            if agent is not None:
                push(agent)
                release(pop(), now_ms)
        return _clock_ns() - begun_ns

    def toggle(self, count: int) -> int:
        """
        Take free agents, each of whom is released at once.
        """
        steps = self._free_steps(count)
        take, release = self.contender.take, self.contender.release
        begun_ns = _clock_ns()
        for agent, now_ms in steps:
            take(agent)
            release(agent, now_ms)
        return _clock_ns() - begun_ns

    def release(self, count: int) -> int:
        """
        Release agents who were taken before the clock started.
        """
        take, release = self.contender.take, self.contender.release
        spent_ns = 0
        while count > 0:
            steps = self._free_steps(min(count, self.free_count))
            count -= len(steps)
            for agent, _ in steps:
                take(agent)
            begun_ns = _clock_ns()
            for agent, now_ms in steps:
                release(agent, now_ms)
            spent_ns += _clock_ns() - begun_ns
        return spent_ns

    def retag(self, count: int) -> int:
        """
        Give free agents the tags of others.
        """
        steps = self._retags(count)
        retag = self.contender.retag
        assert retag is not None
        begun_ns = _clock_ns()
        for agent, tags in steps:
            retag(agent, tags)
        return _clock_ns() - begun_ns

    def call(self, function: Callable[[int], object], count: int) -> int:
        """
        Call a function in the loop of ``select``.
        """
        asked = list(islice(self._asked, count))
        begun_ns = _clock_ns()
        for needs in asked:
            function(needs)
        return _clock_ns() - begun_ns

    def loop(self, count: int) -> int:
        """
        Do nothing in the loop of ``select``.
        """
        asked = list(islice(self._asked, count))
        begun_ns = _clock_ns()
        for _ in asked:
            pass
        return _clock_ns() - begun_ns

    @property
    def free_count(self) -> int:
        """
        How many agents are free.
        """
        return len(self._work.agents) - len(self._busy)

    def _steps(self, count: int) -> list[tuple[int, int]]:
        """
        Return needs and time of the next calls.
        """
        return list(zip(islice(self._asked, count), self._times(count), strict=True))

    def _times(self, count: int) -> list[int]:
        first = self._steps_made
        self._steps_made += count
        at_ms = self._work.released_at_ms
        return [at_ms(step) for step in range(first, first + count)]

    def _free_steps(self, count: int) -> list[tuple[int, int]]:
        """
        Return free agents, each once before any is named again, and times.
        """
        return list(zip(self._next_free(count), self._times(count), strict=True))

    def _next_free(self, count: int) -> list[int]:
        # Who is free changes with each call served, though never how many are.
        if not self._is_free_known:
            self._is_free_known = True
            free = sorted(set(range(len(self._work.agents))).difference(self._busy))
            Random(len(free)).shuffle(free)
            self._free = cycle(free)
        return list(islice(self._free, count))

    def _retags(self, count: int) -> list[tuple[int, list[str]]]:
        agents = self._work.agents
        draw = Random(self._steps_made)
        return [
            (agent, tag_texts(agents[draw.randrange(len(agents))]))
            for agent in self._next_free(count)
        ]


def begin(peer: Peer, work: Workload) -> Session:
    """
    Make a contender, and let be busy who is busy.
    """
    return Session(peer.name, peer.make(work), work)
