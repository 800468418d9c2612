"""Simulated runs: what the world does, what is counted, what never differs."""

from __future__ import annotations

import msgspec
import pytest

from skillroute.errors import UnknownIdError
from skillroute.events import AgentLoggedOut
from skillroute.plan import Plan, parse_plan
from skillroute.simulation import (
    Behaviour,
    CallRecord,
    Reaction,
    Result,
    SimulatedCall,
    explain_call,
    simulate_calls,
)

AT_ONCE = Behaviour()


def call(
    name: str, after_s: float = 0, talk_s: float = 60, **more: object
) -> SimulatedCall:
    """Make a call."""
    fields: dict[str, object] = {
        "call": name,
        "arrival_after_ms": round(after_s * 1000),
        "handling_ms": round(talk_s * 1000),
    }
    return msgspec.convert(fields | more, SimulatedCall)


def run(
    plan: Plan, *calls: SimulatedCall, behaviour: Behaviour = AT_ONCE, seed: int = 1
) -> Result:
    """Run calls on the specification."""
    return simulate_calls(plan, calls, behaviour, seed=seed, backend="python")


def record(result: Result, name: str) -> CallRecord:
    """Find one call's record."""
    (found,) = [found for found in result.calls if found.call == name]
    return found


def test_a_call_is_answered_by_the_specialist(small: Plan) -> None:
    """Else the person who can do everything is wasted on the easy calls."""
    result = run(small, call("a"))
    assert "answered" == record(result, "a").outcome
    assert "anna" == record(result, "a").answered_by
    assert ("anna",) == record(result, "a").rung


def test_an_agent_who_ignores_an_offer_is_rung_in_full(small: Plan) -> None:
    """A caller would otherwise wait for nobody."""
    behaviour = Behaviour(reactions={("a", "anna"): Reaction(kind="ignore")})
    result = run(small, call("a"), behaviour=behaviour)
    assert ("anna", "bert") == record(result, "a").rung
    assert 15_000 == record(result, "a").wait_ms
    assert 1 == result.summary.agents[0].missed


@pytest.mark.parametrize("kind", ["decline", "busy", "unreachable"])
def test_an_agent_who_refuses_is_followed_by_the_next(small: Plan, kind: str) -> None:
    """The call must go on at once, not when the ring time is over."""
    reaction = msgspec.convert({"kind": kind, "after_ms": 3_000}, Reaction)
    behaviour = Behaviour(reactions={("a", "anna"): reaction})
    result = run(small, call("a"), behaviour=behaviour)
    assert "bert" == record(result, "a").answered_by
    assert 3_000 == record(result, "a").wait_ms


def test_a_waiting_call_is_served_when_an_agent_is_free(small: Plan) -> None:
    """The line would never move."""
    result = run(small, call("a", 0, 20), call("b", 1, 90), call("c", 2, 30))
    assert "anna" == record(result, "c").answered_by
    assert 18_000 == record(result, "c").wait_ms


def test_wrap_up_keeps_an_agent_for_its_time(small: Plan) -> None:
    """Bert writes his notes for 30 s, so the third caller waits for that long."""
    busy = call("a", 0, 600), call("b", 0, 10)
    assert 35_000 == record(run(small, *busy, call("c", 5)), "c").wait_ms


def test_an_impatient_caller_hangs_up(small: Plan) -> None:
    """Patience ends while waiting only, never in a conversation."""
    calls = call("a", 0, 600), call("b", 0, 600), call("c", 0, patience_ms=7_000)
    result = run(small, *calls, call("d", 601, 100, patience_ms=5_000))
    assert ("abandoned", 7_000) == (
        record(result, "c").outcome,
        record(result, "c").wait_ms,
    )
    assert "answered" == record(result, "d").outcome


def test_a_call_that_waited_too_long_leaves_a_message(small: Plan) -> None:
    """The overflow must end the wait in the figures too."""
    calls = call("a", 0, 600), call("b", 0, 600), call("c", 0)
    result = run(small, *calls)
    ended = record(result, "c")
    assert ("voicemail", "max_wait", 60_000) == (
        ended.outcome,
        ended.overflow,
        ended.wait_ms,
    )
    assert (3, 2, 1) == (
        result.summary.total.offered,
        result.summary.total.answered,
        result.summary.total.overflowed,
    )


def test_a_call_to_an_unknown_number_is_counted(small: Plan) -> None:
    """A call that reached no queue is still a call that came in."""
    result = run(small, call("a", dialled="+12025550199"))
    assert ("overflowed", "") == (
        record(result, "a").outcome,
        record(result, "a").queue,
    )
    assert (1, 1) == (result.summary.total.offered, result.summary.total.other)


def test_a_call_nobody_can_ever_serve_ends(small: Plan) -> None:
    """A run that waits for ever would hang the terminal."""
    plan = parse_plan(
        '[site]\nname = "x"\n[queues.q]\n[numbers."+12025550100"]\nqueue = "q"\n'
    )
    result = run(plan, call("a"), behaviour=Behaviour(patience_ms_max=5_000))
    assert ("abandoned", 5_000) == (
        record(result, "a").outcome,
        record(result, "a").wait_ms,
    )
    assert small.plan_id != plan.plan_id


