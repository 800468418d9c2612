"""
One replication, played around any engine: callers, agents and a switch.

What will happen stands in a heap by (time, rank, sequence).  Of what happens in one
millisecond the lower rank comes first: who is free is known before who is asked, who
answers before who gives up, and a caller without patience is served if anybody is free.
What can no longer happen, since its call or offer is over, is passed over.

``rust/skillroute-sim`` plays the same beside the compiled core, number for number.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from hashlib import blake2b
from heapq import heappop, heappush
from typing import Any

import msgspec

from .. import actions, events
from ..contract import OfferId, Party
from ..plan.compiled import LOGINS, WRAP_UPS, CompiledPlan, decode
from ._arrivals import arrivals
from ._compiled import CompiledClass, CompiledRetry, CompiledScenario
from ._counting import Counts, outcome_number
from ._draws import Draws, Purpose, share_of
from ._tallies import OUTCOMES, PlayedCall, Tallies

__all__ = ["play", "state_id"]

HOST = "simulator"
PAUSE_REASON = "break"

_BLOCKED = OUTCOMES.index("blocked")
_IN_PROGRESS = OUTCOMES.index("in_progress")
_ABANDONED = OUTCOMES.index("abandoned")
_TRIED_AGAIN = frozenset(
    OUTCOMES.index(name)
    for name in ("rejected", "overflowed", "hung_up", "failed", "blocked")
)
_MANUAL_WRAP_UP_MS_MAX = 1_800_000
_PERMILLE = 1000


class _Rank(enum.IntEnum):
    """
    What comes first of what happens at one instant.
    """

    TOLD = 0
    LEG_GONE = 1
    TALK_ENDS = 2
    WRAP_UP_ENDS = 3
    REACTION = 4
    JOINED = 5
    ELSEWHERE = 6
    LEAVES = 7
    COMES = 8
    DIALS = 9


class _Caller(msgspec.Struct, frozen=True):
    """
    Somebody who calls, for the first time or again.
    """

    kind: int
    number: int
    tries: int
    given: int
    """Index into the calls of the scenario; -1: drawn."""


class _Call(msgspec.Struct):
    """
    A call that the engine knows.
    """

    caller: _Caller
    arrived_ms: int
    queue: int = -1
    """The first that it entered; -1: none."""
    line: int = -1
    """The queue in whose line it stands; -1: none."""
    line_since_ms: int = 0
    served_ms: int = -1
    """When an agent, a mailbox or an outside number had it; -1: not yet."""
    agent: int = -1
    handling_ms: int = 0
    offers: int = 0


class _Ring(msgspec.Struct):
    """
    An offer, from its first ring to the end of the conversation.
    """

    call: int
    agent: int
    queue: int
    part: int
    """Which draw of the call: that of its try and offer."""
    since_ms: int
    """When it began to ring, or the conversation began."""
    talking: bool = False


def play(
    engine_class: Any,
    plan: bytes,
    scenario: CompiledScenario,
    replication: int,
    *,
    keep_calls: bool = False,
) -> Tallies:
    """
    Play one replication of a scenario.

    Args:
        engine_class: ``Engine`` of any backend.
        plan: A compiled plan.
        scenario: A sound scenario.
        replication: 0 or more.
        keep_calls: Also return each call.

    Returns:
        What was counted.
    """
    site = decode(plan)
    played = _Played(
        engine_class(plan), site, scenario, replication, keep_calls=keep_calls
    )
    return played.run(replication)


class _Played:
    """
    The world of one replication.
    """

    def __init__(
        self,
        engine: Any,
        plan: CompiledPlan,
        scenario: CompiledScenario,
        replication: int,
        *,
        keep_calls: bool,
    ) -> None:
        self._engine = engine
        self._plan = plan
        self._scenario = scenario
        self._draws = Draws(scenario, replication)
        self._counts = Counts(plan, scenario, keep_calls=keep_calls)
        self._agents = {agent.id: number for number, agent in enumerate(plan.agents)}
        self._queues = {queue.name: number for number, queue in enumerate(plan.queues)}
        named = dict(scenario.agents)
        self._groups = [named.get(agent.id, 0) for agent in plan.agents]
        self._heap: list[tuple[int, int, int, tuple[Any, ...]]] = []
        self._pushed = 0
        self._events = 0
        self._numbers = [0] * len(scenario.classes)
        self._calls: dict[int, _Call] = {}
        self._arrived = 0
        self._rings: dict[OfferId, _Ring] = {}
        self._lines_taken = 0
        # Sources with calls to come, callers in the menu or about to try again, calls.
        self._open = 0
        self._tell()
        self._sources = [
            self._given(),
            *(
                self._drawn(index, arrivals(scenario, index, self._draws))
                for index in range(len(scenario.classes))
            ),
        ]
        for source in range(len(self._sources)):
            self._dial_next(source)

    def run(self, replication: int) -> Tallies:
        """
        Play until no call is open, or the time is over.
        """
        start_ms = self._scenario.start_ms
        end_ms = self._scenario.length_ms + self._scenario.drain_ms
        self._react(self._engine.advance(start_ms), 0)
        while self._open:
            next_ms = self._heap[0][0] if self._heap else end_ms
            deadline_ms = self._engine.next_deadline_ms
            timer_ms = end_ms if deadline_ms is None else deadline_ms - start_ms
            if min(timer_ms, next_ms) >= end_ms:
                break
            # What a timer ends at an instant can no longer happen at it.
            if timer_ms <= next_ms:
                self._events += 1
                done = self._engine.advance(start_ms + timer_ms)
                self._react(done, timer_ms)
            else:
                _, _, _, happening = heappop(self._heap)
                event = self._event(happening, next_ms)
                if event is not None:
                    self._events += 1
                    done = self._engine.handle(event, start_ms + next_ms)
                    self._react(done, next_ms)
        self._close()
        state = state_id(self._engine.snapshot())
        return self._counts.tallies(replication, self._events, state)

    # What is known beforehand

    def _tell(self) -> None:
        """
        Note log-ins and breaks.
        """
        if self._scenario.log_in:
            for number, agent in enumerate(self._plan.agents):
                if LOGINS[agent.login] == "manual":
                    self._push(0, _Rank.TOLD, ("log in", number))
        for one in self._scenario.breaks:
            number = self._agents.get(one.agent, -1)
            if number >= 0 and self._is_ever_there(number):
                self._push(one.from_after_ms, _Rank.TOLD, ("pause", number))
                self._push(one.until_after_ms, _Rank.TOLD, ("resume", number))
                self._counts.paused(number, one.from_after_ms, one.until_after_ms)

    def _is_ever_there(self, agent: int) -> bool:
        """
        Tell whether an agent logs in; who does not has no breaks.
        """
        is_manual = LOGINS[self._plan.agents[agent].login] == "manual"
        return self._scenario.log_in or not is_manual

    def _given(self) -> Iterator[tuple[int, int, int]]:
        """
        Yield the calls whose arrival is given: (when, class, which).
        """
        for number, call in enumerate(self._scenario.calls):
            if call.arrival_after_ms < self._scenario.length_ms:
                yield call.arrival_after_ms, call.kind, number

    def _drawn(
        self, index: int, times_ms: Iterator[int]
    ) -> Iterator[tuple[int, int, int]]:
        """
        Yield the calls of a class: (when, class, none is given).
        """
        for at_ms in times_ms:
            yield at_ms, index, -1

    def _dial_next(self, source: int) -> None:
        """
        Note the next call of a source; there may be none.
        """
        found = next(self._sources[source], None)
        if found is not None:
            at_ms, kind, given = found
            self._open += 1
            happening = ("dial", source, kind, given)
            heappush(self._heap, (at_ms, _Rank.DIALS, source, happening))

    def _push(self, at_ms: int, rank: _Rank, happening: tuple[Any, ...]) -> None:
        self._pushed += 1
        heappush(self._heap, (at_ms, rank, self._pushed, happening))

    # What happens

    def _event(self, happening: tuple[Any, ...], now_ms: int) -> events.Event | None:
        """
        Return what to tell the engine; None: nothing.
        """
        match happening:
            case ("dial", source, kind, given):
                return self._dial(source, kind, given, now_ms)
            case ("try again", caller):
                self._open -= 1
                return self._ring_up(caller, now_ms)
            case ("come", caller):
                self._open -= 1
                return self._arrive(caller, now_ms)
            case ("leave", call):
                return self._leave(call)
            case ("accept", offer):
                here = offer in self._rings
                return events.OfferAccepted(offer=offer) if here else None
            case ("decline", offer):
                return self._decline(offer, now_ms)
            case ("press", offer, digit):
                here = offer in self._rings
                return events.OfferConfirmed(offer=offer, digit=digit) if here else None
            case ("join", offer):
                return self._join(offer, now_ms)
            case ("talk ends", offer):
                return self._talk_ends(offer, now_ms)
            case ("wrap-up ends", agent):
                return events.WrapUpEnded(agent=self._plan.agents[agent].id)
            case ("cancelled", offer):
                return events.OfferCancelled(offer=offer)
            case ("released", offer):
                return events.AgentHungUp(offer=offer)
            case ("message ends", call):
                length_ms = self._scenario.message_ms
                return (
                    events.VoicemailLeft(call=_id(call), length_ms=length_ms)
                    if call in self._calls
                    else None
                )
            case ("outside answers", call):
                here = call in self._calls
                return events.ForwardAnswered(call=_id(call)) if here else None
            case ("outside ends", call):
                here = call in self._calls
                return events.CallerHungUp(call=_id(call)) if here else None
            case ("pause", agent):
                id = self._plan.agents[agent].id
                return events.AgentPaused(agent=id, reason=PAUSE_REASON)
            case ("resume", agent):
                return events.AgentResumed(agent=self._plan.agents[agent].id)
            case _:
                return events.AgentLoggedIn(agent=self._plan.agents[happening[1]].id)

    def _dial(
        self, source: int, kind: int, given: int, now_ms: int
    ) -> events.Event | None:
        self._open -= 1
        caller = _Caller(kind, self._numbers[kind], 1, given)
        self._numbers[kind] += 1
        self._dial_next(source)
        return self._ring_up(caller, now_ms)

    def _ring_up(self, caller: _Caller, now_ms: int) -> events.Event | None:
        """
        Somebody dials: there may be no line, and there may be a menu first.
        """
        lines = self._scenario.lines
        if lines is not None and self._lines_taken >= lines:
            self._counts.call_over(
                PlayedCall(
                    kind=caller.kind,
                    number=caller.number,
                    tries=caller.tries,
                    arrived_after_ms=now_ms,
                    queue=-1,
                    outcome=_BLOCKED,
                    wait_ms=0,
                    handling_ms=0,
                    agent=-1,
                    offers=0,
                )
            )
            self._try_again(caller, _BLOCKED, now_ms)
            return None
        self._lines_taken += 1
        menu = self._kind(caller).menu
        if menu is None:
            return self._arrive(caller, now_ms)
        menu_ms = self._length(menu, Purpose.MENU, caller, caller.tries)
        self._open += 1
        self._push(now_ms + menu_ms, _Rank.COMES, ("come", caller))
        return None

    def _arrive(self, caller: _Caller, now_ms: int) -> events.Event:
        self._arrived += 1
        self._open += 1
        self._calls[self._arrived] = _Call(caller, now_ms)
        patience_ms = self._patience_ms(caller)
        if patience_ms is not None:
            leaves_ms = now_ms + patience_ms
            self._push(leaves_ms, _Rank.LEAVES, ("leave", self._arrived))
        kind = self._kind(caller)
        return events.CallArrived(
            call=_id(self._arrived),
            host=HOST,
            caller=self._party(kind, caller),
            dialled=kind.dialled,
            needs=kind.needs,
            priority=kind.priority,
        )

    def _leave(self, number: int) -> events.Event | None:
        call = self._calls.get(number)
        if call is None or call.served_ms >= 0:
            return None
        return events.CallerHungUp(call=_id(number))

    def _decline(self, offer: OfferId, now_ms: int) -> events.Event | None:
        ring = self._rings.pop(offer, None)
        if ring is None:
            return None
        self._counts.rang(ring.agent, ring.since_ms, now_ms)
        self._counts.agent(ring.agent, now_ms).declined += 1
        return events.OfferDeclined(offer=offer)

    def _join(self, offer: OfferId, now_ms: int) -> events.Event | None:
        ring = self._rings.get(offer)
        if ring is None:
            return None
        call = self._calls[ring.call]
        self._counts.rang(ring.agent, ring.since_ms, now_ms)
        self._counts.agent(ring.agent, now_ms).answered += 1
        ring.talking, ring.since_ms = True, now_ms
        call.served_ms, call.agent = now_ms, ring.agent
        call.handling_ms = self._handling_ms(call.caller, ring.agent)
        ends_ms = now_ms + call.handling_ms
        self._push(ends_ms, _Rank.TALK_ENDS, ("talk ends", offer))
        return events.CallConnected(offer=offer)

    def _talk_ends(self, offer: OfferId, now_ms: int) -> events.Event | None:
        ring = self._rings.pop(offer, None)
        if ring is None:
            return None
        self._counts.talked(ring.agent, ring.since_ms, now_ms)
        self._wrap_up(ring, now_ms)
        return events.AgentHungUp(offer=offer)

    def _wrap_up(self, ring: _Ring, now_ms: int) -> None:
        """
        Count the wrap-up after a conversation; the agent may end it before the plan.
        """
        agent, queue = self._plan.agents[ring.agent], self._plan.queues[ring.queue]
        kind = queue.wrap_up if agent.wrap_up is None else agent.wrap_up
        own_ms, length_ms = agent.wrap_up_ms, queue.wrap_up_ms
        if WRAP_UPS[kind] == "manual":
            length_ms = min(length_ms or _MANUAL_WRAP_UP_MS_MAX, _MANUAL_WRAP_UP_MS_MAX)
            own_ms = None if own_ms is None else min(own_ms, _MANUAL_WRAP_UP_MS_MAX)
        length_ms = length_ms if own_ms is None else own_ms
        table = self._scenario.groups[self._groups[ring.agent]].wrap_up
        # With several units nobody could say which wrap-up it is that ends.
        may_end = WRAP_UPS[kind] != "fixed" and agent.units == 1
        if table is not None and may_end:
            caller = self._calls[ring.call].caller
            drawn_ms = self._length(table, Purpose.WRAP_UP, caller, 0)
            if drawn_ms < length_ms:
                length_ms = drawn_ms
                happening = ("wrap-up ends", ring.agent)
                self._push(now_ms + length_ms, _Rank.WRAP_UP_ENDS, happening)
        until_ms = now_ms + length_ms
        self._counts.wrapped_up(ring.agent, ring.queue, now_ms, until_ms)

    # What the engine orders

    def _react(self, ordered: tuple[actions.Action, ...], now_ms: int) -> None:
        """
        Carry out the engine's orders.
        """
        for action in ordered:
            match action:
                case actions.StartWaiting(call=id, queue=name):
                    self._wait(_number(id), self._queues[name], now_ms)
                case actions.OfferCall():
                    self._offer(action, now_ms)
                case actions.BridgeCall(offer=offer):
                    self._bridge(offer, now_ms)
                case actions.CancelOffer(offer=offer, reason=reason):
                    self._cancel(offer, reason, now_ms)
                case actions.ReleaseLeg(offer=offer):
                    self._release(offer, now_ms)
                case actions.ConfirmOffer(offer=offer, digit=digit):
                    self._push(now_ms, _Rank.REACTION, ("press", offer, digit))
                case actions.RecordResult(call=id, queue=name):
                    self._leave_line(_number(id), self._queues[name], now_ms)
                case actions.RecordOutcome(call=id, outcome=outcome):
                    self._end(_number(id), outcome, now_ms)
                case actions.SendToVoicemail(call=id):
                    self._calls[_number(id)].served_ms = now_ms
                    ends_ms = now_ms + self._scenario.message_ms
                    happening = ("message ends", _number(id))
                    self._push(ends_ms, _Rank.ELSEWHERE, happening)
                case actions.ForwardCall(call=id):
                    self._calls[_number(id)].served_ms = now_ms
                    ends_ms = now_ms + self._scenario.forwarded_ms
                    answers, ends = "outside answers", "outside ends"
                    self._push(now_ms, _Rank.ELSEWHERE, (answers, _number(id)))
                    self._push(ends_ms, _Rank.ELSEWHERE, (ends, _number(id)))

    def _wait(self, number: int, queue: int, now_ms: int) -> None:
        call = self._calls[number]
        call.line, call.line_since_ms = queue, now_ms
        if call.queue < 0:
            call.queue = queue

    def _leave_line(self, number: int, queue: int, now_ms: int) -> None:
        """
        End a visit; of a queue that the call never stood in, if that did not take it.
        """
        call = self._calls[number]
        if call.queue < 0:
            call.queue = queue
        if call.line >= 0:
            self._counts.in_line(call.line, call.line_since_ms, now_ms)
            call.line = -1

    def _offer(self, order: actions.OfferCall, now_ms: int) -> None:
        number, agent = _number(order.call), self._agents[order.agent]
        call = self._calls[number]
        call.offers += 1
        caller = call.caller
        part = (caller.tries << 32) + call.offers
        self._rings[order.offer] = _Ring(
            number, agent, self._queues[order.queue], part, now_ms
        )
        self._counts.agent(agent, now_ms).offers += 1
        group = self._scenario.groups[self._groups[agent]]
        chance = self._permille(Purpose.ANSWER, caller, part)
        answers = chance < group.answer_permille
        if answers or chance < group.answer_permille + group.decline_permille:
            after_ms = self._length(group.answer, Purpose.RING, caller, part)
            happening = ("accept" if answers else "decline", order.offer)
            # At its end the engine has given up: no later reaction matters.
            if after_ms < order.ring_ms:
                self._push(now_ms + after_ms, _Rank.REACTION, happening)

    def _bridge(self, offer: OfferId, now_ms: int) -> None:
        ring = self._rings[offer]
        table = self._scenario.groups[self._groups[ring.agent]].connect
        caller = self._calls[ring.call].caller
        after_ms = self._length(table, Purpose.CONNECT, caller, ring.part)
        self._push(now_ms + after_ms, _Rank.JOINED, ("join", offer))

    def _cancel(self, offer: OfferId, reason: str, now_ms: int) -> None:
        ring = self._rings.pop(offer, None)
        if ring is not None:
            self._counts.rang(ring.agent, ring.since_ms, now_ms)
            if reason == "ring_timeout":
                self._counts.agent(ring.agent, now_ms).missed += 1
        gone_ms = now_ms + self._scenario.release_ms
        self._push(gone_ms, _Rank.LEG_GONE, ("cancelled", offer))

    def _release(self, offer: OfferId, now_ms: int) -> None:
        ring = self._rings.pop(offer, None)
        if ring is not None:
            self._counts.rang(ring.agent, ring.since_ms, now_ms)
        gone_ms = now_ms + self._scenario.release_ms
        self._push(gone_ms, _Rank.LEG_GONE, ("released", offer))

    def _end(self, number: int, outcome: str, now_ms: int) -> None:
        call = self._calls.pop(number)
        self._open -= 1
        self._lines_taken -= 1
        self._count(call, outcome_number(outcome), now_ms)
        self._try_again(call.caller, outcome_number(outcome), now_ms)

    def _try_again(self, caller: _Caller, outcome: int, now_ms: int) -> None:
        """
        Let a caller who was not served call again, perhaps.
        """
        retry = self._kind(caller).retry
        if retry is None or caller.tries >= retry.tries_max:
            return
        chance = self._permille(Purpose.RETRY, caller, caller.tries)
        if chance < _retry_permille(retry, outcome):
            delay_ms = self._length(
                retry.delay, Purpose.RETRY_DELAY, caller, caller.tries
            )
            if now_ms + delay_ms < self._scenario.length_ms:
                again = msgspec.structs.replace(caller, tries=caller.tries + 1)
                self._open += 1
                self._push(now_ms + delay_ms, _Rank.COMES, ("try again", again))

    # The end

    def _close(self) -> None:
        """
        Count what is still going on.
        """
        end_ms = self._scenario.length_ms
        for ring in self._rings.values():
            count = self._counts.talked if ring.talking else self._counts.rang
            count(ring.agent, ring.since_ms, end_ms)
        for number in sorted(self._calls):
            call = self._calls[number]
            if call.line >= 0:
                self._counts.in_line(call.line, call.line_since_ms, end_ms)
            self._count(call, _IN_PROGRESS, end_ms)

    def _count(self, call: _Call, outcome: int, now_ms: int) -> None:
        caller = call.caller
        until_ms = now_ms if call.served_ms < 0 else call.served_ms
        self._counts.call_over(
            PlayedCall(
                kind=caller.kind,
                number=caller.number,
                tries=caller.tries,
                arrived_after_ms=call.arrived_ms,
                queue=call.queue,
                outcome=outcome,
                wait_ms=max(0, until_ms - call.arrived_ms),
                handling_ms=call.handling_ms,
                agent=call.agent,
                offers=call.offers,
            )
        )

    # Draws

    def _kind(self, caller: _Caller) -> CompiledClass:
        return self._scenario.classes[caller.kind]

    def _length(self, table: int, purpose: Purpose, caller: _Caller, part: int) -> int:
        return self._draws.length(table, purpose, caller.kind, caller.number, part)

    def _permille(self, purpose: Purpose, caller: _Caller, part: int) -> int:
        word = self._draws.word(purpose, caller.kind, caller.number, part)
        return share_of(_PERMILLE, word)

    def _patience_ms(self, caller: _Caller) -> int | None:
        """
        Return how long somebody waits; None: for ever.
        """
        if caller.given >= 0:
            return self._scenario.calls[caller.given].patience_ms
        table = self._kind(caller).patience
        if table is None:
            return None
        return self._length(table, Purpose.PATIENCE, caller, caller.tries)

    def _handling_ms(self, caller: _Caller, agent: int) -> int:
        if caller.given >= 0:
            given_ms = self._scenario.calls[caller.given].handling_ms
            if given_ms is not None:
                return given_ms
        kind, group = self._kind(caller), self._groups[agent]
        by_group = kind.handling_by_group
        own = by_group[group] if group < len(by_group) else None
        table = kind.handling if own is None else own
        return self._length(table, Purpose.HANDLING, caller, 0)

    def _party(self, kind: CompiledClass, caller: _Caller) -> Party:
        """
        Make the caller's number; it is the same in every try.
        """
        if not kind.caller_prefix and not kind.caller_digits:
            return Party(kind="anonymous", number="")
        digits = kind.caller_digits
        word = self._draws.word(Purpose.CALLER, caller.kind, caller.number)
        drawn = f"{share_of(10**digits, word):0{digits}}" if digits else ""
        number = kind.caller_prefix + drawn
        outside = number.startswith("+")
        return Party(kind="e164" if outside else "extension", number=number)


def state_id(snapshot: bytes) -> str:
    """
    Return what a state is compared by.
    """
    return blake2b(snapshot, digest_size=16).hexdigest()


def _retry_permille(retry: CompiledRetry, outcome: int) -> int:
    if outcome == _ABANDONED:
        return retry.abandoned_permille
    return retry.blocked_permille if outcome in _TRIED_AGAIN else 0


def _id(call: int) -> str:
    return f"c{call}"


def _number(id: str) -> int:
    return int(id[1:])
