"""
``skillroute schema``: the JSON Schema of plans.
"""

from __future__ import annotations

import click

from ..plan import plan_schema
from ._output import print_json

__all__ = ["command"]


@click.command("schema")
@click.option("--scenario", is_flag=True, help="That of scenarios instead.")
def command(*, scenario: bool) -> None:
    """
    Print the JSON Schema of plans, for editors that complete and check TOML.
    """
    if scenario:
        # Whoever asks for plans need not load the simulation.
        from ..simulation import scenario_schema

        print_json(scenario_schema())
    else:
        print_json(plan_schema())