def test_agents_who_log_in_by_hand_are_there(small: Plan) -> None:
    """A plan with manual log-ins would answer no call at all."""
    plan = parse_plan(
        '[site]\nname = "x"\n[agents.anna]\nlogin = "manual"\n[queues.q]\n'
        '[numbers."+12025550100"]\nqueue = "q"\n'
    )
    assert "anna" == record(run(plan, call("a")), "a").answered_by
    away = Behaviour(log_in=False, patience_ms_max=5_000)
    assert "abandoned" == record(run(plan, call("a"), behaviour=away), "a").outcome
    assert "a" in {found.call for found in run(small, call("a")).calls}


def test_an_agent_confirms_on_a_mobile(small: Plan) -> None:
    """A plan whose agents have outside numbers would answer no call at all."""
    plan = parse_plan(
        '[site]\nname = "x"\n[agents.anna]\nendpoints = ["+4930123456"]\n[queues.q]\n'
        '[numbers."+12025550100"]\nqueue = "q"\n'
    )
    assert "anna" == record(run(plan, call("a")), "a").answered_by
    assert small.plan_id != plan.plan_id


def test_what_is_told_happens(small: Plan) -> None:
    """A log-out in the scenario must reach the engine at its time."""
    behaviour = Behaviour(told=((1_000, AgentLoggedOut(agent="anna")),))
    result = run(small, call("a", 2), behaviour=behaviour)
    assert "bert" == record(result, "a").answered_by


def test_equal_seeds_give_equal_runs(starter: Plan) -> None:
    """A figure that nobody can reproduce convinces nobody."""
    drawn = Behaviour(answer_ms=(500, 9_000), ignore_percent=20, decline_percent=10)
    calls = [call(f"c{n}", n * 7, 50) for n in range(40)]
    one, two = (run(starter, *calls, behaviour=drawn, seed=5) for _ in range(2))
    assert one.history == two.history
    other = run(starter, *calls, behaviour=drawn, seed=6)
    assert one.history != other.history


def test_all_backends_give_the_same_run(starter: Plan, backend_name: str) -> None:
    """A plan tried on one engine must hold on another."""
    drawn = Behaviour(answer_ms=(500, 9_000), ignore_percent=20, decline_percent=10)
    calls = [call(f"c{n}", n * 7, 50) for n in range(60)]
    here = simulate_calls(starter, calls, drawn, seed=5, backend=backend_name)
    there = simulate_calls(starter, calls, drawn, seed=5, backend="python")
    assert there.history == here.history
    assert there.calls == here.calls
    assert there.summary == here.summary


def test_figures_add_up(starter: Plan) -> None:
    """Every call is in exactly one column of the table."""
    drawn = Behaviour(answer_ms=(500, 9_000), ignore_percent=30, decline_percent=10)
    calls = [call(f"c{n}", n * 4, 70, patience_ms=40_000) for n in range(80)]
    result = run(starter, *calls, behaviour=drawn)
    total = result.summary.total
    assert 80 == total.offered == len(result.calls)
    ended = total.answered + total.abandoned + total.voicemail + total.other
    assert total.offered == ended
    assert total.offered == sum(group.offered for group in result.summary.queues)
    assert total.answered == sum(agent.answered for agent in result.summary.agents)
    assert all(a.busy_ms <= a.on_shift_ms for a in result.summary.agents)


def test_nine_in_ten_waited_no_longer_than_the_percentile(small: Plan) -> None:
    """A percentile that is off by one would flatter the site."""
    calls = [call(f"c{n}", n * 100, 1) for n in range(10)]
    behaviour = Behaviour(
        reactions={
            (f"c{n}", "anna"): Reaction(kind="answer", after_ms=(n + 1) * 1000)
            for n in range(10)
        }
    )
    total = run(small, *calls, behaviour=behaviour).summary.total
    assert (5_500, 9_000) == (total.wait_mean_ms, total.wait_p90_ms)


def test_an_answered_call_is_explained_at_its_last_offer(small: Plan) -> None:
    """The first offer says nothing of who talked to the caller in the end."""
    behaviour = Behaviour(reactions={("a", "anna"): Reaction(kind="decline")})
    result = run(small, call("a"), behaviour=behaviour)
    decision = explain_call(small, result, "a")
    assert ("offer", "bert") == (decision.next, decision.chosen)
    verdicts = {verdict.agent: verdict.verdict for verdict in decision.agents}
    assert "declined" == verdicts["anna"]


def test_a_lost_call_is_explained_just_before_it_left(small: Plan) -> None:
    """Afterwards the engine has forgotten why it waited."""
    calls = call("a", 0, 600), call("b", 0, 600), call("c", 0)
    decision = explain_call(small, run(small, *calls), "c")
    assert ("wait", "") == (decision.next, decision.chosen)
    assert {"busy"} == {verdict.verdict for verdict in decision.agents}


def test_a_call_that_is_not_in_the_run_cannot_be_explained(small: Plan) -> None:
    """A misspelt id must be said, not explained as something else."""
    with pytest.raises(UnknownIdError) as caught:
        explain_call(small, run(small, call("a")), "b")
    assert "unknown_call" == caught.value.code
