"""Commands about the people of a kit: who can sign in, and the keys behind it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fieldkit.app.cli.kit import opened_context
from fieldkit.app.cli.options import (
    HomeOption,
    JsonOption,
    PassphraseOption,
    UserOption,
    home_at,
    passphrase_from,
    pin_from,
)
from fieldkit.app.cli.speech import messages, say, show_json, show_table
from fieldkit.domain.people.accounts import Role, User, checked_id, checked_name

user = typer.Typer(help="Pengguna kit ini. / Users of this kit.", no_args_is_help=True)

PinOption = Annotated[
    Path | None, typer.Option("--pin-file", help="File whose first line is the PIN (six digits); else it is asked.")
]
NewPassphraseOption = Annotated[
    Path | None, typer.Option("--new-passphrase-file", help="File whose first line is the new passphrase; else asked.")
]
AdminOption = Annotated[str, typer.Option("--admin", help="User id of the admin who does it.")]
_ReasonOption = Annotated[str, typer.Option("--reason", help="Why; it is noted, so no personal data.")]
_WhoArgument = Annotated[str, typer.Argument(help="Id of the user.")]


@user.command("list", help="Lihat pengguna kit ini. / List the users of this kit.")
def list_users(home: HomeOption = None, json: JsonOption = False) -> None:
    """List who can sign in and who no longer can; no passphrase is asked."""
    from fieldkit.vault.keyslots import KeySlotFile

    place = home_at(home)
    place.demand_enrolled()
    slots = KeySlotFile.open(place.slots)
    rows = [(user, True) for user in slots.names()] + [(user, False) for user in slots.disabled()]
    if json:
        show_json(
            [{"user": u.user_id, "name": u.name, "role": u.role.value, "may_sign_in": active} for u, active in rows]
        )
        return
    said = messages()
    columns = [said.text(f"cli.users_{name}") for name in ("id", "name", "role", "state")]
    state = {True: said.text("cli.user_active"), False: said.text("common.disabled")}
    lines = [(u.user_id, u.name, said.text(f"role.{u.role.value}"), state[active]) for u, active in rows]
    show_table(said.text("cli.users_title", kit=slots.kit_id), columns, lines)


@user.command("add", help="Tambah pengguna. / Add a user.")
def add(
    user_id: Annotated[str, typer.Argument(help="Id of the new user.")],
    name: Annotated[str, typer.Option("--name", help="Name as it appears on papers.")],
    role: Annotated[Role, typer.Option("--role", help="Role.")],
    admin: Annotated[str, typer.Option("--admin", help="User id of the admin who adds.")],
    new_passphrase_file: NewPassphraseOption = None,
    home: HomeOption = None,
    passphrase_file: PassphraseOption = None,
    pin_file: PinOption = None,
) -> None:
    """Add a user; the gateway must be reachable because it issues the certificate."""
    from fieldkit.app.bootstrap.enrolment import NewUser, add_user

    passphrase = passphrase_from(passphrase_file)
    secret, pin = passphrase_from(new_passphrase_file, "cli.new_passphrase"), pin_from(pin_file)
    place = home_at(home)
    with opened_context(place, admin, None, passphrase):
        pass  # whoever adds people is asked for a second factor as at the sign-in
    add_user(place, admin, passphrase, NewUser(User(checked_id(user_id), checked_name(name), role), secret, pin))
    say("cli.user_added", name=name, role=messages().text(f"role.{role.value}"))


@user.command("again", help="Beri pengguna awal baru: kunci, sertifikat, sandi. / Give a user a new start.")
def again(
    user_id: _WhoArgument,
    admin: AdminOption,
    role: Annotated[Role | None, typer.Option("--role", help="Another role; else the same.")] = None,
    new_passphrase_file: NewPassphraseOption = None,
    home: HomeOption = None,
    passphrase_file: PassphraseOption = None,
    pin_file: PinOption = None,
) -> None:
    """Give a user who forgot the passphrase, was disabled or has another role another key and certificate."""
    with opened_context(home_at(home), admin, passphrase_file) as context:
        secret = passphrase_from(new_passphrase_file, "cli.new_passphrase")
        who = context.accounts.start_anew(user_id, secret, pin_from(pin_file), role)
    say("cli.user_again", name=who.name)


@user.command("passphrase", help="Ganti kata sandi sendiri. / Change your own passphrase.")
def passphrase(
    home: HomeOption = None,
    user: UserOption = "",
    passphrase_file: PassphraseOption = None,
    new_passphrase_file: NewPassphraseOption = None,
) -> None:
    """Close your slot with another passphrase."""
    old = passphrase_from(passphrase_file)
    with opened_context(home_at(home), user, passphrase_file, old) as context:
        context.accounts.change_passphrase(old, passphrase_from(new_passphrase_file, "cli.new_passphrase"))
    say("common.passphrase_changed")


@user.command("pin", help="Ganti atau hapus PIN sendiri. / Change or take away your own PIN.")
def pin(
    home: HomeOption = None, user: UserOption = "", passphrase_file: PassphraseOption = None, pin_file: PinOption = None
) -> None:
    """Set the six digits that unlock a running session; an empty line takes them away."""
    old = passphrase_from(passphrase_file)
    with opened_context(home_at(home), user, passphrase_file, old) as context:
        context.accounts.set_pin(old, pin_from(pin_file))
    say("cli.pin_changed")


@user.command("disable", help="Nonaktifkan pengguna. / Let a user no longer sign in.")
def disable(
    user_id: _WhoArgument,
    admin: AdminOption,
    reason: _ReasonOption = "",
    home: HomeOption = None,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Throw away what the user's passphrase opens; the name stays."""
    with opened_context(home_at(home), admin, passphrase_file) as context:
        say("cli.user_is_disabled", name=context.accounts.disable(user_id, reason).name)


@user.command("remove", help="Hapus pengguna dari kit ini. / Take a user off this kit.")
def remove(
    user_id: _WhoArgument,
    admin: AdminOption,
    reason: _ReasonOption = "",
    home: HomeOption = None,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Forget the user; what the user did stays in the log."""
    with opened_context(home_at(home), admin, passphrase_file) as context:
        say("cli.user_is_removed", name=context.accounts.remove(user_id, reason).name)


@user.command("rotate-key", help="Ganti kunci penyimpanan kit. / Change the key of the kit's store.")
def rotate(admin: AdminOption, home: HomeOption = None, passphrase_file: PassphraseOption = None) -> None:
    """Give the store another key; who had a copy of the old one can open nothing any more."""
    from fieldkit.app.bootstrap.store_key import rotate_key

    rotate_key(home_at(home), admin, passphrase_from(passphrase_file))
    say("cli.key_changed")
