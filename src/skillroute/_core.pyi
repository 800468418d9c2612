__all__ = ["Engine", "Pool", "run_replication"]

from collections.abc import Iterable, Mapping, Sequence
from typing import final, overload

from .actions import Action
from .decisions import AgentDecision, AgentQuery, Decision, ExplainQuery
from .errors import EventRefusedError
from .events import Event

def run_replication(
    plan: bytes, scenario: bytes, replication: int, keep_calls: bool
) -> tuple[bytes, bytes]:
    """
    Play one replication of a scenario; the interpreter is released meanwhile.

    Use ``skillroute.simulation.run_replication``, which checks the scenario.

    Args:
        plan: A compiled plan.
        scenario: A compiled scenario that is sound.
        replication: 0 or more.
        keep_calls: Also return each call.

    Returns:
        (``Tallies`` in MessagePack, the engine's last snapshot).

    Raises:
        PlanError: As for ``Engine``.
        ValueError: *scenario* is no compiled scenario.
    """

@final
class Engine:
    """
    Decide who gets a call.

    One thread at a time: a second one is refused with ``EngineBusyError``, never made
    to wait. After a bug of ours the engine refuses everything with
    ``EngineBugError``; restore it from a snapshot.
    """

    def __new__(cls, plan: bytes) -> Engine:
        """
        Make the engine of a compiled plan.

        Args:
            plan: ``Plan.compiled``.

        Raises:
            PlanError: *plan* is no compiled plan (``plan_malformed``), or one of
                another layout (``plan_format``).

        Cost: linear in the plan.
        """

    @classmethod
    def restore(cls, plan: bytes, snapshot: bytes) -> Engine:
        """
        Make an engine of a snapshot.

        Args:
            plan: The same bytes that the engine of the snapshot had.
            snapshot: What ``snapshot`` gave.

        Raises:
            JournalError: *snapshot* is none of this plan (``snapshot_malformed``).
            PlanError: As for ``Engine``.

        Cost: linear in the plan and the state.
        """

    def handle(self, event: Event, now_ms: int) -> tuple[Action, ...]:
        """
        Tell the engine what happened.

        Args:
            event: What happened.
            now_ms: When, epoch milliseconds on the engine's clock; never less than
                before.

        Returns:
            Orders, in the order in which to carry them out: first those of the
            timers that were due, then those of the event.

        Raises:
            EventRefusedError: The event was refused (see its classes and the table
                of codes); ``actions`` has the orders of the timers.
            TypeError: *event* is no event, or a field has a wrong type.

        Cost: a logarithm of the agents, waiting calls and timers; a step for every 64
        different sets of tags that agents hold.
        """

    def advance(self, now_ms: int) -> tuple[Action, ...]:
        """
        Tell the engine that time has passed: fire the timers that are due.

        Args:
            now_ms: Epoch milliseconds on the engine's clock.

        Returns:
            Orders of the timers that fired.

        Raises:
            IllegalEventError: Time went backwards (``time_went_back``) or is no time
                (``time_out_of_range``).
        """

    def handle_many(
        self, events: Iterable[tuple[Event, int]]
    ) -> tuple[tuple[Action, ...] | EventRefusedError, ...]:
        """
        Handle events one after another, the interpreter released.

        Args:
            events: Pairs of (event, now_ms). All are read before the first is
                handled.

        Returns:
            One element an event: its orders, or the refusal that ``handle`` would
            have raised; a refusal does not stop the rest.

        Raises:
            TypeError: As for ``handle``; the events before it are handled.
        """

    def replay(self, frames: bytes) -> int:
        """
        Handle recorded events without giving their orders again.

        The interpreter is released meanwhile.

        Args:
            frames: One after another, each a length (four bytes, big end first) and
                that many bytes of MessagePack ``[now_ms, event]``.

        Returns:
            How many frames there were; refused events count too.

        Raises:
            JournalError: A frame cannot be read (``frame_malformed``), or names a plan
                that ``add_plan`` was not given (``plan_missing``); those before it are
                applied, ``where`` is its number from 0.
        """

    def reload(self, plan: bytes, now_ms: int) -> tuple[Action, ...]:
        """
        Go on under another plan.

        The same as ``PlanReloaded`` with the plan's id, once ``add_plan`` was given
        the plan: that is what a journal records.

        Args:
            plan: A compiled plan.
            now_ms: When, epoch milliseconds on the engine's clock.

        Returns:
            Orders: those of the timers that were due, then what is withdrawn and what
            is offered now.

        Raises:
            PlanError: As for ``Engine``; no time has passed.
            IllegalEventError: Time went backwards, or is no time.

        Cost: linear in the plan, the calls and the offers.
        """

    def add_plan(self, plan: bytes) -> str:
        """
        Let ``PlanReloaded`` name a plan, as in a journal that is replayed.

        Args:
            plan: A compiled plan; it is kept as long as the engine.

        Returns:
            Its id (``Plan.plan_id``).

        Raises:
            PlanError: As for ``Engine``.

        Cost: linear in the plan.
        """

    @property
    def next_deadline_ms(self) -> int | None:
        """
        When ``advance`` is needed next, epoch milliseconds; None: never.
        """

    @overload
    def explain(self, query: ExplainQuery) -> Decision:
        """
        Say why a call goes where it goes, or why an agent has none; changes nothing.

        Args:
            query: A call that the engine knows or one that would arrive; or an agent.

        Returns:
            The whole decision, with a verdict for every agent; or of the agent, with
            what is wrong with every waiting call.

        Raises:
            EventRefusedError: The call or an agent is unknown, the arrival is
                malformed, or the instant lies in the past.
            TypeError: *query* is no query, or a field has a wrong type.

        Cost: linear in the agents judged if nothing is supposed and no timer is due;
        else linear in the plan and the state too, of which it makes a copy.
        """

    @overload
    def explain(self, query: AgentQuery) -> AgentDecision: ...
    def snapshot(self) -> bytes:
        """
        Return all logical state: equal states give equal bytes.

        Cost: linear in the state.
        """

