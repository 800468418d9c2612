"""Studies: what is counted, by whoever it was played, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from skillroute.errors import JournalError
from skillroute.plan import load_plan
from skillroute.simulation import (
    OUTCOMES,
    Scenario,
    Study,
    StudyPart,
    StudyResult,
    join_parts,
    load_scenario,
    new_study,
    play,
    play_all,
    read_part,
    result_of,
    run_replication,
    shard_of,
    study_object,
    write_part,
)
from skillroute.simulation._batches import BATCHES, cut_into_batches
from skillroute.simulation._measures import sum_of

PLAN = """\
[site]
name = "s"
[agents.anna]
tags = ["dept:sales"]
[agents.bert]
tags = ["dept:sales", "dept:help"]
wrap_up_s = 30
[agents.cleo]
tags = ["dept:help"]
[queues.sales]
needs = ["dept:sales"]
max_wait_s = 90
overflow = "voicemail:box"
[queues.help]
needs = ["dept:help"]
[voicemail.box]
[numbers."+12025550100"]
queue = "sales"
[numbers."+12025550101"]
queue = "help"
"""
SCENARIO = """\
plan = "plan.toml"
length_s = 3600
interval_s = 600
replications = 7
thresholds_s = [20, 60]
[calls.buyers]
number = "+12025550100"
per_h = [40]
handling = {mean_s = 150}
patience = {mean_s = 120}
[calls.askers]
number = "+12025550101"
per_h = [20]
handling = {mean_s = 120}
[agents]
answer_after = {kind = "uniform", least_s = 1, most_s = 5}
answer_percent = 95
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with a plan and a scenario."""
    (tmp_path / "plan.toml").write_text(PLAN, "utf-8")
    (tmp_path / "hour.scenario.toml").write_text(SCENARIO, "utf-8")
    return tmp_path


@pytest.fixture
def scenario(folder: Path) -> Scenario:
    """Give an hour of two queues."""
    return load_scenario(folder / "hour.scenario.toml")


@pytest.fixture
def study(scenario: Scenario) -> Study:
    """Give the study of that hour."""
    return new_study(scenario)


@pytest.fixture(params=["threads", "processes"])
def executor(request: pytest.FixtureRequest) -> Iterator[Executor]:
    """Give executors of the standard library."""
    kind = ThreadPoolExecutor if request.param == "threads" else ProcessPoolExecutor
    with kind(2) as several:
        yield several


def printed(part: StudyPart) -> bytes:
    """Write a study's figures as they are printed."""
    return msgspec.json.encode(study_object(result_of(part)))


def counted(result: StudyResult) -> dict[str, float | None]:
    """Return some figures of all calls."""
    figures = result.arms[0].figures["total", ""]
    return {name: figures[name].value for name in ("offered", "answered", "asa_s")}


def test_parts_that_are_joined_are_the_whole(study: Study, tmp_path: Path) -> None:
    """Whether one machine played it or three must not show, to the byte."""
    files = []
    for number in (3, 1, 2):
        file = tmp_path / f"{number}.tallies"
        chosen = shard_of(study.replications, number, 3)
        write_part(play(study, numbers=chosen), file)
        files.append(file)
    joined = join_parts([read_part(file) for file in files])
    assert printed(play(study)) == printed(joined)


def test_whoever_plays_it_comes_to_the_same(study: Study, executor: Executor) -> None:
    """Threads and processes finish in any order."""
    told: list[tuple[int, int]] = []
    part = play(
        study,
        executor=executor,
        workers=2,
        progress=lambda done, of: told.append((done, of)),
    )
    assert printed(play(study)) == printed(part)
    assert (7, 7) == told[-1]
    assert sorted(told) == told


