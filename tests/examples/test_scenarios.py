"""The example scenarios: sound, played, and plausible."""

from __future__ import annotations

from pathlib import Path

import pytest

from skillroute.simulation import (
    check_scenario,
    load_scenario,
    new_study,
    play,
    result_of,
)

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
SCENARIOS = sorted(EXAMPLES.glob("*.scenario.toml"))


def test_there_is_one_for_each_story() -> None:
    """The tests below would pass on an empty list."""
    names = {file.name.partition(".")[0] for file in SCENARIOS}
    assert {"bank", "help_desk", "shop"} == names


@pytest.mark.parametrize("file", SCENARIOS, ids=lambda file: file.stem)
def test_an_example_is_played(file: Path) -> None:
    """It is copied as it stands, and must give figures that make sense."""
    assert () == check_scenario(file)
    scenario = load_scenario(file)
    result = result_of(play(new_study(scenario, replications=3)))
    figures = result.arms[0].figures
    for (kind, name), found in figures.items():
        if kind == "kind":
            written = scenario.raw.calls[name]
            hours = scenario.raw.length_s / 3600
            rates = written.per_h or written.counts
            a_day = sum(rates) * (hours if len(rates) == 1 else 1)
            offered = found["offered"].value or 0.0
            # Three days by chance, and who hangs up may try again.
            assert 0.6 * a_day < offered < 1.7 * a_day
        if kind in {"total", "queue"}:
            assert 0 < (found[result.shown].value or 0.0) < 1
            assert 0 < (found["occupancy"].value or 0.0) < 1


@pytest.mark.parametrize("file", SCENARIOS, ids=lambda file: file.stem)
def test_what_a_session_shows_is_one_line(file: Path) -> None:
    """Half a megabyte on the screen hides whatever stood there."""
    scenario = load_scenario(file)
    part = play(new_study(scenario, replications=2))
    for shown in (scenario, scenario.plan, part.study, part, result_of(part)):
        assert len(repr(shown)) < 300
        assert "\n" not in repr(shown)
    assert scenario.plan.raw.site.name in repr(scenario.plan)
    assert "%" in repr(result_of(part))