@final
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

    def __new__(cls, *, uncounted: Iterable[str] = (), seed: int = 0) -> Pool: ...
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

    def remove(self, agent: int) -> None:
        """
        Remove an agent; the handle means nobody from then on.

        Raises:
            UnknownIdError: There is no such agent (``unknown_agent``).
        """

    def retag(self, agent: int, tags: Iterable[str]) -> None:
        """
        Give an agent other tags, in place of all former ones.

        Raises:
            UnknownIdError: As ``remove``.
            PlanError: As ``add``; nothing has changed.
            LimitError: As ``add``; nothing has changed.
        """

    def take(self, agent: int) -> None:
        """
        Let an agent be busy; one who is busy stays so.

        Raises:
            UnknownIdError: As ``remove``.
        """

    def release(self, agent: int, idle_since_ms: int) -> None:
        """
        Let an agent be free, since then; also for one who is free already.

        Raises:
            UnknownIdError: As ``remove``.
        """

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

    def set_member(self, needs: int, agent: int, *, member: bool) -> None:
        """
        Put an agent among the members of needs, or take them out.

        Needs that named no members name all present agents from then on.

        Raises:
            UnknownIdError: There is no such agent or no such needs
                (``unknown_needs``).
        """

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

    def reserve(
        self, needs: int, *, exclude: Iterable[int] = (), draw: tuple[int, int] = (0, 0)
    ) -> int | None:
        """
        Select an agent and take them, in one step; arguments as ``select``.
        """

    def reserve_many(self, needs: Iterable[int]) -> tuple[int | None, ...]:
        """
        Reserve an agent for each of several calls, one after the other.

        Raises:
            UnknownIdError: There are no such needs; nobody was reserved.
        """

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

    def leave(self, ticket: int) -> None:
        """
        Let a call wait no more.

        Raises:
            UnknownIdError: No such call waits (``unknown_ticket``).
        """

    def best_waiting(self, agent: int) -> int | None:
        """
        Return the ticket of the call that an agent should take first.

        Whether the agent is free does not matter; whom the calls would prefer
        does not either.

        Raises:
            UnknownIdError: There is no such agent (``unknown_agent``).
        """
