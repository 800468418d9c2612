"""
The agents of a decision as text: one by one, or counted by what stands in the way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from ..decisions import AgentVerdict, Decision
from ..plan import Plan
from ._clock import agent_zone, until_words
from ._reasons import contenders, offer_reason, place_reason
from ._words import code_words, counted_code_words, plural, verdict_words

__all__ = ["agent_lines", "counted_words", "rule_lines"]

ROWS_MAX = 40
"""More agents than this are grouped by reason: a screen or two."""

_RANKED_MAX = 10
_EXAMPLES_MAX = 3
_KINDS_MAX = 6


def agent_lines(decision: Decision, plan: Plan, only: str = "") -> list[str]:
    """
    List agents, who gets the call first; too many are grouped by reason.
    """
    if only:
        shown = [v for v in decision.agents if v.agent == only]
        return [*_rows(decision, plan, shown)]
    if len(decision.agents) <= ROWS_MAX:
        return [*_rows(decision, plan, _in_order(decision))]
    first = contenders(decision)
    more = len(first) - _RANKED_MAX
    rest = [f"        and {more:,} more who could take it"] if more > 0 else []
    taken = {verdict.agent for verdict in first}
    refused = [verdict for verdict in decision.agents if verdict.agent not in taken]
    return [
        *_rows(decision, plan, first[:_RANKED_MAX]),
        *rest,
        *_groups(decision, plan, refused),
        "  One of them in full: --only ID.",
    ]


def rule_lines(decision: Decision, plan: Plan) -> list[str]:
    """
    List what stands in the way, each with how many agents and the first of them.
    """
    able = [v for v in decision.agents if v.verdict == "eligible"]
    refused = [v for v in decision.agents if v.verdict != "eligible"]
    rows = [f"  {len(able):>6,}  could take it{_such_as(able)}"] if able else []
    return [*rows, *_groups(decision, plan, refused)]


def counted_words(decision: Decision) -> str:
    """
    Count agents by reason, in one line.

    Returns:
        Such as ``6 agents: 4 could take it, 2 lacking dept:sales.``
    """
    kinds: Counter[str] = Counter()
    for code, count in Counter([v.verdict for v in decision.agents]).items():
        kinds[_kind(code)] += count
    able = kinds.pop("eligible", 0)
    counts = kinds.most_common(_KINDS_MAX)
    parts = [f"{able:,} could take it"] if able else []
    parts += [f"{count:,} {counted_code_words(kind)}" for kind, count in counts]
    others = len(decision.agents) - able - sum(count for _, count in counts)
    if others:
        parts.append(f"{others:,} for other reasons")
    return f"{plural(len(decision.agents), 'agent')}: {', '.join(parts)}."


def _kind(code: str) -> str:
    """
    Return the code that agents are counted under: pauses of all reasons together.
    """
    return "paused" if code.startswith("paused:") else code


def _in_order(decision: Decision) -> list[AgentVerdict]:
    first = contenders(decision)
    taken = {verdict.agent for verdict in first}
    return [*first, *(v for v in decision.agents if v.agent not in taken)]


def _rows(
    decision: Decision, plan: Plan, verdicts: Iterable[AgentVerdict]
) -> Iterator[str]:
    places = {v.agent: n for n, v in enumerate(contenders(decision), start=1)}
    rows = [(places.get(v.agent), v.agent, _why(decision, plan, v)) for v in verdicts]
    width = max((len(agent) for _, agent, _ in rows), default=0)
    for place, agent, why in rows:
        yield f"  {'-' if place is None else place:>4}  {agent:<{width}}  {why}"


def _why(decision: Decision, plan: Plan, verdict: AgentVerdict) -> str:
    if verdict.agent == decision.chosen:
        doing = "" if verdict.rank else f" ({code_words(verdict.verdict)})"
        return offer_reason(decision) + doing
    if verdict.rank is not None:
        return place_reason(decision, verdict) or "could take it"
    return verdict_words(plan, decision, verdict)


def _groups(
    decision: Decision, plan: Plan, verdicts: list[AgentVerdict]
) -> Iterator[str]:
    groups: dict[str, list[AgentVerdict]] = {}
    for verdict in verdicts:
        groups.setdefault(verdict.verdict, []).append(verdict)
    for code, members in sorted(groups.items(), key=lambda item: -len(item[1])):
        clears = [(v.until_ms, v.agent) for v in members if v.until_ms is not None]
        first = ""
        if clears:
            until_ms, agent = min(clears)
            zone = agent_zone(plan, agent)
            when = until_words(until_ms, decision.now_ms, zone)
            first = f"; the first could take it at {when}"
        yield f"  {len(members):>6,}  {code_words(code)}{_such_as(members)}{first}"


def _such_as(members: Sequence[AgentVerdict]) -> str:
    """
    Name the first of some agents.
    """
    named = ", ".join(verdict.agent for verdict in members[:_EXAMPLES_MAX])
    return f": {named}" if len(members) <= _EXAMPLES_MAX else f", such as {named}"
