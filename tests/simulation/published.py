"""
Published models of call centres as plans and scenarios, and what each should give.

The numbers are read from ``../shared/data/published_sim_tables.json``: results of other
simulators with their intervals, or exact values of formulas.  A quantity is a mean over
days (replications), or a ratio of such means.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from skillroute.simulation import (
    OUTCOMES,
    Estimate,
    StudyResult,
    load_scenario,
    new_study,
    play,
    ratio_of,
    result_of,
    run_replication,
)

Told = tuple[str, Estimate, Any]
"""A quantity, ours, and what is published: a number, or mean, low and high."""

NUMBER = "+12025550100"
MINUTE_MS = 60_000


class Model(NamedTuple):
    """One model, as skillroute has it."""

    plan: str
    scenario: str
    """Without the line that names the plan."""


class Compared(NamedTuple):
    """One quantity beside what is published."""

    model: str
    quantity: str
    value: float
    standard_error: float
    published: float
    published_error: float
    """0: the value is exact."""
    low: float
    high: float
    """The published interval; the value itself if it is exact."""

    @property
    def errors_off(self) -> float:
        """By how many combined standard errors they differ."""
        combined = math.hypot(self.standard_error, self.published_error)
        return abs(self.value - self.published) / combined

    @property
    def inside(self) -> bool:
        """Whether our value lies in the published interval."""
        return self.low <= self.value <= self.high


def tables(data: Path) -> dict[str, dict[str, Any]]:
    """Read the published models, by id."""
    text = (data / "published_sim_tables.json").read_text("utf-8")
    return {model["id"]: model for model in json.loads(text)}


def line(agents: int, queue: str = "") -> str:
    """Write the plan of one line of equal agents."""
    names = "".join(f"[agents.a{number:03}]\n" for number in range(agents))
    return (
        f'[site]\nname = "s"\n{names}[queues.all]\n{queue}'
        f'[numbers."{NUMBER}"]\nqueue = "all"\n'
    )


def calls(per_h: float, mean_s: float, rest: str = "") -> str:
    """Write calls by chance, exponential in everything."""
    return f"[calls.all]\nper_h = [{per_h}]\nhandling = {{mean_s = {mean_s}}}\n{rest}"


MMC_DAY = "length_s = 28800\ndrain_s = 7200\nthresholds_s = [20]\n"


def mmc() -> Model:
    """Twelve agents, 4.2 calls a minute of two minutes."""
    return Model(line(12), MMC_DAY + calls(252, 120))


def mmc_abandon() -> Model:
    """The same, and callers wait a minute."""
    return Model(line(12), MMC_DAY + calls(252, 120, "patience = {mean_s = 60}\n"))


def mmc_blocked() -> Model:
    """The same, and five may wait, however long."""
    return Model(line(12, 'size = 5\noverflow = "hangup"\n'), MMC_DAY + calls(252, 120))


def pyworkforce(agents: int, patience: str) -> Model:
    """Two hundred calls an hour of three minutes, in the long run."""
    length = "length_s = 108000\nwarm_up_s = 7200\nthresholds_s = [20]\n"
    return Model(line(agents), length + calls(200, 180, patience))


def palm(patience: str) -> Model:
    """Fifty agents at 96 %."""
    length = "length_s = 36000\nwarm_up_s = 7200\nthresholds_s = [20]\n"
    return Model(line(50), length + calls(2880, 60, patience))


def pooled() -> Model:
    """Ninety agents, thirty places to wait."""
    length = "length_s = 144000\nwarm_up_s = 36000\nthresholds_s = [20]\n"
    return Model(line(90, 'size = 30\noverflow = "hangup"\n'), length + calls(504, 600))


def multiskill(model: Mapping[str, Any]) -> Model:
    """Three types of calls, two groups of agents, three periods, days that differ."""
    spans = ("08:00-20:00", "08:00-12:00", "10:00-12:00")
    numbers = ((9, 3, 6), (11, 4, 5))
    tags = (("type:0", "type:1"), ("type:1", "type:2"))
    plan = '[site]\nname = "s"\n'
    for place, span in enumerate(spans):
        plan += f'[schedules.s{place}]\nweekly = ["mo-su {span}"]\n'
    for group, counts in enumerate(numbers):
        held = ", ".join(f'"{tag}"' for tag in tags[group])
        for place, count in enumerate(counts):
            for number in range(count):
                plan += f"[agents.g{group}-{place}{number:02}]\n"
                plan += f'tags = [{held}]\nschedule = "s{place}"\n'
    for kind in range(3):
        # A new call looks for group 0 first; agents of one group are alike.
        plan += f'[queues.q{kind}]\nneeds = ["type:{kind}"]\nstrategy = "in_order"\n'
        plan += f'[numbers."+1202555010{kind}"]\nqueue = "q{kind}"\n'
    scenario = (
        'start = "2024-01-15T08:00"\nlength_s = 21600\ndrain_s = 21600\n'
        f"interval_s = 7200\nthresholds_s = [20]\n[factors.day]\nsd = {28.7**-0.5}\n"
    )
    for kind, rates in enumerate(model["arrival_rate_type_period"]):
        for period, rate in enumerate(rates):
            handling_s = 60 / model["service_rate_by_arrival_period"][period]
            patience_s = 60 / model["patience_rate_by_arrival_period"][period]
            per_h = [60 * rate if each == period else 0 for each in range(3)]
            scenario += (
                f'[calls."{kind} {period}"]\nnumber = "+1202555010{kind}"\n'
                f'per_h = {per_h}\nevery_s = 7200\nfactor = "day"\n'
                f"handling = {{mean_s = {handling_s}}}\n"
                f"patience = {{mean_s = {patience_s}}}\n"
            )
    return Model(plan, scenario)


def bilingual() -> Model:
    """English and Spanish, a week; who hung up often tries again, no more patient."""
    groups = {"en": (7, ("en",)), "es": (7, ("es",)), "both": (4, ("en", "es"))}
    plan = (
        '[site]\nname = "s"\n[schedules.day]\nweekly = ["mo-fr 08:00-17:00"]\n'
        '[schedules.later]\nweekly = ["mo-fr 08:00-17:30"]\n'
    )
    for group, (count, languages) in groups.items():
        held = ", ".join(f'"lang:{language}"' for language in languages)
        for number in range(count):
            plan += f'[agents.{group}{number}]\ntags = [{held}]\nschedule = "day"\n'
    scenario = (
        'start = "2024-01-15T08:00"\nlength_s = 432000\nlines = 40\n'
        "thresholds_s = [60]\ninterval_s = 3600\n"
    )
    for place, (language, least, most) in enumerate(
        (("en", 180, 420), ("es", 240, 360))
    ):
        plan += f'[queues.{language}]\nneeds = ["lang:{language}"]\n'
        # Of all who are free, each with equal likelihood.
        plan += 'strategy = "random"\n'
        plan += f'[numbers."+1202555010{place}"]\nqueue = "{language}"\n'
        scenario += (
            f'[calls.{language}]\nnumber = "+1202555010{place}"\ndaily = true\n'
            f"per_h = [100{', 50' * 8}]\npatience = {{mean_s = 120}}\n"
            f'handling = {{kind = "uniform", least_s = {least}, most_s = {most}}}\n'
            "retry = {after = 1200, percent = 75, tries_max = 1000,"
            " same_patience = true}\n"
        )
    return Model(plan, scenario)


def ssj(model: Mapping[str, Any]) -> Model:
    """Thirteen hours with their own staffing; a tenth of callers do not wait at all."""
    agents: Sequence[int] = model["agents"]
    plan = '[site]\nname = "s"\n'
    for number in range(max(agents)):
        hours = [8 + hour for hour, count in enumerate(agents) if count > number]
        # Who is there in the last hour stays until everything is done.
        spans = [f"{hour:02}:00-{hour + 1 + 2 * (hour == 20):02}:00" for hour in hours]
        plan += f'[schedules.s{number}]\nweekly = ["mo-su {" ".join(spans)}"]\n'
        plan += f'[agents.a{number}]\nschedule = "s{number}"\n'
    plan += f'[queues.all]\n[numbers."{NUMBER}"]\nqueue = "all"\n'
    return Model(
        plan,
        'start = "2024-01-15T08:00"\nlength_s = 46800\ndrain_s = 7200\n'
        f"interval_s = 3600\nthresholds_s = [20]\n[factors.day]\nsd = {400**-0.5}\n"
        f'[calls.all]\nper_h = {model["arrivals_per_h"]}\nfactor = "day"\n'
        "handling = {mean_s = 100}\npatience = {mean_s = 1000, zero_percent = 10}\n",
    )


def played(folder: Path, model: Model, replications: int, seed: int) -> StudyResult:
    """Play a model."""
    (folder / "model.toml").write_text(model.plan, "utf-8")
    file = folder / "model.scenario.toml"
    file.write_text('plan = "model.toml"\n' + model.scenario, "utf-8")
    study = new_study(load_scenario(file, seed=seed), replications=replications)
    return result_of(play(study))


def total(result: StudyResult, measure: str) -> Estimate:
    """Return a figure of all calls."""
    return result.arms[0].figures["total", ""][measure]


def in_target(result: StudyResult, kind: str = "") -> Estimate:
    """Return how many calls a day are answered in 20 s."""
    key = ("kind", kind) if kind else ("total", "")
    groups = result.arms[0].observations.groups[key]
    place = result.study.levels.thresholds_ms.index(20_000)
    counts = [g.calls.answered_within[place] for g in groups if g.calls]
    return ratio_of([(count, 1) for count in counts])


def occupancy(result: StudyResult, prefix: str) -> Estimate:
    """Return how busy the agents are whose ids begin so: talking of staffed time."""
    parts: list[tuple[float, float]] = []
    keys = [
        (kind, name)
        for kind, name in result.arms[0].figures
        if kind == "agent" and name.startswith(prefix)
    ]
    groups = result.arms[0].observations.groups
    for replication in range(result.study.replications):
        agents = [groups[key][replication].agents for key in keys]
        busy = sum(a.talk_ms for a in agents if a)
        parts.append((busy, sum(a.staffed_ms for a in agents if a)))
    return ratio_of(parts)


def soon_over_all_tries(folder: Path, replications: int, seed: int) -> Estimate:
    """
    Return how many of the 5,000 callers expected get an agent within a minute.

    What they waited in vain at tries before counts, as it does there.
    """
    scenario = load_scenario(folder / "model.scenario.toml", seed=seed)
    plan, data = scenario.plan.compiled, scenario.encoded
    parts: list[tuple[float, float]] = []
    for number in range(replications):
        waits_ms: Counter[tuple[int, int]] = Counter()
        soon = 0
        for call in run_replication(plan, data, number, keep_calls=True).calls:
            waits_ms[call.kind, call.number] += call.wait_ms
            is_soon = waits_ms[call.kind, call.number] < MINUTE_MS
            soon += OUTCOMES[call.outcome] == "answered" and is_soon
        parts.append((soon, 50))
    return ratio_of(parts)


def quantities(
    name: str, table: Mapping[str, Any], folder: Path, replications: int, seed: int
) -> Iterator[Told]:
    """Yield each quantity of a model: its name, ours, and what is published."""
    match name:
        case "cc-mmc" | "cc-mmc-abandon" | "cc-mmc-blocked":
            models = {"cc-mmc": mmc, "cc-mmc-abandon": mmc_abandon}
            model = models.get(name, mmc_blocked)()
            result = played(folder, model, replications, seed)
            yield from _mmc(name, table["published"], result)
        case "cc-simple-multiskill":
            result = played(folder, multiskill(table["model"]), replications, seed)
            yield from _multiskill(table["published"], result)
        case "cc-bilingual":
            result = played(folder, bilingual(), replications, seed)
            yield from _bilingual(table["published"], result)
            soon = soon_over_all_tries(folder, replications, seed)
            every = table["published"]["service_level_all_pct"]
            yield "service_level_all_pct", soon, every
        case "ssj-callcenter":
            result = played(folder, ssj(table["model"]), replications, seed)
            yield from _ssj(table["published_90pct"], result)
        case "pyworkforce-erlang":
            yield from _pyworkforce(
                table["exact_recomputed"], folder, replications, seed
            )
        case "palm-50-agents":
            yield from _palm(table["exact"], folder, replications, seed)
        case "pooled-90-agents":
            result = played(folder, pooled(), replications, seed)
            yield from _pooled(table["exact"], result)
        case _:
            raise AssertionError(name)


def _mmc(
    name: str, published: Mapping[str, Any], result: StudyResult
) -> Iterator[Told]:
    yield "in_target", in_target(result), published["in_target"]
    # What is called so there leaves out every abandoned call.
    level = total(result, "service_level answered_only 20")
    yield "service_level", level, published["service_level"]
    yield "asa", _minutes(total(result, "asa_s")), published["asa"]
    yield "occupancy", total(result, "occupancy"), published["occupancy"]
    if name == "cc-mmc-abandon":
        yield "abandoned", total(result, "abandoned"), published["abandoned"]
        late = total(result, "service_level ignore_quick_abandon 20")
        every = published["service_level_incl_late_abandon"]
        yield "service_level_incl_late_abandon", late, every
    if name == "cc-mmc-blocked":
        yield "blocked", total(result, "given_up"), published["blocked"]
        every = total(result, "service_level with_flow_out 20")
        yield (
            "service_level_incl_blocked",
            every,
            published["service_level_incl_blocked"],
        )


def _multiskill(published: Mapping[str, Any], result: StudyResult) -> Iterator[Told]:
    yield "served", total(result, "answered"), published["served"]
    yield "abandoned", total(result, "abandoned"), published["abandoned"]
    # Of all but those who hung up within the 20 s: so it is computed there.
    level = total(result, "service_level ignore_quick_abandon 20")
    yield "service_level", level, published["service_level"]
    yield "occupancy_group0", occupancy(result, "g0"), published["occupancy_group0"]
    for kind, periods in enumerate(published["in_target_type_period"]):
        for period, cell in enumerate(periods):
            ours = in_target(result, f"{kind} {period}")
            yield f"in_target {kind} {period}", ours, cell


def _bilingual(published: Mapping[str, Any], result: StudyResult) -> Iterator[Told]:
    yield "arrived_all", total(result, "offered"), published["arrived_all"]
    yield "served_all", total(result, "answered"), published["served_all"]
    yield "abandoned_all", total(result, "abandoned"), published["abandoned_all"]
    for group, prefix in (
        ("English-only", "en"),
        ("Spanish-only", "es"),
        ("bilingual", "both"),
    ):
        busy = _scaled(occupancy(result, prefix), 100)
        yield f"occupancy {group}", busy, published["occupancy_pct"][group]


def _ssj(published: Mapping[str, Any], result: StudyResult) -> Iterator[Told]:
    yield "arrivals", total(result, "offered"), published["arrivals"]
    yield "avg_wait_s", total(result, "wait_s"), published["avg_wait_s"]
    level = total(result, "service_level abandon_positive 20")
    yield "share_wait_lt_20s", level, published["share_wait_lt_20s_of_expected"]
    yield (
        "lost_share",
        total(result, "abandon_rate"),
        published["lost_share_of_expected"],
    )


def _pyworkforce(
    exact: Mapping[str, Any], folder: Path, replications: int, seed: int
) -> Iterator[Told]:
    for name, model in (
        ("erlang_c", pyworkforce(14, "")),
        ("erlang_a", pyworkforce(13, "patience = {mean_s = 300}\n")),
    ):
        result = played(folder, model, replications, seed)
        ours = {
            "p_wait": total(result, "delayed"),
            "occupancy": total(result, "occupancy"),
            "p_abandon": total(result, "abandon_rate"),
            "asa_min": _minutes(total(result, "wait_s")),
        }
        for quantity, value in exact[name].items():
            yield f"{name} {quantity}", ours[quantity], value


def _palm(
    exact: Mapping[str, Any], folder: Path, replications: int, seed: int
) -> Iterator[Told]:
    for name, patience in (
        ("no_abandon", ""),
        ("patience_mean_2min", "patience = {mean_s = 120}\n"),
    ):
        result = played(folder, palm(patience), replications, seed)
        ours = {
            "p_wait": total(result, "delayed"),
            "p_abandon": total(result, "abandon_rate"),
            "mean_wait_s": total(result, "wait_s"),
            "wait_p90_s": total(result, "wait_p90_s"),
            "queue_len": total(result, "line"),
            "occupancy": total(result, "occupancy"),
        }
        for quantity, value in exact[name].items():
            yield f"{name} {quantity}", ours[quantity], value


def _pooled(exact: Mapping[str, Any], result: StudyResult) -> Iterator[Told]:
    groups = result.arms[0].observations.groups["total", ""]
    refused = ratio_of(
        [
            (g.calls.outcomes[5] + g.calls.outcomes[6], g.calls.arrived)
            for g in groups
            if g.calls
        ]
    )
    delayed = ratio_of([(g.calls.delayed, g.calls.arrived) for g in groups if g.calls])
    yield "p_block", refused, exact["p_block"]
    yield "p_wait", delayed, exact["p_wait"]
    yield "mean_wait_min", _minutes(total(result, "asa_s")), exact["mean_wait_min"]
    yield "occupancy", total(result, "occupancy"), exact["occupancy"]


def compared(
    name: str, table: Mapping[str, Any], folder: Path, replications: int, seed: int
) -> list[Compared]:
    """Play a model and compare each of its quantities."""
    # SSJ's intervals are of 90 %, all others of 95 %.
    normal = 1.6449 if name == "ssj-callcenter" else 1.96
    found = []
    for quantity, ours, told in quantities(name, table, folder, replications, seed):
        value, low, high = told if isinstance(told, list) else (told, told, told)
        assert ours.value is not None
        found.append(
            Compared(
                model=name,
                quantity=quantity,
                value=ours.value,
                standard_error=ours.standard_error or 0.0,
                published=float(value),
                published_error=(high - low) / 2 / normal,
                low=low,
                high=high,
            )
        )
    return found


def _minutes(estimate: Estimate) -> Estimate:
    return _scaled(estimate, 1 / 60)


def _scaled(estimate: Estimate, by: float) -> Estimate:
    value, low, high = (
        None if each is None else each * by
        for each in (estimate.value, estimate.low, estimate.high)
    )
    return Estimate(value=value, low=low, high=high, estimator=estimate.estimator)
