"""Commands about the people of a kit: who can sign in, and the keys behind it."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from fieldkit import VERSION
from fieldkit.app.bootstrap.home import Home
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
from fieldkit.app.cli.speech import messages, say, shell_word, show_json, show_table
from fieldkit.domain.errors import InputError, StoreError
from fieldkit.domain.office_bundles import DEB, EXE
from fieldkit.domain.people import Role, User, checked_id, checked_name
from fieldkit.domain.trusted_time import ClockState, ClockVerdict, judge
from fieldkit.domain.typed import read_moment
from fieldkit.media.carried_files import digest_of_file
from fieldkit.media.place import Place

# Commands on the time: what the laptop says, what is trusted, and a reasoned correction.

clock = typer.Typer(help="Jam laptop dan waktu tepercaya. / The laptop's clock and the trusted time.")

_SHOWN = "%d-%m-%Y %H.%M"
ReasonOption = Annotated[str, typer.Option("--reason", help="Why; the event log keeps it.")]


@clock.callback(invoke_without_command=True)
def show(context: typer.Context, home: HomeOption = None, json: JsonOption = False) -> None:
    """Show both clocks, the last trusted time with its source, and the correction; no passphrase is asked."""
    if context.invoked_subcommand is None:
        place = home_at(home)
        place.demand_enrolled()
        _show(place, as_json=json)


@clock.command("set", help="Koreksi jam program dengan alasan. / Correct the program's clock, with a reason.")
def correct(
    at: Annotated[str, typer.Option("--at", help="The true time now: 25-11-2026 08.30, by the dinas' wall clock.")],
    reason: ReasonOption,
    home: HomeOption = None,
    user: UserOption = "",
    passphrase_file: PassphraseOption = None,
) -> None:
    """Let the kit's clock run as if it were this time now; the laptop's clock stays as it is."""
    place = home_at(home)
    truth = _moment(place, at)
    with opened_context(place, user, passphrase_file) as context:
        standing = context.time.correct(truth, reason)
        say("waktu.set", at=context.clock.local(standing.kit_at).strftime(_SHOWN))


@clock.command("accept", help="Jam laptop benar, dengan alasan. / The laptop's clock is right, with a reason.")
def accept(
    reason: ReasonOption, home: HomeOption = None, user: UserOption = "", passphrase_file: PassphraseOption = None
) -> None:
    """Note that the laptop's clock is right although nothing vouches for it; a correction ends."""
    with opened_context(home_at(home), user, passphrase_file) as context:
        standing = context.time.accept(reason)
        say("waktu.set", at=context.clock.local(standing.kit_at).strftime(_SHOWN))


def _show(home: Home, *, as_json: bool) -> None:
    facts, kit = home.read_public(), home.clock()
    now, running = kit.now(), kit.running()
    verdict = judge(now, facts.trusted, running)
    if as_json:
        trusted: dict[str, Any] | None = None
        if facts.trusted is not None:
            trusted = {"at": facts.trusted.at.isoformat(), "source": facts.trusted.source.value}
        show_json(
            {
                "laptop": kit.wall().isoformat(),
                "kit": now.isoformat(),
                "correction_s": facts.correction.total_seconds(),
                "trusted": trusted,
                "state": verdict.state.value,
                "off_s": verdict.by.total_seconds(),
            }
        )
        return
    said = messages()
    known = facts.trusted
    correction = _signed(facts.correction) if facts.correction else said.text("waktu.no_correction")
    rows = [
        (said.text("waktu.laptop"), kit.local(kit.wall()).strftime(_SHOWN)),
        (said.text("waktu.kit"), kit.local(now).strftime(_SHOWN)),
        (said.text("waktu.correction"), correction),
        (said.text("waktu.trusted"), kit.local(known.at).strftime(_SHOWN) if known else said.text("common.none_yet")),
        (said.text("waktu.source"), said.text(f"waktu.source_{known.source.value}") if known else ""),
        (said.text("waktu.verdict"), _verdict(verdict)),
    ]
    show_table(said.text("waktu.title"), ("", ""), rows)


def _verdict(verdict: ClockVerdict) -> str:
    said = messages()
    if verdict.state is ClockState.FINE:
        return said.text("waktu.fine")
    return said.text(f"waktu.{verdict.state.value}", span=_span(verdict.by))


def _signed(span: timedelta) -> str:
    way = "waktu.later" if span > timedelta(0) else "waktu.earlier"
    return messages().text(way, span=_span(abs(span)))


def _span(span: timedelta) -> str:
    minutes = round(span.total_seconds() / 60)
    for unit, size in (("days", 1440), ("hours", 60)):
        if minutes >= 2 * size:
            return messages().text(f"waktu.{unit}", count=round(minutes / size))
    return messages().text("common.minutes", count=minutes)


def _moment(home: Home, text: str) -> datetime:
    kit = home.clock()
    return read_moment(text).replace(tzinfo=kit.local(kit.now()).tzinfo)


# The command that tells whether a package is the version of the program that the office announced.

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
    from fieldkit.services.office_bundles import offered_in

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
