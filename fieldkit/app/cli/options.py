"""Options that several commands share, and how a passphrase is asked for."""

from __future__ import annotations

import getpass
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from fieldkit.app.bootstrap.default_home import default_home
from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.slip import lines_of, read_slip
from fieldkit.app.cli.speech import messages
from fieldkit.domain.errors import InputError

HomeOption = Annotated[
    Path | None, typer.Option("--home", help="Folder of the kit (default: FIELDKIT_HOME or the user's data folder).")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
UserOption = Annotated[str, typer.Option("--user", help="User id; needed when the kit has more than one user.")]
PassphraseOption = Annotated[
    Path | None, typer.Option("--passphrase-file", help="File whose first line is the passphrase; else it is asked.")
]


class ExportChoice(StrEnum):
    """What others read."""

    OSIA = "osia"
    AN2 = "an2"
    ISO = "iso"
    CBEFF = "cbeff"


def home_at(path: Path | None) -> Home:
    """Return the home that was chosen."""
    return Home((path or default_home()).absolute())


def passphrase_from(file: Path | None, question: str = "cli.passphrase") -> str:
    """Return the first line of the file, or ask. Raise `InputError` when nobody can answer."""
    if file is not None:
        lines = lines_of(file)
        return lines[0] if lines else ""
    if not sys.stdin.isatty():
        raise InputError("cli.no_passphrase")
    return getpass.getpass(messages().text(question) + " ")


def pin_from(file: Path | None) -> str:
    """Return the first line of the file, or ask; "" where nobody can answer, for a PIN is not needed."""
    if file is not None:
        lines = lines_of(file)
        return lines[0].strip() if lines else ""
    return getpass.getpass(messages().text("cli.new_pin") + " ").strip() if sys.stdin.isatty() else ""


def slip_from(file: Path | None, url: str, code: str, ca_fingerprint: str) -> tuple[str, str, str]:
    """Return URL, code and fingerprint of a slip: from the file, the options, or asked for. Raise `InputError`."""
    if file is not None:
        return read_slip(file)
    given = {"cli.slip_url": url, "cli.slip_code": code, "cli.slip_fingerprint": ca_fingerprint}
    if not all(given.values()) and not sys.stdin.isatty():
        raise InputError("cli.slip_missing")
    ask = messages().text
    url, code, ca_fingerprint = (text or input(ask(question) + " ").strip() for question, text in given.items())
    return url, code, ca_fingerprint
