"""Commands that keep the accounts of the office page: add, reset, disable, list."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fieldkit.app.cli.custody import DirOption, gateway_at
from fieldkit.app.cli.options import JsonOption, passphrase_from
from fieldkit.app.cli.speech import messages, say, show_json, show_table

if TYPE_CHECKING:
    from sync.gateway.office.accounts import Credentials

app = typer.Typer(help="Akun halaman kantor. / Accounts of the office page.", no_args_is_help=True)

NameArgument = Annotated[str, typer.Argument(help="Name of the account.")]
FileOption = Annotated[
    Path | None, typer.Option("--passphrase-file", help="File whose first line is the passphrase; else one is made.")
]


class Role(StrEnum):
    """As the office page knows them."""

    ADMIN = "admin"
    OPERATOR = "operator"
    AUDITOR = "auditor"


@app.command("add", help="Tambah akun. / Add an account.")
def add(
    folder: DirOption,
    name: NameArgument,
    role: Annotated[Role, typer.Option("--role", help="What the account may do.")],
    file: FileOption = None,
    json: JsonOption = False,
) -> None:
    """Make an account, print its first passphrase and the secret of its authenticator, as a QR code too."""
    from sync.gateway.office.accounts import Accounts, OfficeRole

    with gateway_at(folder) as gateway:
        given = Accounts(gateway).add(name, OfficeRole(role.value), passphrase_from(file) if file else "")
    _show(given, role.value, is_chosen=file is not None, json=json)


@app.command("reset", help="Kata sandi dan kunci autentikator baru. / New passphrase and authenticator key.")
def reset(folder: DirOption, name: NameArgument, file: FileOption = None, json: JsonOption = False) -> None:
    """Give an account new credentials and let it in again."""
    from sync.gateway.office.accounts import Accounts

    with gateway_at(folder) as gateway:
        accounts = Accounts(gateway)
        given = accounts.reset(name, passphrase_from(file) if file else "")
        role = next(each.role.value for each in accounts.listed() if each.name == name)
    _show(given, role, is_chosen=file is not None, json=json)


@app.command("disable", help="Nonaktifkan akun. / Disable an account.")
def disable(folder: DirOption, name: NameArgument) -> None:
    """Let nobody in under this name, at once."""
    from sync.gateway.office.accounts import Accounts

    with gateway_at(folder) as gateway:
        Accounts(gateway).disable(name)
    say("cli.office_disabled", name=name)


@app.command("list", help="Daftar akun. / List the accounts.")
def list_accounts(folder: DirOption, json: JsonOption = False) -> None:
    """Show who may use the office page."""
    from sync.gateway.office.accounts import Accounts

    with gateway_at(folder) as gateway:
        accounts = Accounts(gateway).listed()
    if json:
        show_json([{"name": a.name, "role": a.role.value, "is_disabled": a.disabled_at is not None} for a in accounts])
        return
    text = messages().text
    states = {False: text("cli.user_active"), True: text("common.disabled")}
    rows = [
        [a.name, text(f"office.role_{a.role.value}"), states[a.disabled_at is not None], f"{a.created_at:%Y-%m-%d}"]
        for a in accounts
    ]
    columns = [text(key) for key in ("common.name", "common.role", "common.state", "common.created")]
    show_table(text("common.office_accounts"), columns, rows)


def _show(given: Credentials, role: str, *, is_chosen: bool, json: bool) -> None:
    if json:
        said = {"name": given.name, "role": role, "totp_secret": given.totp_secret, "totp_uri": given.totp_uri}
        show_json(said if is_chosen else {**said, "passphrase": given.passphrase})
        return
    import segno

    say("cli.office_account", name=given.name, role=messages().text(f"office.role_{role}"))
    if not is_chosen:
        say("cli.office_first_passphrase", passphrase=given.passphrase)
    say("cli.office_totp", secret=given.totp_secret)
    segno.make(given.totp_uri, error="l", micro=False).terminal(out=sys.stdout, compact=True)
