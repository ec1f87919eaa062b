"""Commands that let a laptop in: the first time, after a lost passphrase, and when it was found again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fieldkit.app.bootstrap.slip import lines_of
from fieldkit.app.cli.options import (
    HomeOption,
    JsonOption,
    PassphraseOption,
    home_at,
    passphrase_from,
    pin_from,
    slip_from,
    tell_open,
)
from fieldkit.app.cli.speech import say, show_json
from fieldkit.app.cli.users import NewPassphraseOption, PinOption
from fieldkit.domain.people import Role, Slip, User, checked_id, checked_name

UrlOption = Annotated[str, typer.Option("--url", help="Address of the gateway, from the slip.")]
CodeOption = Annotated[str, typer.Option("--code", help="One-time code, from the slip; better --slip-file.")]
FingerprintOption = Annotated[str, typer.Option("--ca-fingerprint", help="Fingerprint of the CA, from the slip.")]
SlipOption = Annotated[
    Path | None, typer.Option("--slip-file", help="The slip: three lines, or JSON of `gateway enrol-code --json`.")
]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command("enrol", help="Daftarkan laptop ini ke kantor. / Enrol this laptop.")(enrol)
    app.command("recover", help="Buka kit dengan kunci pemulihan dinas. / Open a kit with the recovery key.")(recover)
    app.command("readmit", help="Terima kembali laptop yang ditemukan. / Let a found laptop in again.")(readmit)


def enrol(
    admin: Annotated[str, typer.Option("--admin", help="User id of the first admin.")],
    name: Annotated[str, typer.Option("--name", help="Name of the first admin.")],
    slip_file: SlipOption = None,
    url: UrlOption = "",
    code: CodeOption = "",
    ca_fingerprint: FingerprintOption = "",
    home: HomeOption = None,
    passphrase_file: PassphraseOption = None,
    pin_file: PinOption = None,
    json: JsonOption = False,
) -> None:
    """Enrol this laptop with the slip that `fieldkit gateway enrol-code` printed; after a failure, the same again."""
    from fieldkit.app.bootstrap.enrolment import NewUser, enrol_kit
    from fieldkit.vault.passphrases import measured

    slip = _slip(slip_file, url, code, ca_fingerprint)
    passphrase, pin = passphrase_from(passphrase_file, "cli.new_passphrase"), pin_from(pin_file)
    place = home_at(home)
    settings = enrol_kit(
        place, slip, NewUser(User(checked_id(admin), checked_name(name), Role.ADMIN_DINAS), passphrase, pin), measured()
    )
    if json:
        show_json({"kit": settings.kit_id, "dinas": settings.dinas, "home": str(place.path), "admin": admin})
    else:
        say("cli.enrolled", kit=settings.kit_id, dinas=settings.dinas, home=str(place.path))
    tell_open(place.path)


def recover(
    identity: Annotated[
        Path, typer.Option("--identity", help="The recovery identity of the dinas (recovery.identity).")
    ],
    user: Annotated[str, typer.Option("--user", help="User id of the admin who gets a new passphrase.")],
    slip_file: SlipOption = None,
    url: UrlOption = "",
    code: CodeOption = "",
    ca_fingerprint: FingerprintOption = "",
    name: Annotated[str, typer.Option("--name", help="Name, when the key slots no longer know the admin.")] = "",
    home: HomeOption = None,
    new_passphrase_file: NewPassphraseOption = None,
    pin_file: PinOption = None,
) -> None:
    """Give an admin a new passphrase: with the recovery identity and a slip of `gateway enrol-code --again`."""
    from fieldkit.app.bootstrap.enrolment import NewUser
    from fieldkit.app.bootstrap.rescue import known_admin, recover_kit
    from fieldkit.vault.passphrases import measured

    opened = "\n".join(lines_of(identity))
    slip, place = _slip(slip_file, url, code, ca_fingerprint), home_at(home)
    admin = known_admin(place, checked_id(user), name)
    passphrase = passphrase_from(new_passphrase_file, "cli.new_passphrase")
    settings = recover_kit(place, opened, slip, NewUser(admin, passphrase, pin_from(pin_file)), measured())
    say("cli.recovered", kit=settings.kit_id, name=admin.name)


def readmit(
    user: Annotated[str, typer.Option("--user", help="User id of an admin of this kit.")],
    slip_file: SlipOption = None,
    url: UrlOption = "",
    code: CodeOption = "",
    ca_fingerprint: FingerprintOption = "",
    home: HomeOption = None,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Let a kit in again that was revoked and found, with a slip of `gateway enrol-code --again`."""
    from fieldkit.app.bootstrap.rescue import readmit_kit

    slip, place = _slip(slip_file, url, code, ca_fingerprint), home_at(home)
    settings = readmit_kit(place, slip, user, passphrase_from(passphrase_file))
    say("cli.readmitted", kit=settings.kit_id)


def _slip(file: Path | None, url: str, code: str, ca_fingerprint: str) -> Slip:
    from fieldkit.domain.people import Slip

    return Slip(*slip_from(file, url, code, ca_fingerprint))
