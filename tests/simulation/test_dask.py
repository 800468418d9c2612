"""Replications on a cluster of Dask: the supplied engine for many machines."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from skillroute.simulation import (
    load_scenario,
    new_study,
    play,
    result_of,
    study_object,
)

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


# What the library warns about is not ours to mend.
@pytest.mark.filterwarnings("ignore")
def test_a_cluster_comes_to_the_same() -> None:
    """Its workers are other processes: what they are given travels, and comes back."""
    distributed = pytest.importorskip("distributed", reason="extra dask is absent")
    study = new_study(load_scenario(EXAMPLES / "shop.scenario.toml"), replications=6)
    with (
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address=None,
            processes=True,
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        part = play(study, executor=client.get_executor(), workers=2)
    ours = msgspec.json.encode(study_object(result_of(part)))
    assert msgspec.json.encode(study_object(result_of(play(study)))) == ours
