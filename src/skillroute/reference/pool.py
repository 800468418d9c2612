"""
The pool: only the choice, for whoever keeps calls and agents elsewhere.

Agents and needs are registered once and are small integers from then on.  This
is the specification: it scans.  What it decides is what ``rank`` sorts by.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import index

import msgspec

from ..errors import PlanError
from . import limits
from .pool_arguments import (
    counter_in_range,
    given,
    number_in_range,
    read_draw,
    read_text,
    read_texts,
    read_truth,
    read_weights,
    signed_in_range,
)
from .pool_order import Order, make_order
from .pool_tags import HeldTags, PoolNeeds, held_tags, pool_needs
from .refusals import limit, unknown
from .strategies import Draw


class PoolAgent(msgspec.Struct):
    """
    What the pool knows of one agent.
    """

    name: str
    tags: HeldTags
    is_free: bool
    idle_since_ms: int
    calls: int = 0
    """Handled calls, since the caller's midnight."""
    talk_ms: int = 0
    """Connected, in the same span."""
    wrap_up_ms: int = 0
    logged_in_ms: int = 0
    open_cases: int = 0
    weight: int = 1
    """For ``weighted_random``."""


class PoolQueue(msgspec.Struct):
    """
    Registered needs: what they ask, in which order, of whom.
    """

    needs: PoolNeeds
    order: Order
    members: set[int] | None
    """None: everybody."""
    reserved: dict[int, int] = msgspec.field(default_factory=dict)
    """Agent to the number of the last reservation through these needs."""


class Waiting(msgspec.Struct):
    """
    One call that waits.
    """

    queue: int
    priority: int
    since_ms: int


