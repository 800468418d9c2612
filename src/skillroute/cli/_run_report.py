"""
The figures of a run, as a table for people and as an object for programs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from ..simulation import CallRecord, GroupSummary, Result

__all__ = ["agent_lines", "result_object", "summary_lines"]

_COLUMNS = (
    "offered",
    "answered",
    "abandoned",
    "voicemail",
    "other",
    "in 20 s",
    "mean wait",
    "90 % wait",
)
_AGENTS_MAX = 40


def summary_lines(result: Result) -> Iterator[str]:
    """
    Write the figures by queue, by priority where there are several, and in all.

    Args:
        result: The run.

    Yields:
        Lines of equal columns.  Waits are those of answered calls, in seconds; "in
        20 s" is the part of all offered calls that were answered so soon.
    """
    summary = result.summary
    groups = [
        (f"queue {group.name}", group) for group in summary.queues if group.offered
    ]
    if len(summary.priorities) > 1:
        groups += [(f"priority {g.name}", g) for g in summary.priorities]
    groups.append(("all calls", summary.total))
    width = max(len(name) for name, _ in groups)
    yield " " * width + "".join(f"{title:>11}" for title in _COLUMNS)
    for name, group in groups:
        yield f"{name:<{width}}" + "".join(f"{cell:>11}" for cell in _cells(group))


def agent_lines(result: Result) -> Iterator[str]:
    """
    Write what each agent did; nothing for more agents than fit a screen.
    """
    agents = result.summary.agents
    if len(agents) > _AGENTS_MAX:
        return
    width = max((len(agent.agent) for agent in agents), default=0)
    for agent in agents:
        busy = _percent(agent.busy_ms, agent.on_shift_ms)
        yield (
            f"{agent.agent:<{width}}  answered {agent.answered:>4}, "
            f"missed {agent.missed:>3}, occupied {busy:>6}"
        )


def result_object(result: Result) -> dict[str, Any]:
    """
    Make the object that ``demo --json`` prints.
    """
    summary = result.summary
    return {
        "version": 1,
        "backend": result.backend,
        "seed": result.seed,
        "calls": [_call(record) for record in result.calls],
        "total": _group(summary.total),
        "queues": [_group(group) for group in summary.queues],
        "priorities": [_group(group) for group in summary.priorities],
        "agents": [
            {
                "agent": agent.agent,
                "answered": agent.answered,
                "missed": agent.missed,
                "occupancy": _ratio(agent.busy_ms, agent.on_shift_ms),
            }
            for agent in summary.agents
        ],
        "service_level": {
            "definition": summary.service_level_name,
            "threshold_s": summary.service_level_ms / 1000,
        },
        "events": len(result.history),
        "events_per_s": round(result.events_per_s),
    }


def _cells(group: GroupSummary) -> list[str]:
    counts = (
        group.offered,
        group.answered,
        group.abandoned,
        group.voicemail,
        group.other,
    )
    return [
        *(f"{number:,}" for number in counts),
        _percent(group.answered_in_time, group.offered),
        _wait(group.wait_mean_ms),
        _wait(group.wait_p90_ms),
    ]


def _group(group: GroupSummary) -> dict[str, Any]:
    return {
        "name": group.name,
        "offered": group.offered,
        "answered": group.answered,
        "abandoned": group.abandoned,
        "voicemail": group.voicemail,
        "other": group.other,
        "overflowed": group.overflowed,
        "service_level": _ratio(group.answered_in_time, group.offered),
        "asa_s": _in_seconds(group.wait_mean_ms),
        "wait_p90_s": _in_seconds(group.wait_p90_ms),
        "abandoned_wait_s": _in_seconds(group.abandoned_wait_mean_ms),
    }


def _call(record: CallRecord) -> dict[str, Any]:
    fields = msgspec.structs.asdict(record)
    fields["wait_s"] = fields.pop("wait_ms") / 1000
    return fields


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "-"


def _ratio(part: int, whole: int) -> float | None:
    return round(part / whole, 6) if whole else None


def _wait(wait_ms: int | None) -> str:
    return "-" if wait_ms is None else f"{wait_ms / 1000:.1f} s"


def _in_seconds(length_ms: int | None) -> float | None:
    return None if length_ms is None else length_ms / 1000
