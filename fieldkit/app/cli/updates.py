"""The command that tells whether a package is the version of the program that the office announced."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import Annotated

import typer

from fieldkit import VERSION
from fieldkit.app.cli.kit import opened_context
from fieldkit.app.cli.options import HomeOption, PassphraseOption, UserOption, home_at
from fieldkit.app.cli.speech import say, shell_word
from fieldkit.domain.errors import InputError, reason_of
from fieldkit.domain.offered_program import DEB, EXE

app = typer.Typer(help="Versi program. / The version of the program.", no_args_is_help=True)
OURS = EXE if sys.platform == "win32" else DEB


@app.callback()
def of_updates() -> None:
    """Hold the group together."""


@app.command("check", help="Periksa paket sebelum dipasang. / Check a package before it is installed.")
def check(
    file: Annotated[Path, typer.Argument(help="The package, e.g. from a stick.")],
    home: HomeOption = None,
    user: UserOption = "",
    passphrase_file: PassphraseOption = None,
) -> None:
    """Compare a package with what the office announced; nothing is installed."""
    from fieldkit.services.office_bundles.office_words import offered_in

    with (
        opened_context(home_at(home), user, passphrase_file) as context,
        context.office.units.read() as unit,
    ):
        offered = offered_in(unit, OURS)
    if offered is None:
        raise InputError("update.none")
    try:
        with file.open("rb") as content:
            digest, size = hashlib.file_digest(content, "sha256").hexdigest(), content.tell()
    except OSError as error:
        raise InputError("cli.unreadable", file=str(file), detail=reason_of(error)) from error
    if (digest, size) != (offered.sha256, offered.size_bytes):
        raise InputError("update.wrong_package", version=offered.version)
    if not offered.is_newer_than(VERSION):
        say("cli.update_current", version=VERSION)
        return
    package = shell_word(file.resolve())
    install = package if OURS == EXE else f"sudo apt install {package}"
    say("cli.update_good", version=offered.version, command=install)
