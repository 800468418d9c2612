"""Erlang's formulas, against values computed elsewhere."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from skillroute.simulation import Waiting, agents_for, erlang_a, erlang_b, erlang_c

COLUMNS = {
    "agent_occupancy_fraction": "occupancy",
    "p_wait_gt_0": "waits",
    "p_abandon": "abandons",
    "p_abandon_within_threshold_all_arrivals": "abandoned_within",
    "mean_wait_all_s": "mean_wait_s",
    "mean_wait_served_s": "mean_wait_answered_s",
    "mean_queue_length_calls": "line",
    "sl_offered_answered_within_T_over_all_arrivals": "answered_within",
}


def of_row(row: dict[str, str]) -> Waiting | None:
    """Compute a row of the reference that waits."""
    agents = int(row["servers_c"])
    rate_per_s = float(row["arrival_rate_lambda_per_s"])
    handling_s = 1 / float(row["service_rate_mu_per_s"])
    limit_s = float(row["sl_threshold_s"])
    if row["model"] == "erlang_c":
        return erlang_c(agents, rate_per_s, handling_s, limit_s)
    patience_s = 1 / float(row["abandon_rate_theta_per_s"])
    return erlang_a(agents, rate_per_s, handling_s, patience_s, limit_s)


def test_every_row_of_the_reference_is_met(shared: Path) -> None:
    """These formulas start the search for staffing, and judge the simulation."""
    text = (shared / "data" / "erlang_reference.csv").read_text("utf-8")
    compared = 0
    for row in csv.DictReader(text.splitlines()):
        if row["model"] == "erlang_b":
            offered = float(row["offered_load_erlang"])
            found = erlang_b(int(row["servers_c"]), offered)
            assert float(row["p_blocked"]) == pytest.approx(found, rel=1e-10)
            compared += 1
            continue
        waiting = of_row(row)
        assert waiting is not None
        for column, field in COLUMNS.items():
            if row[column]:
                found = getattr(waiting, field)
                assert float(row[column]) == pytest.approx(found, rel=1e-10, abs=1e-12)
                compared += 1
    assert 300 > compared > 250


def test_without_enough_agents_the_line_grows_for_ever() -> None:
    """A mean wait of infinity would be worse than no answer."""
    assert erlang_c(10, 10 / 180, 180, 20) is None
    assert erlang_c(11, 10 / 180, 180, 20) is not None


def test_the_agents_for_80_in_20() -> None:
    """The textbook's case: 100 calls in half an hour, of three minutes each."""
    assert 14 == agents_for(0.8, 100 / 1800, 180, None, 20)
    assert 13 == agents_for(0.8, 100 / 1800, 180, 300, 20)
    for agents, reached in ((12, False), (13, True)):
        line = erlang_a(agents, 100 / 1800, 180, 300, 20)
        assert reached is (line.answered_within >= 0.8)


def test_who_never_waits_long_is_nearly_erlang_c() -> None:
    """With endless patience both formulas are the same line."""
    patient = erlang_a(12, 10 / 180, 180, 1e9, 20)
    endless = erlang_c(12, 10 / 180, 180, 20)
    assert endless is not None
    assert endless.mean_wait_s == pytest.approx(patient.mean_wait_s, rel=1e-4)
    assert endless.answered_within == pytest.approx(patient.answered_within, rel=1e-4)