class Pool:
    """
    Choose among agents by their tags.

    An argument that is None is one that is left out.  One of a wrong type is a
    ``TypeError``, and nothing has changed.

    Args:
        uncounted: Categories whose tags do not count in the strategies that count
            tags.
        seed: Where ``random`` and ``weighted_random`` start, 0 to 2**64 - 1.

    Raises:
        PlanError: *seed* is out of range (``number_out_of_range``).
    """

    def __init__(self, *, uncounted: Iterable[str] = (), seed: int = 0) -> None:
        categories = frozenset(map(read_text, given(uncounted, ())))
        self._seed = number_in_range("seed", given(seed, 0), 0, 2**64 - 1)
        self._uncounted = categories
        self._agents: dict[int, PoolAgent] = {}
        self._agents_made = 0
        self._queues: list[PoolQueue] = []
        self._demand: dict[str, tuple[int, int]] = {}
        self._reservations = 0
        self._waiting: dict[int, Waiting] = {}
        self._tickets_made = 0

    # Agents ------------------------------------------------------------------

    def add(
        self,
        name: str,
        *,
        tags: Iterable[str] = (),
        free: bool = True,
        idle_since_ms: int = 0,
    ) -> int:
        """
        Add an agent, a member of all needs that name no members.

        Args:
            name: For people only; the pool does not compare it.
            tags: ``category:value``, with a level ``lang:pl=60`` (1-100, without
                one 100); ``sales`` means ``skill:sales``, ``*`` everything.
            free: Whether they could take a call now.
            idle_since_ms: Since when, on the caller's clock.

        Returns:
            Their handle: 0 for the first, counting up, never used twice.  It is
            also the agent order that decides between equals.

        Raises:
            PlanError: A tag is malformed (``malformed_tag``) or its level out of
                range (``level_out_of_range``).
            LimitError: There are too many agents (``pool_agents_max``) or tags of
                one agent (``tags_per_agent_max``).

        Cost: linear in the tags.
        """
        texts = read_texts(given(tags, ()))
        is_free = read_truth(free)
        since_ms = index(given(idle_since_ms, 0))
        if len(self._agents) >= limits.POOL_AGENTS_MAX:
            raise limit("pool_agents_max", limits.POOL_AGENTS_MAX)
        held = held_tags(texts)
        signed_in_range("idle_since_ms", since_ms)
        agent = self._agents_made
        self._agents_made += 1
        self._agents[agent] = PoolAgent(name, held, is_free, since_ms)
        return agent

    def remove(self, agent: int) -> None:
        """
        Remove an agent; the handle means nobody from then on.

        Raises:
            UnknownIdError: There is no such agent (``unknown_agent``).
        """
        handle = self._handle(agent)
        del self._agents[handle]
        for queue in self._queues:
            queue.reserved.pop(handle, None)
            if queue.members is not None:
                queue.members.discard(handle)

    def retag(self, agent: int, tags: Iterable[str]) -> None:
        """
        Give an agent other tags, in place of all former ones.

        Raises:
            UnknownIdError: As ``remove``.
            PlanError: As ``add``; nothing has changed.
            LimitError: As ``add``; nothing has changed.
        """
        handle, texts = index(agent), read_texts(tags)
        state = self._agent(handle)
        state.tags = held_tags(texts)

    def take(self, agent: int) -> None:
        """
        Let an agent be busy; one who is busy stays so.

        Raises:
            UnknownIdError: As ``remove``.
        """
        self._agent(agent).is_free = False

    def release(self, agent: int, idle_since_ms: int) -> None:
        """
        Let an agent be free, since then; also for one who is free already.

        Raises:
            UnknownIdError: As ``remove``.
        """
        handle, since_ms = index(agent), index(idle_since_ms)
        state = self._agent(handle)
        state.idle_since_ms = signed_in_range("idle_since_ms", since_ms)
        state.is_free = True

    def tell(
        self,
        agent: int,
        *,
        calls: int | None = None,
        talk_ms: int | None = None,
        wrap_up_ms: int | None = None,
        logged_in_ms: int | None = None,
        open_cases: int | None = None,
        weight: int | None = None,
    ) -> None:
        """
        Tell what some strategies order by; what is None stays as it was.

        Args:
            agent: The agent.
            calls: Handled calls, for ``fewest_calls``; 0 or more, as all here.
            talk_ms: Connected, for ``least_talk`` and ``least_occupied``.
            wrap_up_ms: In wrap-up, for ``least_occupied``.
            logged_in_ms: Logged in, for ``least_occupied``.
            open_cases: For ``fewest_open_cases``.
            weight: For ``weighted_random``; 1 to 1000, without it 1.

        Raises:
            UnknownIdError: As ``remove``.
            PlanError: A number is out of range (``number_out_of_range``).
        """
        handle = index(agent)
        given = {
            "calls": calls,
            "talk_ms": talk_ms,
            "wrap_up_ms": wrap_up_ms,
            "logged_in_ms": logged_in_ms,
            "open_cases": open_cases,
            "weight": weight,
        }
        told = {name: index(v) for name, v in given.items() if v is not None}
        state = self._agent(handle)
        for name, value in told.items():
            counter_in_range(name, value)
        for name, value in told.items():
            setattr(state, name, value)

    def tell_demand(self, tag: str, *, demand: int, supply: int) -> None:
        """
        Tell how much a tag is asked for, for ``opportunity_cost``.

        Args:
            tag: The tag.
            demand: Calls that required it lately, 0 or more.
            supply: Agents there who hold it, 0 or more.

        Raises:
            PlanError: The tag is malformed, or a number out of range.
        """
        text, calls, holders = read_text(tag), index(demand), index(supply)
        names = tuple(held_tags([text]).levels)
        if not names:
            raise PlanError(code="malformed_tag", message="a malformed tag")
        counter_in_range("demand", calls)
        counter_in_range("supply", holders)
        self._demand[names[0]] = (calls, holders)

    # Needs -------------------------------------------------------------------

    def needs(
        self,
        *required: str,
        any_of: Sequence[Iterable[str]] = (),
        forbidden: Iterable[str] = (),
        prefer: Mapping[str, int] | None = None,
        strategy: str = "most_specific",
        members: Iterable[int] | None = None,
    ) -> int:
        """
        Register what a kind of call asks of an agent, and the order of choice.

        Args:
            required: Tags that the agent must hold, with a least level
                ``lang:pl>=50``; of two levels of one tag the higher counts.
            any_of: Groups of tags, of each of which they must hold one.
            forbidden: Tags that they must not hold.
            prefer: Tags whose holders come first, each with its weight 1-1000.
            strategy: One of ``STRATEGIES`` (``docs/reference/rules.md``, rule 6).
            members: Agents who may be chosen; None: everybody, also later ones.

        Returns:
            A handle: 0 for the first, counting up.

        Raises:
            PlanError: A tag, level, weight or group is malformed, or there is no
                such strategy (``unknown_strategy``).
            UnknownIdError: A member is nobody (``unknown_agent``).
            LimitError: There are too many (``pool_needs_max``).

        Cost: linear in the agents, once.
        """
        texts = read_texts(required)
        groups = [read_texts(group) for group in given(any_of, ())]
        without = read_texts(given(forbidden, ()))
        weights = read_weights(given(prefer, {}))
        name = read_text(given(strategy, "most_specific"))
        named = None if members is None else {index(agent) for agent in members}
        if len(self._queues) >= limits.POOL_NEEDS_MAX:
            raise limit("pool_needs_max", limits.POOL_NEEDS_MAX)
        wanted = pool_needs(texts, groups, without, weights)
        order = make_order(name)
        for agent in sorted(named or ()):
            self._agent(agent)
        self._queues.append(PoolQueue(wanted, order, named))
        return len(self._queues) - 1

    def set_member(self, needs: int, agent: int, *, member: bool) -> None:
        """
        Put an agent among the members of needs, or take them out.

        Needs that named no members name all present agents from then on.

        Raises:
            UnknownIdError: There is no such agent or no such needs
                (``unknown_needs``).
        """
        is_member, place, named = read_truth(member), index(needs), index(agent)
        queue = self._queue(place)
        handle = self._handle(named)
        if queue.members is None:
            queue.members = set(self._agents)
        if is_member:
            queue.members.add(handle)
        else:
            queue.members.discard(handle)

    # Choosing ----------------------------------------------------------------

    def select(
        self, needs: int, *, exclude: Iterable[int] = (), draw: tuple[int, int] = (0, 0)
    ) -> int | None:
        """
        Return the free agent who would get a call.

        Args:
            needs: A handle of ``needs``.
            exclude: Agents to leave out; handles of nobody are fine.
            draw: (call sequence, offer number), for the random strategies only:
                the same draw gives the same choice.

        Returns:
            The agent's handle; None: nobody free and eligible.

        Raises:
            UnknownIdError: There are no such needs (``unknown_needs``).
        """
        ranked = self.rank(needs, 1, exclude=exclude, draw=draw)
        return ranked[0] if ranked else None

    def rank(
        self,
        needs: int,
        count: int,
        *,
        exclude: Iterable[int] = (),
        draw: tuple[int, int] = (0, 0),
    ) -> tuple[int, ...]:
        """
        Return the first so many free agents, the first choice first.

        Args:
            needs: As ``select``.
            count: How many at most; 0 or less: none.
            exclude: As ``select``.
            draw: As ``select``.
        """
        place, most = index(needs), index(count)
        left_out = {index(agent) for agent in given(exclude, ())}
        drawn = read_draw(given(draw, (0, 0)))
        queue = self._queue(place)
        for number in drawn:
            number_in_range("draw", number, 0, 2**64 - 1)
        eligible = {
            agent: state
            for agent, state in self._agents.items()
            if agent not in left_out and self._may_take(queue, agent)
        }
        ranked = queue.order.sort(Draw(self._seed, *drawn), queue, eligible, self)
        return tuple(ranked[: max(0, most)])

    def reserve(
        self, needs: int, *, exclude: Iterable[int] = (), draw: tuple[int, int] = (0, 0)
    ) -> int | None:
        """
        Select an agent and take them, in one step; arguments as ``select``.
        """
        agent = self.select(needs, exclude=exclude, draw=draw)
        if agent is not None:
            self._reservations += 1
            self._queues[index(needs)].reserved[agent] = self._reservations
            self.take(agent)
        return agent

    def reserve_many(self, needs: Iterable[int]) -> tuple[int | None, ...]:
        """
        Reserve an agent for each of several calls, one after the other.

        Raises:
            UnknownIdError: There are no such needs; nobody was reserved.
        """
        wanted = tuple(map(index, needs))
        for handle in wanted:
            self._queue(handle)
        return tuple(self.reserve(handle) for handle in wanted)

    # Waiting calls -----------------------------------------------------------

    def wait(self, needs: int, *, priority: int = 0, since_ms: int = 0) -> int:
        """
        Let a call wait.

        Args:
            needs: What it asks.
            priority: Higher first.
            since_ms: Since when it waits; earlier first.

        Returns:
            A ticket: 0 for the first, counting up; it decides between equals.

        Raises:
            UnknownIdError: There are no such needs (``unknown_needs``).
            LimitError: Too many calls wait (``pool_waiting_max``).
        """
        place = index(needs)
        higher, since = index(given(priority, 0)), index(given(since_ms, 0))
        self._queue(place)
        signed_in_range("priority", higher)
        signed_in_range("since_ms", since)
        if len(self._waiting) >= limits.POOL_WAITING_MAX:
            raise limit("pool_waiting_max", limits.POOL_WAITING_MAX)
        ticket = self._tickets_made
        self._tickets_made += 1
        self._waiting[ticket] = Waiting(place, higher, since)
        return ticket

    def leave(self, ticket: int) -> None:
        """
        Let a call wait no more.

        Raises:
            UnknownIdError: No such call waits (``unknown_ticket``).
        """
        number = index(ticket)
        if number not in self._waiting:
            raise unknown("ticket", str(ticket))
        del self._waiting[number]

    def best_waiting(self, agent: int) -> int | None:
        """
        Return the ticket of the call that an agent should take first.

        Whether the agent is free does not matter; whom the calls would prefer
        does not either.

        Raises:
            UnknownIdError: There is no such agent (``unknown_agent``).
        """
        handle = self._handle(agent)
        fitting = [
            (-call.priority, call.since_ms, ticket)
            for ticket, call in self._waiting.items()
            if self._fits(self._queues[call.queue], handle)
        ]
        return min(fitting)[2] if fitting else None

    # What the order asks -----------------------------------------------------

    def counts(self, tag: str) -> bool:
        """
        Tell whether a tag counts in the strategies that count tags.
        """
        return tag.partition(":")[0] not in self._uncounted

    def cost(self, tag: str) -> int:
        """
        Return what it costs to take an agent who holds a tag that was not asked for.
        """
        demand, supply = self._demand.get(tag, (0, 0))
        return 65536 * demand // max(1, supply)

    def _may_take(self, queue: PoolQueue, agent: int) -> bool:
        return self._agents[agent].is_free and self._fits(queue, agent)

    def _fits(self, queue: PoolQueue, agent: int) -> bool:
        is_member = queue.members is None or agent in queue.members
        return is_member and queue.needs.are_met_by(self._agents[agent].tags)

    def _handle(self, agent: int) -> int:
        handle = index(agent)
        if handle not in self._agents:
            raise unknown("agent", str(agent))
        return handle

    def _agent(self, agent: int) -> PoolAgent:
        return self._agents[self._handle(agent)]

    def _queue(self, needs: int) -> PoolQueue:
        place = index(needs)
        if not 0 <= place < len(self._queues):
            raise unknown("needs", str(needs))
        return self._queues[place]
