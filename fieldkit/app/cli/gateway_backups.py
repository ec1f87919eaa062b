"""Commands of the data center side that make, check and put back backups."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fieldkit.app.bootstrap.clock import WIB, SystemClock
from fieldkit.app.bootstrap.slip import lines_of
from fieldkit.app.cli.custody import DirOption, gateway_at
from fieldkit.app.cli.options import JsonOption, tell_open
from fieldkit.app.cli.speech import say, show_json
from fieldkit.domain.errors import InputError, KnownError, Recovery

if TYPE_CHECKING:
    from sync.gateway.operations.backup_set import Statement, Unlock
    from sync.gateway.operations.restore import Checked

BackupOption = Annotated[Path, typer.Option("--from", help="Folder of backups (its newest), or of one backup.")]
IdentityOption = Annotated[
    Path | None, typer.Option("--identity", help="File of the recovery identity of the dinas, which opens a backup.")
]
PassphraseFile = Annotated[
    Path | None, typer.Option("--passphrase-file", help="File whose first line is the backup's passphrase.")
]
DatabaseOption = Annotated[str, typer.Option("--database-url", help="Empty PostgreSQL database; else SQLite in --dir.")]
ObjectsOption = Annotated[str, typer.Option("--objects", help="Object store, s3://…; else a folder in --dir.")]


def register(app: typer.Typer) -> None:
    """Add the commands to those of the gateway."""
    app.command("backup", help="Cadangkan pusat data selagi berjalan. / Back up the data center while it runs.")(backup)
    app.command("verify-backup", help="Periksa cadangan pusat data. / Check a backup of the data center.")(verify)
    app.command("move", help="Pindahkan pusat data. / Move the data center elsewhere.")(move)
    app.command("restore", help="Pulihkan pusat data dari cadangan. / Make a data center of a backup.")(restore)


def backup(
    folder: DirOption,
    to: Annotated[Path, typer.Option("--to", help="Folder that takes this and later backups.")],
    passphrase_file: PassphraseFile = None,
    keep: Annotated[
        int | None, typer.Option("--keep", min=1, help="How many backups stay in --to; older ones are removed.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Copy rows, keys and what objects are new; it opens by the recovery identity, or by a passphrase."""
    from sync.gateway.operations.backup import make_backup

    passphrase = _first_line(passphrase_file) if passphrase_file else ""
    with gateway_at(folder) as gateway_context:
        done = make_backup(gateway_context, folder, to.absolute(), passphrase, keep)
    said = done.made.statement
    if json:
        show_json({**_told(said), "copied": done.copied, "folder": str(done.made.folder), "removed": done.removed})
    else:
        megabytes = -(-done.copied_bytes // 1_000_000)
        say("cli.gateway_backed_up", folder=str(done.made.folder), records=said.rows.get("records", 0))
        say("cli.gateway_backup_new", copied=done.copied, mb=megabytes, removed=done.removed)
        for key in said.missing:
            say("cli.backup_object_missing", object=key)
    if said.missing:
        raise KnownError("gateway.backup_incomplete", recovery=Recovery.RETRY, count=len(said.missing))


def verify(
    source: BackupOption,
    identity: IdentityOption = None,
    passphrase_file: PassphraseFile = None,
    json: JsonOption = False,
) -> None:
    """Read every file of a backup; with what opens it also load the rows and verify each receipt."""
    from sync.gateway.operations.backup_set import the_backup
    from sync.gateway.operations.restore import check_backup

    made = the_backup(source.absolute())
    unlock = _unlock(identity, passphrase_file) if identity or passphrase_file else None
    checked = check_backup(made, unlock)
    _tell(checked, made.statement, as_json=json)
    if unlock is None and not json:
        say("cli.gateway_backup_closed")
    if checked.wrong:
        raise KnownError("gateway.receipts_wrong", recovery=Recovery.ASK_OFFICE, count=len(checked.wrong))
    if checked.damaged:
        raise KnownError("gateway.backup_objects", recovery=Recovery.RETRY, count=len(checked.damaged))


def restore(
    source: BackupOption,
    folder: Annotated[Path, typer.Option("--dir", help="New or empty folder of the gateway.")],
    identity: IdentityOption = None,
    passphrase_file: PassphraseFile = None,
    database_url: DatabaseOption = "",
    objects: ObjectsOption = "",
    json: JsonOption = False,
) -> None:
    """Put a backup into an empty place; every object and receipt is verified before the gateway may be served."""
    from fieldkit.app.bootstrap.data_center import demand_no_password
    from sync.gateway.operations.backup_set import the_backup
    from sync.gateway.operations.restore import Target
    from sync.gateway.operations.restore import restore as put_back

    if database_url:
        demand_no_password(database_url)
    made = the_backup(source.absolute())
    checked = put_back(made, _unlock(identity, passphrase_file), Target(folder.absolute(), database_url, objects))
    _tell(checked, made.statement, as_json=json)
    tell_open(folder)
    if checked.damaged:
        raise KnownError("gateway.restored_incomplete", recovery=Recovery.RETRY, count=len(checked.damaged))


def move(
    folder: DirOption,
    to: Annotated[Path | None, typer.Option("--to", help="New folder of the gateway, empty or not there yet.")] = None,
    via: Annotated[
        Path | None, typer.Option("--via", help="Folder of backups; what it has is not copied again.")
    ] = None,
    database_url: DatabaseOption = "",
    objects: ObjectsOption = "",
    cancel: Annotated[bool, typer.Option("--cancel", help="A move that did not end: serve the old one again.")] = False,
    json: JsonOption = False,
) -> None:
    """Stop the old one for good, back it up and put it back elsewhere; the old one stays as it is."""
    from fieldkit.app.bootstrap.data_center import demand_no_password
    from sync.gateway.operations import retention as moving
    from sync.gateway.operations.restore import Target
    from sync.gateway.provision import open_even_moved

    if database_url:
        demand_no_password(database_url)
    if not cancel and (to is None or via is None):
        raise InputError("gateway.move_where")
    gateway_context = open_even_moved(folder, SystemClock(WIB))
    try:
        if to is None or via is None:
            moving.take_back(gateway_context, folder)
            say("cli.gateway_move_cancelled")
            return
        target = Target(to.absolute(), database_url, objects)
        checked = moving.move(gateway_context, folder, via.absolute(), target)
    finally:
        gateway_context.engine.dispose()
    if json:
        show_json({"to": str(to.absolute()), "receipts": checked.receipts, "objects": checked.objects})
    else:
        say("cli.gateway_moved", to=str(to.absolute()), objects=checked.objects, receipts=checked.receipts)


def _tell(checked: Checked, statement: Statement, *, as_json: bool) -> None:
    if as_json:
        wrong = [finding.record_id for finding in checked.wrong]
        found = {"receipts": checked.receipts, "objects": checked.objects, "damaged": checked.damaged}
        show_json({**_told(statement), **found, "wrong_receipts": wrong})
        return
    at = f"{statement.made_at:%Y-%m-%d %H.%M} UTC"
    say("cli.gateway_backup_read", at=at, objects=checked.objects, receipts=checked.receipts)
    for key in checked.damaged:
        say("cli.backup_object_missing", object=key)


def _told(statement: Statement) -> dict[str, object]:
    return {
        "gateway": statement.gateway,
        "made_at": statement.made_at.isoformat(),
        "opens_by": statement.opens_by,
        "records": statement.rows.get("records", 0),
        "objects": statement.objects,
        "bytes": statement.object_bytes,
        "missing": statement.missing,
    }


def _unlock(identity: Path | None, passphrase_file: Path | None) -> Unlock:
    from fieldkit.vault.age import parse_identities
    from sync.gateway.operations.backup_set import Unlock

    if passphrase_file is not None:
        return Unlock(passphrase=_first_line(passphrase_file))
    if identity is None:
        raise InputError("gateway.backup_no_key")
    return Unlock(parse_identities("\n".join(lines_of(identity))))


def _first_line(file: Path) -> str:
    lines = lines_of(file)
    return lines[0] if lines else ""
