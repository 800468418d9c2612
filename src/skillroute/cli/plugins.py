"""
``skillroute plugins``: the plugins that are installed.
"""

from __future__ import annotations

from typing import Any

import click

from ..errors import PluginError
from ..plugins import distributions, hosts, plugin_manager
from ._output import Failure, count, print_json, print_note

__all__ = ["command", "found_plugins"]


@click.command("plugins")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(*, as_json: bool) -> None:
    """
    List the plugins that are installed, and the switches they connect.
    """
    try:
        found = found_plugins()
    except PluginError as error:
        raise Failure(error.message) from error
    if as_json:
        print_json({"version": 1, **found})
        return
    for plugin in found["plugins"]:
        names = ", ".join(plugin["plugins"])
        click.echo(f"{plugin['name']} {plugin['version']}: {names}")
    for host in found["hosts"]:
        click.echo(f"  host {host['name']}: {host['summary']}")
    if not found["plugins"]:
        print_note("no plugins are installed")
    else:
        print_note(count(len(found["plugins"]), "distribution"))


def found_plugins() -> dict[str, list[dict[str, Any]]]:
    """
    Look for plugins and the hosts they bring.

    Returns:
        ``plugins`` and ``hosts``, each a list by name, as plain objects.

    Raises:
        PluginError: A plugin cannot be loaded or has a hook that does not exist.
    """
    manager = plugin_manager()
    return {
        "plugins": [
            {"name": found.name, "version": found.version, "plugins": found.plugins}
            for found in distributions(manager)
        ],
        "hosts": [
            {
                "name": host.name,
                "summary": host.summary,
                "version": host.version,
                "capabilities": host.capabilities,
            }
            for host in hosts(manager)
        ],
    }
