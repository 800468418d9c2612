"""Facts about other systems, each as its users would find it here, on every engine."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from skillroute.actions import CancelOffer, RecordResult, ReleaseLeg
from skillroute.contract import PreferredAgent
from skillroute.events import (
    AgentLoggedOut,
    AgentOccupied,
    AgentPaused,
    CallerHungUp,
    OfferAccepted,
    OfferFailed,
    OfferRedirected,
)

from .peers import Case, Centre, Check, agent, queue, step, table

CASES_MIN = 48

# Cases that are not run, each with the reason.
_PENALTIES = "tiers are steps and only ever let in more agents: no range of numbers"
_SIGNATURE = "signatures of webhooks are a matter of the plugin for that switch"
_TRANSFER = "transfers are not carried out yet"
_LOG = "logs of other systems are read by an importer, not by the engine"
NOT_RUN = {
    "ast-order-001": "a call cannot ask for a place in the line",
    "ast-penalty-002": "an agent's priority for a queue is written in the plan alone",
    "ast-inuse-001": "an agent on a call is rung by no queue, and a pause is for all",
    "ast-wrapup-001": "wrap-up holds for the agent in all queues",
    "ast-transfer-caller_attended": _TRANSFER,
    "ast-transfer-caller_blind": _TRANSFER,
    "ast-prule-002": _PENALTIES,
    "ast-prule-003": _PENALTIES,
    "ast-strat-004": "a preference holds in queues of every size",
    "qlog-001": _LOG,
    "qlog-002": _LOG,
    "fs-tier-004": "the first tier opens at once, as the case's own note says",
    "fs-order-003": "at the last instant of its wrap-up an agent is free (rule 1.2)",
    "twilio-sig-001": _SIGNATURE,
    "twilio-sig-002": _SIGNATURE,
    "twilio-sig-003": _SIGNATURE,
    "twilio-sig-004": _SIGNATURE,
    "twilio-sig-005": _SIGNATURE,
    "twilio-sig-006": _SIGNATURE,
    "twilio-sig-007": _SIGNATURE,
    "twilio-order-001": "levels are added up, the higher first: no list of keys",
    "ru-num-001": "tables of numbering ranges are no part of the library",
}


def test_case_turns_out_alike(
    backend: SimpleNamespace, shared: Path, checked: tuple[str, Check]
) -> None:
    """Whoever comes from another system would be surprised by their own calls."""
    id, check = checked
    (case,) = (case for case in cases(shared) if case["id"] == id)
    check(Centre(backend), case)


def test_every_case_is_run_or_named(shared: Path) -> None:
    """A case that is neither would be passed over in silence."""
    every = [case["id"] for case in cases(shared)]
    assert sorted(every) == sorted({*CHECKS, *NOT_RUN})
    assert set() == CHECKS.keys() & NOT_RUN.keys()
    assert len(every) >= CASES_MIN


def cases(shared: Path) -> list[Case]:
    """Read the cases."""
    text = (shared / "cases" / "peer_cases.json").read_text("utf-8")
    listed: list[Case] = json.loads(text)["cases"]
    return listed


# Rings and ends ---------------------------------------------------------------


def check_ring_all(centre: Centre, case: Case) -> None:
    """Ring whoever is there, twice at most, and give the call up in time."""
    rules, expected = case["queue"], case["expected"]
    centre.open(
        *(agent(one["name"]) for one in case["agents"]),
        queue(
            "desk",
            strategy=rules["strategy"],
            ring_s=rules["ring_timeout_s"],
            retry_after_s=rules["retry_s"],
            max_wait_s=rules["max_wait_s"],
            overflow="hangup",
        ),
    )
    for one in case["agents"]:
        if one["state"] == "paused":
            centre.tell(0, AgentPaused(agent=one["name"]))
    centre.call(0)
    assert expected["offered"] == centre.offered()
    centre.pass_time(expected["leaves_at_s"] - 0.001)
    assert [] == results(centre)
    centre.pass_time(expected["leaves_at_s"])
    assert ["overflowed:max_wait"] == results(centre)


def check_penalty_out_of_range(centre: Centre, case: Case) -> None:
    """Ring nobody who comes in only after the call has left."""
    (one,) = case["agents"]
    assert one["penalty"] > case["rule"]["max_penalty"]
    members = table("[[queues.desk.members]]", agents=[one["name"]], delay_s=3600)
    max_wait_s = case["queue"]["max_wait_s"]
    centre.open(agent(one["name"]), queue("desk", members, max_wait_s=max_wait_s))
    centre.call(0)
    assert case["expected"]["offered"] == centre.offered()
    centre.pass_time(max_wait_s)
    assert ["overflowed:max_wait"] == results(centre)


def check_redirects(centre: Centre, case: Case) -> None:
    """Follow a device to another place; one that leads nowhere is cancelled or over."""
    names = [one["name"] for one in case["agents"]]
    devices = [{"address": "PJSIP/1", "follow": True}]
    centre.open(
        *(agent(name, endpoints=devices) for name in names),
        queue("desk", strategy="ring_all", ring_s=case["queue"]["ring_timeout_s"]),
    )
    centre.call(0)
    assert names == centre.offered()
    centre.tell(0, OfferRedirected(offer=1, target="PJSIP/other_place"))
    assert not any(isinstance(order, CancelOffer) for order in centre.orders)
    centre.tell(0, OfferFailed(offer=2, code="unreachable"))
    orders = centre.tell(1, OfferAccepted(offer=1, endpoint="PJSIP/other_place"))
    assert [names[0]] == [o.agent for o in orders if type(o).__name__ == "BridgeCall"]


def check_pulled_out(centre: Centre, case: Case) -> None:
    """Release the agent of a caller who was taken elsewhere."""
    centre.open(agent(case["expected"]["agent_released"]), queue("desk"))
    call = centre.call(0)
    centre.answer(1)
    orders = centre.tell(9, CallerHungUp(call=call))
    released = [order.agent for order in orders if isinstance(order, ReleaseLeg)]
    assert [case["expected"]["agent_released"]] == released


def results(centre: Centre) -> list[str]:
    """List the results of visits among the last orders."""
    return [one.result for one in centre.orders if isinstance(one, RecordResult)]


# Wrap-up and pauses -------------------------------------------------------------


def check_wrap_up_is_shared(centre: Centre, case: Case) -> None:
    """Spare an agent in every queue for as long as they work after a call."""
    wrap_up_s = min(case["queue"]["wrapup_s"], 3600)
    centre.open(
        *(agent(one["name"]) for one in case["agents"]),
        *(
            queue(name, strategy="in_order", wrap_up_s=wrap_up_s)
            for name in case["queue"]["queues"]
        ),
    )
    at_s, served = 0.0, []
    for call in case["calls"]:
        id = centre.call(at_s, call["queue"])
        served.append(centre.answer(at_s))
        at_s += call["talk_s"]
        centre.tell(at_s, CallerHungUp(call=id))
        at_s += call["gap_s"]
    assert case["expected"]["answered_by"] == served


def check_own_wrap_up(centre: Centre, case: Case) -> None:
    """Let an agent's own wrap-up go before the queue's; the first three are strict."""
    agents = {one["name"]: one.get("wrapup_s") for one in case["agents"]}
    centre.open(
        *(
            agent(name) if own_s is None else agent(name, wrap_up_s=own_s)
            for name, own_s in agents.items()
        ),
        queue("desk", strategy="in_order", wrap_up_s=case["queue"]["wrapup_s"]),
    )
    at_s, served = 0, []
    for call in case["calls"][:3]:
        at_s += int(call["at_s"])
        id = centre.call(at_s)
        served.append(centre.answer(at_s))
        centre.tell(at_s, CallerHungUp(call=id))
    assert case["expected"]["answered_by"][:3] == served


def check_pause_reason(centre: Centre, case: Case) -> None:
    """Say why somebody is on a break."""
    expected, (pause,) = case["expected"]["status"], case["steps"]
    centre.open(agent(expected["agent"]), queue("desk"))
    centre.tell(0, AgentPaused(agent=pause["pause"], reason=pause["reason"]))
    (verdict,) = centre.explain(1).agents
    assert f"paused:{expected['reason']}" == verdict.verdict


def check_counts(centre: Centre, case: Case) -> None:
    """Count who is busy as there, but not as free."""
    (one,) = case["agents"]
    centre.open(agent(one["name"]), queue("desk"))
    centre.tell(0, AgentOccupied(agent=one["name"], units=1))
    judged = centre.explain(1).agents
    there = [v for v in judged if v.verdict not in ("logged_out", "off_shift")]
    assert case["expected"]["free"] == len(centre.eligible(1))
    assert case["expected"]["logged_in"] == len(there)


# Orders of agents ---------------------------------------------------------------


def ranked_plan(strategy: str, names: Iterable[str], first: set[str]) -> list[str]:
    """
    Write agents of whom some go before all others, in the order given.

    Calls of q9 are those by which they come to have a past.
    """
    return [
        *(agent(name, tags=["tier:1"] if name in first else []) for name in names),
        queue("desk", strategy=strategy, prefer={"tier:1": 1}, wrap_up_s=0),
        queue("q9", needs=["nobody:has"], wrap_up_s=0),
    ]


def check_fewest_calls(centre: Centre, case: Case) -> None:
    """Count calls, but let ranks go first."""
    agents = {one["name"]: one for one in case["agents"]}
    first = {name for name, one in agents.items() if one["penalty"] == 0}
    centre.open(*ranked_plan("fewest_calls", agents, first))
    at_s = 0.0
    for name, one in agents.items():
        for _ in range(one["calls"]):
            centre.serve(at_s, name, 1)
            at_s += 2
    assert case["expected"]["order"] == centre.order(at_s)


def check_least_recent(centre: Centre, case: Case) -> None:
    """Let who has had no call yet go first, then who had theirs longest ago."""
    agents = {one["name"]: one for one in case["agents"]}
    first = {name for name, one in agents.items() if one.get("penalty", 0) == 0}
    centre.open(*ranked_plan("longest_idle", agents, first))
    ended = {name: one["last_call_ended_s_ago"] for name, one in agents.items()}
    known = {name: ago for name, ago in ended.items() if ago is not None}
    now_s = max(known.values()) + 1
    for name in sorted(known, key=lambda name: -known[name]):
        centre.serve(now_s - known[name] - 1, name, 1)
    asked = centre.order(now_s)
    assert case["expected"].get("order", asked) == asked
    assert case["expected"].get("chosen", asked[0]) == asked[0]


def check_most_idle(centre: Centre, case: Case) -> None:
    """Let the one go first who has had nothing to do for longest."""
    agents = {one["name"]: one for one in case["agents"]}
    centre.open(*ranked_plan("longest_idle", agents, set(agents)))
    for name in sorted(agents, key=lambda name: -agents[name]["idle_s"]):
        centre.serve(99 - agents[name]["idle_s"], name, 1)
    assert case["expected"]["chosen"] == centre.order(100)[0]


def check_orders(centre: Centre, case: Case) -> None:
    """Put the same agents in order by each strategy, lower levels first."""
    agents = {one["name"]: one for one in case["agents"]}
    first = {name for name, one in agents.items() if one["level"] == 1}
    placed = dict(sorted(agents.items(), key=lambda item: item[1]["position"]))
    names = {"sequential": "in_order"}
    for strategy, expected in case["expected"].items():
        centre.open(*ranked_plan(names.get(strategy, strategy), placed, first))
        at_s = 0.0
        for name in sorted(agents, key=lambda name: agents[name]["last_bridge_end"]):
            one = agents[name]
            at_s = max(at_s, one["last_bridge_end"] - 2.0 * one["talk_time"])
            for _ in range(one["calls"]):
                talk_s = one["talk_time"] / one["calls"]
                centre.serve(at_s, name, talk_s)
                at_s += talk_s
        assert expected == centre.order(400), strategy


def check_raised_rank(centre: Centre, case: Case) -> None:
    """Make two ranks equal after a while: then idle time decides."""
    first, second = (one["name"] for one in case["agents"])
    (rule,) = case["rule"]
    centre.open(
        agent(first, tags=["tier:1"]),
        agent(second, tags=["tier:2"]),
        queue(
            "desk",
            step("desk", rule["at_s"], prefer={"tier:2": 1}),
            strategy="longest_idle",
            prefer={"tier:1": 1},
        ),
        queue("q9", needs=["nobody:has"], wrap_up_s=0),
    )
    centre.serve(0, second, 1)
    centre.serve(2, first, 1)
    before, after = (
        centre.explain(9, waited_s=rule["at_s"] + more_s) for more_s in (-0.001, 0)
    )
    assert case["expected"]["preferred_before_30"] == best(before)
    assert set(case["expected"]["preferred_from_30"]) == set(best(after))
    assert second == after.chosen


def best(decision: Any) -> list[str]:
    """List the agents of the greatest preference."""
    place = decision.key_names.index("preferred")
    weights = {one.agent: one.keys[place] for one in decision.agents}
    return [name for name in weights if weights[name] == min(weights.values())]


def check_required(centre: Centre, case: Case) -> None:
    """Ask for a skill and a language together."""
    names = {"skills": "skill", "languages": "lang"}
    centre.open(
        *(
            agent(
                one["name"],
                tags=[f"{names[k]}:{v}" for k, vs in one["tags"].items() for v in vs],
            )
            for one in case["agents"]
        ),
        queue("desk", needs=["skill:support", "lang:english"]),
    )
    assert set(case["expected"]["eligible"]) == centre.eligible(0)


# Orders of calls ----------------------------------------------------------------


def check_scores(centre: Centre, case: Case) -> None:
    """Serve calls by a score that grows by a point a second."""
    centre.open(
        agent("anna"), queue("desk", aging_per_min=60, aging_cap=1000, wrap_up_s=0)
    )
    assert case["expected"]["order"] == served(centre, case, "waited_s", "base_score")


def check_priorities(centre: Centre, case: Case) -> None:
    """Serve the higher priority first, then whoever has waited longest."""
    centre.open(agent("anna"), queue("desk", wrap_up_s=0))
    assert case["expected"]["order"] == served(centre, case, "age_s", "priority")


def served(centre: Centre, case: Case, age: str, score: str) -> list[str]:
    """List calls in the order in which the only agent gets them."""
    now_s = max(call[age] for call in case["calls"])
    centre.tell(0, AgentOccupied(agent="anna", units=1))
    for call in sorted(case["calls"], key=lambda call: -call[age]):
        priority = call.get(score, 0)
        centre.call(now_s - call[age], call=call["id"], priority=priority)
    orders = centre.tell(now_s, AgentOccupied(agent="anna", units=0))
    listed = []
    for _ in case["calls"]:
        listed += [order.call for order in orders if hasattr(order, "endpoints")]
        centre.orders = orders
        centre.answer(now_s)
        orders = centre.tell(now_s, CallerHungUp(call=listed[-1]))
    return listed


# Steps, overflow, preferred agents ----------------------------------------------


def check_tiers(centre: Centre, case: Case) -> None:
    """Let the second tier in after its time, to the second."""
    rules = case["queue"]
    one, two = case["agents"]
    times = two["level"] if rules["multiply_by_level"] else 1
    on_round_end = "next_step" if rules["no_agent_no_wait"] else "wait"
    centre.open(
        agent(one["name"]),
        agent(two["name"]),
        queue(
            "desk",
            step("desk", times * rules["tier_wait_s"], agents=[two["name"]]),
            agents=[one["name"]],
            strategy=rules["strategy"],
            on_round_end=on_round_end,
        ),
    )
    if one["state"] == "busy":
        centre.tell(0, AgentOccupied(agent=one["name"], units=1))
    else:
        centre.tell(0, AgentLoggedOut(agent=one["name"]))
    offered = []
    for call in case["calls"]:
        chosen = centre.explain(1, waited_s=call["waited_s"]).chosen
        offered.append([chosen] if chosen else [])
    assert case["expected"]["offered"] == offered


def check_skipped_queue(centre: Centre, case: Case) -> None:
    """Go on at once from a queue in which nobody is there."""
    first, second = case["agents"]
    centre.open(
        agent(first["name"]),
        agent(second["name"]),
        queue(
            "q1",
            agents=[first["name"]],
            max_wait_s=case["rule"][0]["timeout_s"],
            on_round_end="overflow",
            overflow="queue:q2",
        ),
        queue("q2", agents=[second["name"]]),
    )
    centre.tell(0, AgentLoggedOut(agent=first["name"]))
    centre.call(case["expected"]["offered_at_s"], "q1")
    assert case["expected"]["offered"] == centre.offered()


def check_preferred_agent(centre: Centre, case: Case) -> None:
    """Hold a call for an agent for a while, then ring the others of the queue."""
    busy, other, anyone = (one["name"] for one in case["agents"])
    (filter_, _), first = case["rule"]["filters"], case["calls"][0]
    hold_ms = filter_["targets"][0]["timeout_s"] * 1000
    centre.open(
        agent(busy),
        agent(other),
        agent(anyone),
        queue("q1", agents=[busy, other]),
        queue("q2", agents=[anyone]),
    )
    centre.tell(0, AgentOccupied(agent=busy, units=1))
    (name,) = first["preferred"]
    centre.call(0, "q1", preferred=(PreferredAgent(name, hold_ms),))
    expected = case["expected"]["t1"]
    assert expected["offered_before_15s"] == centre.offered()
    assert expected["offered_before_15s"] == centre.offered(centre.pass_time(14.999))
    assert expected["offered_at_15s"] == centre.offered(centre.pass_time(15))
    centre.call(16, "q2")
    assert case["expected"]["t2"]["offered"] == centre.offered()


def check_reload(centre: Centre, case: Case) -> None:
    """Let others serve a queue from now; who serves it still goes on."""
    centre.open(*members_plan(case["queue"]["before"]))
    centre.reload(1, *members_plan(case["queue"]["after_file"]))
    for name, members in case["expected"]["members"].items():
        assert set(members) == centre.eligible(2, name.replace("queue", "q"))


def members_plan(members: dict[str, list[str]]) -> list[str]:
    """
    Write queues with these members.

    A queue without any is everybody's here, so it gets somebody who is never there.
    """
    names = sorted({name for listed in members.values() for name in listed})
    return [
        agent("nobody", login="manual"),
        *map(agent, names),
        *(
            queue(name.replace("queue", "q"), agents=listed or ["nobody"])
            for name, listed in members.items()
        ),
    ]


CHECKS: dict[str, Check] = {
    "ast-avail-001": check_ring_all,
    "ast-avail-002": check_ring_all,
    "ast-avail-003": check_ring_all,
    "ast-penalty-001": check_penalty_out_of_range,
    "ast-reload-001": check_reload,
    "ast-wrapup-002": check_wrap_up_is_shared,
    "ast-wrapup-003": check_own_wrap_up,
    "ast-forward-001": check_redirects,
    "ast-redirect-001": check_pulled_out,
    "ast-pause-001": check_pause_reason,
    "ast-prule-001": check_raised_rank,
    "ast-strat-001": check_fewest_calls,
    "ast-strat-002": check_least_recent,
    "ast-strat-003": check_least_recent,
    "fs-tier-001": check_tiers,
    "fs-tier-002": check_tiers,
    "fs-tier-003": check_tiers,
    "fs-order-001": check_orders,
    "fs-order-002": check_scores,
    "kazoo-001": check_counts,
    "kazoo-002": check_most_idle,
    "twilio-order-002": check_most_idle,
    "twilio-prio-001": check_priorities,
    "twilio-target-001": check_required,
    "twilio-skip-001": check_skipped_queue,
    "twilio-flow-001": check_preferred_agent,
}


@pytest.fixture(params=list(CHECKS.items()), ids=list(CHECKS))
def checked(request: pytest.FixtureRequest) -> tuple[str, Check]:
    """Give each case in turn, with what runs it."""
    pair: tuple[str, Check] = request.param
    return pair