def test_random_strategies_draw_anew_in_each_replication(folder: Path) -> None:
    """One sample that is counted twenty times would look twenty times as sure."""
    plan = PLAN.replace("[queues.sales]", '[queues.sales]\nstrategy = "random"')
    (folder / "plan.toml").write_text(plan, "utf-8")
    text = SCENARIO.replace("per_h = [40]", "counts = [1]")
    (folder / "hour.scenario.toml").write_text(
        text.replace("per_h = [20]", "counts = [0]"), "utf-8"
    )
    study = new_study(load_scenario(folder / "hour.scenario.toml"), replications=12)
    [tallies] = play(study).tallies
    firsts = {
        next((agent.agent for agent in each.agents if agent.offers), "nobody")
        for each in tallies
    }
    assert {"anna", "bert"} <= firsts
    assert [tallies] == [*play(study).tallies]


def test_the_points_of_a_sweep_are_played_together(
    folder: Path, scenario: Scenario, executor: Executor
) -> None:
    """Each point is what it would be alone, in the order that was asked for."""
    other = load_scenario(folder / "hour.scenario.toml", seed=9)
    studies = [
        new_study(scenario, replications=3),
        new_study(other, replications=2),
        new_study(scenario, against=scenario, replications=2),
    ]
    told: list[tuple[int, int]] = []
    parts = play_all(
        studies,
        executor=executor,
        workers=2,
        progress=lambda done, of: told.append((done, of)),
    )
    assert [printed(play(study)) for study in studies] == [*map(printed, parts)]
    assert (9, 9) == told[-1]


def test_parts_of_different_studies_are_refused(
    scenario: Scenario, study: Study, folder: Path
) -> None:
    """A mean over two plans would mean nothing."""
    other = load_scenario(folder / "hour.scenario.toml", seed=9)
    parts = [play(study, numbers=[0]), play(new_study(other), numbers=[1])]
    with pytest.raises(JournalError) as refused:
        join_parts(parts)
    assert "parts_differ" == refused.value.code
    assert scenario.compiled.seed == 1


@pytest.mark.parametrize(
    ("shards", "word"), [((1, 2), "missing"), ((1, 2, 3, 3), "twice")]
)
def test_missing_and_double_parts_are_refused(
    study: Study, shards: tuple[int, ...], word: str
) -> None:
    """A lost file must not make the intervals narrower or wider unseen."""
    parts = [
        play(study, numbers=shard_of(study.replications, number, 3))
        for number in shards
    ]
    with pytest.raises(JournalError, match=word) as refused:
        join_parts(parts)
    assert "parts_incomplete" == refused.value.code


def test_what_is_no_part_is_refused(tmp_path: Path, study: Study) -> None:
    """A wrong file is named, not misread."""
    file = tmp_path / "x.tallies"
    file.write_bytes(b"\x93abc")
    with pytest.raises(JournalError) as refused:
        read_part(file)
    assert ("part_malformed", str(file)) == (refused.value.code, refused.value.where)
    later = msgspec.structs.replace(play(study, numbers=[0]), format=2)
    write_part(later, file)
    with pytest.raises(JournalError) as refused:
        read_part(file)
    assert "part_malformed" == refused.value.code


