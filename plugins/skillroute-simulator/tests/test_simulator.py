"""The simulated host: found by its entry point, described truly."""

from __future__ import annotations

from importlib.metadata import entry_points, version
from typing import get_args

import skillroute_simulator

from skillroute import hookspecs, plugins


def test_the_entry_point_names_this_plugin() -> None:
    """Without it the installed distribution is never found."""
    (found,) = entry_points(group=plugins.ENTRY_POINT_GROUP, name="simulator")
    assert found.load() is skillroute_simulator


def test_it_can_do_everything() -> None:
    """A plan must not be refused by the simulator for what a real switch can do."""
    host = skillroute_simulator.skillroute_register_host()
    assert get_args(hookspecs.Capability) == host.capabilities


def test_it_names_its_own_version() -> None:
    """A report of a fault names this one, not the library's."""
    host = skillroute_simulator.skillroute_register_host()
    assert version("skillroute-simulator") == host.version
