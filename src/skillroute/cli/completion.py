"""
``skillroute completion``: what makes a shell complete commands and options.
"""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from . import commands

__all__ = ["command"]


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """
    Print what makes a shell complete commands and options.

    For bash: put  eval "$(skillroute completion bash)"  into ~/.bashrc.
    """
    found = get_completion_class(shell)
    assert found is not None
    click.echo(found(commands, {}, "skillroute", "_SKILLROUTE_COMPLETE").source())
