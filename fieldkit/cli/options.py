"""Options that several commands share, and how a passphrase is asked for."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path
from typing import Annotated

import typer

from fieldkit.bootstrap.home import Home, default_home
from fieldkit.cli.speech import messages
from fieldkit.domain.errors import InputError

HomeOption = Annotated[
    Path | None, typer.Option("--home", help="Folder of the kit (default: FIELDKIT_HOME or the user's data folder).")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
UserOption = Annotated[str, typer.Option("--user", help="User id; needed when the kit has more than one user.")]
PassphraseOption = Annotated[
    Path | None, typer.Option("--passphrase-file", help="File whose first line is the passphrase; else it is asked.")
]


def home_at(path: Path | None) -> Home:
    """Return the home that was chosen."""
    return Home((path or default_home()).absolute())


def passphrase_from(file: Path | None, question: str = "cli.passphrase") -> str:
    """Return the first line of the file, or ask. Raise `InputError` when nobody can answer."""
    if file is not None:
        try:
            lines = file.read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            detail = error.strerror if isinstance(error, OSError) else error.reason
            raise InputError("cli.unreadable", file=str(file), detail=detail or "") from error
        return lines[0] if lines else ""
    if not sys.stdin.isatty():
        raise InputError("cli.no_passphrase")
    return getpass.getpass(messages().text(question) + " ")
