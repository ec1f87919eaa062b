"""The command that tells whether a package is the version of the program that the office announced."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from fieldkit import VERSION
from fieldkit.app.cli.kit import opened_context
from fieldkit.app.cli.options import HomeOption, PassphraseOption, UserOption, home_at
from fieldkit.app.cli.speech import say, shell_word
from fieldkit.domain.errors import InputError, StoreError
from fieldkit.domain.offered_program import DEB, EXE
from fieldkit.media.carried_files import digest_of_file
from fieldkit.media.place import Place

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
        package = digest_of_file(Place.of_file(file))
    except StoreError as error:
        raise InputError("cli.unreadable", file=str(file), detail=error.problem.params["detail"]) from error
    if (package.sha256, package.size_bytes) != (offered.sha256, offered.size_bytes):
        raise InputError("update.wrong_package", version=offered.version)
    if not offered.is_newer_than(VERSION):
        say("cli.update_current", version=VERSION)
        return
    word = shell_word(file.resolve())
    install = word if OURS == EXE else f"sudo apt install {word}"
    say("cli.update_good", version=offered.version, command=install)
