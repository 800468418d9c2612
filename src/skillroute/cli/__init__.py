"""
The command line: ``skillroute``, the same as ``python -m skillroute``.

Answers go to stdout, everything else to stderr.  The exit code is 0 for yes or done,
1 if the answer is no, 2 if there is none, 130 after Ctrl-C and 141 if whoever read
the output has gone, as shells count.
"""

from __future__ import annotations

import difflib
import importlib
import os
import sys
from collections.abc import Sequence

import click

__all__ = ["commands", "main"]

# One line of help a command, here, so that help needs no command's imports.
_SUMMARIES = {
    "bench": "Time the pool and the engine beside what somebody would write instead.",
    "check": "Find everything that is wrong with a plan.",
    "completion": "Print what makes a shell complete commands.",
    "demo": "Watch a dozen calls, or replay a day of calls.",
    "doctor": "See whether this installation works.",
    "explain": "Say who would get a call, and why.",
    "journal": "Look after the record of a site.",
    "init": "Write a plan to start from.",
    "plugins": "List the plugins that are installed.",
    "replay": "Route the recorded calls again under another plan.",
    "schema": "Print the JSON Schema of plans, for editors.",
    "simulate": (
        "Play a scenario many times: what would callers wait, what would agents do."
    ),
}

# What the scripts that `completion` prints put the question in.
_COMPLETE = "_SKILLROUTE_COMPLETE"

_UNANSWERED = 2
_INTERRUPTED = 130
_PIPE_CLOSED = 141


class _LazyGroup(click.Group):
    """
    A group whose commands are imported when they are run, each from its own module.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """List the commands by name."""
        return sorted(_SUMMARIES)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002
        cmd_name: str,
    ) -> click.Command | None:
        """Import one command; None: there is none of that name."""
        if cmd_name not in _SUMMARIES:
            return None
        module = importlib.import_module(f".{cmd_name}", __name__)
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that was asked for, or say which one was meant."""
        known = args[0] in _SUMMARIES
        close = difflib.get_close_matches(args[0], _SUMMARIES, n=1)
        if not known and close and not args[0].startswith("-"):
            ctx.fail(f"No such command {args[0]!r}. Did you mean {close[0]!r}?")
        return super().resolve_command(ctx, args)

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002
        formatter: click.HelpFormatter,
    ) -> None:
        """Write the list of commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(sorted(_SUMMARIES.items()))


@click.group(
    "skillroute",
    cls=_LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(
    package_name="skillroute", prog_name="skillroute", message="%(prog)s %(version)s"
)
@click.pass_context
def commands(ctx: click.Context) -> None:
    """
    Decide who gets a call: among those who can, the one with the fewest tags.

    Start with "skillroute demo", then "skillroute init".
    """
    if os.environ.get("NO_COLOR"):
        ctx.color = False
    elif os.environ.get("FORCE_COLOR"):
        ctx.color = True


def main(arguments: Sequence[str] | None = None) -> None:
    """
    Run one command and leave the process with its exit code.

    Args:
        arguments: Words after the program's name; None: those of this process.

    Raises:
        SystemExit: Always.
    """
    try:
        code = _run(list(sys.argv[1:] if arguments is None else arguments))
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes stdout once more when it ends; let that go nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = _PIPE_CLOSED
    sys.exit(code)


def _run(words: list[str]) -> int:
    """
    Run one command and return the exit code; no traceback for a user's mistake.

    Not by ``commands.main``, which leaves with 1 on a closed pipe: that would mean
    that the answer is no.
    """
    asked = os.environ.get(_COMPLETE)
    if asked:
        from click.shell_completion import shell_complete

        return shell_complete(commands, {}, "skillroute", _COMPLETE, asked)
    try:
        with commands.make_context("skillroute", words) as ctx:
            commands.invoke(ctx)
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return _INTERRUPTED
    except BrokenPipeError:
        raise
    except Exception as error:
        said = _words(error)
        if said is None:
            raise
        click.echo(f"skillroute: {said}", err=True)
        return _UNANSWERED
    return 0


def _words(error: Exception) -> str | None:
    """
    Say what stopped a command; None: it is a fault of ours, and its traceback helps.

    Commands say most of it themselves; what they did not think of, such as a disk
    that is full at the last line, ends here.
    """
    from ..errors import EngineBugError, SkillrouteError

    if isinstance(error, SkillrouteError) and not isinstance(error, EngineBugError):
        return f"{error.message} [{error.code}]"
    if not isinstance(error, OSError):
        return None
    reason = error.strerror or str(error)
    return f"{error.filename}: {reason}" if error.filename else reason
