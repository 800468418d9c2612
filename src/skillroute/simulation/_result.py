"""
The result of a study: figures of each plan, their differences, as an object to print.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from ._compiled import decode_scenario
from ._confidence import Estimate, mean_of
from ._figures import (
    Figures,
    Key,
    Observations,
    compare,
    figures_of,
    observe,
    outcome_estimates,
)
from ._measures import COUNTS, sum_of_bins
from ._service_levels import SERVICE_LEVELS
from ._study import Study, StudyPart

__all__ = ["ArmResult", "StudyResult", "result_of", "study_object"]

_PLAIN = (
    *COUNTS,
    "abandon_rate",
    "asa_s",
    "wait_s",
    "abandoned_wait_s",
    "wait_p50_s",
    "wait_p90_s",
    "wait_p99_s",
    "aht_s",
    "occupancy",
    "line",
)
_OF_AGENTS = ("conversations", "aht_s", "occupancy")


class ArmResult(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a study found about one plan.
    """

    plan: str
    plan_id: str
    observations: Observations
    figures: Figures

    @property
    def waits(self) -> tuple[int, ...]:
        """
        Waits of all answered calls of all replications, by bin (see ``bin_of``).
        """
        total = self.observations.groups["total", ""]
        return sum_of_bins(group.answered_bins for group in total)

    def names(self, kind: str) -> tuple[str, ...]:
        """
        Return the groups of a kind, such as ``queue``, in order.
        """
        return tuple(name for found, name in self.figures if found == kind)


class StudyResult(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a study found.
    """

    study: Study
    backend: str
    arms: tuple[ArmResult, ...]
    differences: Figures
    """Second plan less first; empty: there is one plan."""
    interval_ms: int
    """Length of an interval of the day."""
    start_ms: int
    events: int
    seconds: float

    def __repr__(self) -> str:
        """Give the figure that is shown first; all of them would be pages."""
        levels = []
        for arm in self.arms:
            level = arm.figures["total", ""].get(self.shown)
            value = None if level is None else level.value
            levels.append("-" if value is None else f"{100 * value:.1f} %")
        threshold_s = self.study.thresholds_ms[0] / 1000
        shown = f"{self.study.definition} in {threshold_s:g} s"
        return f"<StudyResult of {self.study!r}: {shown}: {', '.join(levels)}>"

    def clock(self, interval: int) -> datetime:
        """
        Return the site's local time at which an interval of the day begins.
        """
        at_s = (self.start_ms + interval * self.interval_ms) / 1000
        return datetime.fromtimestamp(at_s, ZoneInfo(self.study.zone))

    @property
    def shown(self) -> str:
        """
        The measure that is the service level shown first.
        """
        limit_s = self.study.thresholds_ms[0] / 1000
        return f"service_level {self.study.definition} {limit_s:g}"


def result_of(part: StudyPart) -> StudyResult:
    """
    Estimate everything that a whole study asks for.

    Args:
        part: Every replication of a study.

    Returns:
        Figures that do not depend on who played it.

    Cost: linear in replications, groups and measures.
    """
    study = part.study
    arms = []
    for arm, tallies in zip(study.arms, part.tallies, strict=True):
        observations = observe(arm.plan, study.compiled, tallies, study.levels)
        arms.append(
            ArmResult(
                plan=arm.name,
                plan_id=arm.plan_id,
                observations=observations,
                figures=figures_of(observations),
            )
        )
    both = [arm.observations for arm in arms]
    scenario = decode_scenario(study.compiled)
    return StudyResult(
        study=study,
        backend=part.backend,
        arms=tuple(arms),
        differences=compare(*both) if len(both) > 1 else {},
        interval_ms=scenario.interval_ms,
        start_ms=scenario.start_ms,
        events=part.events,
        seconds=part.seconds,
    )


def study_object(result: StudyResult) -> dict[str, Any]:
    """
    Make the object that ``simulate --json`` prints, but for how long it took.

    Args:
        result: Of a whole study.

    Returns:
        The same for equal studies, whoever played them; every estimate is an object of
        ``value``, ``low``, ``high`` (the 95 % interval) and ``estimator``.
    """
    study = result.study
    answer: dict[str, Any] = {
        "version": 1,
        "scenario": study.scenario,
        "seed": study.seed,
        "replications": study.replications,
        "backend": result.backend,
        "definitions": {name: words for name, (_, words) in SERVICE_LEVELS.items()},
        **_arm_object(result, result.arms[0]),
    }
    if len(result.arms) > 1:
        second = _arm_object(result, result.arms[1])
        answer["against"] = {
            **second,
            "differences": {
                "total": _group(result, result.differences, ("total", "")),
                "queues": _groups(result, result.differences, "queue"),
                "kinds": _groups(result, result.differences, "kind"),
            },
        }
    return answer


def _arm_object(result: StudyResult, arm: ArmResult) -> dict[str, Any]:
    totals = arm.observations.groups["total", ""]
    arrived = [float(group.calls.arrived) for group in totals if group.calls]
    return {
        "plan": arm.plan,
        "plan_id": arm.plan_id,
        "calls": _estimate(mean_of(arrived)),
        "outcomes": {
            name: _estimate(estimate)
            for name, estimate in outcome_estimates(totals).items()
        },
        "total": _group(result, arm.figures, ("total", "")),
        "queues": _groups(result, arm.figures, "queue"),
        "kinds": _groups(result, arm.figures, "kind"),
        "tags": _groups(result, arm.figures, "tag"),
        "agents": [
            {"name": name, **_some(arm.figures["agent", name], _OF_AGENTS)}
            for name in arm.names("agent")
        ],
        "intervals": [
            {"from_s": int(name) * result.interval_ms / 1000, **group}
            for name, group in zip(
                arm.names("interval"),
                _groups(result, arm.figures, "interval"),
                strict=True,
            )
        ],
    }


def _groups(result: StudyResult, figures: Figures, kind: str) -> list[dict[str, Any]]:
    return [_group(result, figures, key) for key in figures if key[0] == kind]


def _group(result: StudyResult, figures: Figures, key: Key) -> dict[str, Any]:
    found = figures[key]
    name = {} if key[0] == "total" else {"name": key[1]}
    shown = result.shown
    levels = [measure for measure in found if measure.startswith("service_level ")]
    return {
        **name,
        **({"service_level": _level(shown, found[shown])} if shown in found else {}),
        **_some(found, _PLAIN),
        "service_levels": [_level(measure, found[measure]) for measure in levels],
    }


def _level(measure: str, estimate: Estimate) -> dict[str, Any]:
    _, definition, limit_s = measure.split()
    return {
        "definition": definition,
        "threshold_s": float(limit_s),
        **_estimate(estimate),
    }


def _some(
    figures: Mapping[str, Estimate], measures: Iterable[str]
) -> dict[str, dict[str, Any]]:
    return {name: _estimate(figures[name]) for name in measures if name in figures}


def _estimate(estimate: Estimate) -> dict[str, Any]:
    return {
        "value": _rounded(estimate.value),
        "low": _rounded(estimate.low),
        "high": _rounded(estimate.high),
        "estimator": estimate.estimator,
    }


def _rounded(value: float | None) -> float | None:
    # Enough for any figure, and the same whatever the order of the additions.
    return None if value is None else round(value, 9)
