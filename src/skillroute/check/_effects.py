"""
Lints of keys that have no effect beside others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..plan import destinations
from ..reference.limits import PRIORITY_MAX
from ._lint import Lint

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..plan import Fault, Path
    from ..plan.model import RawAgent, RawNumber, RawPlan, RawQueue, RawSite
    from ._survey import Survey

__all__ = ["LINTS", "find"]

WITHOUT_EFFECT = Lint(
    code="without_effect",
    severity="note",
    meaning="A key has no effect beside the other keys of its table.",
    remedy="Remove it, or add what it belongs to.",
)
PRIORITY_CUT = Lint(
    code="priority_cut",
    severity="warning",
    meaning="The priorities of a number and its queue add up to more than is counted.",
    remedy="Choose priorities whose sum is -1000 to 1000.",
)

LINTS = (WITHOUT_EFFECT, PRIORITY_CUT)


class _Idle(NamedTuple):
    """
    A key that does nothing.
    """

    key: str
    why: str
    hint: str

    def at(self, table: Path) -> Fault:
        """Say so of the table in which it is written."""
        message = f"{self.key} has no effect: {self.why}"
        return WITHOUT_EFFECT.at((*table, self.key), message, self.hint)


def find(survey: Survey) -> Iterable[Fault]:
    """
    Find keys that do nothing.
    """
    raw = survey.raw
    for idle in _of_site(raw.site):
        yield idle.at(("site",))
    draws = any(map(_draws_by_weight, raw.queues.values()))
    for agent, table in raw.agents.items():
        for idle in _of_agent(table, draws=draws):
            yield idle.at(("agents", agent))
    for name, queue in raw.queues.items():
        for idle in _of_queue(name, queue):
            yield idle.at(("queues", name))
    for text, number in raw.numbers.items():
        if number.prefer_for_s and not number.prefer_agents:
            why = "this number prefers no agents"
            idle = _Idle("prefer_for_s", why, "name prefer_agents, or remove it")
            yield idle.at(("numbers", text))
        yield from _cut(raw, text, number)


def _of_site(site: RawSite) -> Iterable[_Idle]:
    usual = type(site)(name=site.name)
    if site.auto_pause_after is None:
        for key in ("auto_pause_for_s", "auto_pause_last"):
            if getattr(site, key) != getattr(usual, key):
                yield _Idle(
                    key,
                    "missed calls pause nobody",
                    f"set auto_pause_after, or remove {key}",
                )


def _of_agent(agent: RawAgent, *, draws: bool) -> Iterable[_Idle]:
    if agent.ring_endpoints == "all" and len(agent.endpoints) < 2:
        why = "this agent has not two devices"
        yield _Idle("ring_endpoints", why, "add an endpoint, or remove it")
    if agent.weight != 1 and not draws:
        yield _Idle(
            "weight",
            "no queue draws agents by weight",
            'set strategy = "weighted_random" in a queue, or remove it',
        )


def _draws_by_weight(queue: RawQueue) -> bool:
    used = {queue.strategy, queue.order}
    used.update(name for step in queue.steps for name in (step.strategy, step.order))
    return "weighted_random" in used


def _of_queue(name: str, queue: RawQueue) -> Iterable[_Idle]:
    usual = type(queue)()
    ages = queue.aging_per_min > 0
    if ages and queue.line != "priority":
        yield _Idle(
            "aging_per_min",
            f'calls do not gain priority where line = "{queue.line}"',
            'remove it, or set line = "priority"',
        )
    if not ages and queue.aging_cap != usual.aging_cap:
        yield _Idle(
            "aging_cap",
            "calls of this queue gain no priority by waiting",
            "set aging_per_min, or remove aging_cap",
        )
    for key in ("merge_steps", "relax_while_ringing"):
        if not queue.steps and getattr(queue, key) != getattr(usual, key):
            yield _Idle(
                key,
                "this queue has no steps",
                f"add [[queues.{name}.steps]], or remove {key}",
            )
    if queue.max_wait_cuts_ring and queue.max_wait_s is None:
        yield _Idle(
            "max_wait_cuts_ring",
            "this queue has no max_wait_s",
            "set max_wait_s, or remove it",
        )
    on = [text for _, text in destinations(queue)]
    if not queue.overflow_keeps_place and not any(
        text.startswith(("queue:", "agent:")) for text in on
    ):
        yield _Idle(
            "overflow_keeps_place",
            "this queue sends calls to no other",
            'name one, such as overflow = "queue:backup", or remove it',
        )
    yield from _of_parallel(queue)
    if queue.on_round_end == "overflow" and queue.retry_after_s != usual.retry_after_s:
        yield _Idle(
            "retry_after_s",
            "no second round begins where a round's end overflows",
            'remove it, or set on_round_end = "wait"',
        )


def _of_parallel(queue: RawQueue) -> Iterable[_Idle]:
    """
    Find keys of strategies that ring several agents at once, beside another one.
    """
    usual = type(queue)()
    strategies = {queue.strategy, *(step.strategy for step in queue.steps)}
    keys: dict[str, set[str | None]] = {
        "max_parallel": {"ring_all", "ring_progressively"},
        "batch": {"ring_progressively"},
        "every_s": {"ring_progressively"},
    }
    for key, needed in keys.items():
        if not strategies & needed and getattr(queue, key) != getattr(usual, key):
            yield _Idle(
                key,
                "no strategy of this queue rings agents in that way",
                f'set strategy = "ring_progressively", or remove {key}',
            )


def _cut(raw: RawPlan, text: str, number: RawNumber) -> Iterable[Fault]:
    total = number.priority + raw.queues[number.queue].priority
    if abs(total) > PRIORITY_MAX:
        most = PRIORITY_MAX if total > 0 else -PRIORITY_MAX
        yield PRIORITY_CUT.at(
            ("numbers", text, "priority"),
            f"together with its queue's this is {total}, of which {most} counts",
            "choose lower ones" if total > 0 else "choose higher ones",
        )
