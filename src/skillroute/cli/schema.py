"""
``skillroute schema``: the JSON Schema of plans.
"""

from __future__ import annotations

import click

from ..plan import plan_schema
from ._output import print_json

__all__ = ["command"]


@click.command("schema")
def command() -> None:
    """
    Print the JSON Schema of plans, for editors that complete and check TOML.
    """
    print_json(plan_schema())
