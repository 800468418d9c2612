"""
Find the plugins of this installation.

Nothing is looked for on import: a program calls `plugin_manager` when it starts, and
passes the manager on. Each call makes a new one.
"""

from __future__ import annotations

import msgspec
import pluggy

from skillroute import hookspecs
from skillroute.errors import PluginError
from skillroute.hookspecs import HostDescription

ENTRY_POINT_GROUP = "skillroute"
"""Entry-point group in which a plugin's distribution names its module."""


class PluginDistribution(msgspec.Struct, frozen=True, kw_only=True):
    """One installed distribution that brings plugins."""

    name: str
    """Name of the distribution, as installers know it."""

    version: str
    """Version of the distribution."""

    plugins: tuple[str, ...]
    """Names of its entry points in the group, sorted."""


def plugin_manager() -> pluggy.PluginManager:
    """
    Load every installed plugin and check its hooks.

    Returns:
        A new manager with all plugins of the entry-point group registered.

    Raises:
        PluginError: a plugin cannot be imported (code ``plugin_not_loadable``), or has
            a hook whose name or arguments do not exist (code ``hook_not_valid``).
    """
    manager = pluggy.PluginManager(ENTRY_POINT_GROUP)
    manager.add_hookspecs(hookspecs)
    try:
        manager.load_setuptools_entrypoints(ENTRY_POINT_GROUP)
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        name = manager.get_name(error.plugin) or repr(error.plugin)
        message = f"plugin {name!r}: {error}; compare it with skillroute.hookspecs"
        raise PluginError(code="hook_not_valid", message=message) from error
    # Whatever a plugin's module raises on import, its author must hear of it.
    except Exception as error:
        message = f"a plugin cannot be loaded: {error!r}; repair or uninstall it"
        raise PluginError(code="plugin_not_loadable", message=message) from error
    return manager


def distributions(manager: pluggy.PluginManager) -> tuple[PluginDistribution, ...]:
    """
    List the distributions that *manager* loaded plugins from.

    Returns:
        One element per distribution, sorted by name; empty if none is installed.
    """
    found: dict[tuple[str, str], list[str]] = {}
    for plugin, distribution in manager.list_plugin_distinfo():
        key = (distribution.metadata["Name"], distribution.version)
        found.setdefault(key, []).append(manager.get_name(plugin) or repr(plugin))
    return tuple(
        PluginDistribution(name=name, version=version, plugins=tuple(sorted(plugins)))
        for (name, version), plugins in sorted(found.items())
    )


def hosts(manager: pluggy.PluginManager) -> tuple[HostDescription, ...]:
    """
    Ask every plugin for its host.

    Returns:
        One description per host, sorted by name; empty if no plugin brings one.

    Raises:
        PluginError: two plugins give a host the same name (code ``host_not_unique``).
    """
    described: list[HostDescription] = manager.hook.skillroute_register_host()
    by_name: dict[str, HostDescription] = {}
    for host in described:
        if host.name in by_name:
            message = f"two plugins bring a host named {host.name!r}; uninstall one"
            raise PluginError(code="host_not_unique", message=message)
        by_name[host.name] = host
    return tuple(by_name[name] for name in sorted(by_name))
