"""Every command, and how wrong use is answered."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any

import typer
from typer.main import get_command

from fieldkit import VERSION
from fieldkit.app.cli import (
    audit,
    backups,
    custody,
    devices,
    enrolling,
    gateway,
    kit,
    letters,
    program,
    quality,
    sops,
    users,
)
from fieldkit.app.cli.options import usage_problem
from fieldkit.app.cli.speech import messages, say_problem

app = typer.Typer(
    help="Alat perekaman KTP-el untuk jemput bola. / Enrolment field kit for mobile KTP-el recording teams.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _say_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"fieldkit {VERSION}")
        raise typer.Exit


@app.callback()
def of_all(
    is_asked: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Versi program. / The version.")
    ] = False,
) -> None:
    """Hold what every command takes."""


program.register(app)
kit.register(app)
enrolling.register(app)
devices.register(app)
backups.register(app)
quality.register(app)
app.add_typer(gateway.app, name="gateway")
app.add_typer(custody.record, name="record")
app.add_typer(devices.sample, name="sample")
app.add_typer(audit.audit, name="audit")
app.add_typer(users.clock, name="clock")
app.add_typer(users.user, name="user")
app.add_typer(letters.letter, name="letter")
app.add_typer(sops.app, name="sop")
app.add_typer(users.app, name="update")


@cache
def parser() -> Any:
    """Return what reads the words of a command; it takes the time of a short command to make."""
    return get_command(app)


def perform(arguments: list[str]) -> int:
    """Run a command and return its exit code. Raise `KnownError`, `OSError`."""
    try:
        code = parser()(arguments, standalone_mode=False)
    except (typer.Abort, SystemExit):  # the parser ends the program itself when nobody reads the output
        return 3
    except typer.TyperException as error:
        # Without a word it is the help that a bare command prints.
        if getattr(error, "format_message", error.__str__)():
            say_problem(usage_problem(error, messages()))
        return 2
    return code if isinstance(code, int) else 0
