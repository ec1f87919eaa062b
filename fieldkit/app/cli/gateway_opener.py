"""Commands of the opener: records are opened on a machine of their own, with a key that need not lie open on a disk."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fieldkit.app.bootstrap.clock import WIB, SystemClock
from fieldkit.app.cli.custody import DirOption
from fieldkit.app.cli.options import JsonOption, new_private, passphrase_from
from fieldkit.app.cli.speech import say, show_json
from fieldkit.domain.errors import InputError, KnownError, Recovery

if TYPE_CHECKING:
    from fieldkit.vault.certificates import Secret
    from sync.gateway.opening.process import OpeningMachine

SecretFile = Annotated[
    Path | None, typer.Option("--secret-file", help="File whose first line is the passphrase or PIN; else it is asked.")
]

KeyOption = Annotated[
    Path | None, typer.Option("--identity", help="File of the opener's key; else opener.identity in --dir.")
]
DatabaseOption = Annotated[
    str, typer.Option("--database-url", help="Database, without a password; else FIELDKIT_DATABASE_URL.")
]
ObjectsOption = Annotated[
    str, typer.Option("--objects", help="Store of the records, e.g. s3://bucket; else FIELDKIT_OBJECTS.")
]


def register(app: typer.Typer) -> None:
    """Add the commands to those of the gateway."""
    app.command("open", help="Buka rekaman yang diterima, juga di komputer lain. / Open received records.")(
        open_records
    )
    app.command("opener-kit", help="Siapkan komputer pembuka. / Make a folder for a machine that opens.")(opener_kit)
    app.command("opener-key", help="Kunci berkas kunci pembuka. / Lock the opener's key.")(opener_key)


def open_records(
    folder: DirOption,
    identity: KeyOption = None,
    secret_file: SecretFile = None,
    database_url: DatabaseOption = "",
    objects: ObjectsOption = "",
    once: Annotated[bool, typer.Option("--once", help="Open what waits, then end.")] = False,
    trial: Annotated[
        bool, typer.Option("--trial", help='Try penunggalan by NIK, marked "uji coba", whatever the gateway says.')
    ] = False,
    json: JsonOption = False,
) -> None:
    """Open records until SIGTERM or Ctrl-C, or with --once what waits; several may work on one database."""
    from sync.gateway.ledger import NikRule
    from sync.gateway.opener import Outcome
    from sync.gateway.opening.process import open_always, open_waiting

    with opening_machine(folder, identity, secret_file, database_url, objects) as machine:
        opener = machine.opener(NikRule() if trial else None)
        if not once:
            open_always(opener, _say_ready)
            return
        opened, is_all_read = open_waiting(opener, lambda: None)
    counts = {name: opened[Outcome(name)] for name in ("valid", "invalid", "set_aside", "lost")}
    if json:
        show_json(counts)
    else:
        say("cli.opened", **counts)
    if counts["set_aside"] or counts["lost"] or not is_all_read:
        raise KnownError("gateway.opening_unfinished", recovery=Recovery.RETRY)


@contextmanager
def opening_machine(
    folder: Path, identity: Path | None, secret_file: Path | None, database_url: str, objects: str
) -> Iterator[OpeningMachine]:
    """Open the key, the database and the objects for a block."""
    from sync.gateway.opening.process import machine_at
    from sync.gateway.provision import Places, demand_no_password

    if database_url:
        demand_no_password(database_url)
    key = identity or folder / "opener.identity"
    machine = machine_at(
        folder, key, lambda secret: _said(secret, secret_file), SystemClock(WIB), Places(database_url, objects)
    )
    try:
        yield machine
    finally:
        machine.engine.dispose()


def opener_kit(
    folder: DirOption,
    out: Annotated[Path, typer.Option("--out", help="New folder, to be carried to the machine that opens.")],
) -> None:
    """Put into a folder what opening needs beside the key: no key of the authority, of TLS or of receipts."""
    from sync.gateway.opening.process import take_out

    take_out(folder, out)
    say("cli.opener_kit", folder=str(out))


def opener_key(
    identity: Annotated[Path, typer.Option("--identity", help="File of the opener's key.")],
    out: Annotated[Path, typer.Option("--out", help="New file of the locked key.")],
    token: Annotated[
        str, typer.Option("--token", help="pkcs11:token=…;object=…?module-path=…; else a passphrase locks it.")
    ] = "",
    secret_file: SecretFile = None,
) -> None:
    """Lock a key file by a passphrase, or by a key that stays in a PKCS#11 token and is made there when missing."""
    from fieldkit.vault.certificates import Secret, close_by_passphrase, close_by_token, private_bytes
    from fieldkit.vault.passphrases import check_passphrase
    from fieldkit.vault.token import TokenKey

    if out.exists():
        raise InputError("gateway.out_taken", path=str(out))
    content = private_bytes(identity)
    if token:
        key = TokenKey.parse(token)
        closed = close_by_token(content, key, _said(Secret.PIN, secret_file))
    else:
        passphrase = passphrase_from(secret_file, "cli.new_passphrase")
        check_passphrase(passphrase)
        closed = close_by_passphrase(content, passphrase)
    with new_private(out) as file:
        file.write(closed)
        file.flush()
        os.fsync(file.fileno())
    say("cli.opener_key", file=str(out), plain=str(identity))


def _said(secret: Secret, file: Path | None) -> str:
    from fieldkit.vault.certificates import Secret

    return passphrase_from(file, "cli.token_pin" if secret is Secret.PIN else "cli.passphrase").strip()


def _say_ready() -> None:
    say("cli.opener_ready")
    sys.stdout.flush()  # whoever started us waits for this line at the other end of a pipe