def test_figures_are_those_of_the_calls(scenario: Scenario, study: Study) -> None:
    """Counted again from every single call, without the tallies' sums."""
    result = result_of(play(study))
    encoded, plan = scenario.encoded, scenario.plan.compiled
    answered = OUTCOMES.index("answered")
    waits_s: dict[str, list[float]] = {"sales": [], "help": []}
    in_time = {"sales": 0, "help": 0}
    over = {"sales": 0, "help": 0}
    for number in range(study.replications):
        tallies = run_replication(plan, encoded, number, keep_calls=True)
        for call in tallies.calls:
            queue = tallies.queues[call.queue].name
            ended = OUTCOMES[call.outcome]
            over[queue] += ended in {"answered", "abandoned"}
            if call.outcome == answered:
                waits_s[queue].append(call.wait_ms / 1000)
                in_time[queue] += call.wait_ms <= 20_000
    assert all(len(waits) > 50 for waits in waits_s.values())
    for queue, waits in waits_s.items():
        figures = result.arms[0].figures["queue", queue]
        assert figures["answered"].value == pytest.approx(len(waits) / 7)
        assert figures["asa_s"].value == pytest.approx(sum(waits) / len(waits))
        level = figures["service_level all_offered 20"]
        assert level.value == pytest.approx(in_time[queue] / over[queue])
        waits.sort()
        # Bins are 3 % wide, and the figure is the mean of seven percentiles.
        middle = waits[len(waits) // 2]
        assert figures["wait_p50_s"].value == pytest.approx(middle, rel=0.3)


def test_groups_add_up(study: Study) -> None:
    """Queues, kinds and intervals are three ways to cut up the same calls."""
    figures = result_of(play(study)).arms[0].figures
    total = figures["total", ""]["offered"].value
    for kind in ("queue", "kind", "interval"):
        parts = [
            found["offered"].value or 0.0
            for (each, _), found in figures.items()
            if each == kind
        ]
        assert len(parts) >= 2
        assert sum(parts) == pytest.approx(total)


def test_a_tag_has_the_calls_that_ask_for_it(study: Study) -> None:
    """The need of the queue counts, too: nobody brings tags along here."""
    figures = result_of(play(study)).arms[0].figures
    for tag, kind in (("dept:sales", "buyers"), ("dept:help", "askers")):
        of_kind = figures["kind", kind]["offered"]
        assert of_kind == figures["tag", tag]["offered"]


def test_a_plan_against_itself_differs_by_nothing(scenario: Scenario) -> None:
    """The same callers, the same agents: not one millisecond of difference."""
    result = result_of(play(new_study(scenario, against=scenario)))
    differences = result.differences["total", ""]
    assert len(differences) > 10
    assert {0.0} == {estimate.value for estimate in differences.values()}
    assert {0.0} == {estimate.half_width for estimate in differences.values()}


def test_one_more_agent_shows_beyond_doubt(folder: Path, scenario: Scenario) -> None:
    """Seven hours are few, but both plans had the same callers."""
    better = PLAN.replace(
        "[queues.sales]", '[agents.dora]\ntags = ["*"]\n[queues.sales]'
    )
    (folder / "better.toml").write_text(better, "utf-8")
    second = load_scenario(
        folder / "hour.scenario.toml", plan=load_plan(folder / "better.toml")
    )
    result = result_of(play(new_study(scenario, against=second)))
    paired = result.differences["total", ""][result.shown]
    assert paired.low is not None
    assert paired.low > 0
    apart = [arm.figures["total", ""][result.shown] for arm in result.arms]
    widths = [estimate.half_width or 0.0 for estimate in apart]
    assert (paired.half_width or 0.0) < sum(widths)


def test_one_long_replication_has_intervals_of_batches(folder: Path) -> None:
    """Of one day the stretches tell how sure the figures are."""
    text = SCENARIO.replace("length_s = 3600", "length_s = 36000")
    (folder / "hour.scenario.toml").write_text(text, "utf-8")
    long = load_scenario(folder / "hour.scenario.toml")
    result = result_of(play(new_study(long, replications=1)))
    total = result.arms[0].figures["total", ""]
    for name in ("offered", "answered", result.shown, "asa_s", "wait_p90_s"):
        assert "batch_means" == total[name].estimator
        assert total[name].half_width
    # Calls come by chance, 600 of them: the count has about the error of its root.
    half = total["offered"].half_width
    assert half is not None
    assert 0.5 < half / (2.09 * 600**0.5) < 1.6
    assert total["occupancy"].low is None
    whole = counted(result)
    [tallies] = play(new_study(long, replications=1)).tallies[0]
    assert len(tallies.calls) == whole["offered"]


def test_batches_hold_every_call_once(scenario: Scenario) -> None:
    """Stretch by stretch, the sums are those of the whole."""
    tallies = run_replication(
        scenario.plan.compiled, scenario.encoded, 0, keep_calls=True
    )
    cut = cut_into_batches(tallies, scenario.compiled)
    assert BATCHES == len(cut)
    for place, kind in enumerate(tallies.classes):
        parts = [batch.classes[place].calls for batch in cut]
        assert kind.calls == sum_of(parts)
    for place, queue in enumerate(tallies.queues):
        parts = [batch.queues[place].calls for batch in cut]
        assert queue.calls == sum_of(parts)
