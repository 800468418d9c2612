"""
``skillroute init``: a plan to start from.
"""

from __future__ import annotations

from pathlib import Path

import click

from ..plan import starter_plan
from ._output import Failure, print_note

__all__ = ["command"]


@click.command("init")
@click.argument("path", default="plan.toml", type=click.Path(allow_dash=True))
@click.option("--force", is_flag=True, help="Overwrite the file if it exists.")
def command(path: str, *, force: bool) -> None:
    """
    Write a plan to start from.

    PATH is plan.toml unless it is given; "-" prints the plan.
    """
    if path == "-":
        click.echo(starter_plan(), nl=False)
        return
    try:
        with Path(path).open("w" if force else "x", encoding="utf-8") as file:
            file.write(starter_plan())
    except FileExistsError as error:
        raise Failure(f"{path} exists; to overwrite it, add --force") from error
    except OSError as error:
        raise Failure(f"{path} cannot be written: {error.strerror}") from error
    print_note(f"wrote {path}; now try: skillroute check {path}")
