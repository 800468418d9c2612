"""Finding plugins: what they register, and what stops the start."""

from __future__ import annotations

from collections.abc import Callable
from importlib import metadata
from types import ModuleType, SimpleNamespace

import msgspec
import pytest

from skillroute import plugins
from skillroute.errors import PluginError
from skillroute.hookspecs import HostDescription, hookimpl

HOST = HostDescription(name="lab", summary="Lab", version="1", capabilities=("play",))


def install(monkeypatch: pytest.MonkeyPatch, **found: object) -> None:
    """Let the entry points of the group be *found*, all of one distribution."""
    distribution = SimpleNamespace(
        metadata={"Name": "skillroute-lab"},
        version="1",
        entry_points=[
            SimpleNamespace(
                group=plugins.ENTRY_POINT_GROUP, name=name, load=lambda p=plugin: p
            )
            for name, plugin in found.items()
        ],
    )
    monkeypatch.setattr(metadata, "distributions", lambda: [distribution])


def plugin(**functions: Callable[..., object]) -> ModuleType:
    """Make a plugin module with these hook implementations."""
    module = ModuleType("skillroute_lab")
    for name, function in functions.items():
        setattr(module, name, hookimpl(function))
    return module


def test_the_simulator_is_found() -> None:
    """In this workspace its distribution is installed; else entry points are broken."""
    manager = plugins.plugin_manager()
    assert "simulator" in [host.name for host in plugins.hosts(manager)]
    found = {each.name: each.plugins for each in plugins.distributions(manager)}
    assert ("simulator",) == found["skillroute-simulator"]


def test_each_call_makes_a_new_manager() -> None:
    """Two routers in one process must not see each other's registrations."""
    assert plugins.plugin_manager() is not plugins.plugin_manager()


def test_no_plugins_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library is useful without any."""
    install(monkeypatch)
    manager = plugins.plugin_manager()
    assert () == plugins.hosts(manager)
    assert () == plugins.distributions(manager)


def test_hosts_are_sorted_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """The order of installation must not show in any list."""
    other = msgspec.structs.replace(HOST, name="attic")
    install(
        monkeypatch,
        second=plugin(skillroute_register_host=lambda: HOST),
        first=plugin(skillroute_register_host=lambda: other),
    )
    manager = plugins.plugin_manager()
    assert (other, HOST) == plugins.hosts(manager)
    (distribution,) = plugins.distributions(manager)
    assert ("first", "second") == distribution.plugins


def test_a_misspelt_hook_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ignored, it would be a plugin that is installed and does nothing."""
    install(monkeypatch, lab=plugin(skillroute_regster_host=lambda: HOST))
    with pytest.raises(PluginError, match="'lab'") as caught:
        plugins.plugin_manager()
    assert "hook_not_valid" == caught.value.code
    assert "skillroute_regster_host" in str(caught.value)


def test_an_unknown_argument_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would fail only when the hook is called."""
    install(monkeypatch, lab=plugin(skillroute_register_host=lambda site: site))
    with pytest.raises(PluginError) as caught:
        plugins.plugin_manager()
    assert "hook_not_valid" == caught.value.code


def test_a_plugin_that_cannot_be_imported_stops_the_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The cause is chained: its author needs the traceback."""

    def load() -> None:
        raise ModuleNotFoundError("no module named 'ari'")

    install(monkeypatch, lab=None)
    (distribution,) = metadata.distributions()
    (entry_point,) = distribution.entry_points
    monkeypatch.setattr(entry_point, "load", load)
    with pytest.raises(PluginError, match="'ari'") as caught:
        plugins.plugin_manager()
    assert "plugin_not_loadable" == caught.value.code
    assert isinstance(caught.value.__cause__, ModuleNotFoundError)


def test_two_hosts_of_one_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which of them a configuration means would depend on the installation order."""
    install(
        monkeypatch,
        one=plugin(skillroute_register_host=lambda: HOST),
        two=plugin(skillroute_register_host=lambda: HOST),
    )
    manager = plugins.plugin_manager()
    with pytest.raises(PluginError, match="'lab'") as caught:
        plugins.hosts(manager)
    assert "host_not_unique" == caught.value.code
