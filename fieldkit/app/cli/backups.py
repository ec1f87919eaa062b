"""Commands that carry a kit out of trouble: backups on a stick, restoring one, rescuing a dead laptop."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fieldkit.app.bootstrap.home import Home
from fieldkit.app.cli.options import HomeOption, JsonOption, PassphraseOption, UserOption, home_at, passphrase_from
from fieldkit.app.cli.speech import messages, say, say_problem, shell_word, show_json, show_table
from fieldkit.domain.errors import KnownError
from fieldkit.media.place import Place
from fieldkit.ports.exchange import StickBackup

backup = typer.Typer(help="Cadangan di flashdisk. / Backups on a stick.", no_args_is_help=True)


FolderArgument = Annotated[Path, typer.Argument(help="Folder of one backup, with backup.json in it.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.add_typer(backup, name="backup")
    app.command("restore", help="Pasang cadangan ke laptop ini. / Put a backup back onto this laptop.")(restore)
    app.command("rescue", help="Selamatkan rekaman dari laptop yang mati. / Rescue records of a dead laptop.")(rescue)


@backup.command("make", help="Buat cadangan ke flashdisk. / Make a backup on a stick.")
def make(
    to: Annotated[Path, typer.Option("--to", help="Stick or folder that takes the backup.")],
    home: HomeOption = None,
    user: UserOption = "",
    passphrase_file: PassphraseOption = None,
    json: JsonOption = False,
) -> None:
    """Copy the store and every unacknowledged record, read them back, sign what is there."""
    from fieldkit.app.cli.kit import opened_context
    from fieldkit.app.cli.options import NeverCancelled, NoProgress

    with opened_context(home_at(home), user, passphrase_file) as context:
        made = context.backups.make(str(to.absolute()), NoProgress(), NeverCancelled())
    if json:
        show_json(_as_json(made))
    else:
        say("cli.backup_made", records=made.records, where=made.folder, mb=_megabytes(made.size_bytes))


@backup.command("verify", help="Periksa cadangan. / Verify a backup.")
def verify(
    folder: FolderArgument, user: UserOption = "", passphrase_file: PassphraseOption = None, json: JsonOption = False
) -> None:
    """Compare every file with what the kit signed; with a passphrase also open the store and check its maker."""
    from fieldkit.app.bootstrap.restore import by_passphrase, check_opens
    from fieldkit.app.bootstrap.stick_backups import verify_backup

    place = Place(folder.absolute())
    read = verify_backup(place)
    proven = None
    if passphrase_file is not None:
        unlock = by_passphrase(user, passphrase_from(passphrase_file))
        proven = check_opens(place, read, unlock, Home(place.path).clock())
    told = read.told(place)
    if json:
        show_json({**_as_json(told), "opened_by": proven.opened_by if proven else None, "proven": proven is not None})
    else:
        say("cli.backup_whole", kit=told.kit, at=_moment(told), records=told.records, files=len(read.stated.files))
        if proven:
            say("cli.backup_opens", user=proven.opened_by)
        else:
            say("cli.backup_unproven")


@backup.command("list", help="Lihat cadangan di flashdisk. / List the backups on a stick.")
def list_backups(
    stick: Annotated[Path, typer.Argument(help="Stick or folder with backups.")], json: JsonOption = False
) -> None:
    """Read what each backup states; `verify` reads its files too."""
    from fieldkit.app.bootstrap.stick_backups import backups_on, read_statement

    found: list[StickBackup] = []
    problems: list[KnownError] = []
    for folder in backups_on(Place(stick.absolute())):
        try:
            found.append(read_statement(folder).told(folder))
        except KnownError as error:
            problems.append(error)
    if json:
        show_json([_as_json(each) for each in found])
    else:
        said = messages()
        rows = [(b.kit, _moment(b), str(b.records), str(_megabytes(b.size_bytes)), b.folder) for b in found]
        columns = [said.text(f"cli.backup_{name}") for name in ("kit", "at", "records", "size", "folder")]
        show_table(said.text("cli.backups_title", count=len(found)), columns, rows)
    for problem in problems:
        say_problem(problem.problem)
    if problems:
        raise typer.Exit(3)


def restore(
    folder: FolderArgument,
    home: HomeOption = None,
    user: UserOption = "",
    passphrase_file: PassphraseOption = None,
    sheet_file: Annotated[
        Path | None, typer.Option("--sheet-file", help="File with the code of a recovery sheet, for a passphrase.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Open a backup with a passphrase or a recovery sheet and put it back; a store that is there is set aside."""
    from fieldkit.app.bootstrap.restore import by_passphrase, by_sheet, check_opens
    from fieldkit.app.bootstrap.restore import restore as put_back
    from fieldkit.app.bootstrap.stick_backups import verify_backup

    place, source = home_at(home), Place(folder.absolute())
    read = verify_backup(source)
    if sheet_file is not None:
        unlock = by_sheet(passphrase_from(sheet_file))
    else:
        unlock = by_passphrase(user, passphrase_from(passphrase_file))
    proven = check_opens(source, read, unlock, place.clock())
    done = put_back(source, place, place.clock(), proven)
    aside = place.path / "damaged" / done.set_aside
    set_aside = str(aside) if aside.exists() else ""
    if json:
        show_json(
            {
                "kit": done.kit,
                "made_at": done.made_at.isoformat(),
                "records": done.records,
                "home": str(place.path),
                "set_aside": set_aside or None,
            }
        )
    else:
        at = place.clock().local(done.made_at)
        say("cli.restored", kit=done.kit, at=f"{at:%d-%m-%Y %H.%M}", records=done.records, home=str(place.path))
        if set_aside:
            say("cli.restored_aside", where=set_aside)


def rescue(
    home: Annotated[Path, typer.Argument(help="Folder of the dead kit, its disk mounted anywhere.")],
    out: Annotated[Path, typer.Option("--out", help="Stick or folder that takes the records.")],
    json: JsonOption = False,
) -> None:
    """Copy every sealed record with its manifest; no passphrase is asked. `fieldkit sync --from` takes the result."""
    from fieldkit.app.bootstrap.rescue import rescue as rescued

    place = Home(home.absolute())
    done = rescued(place, out.absolute(), place.clock())
    if json:
        show_json(
            {
                "kit": done.kit,
                "rescued": len(done.whole),
                "bytes": done.size_bytes,
                "without_manifest": done.without_manifest,
                "damaged": done.damaged,
                "unreadable": done.unreadable,
                "to": str(done.folder.path),
            }
        )
    else:
        say("cli.rescued", count=len(done.whole), kit=done.kit, to=str(done.folder), word=shell_word(done.folder.path))
        for key, names in (
            ("cli.rescued_without_manifest", done.without_manifest),
            ("cli.rescued_damaged", done.damaged),
            ("cli.rescued_unreadable", done.unreadable),
        ):
            if names:
                say(key, count=len(names), names=", ".join(names))
    if not done.is_all:
        raise typer.Exit(3)


def _as_json(made: StickBackup) -> dict[str, str | int]:
    return {
        "kit": made.kit,
        "made_at": made.made_at.isoformat(),
        "made_by": made.made_by,
        "records": made.records,
        "bytes": made.size_bytes,
        "folder": made.folder,
        "digest": made.digest,
    }


def _moment(made: StickBackup) -> str:
    """Return when a backup was made by the wall clock of its dinas, which lies in it."""
    return f"{Home(Path(made.folder)).clock().local(made.made_at):%d-%m-%Y %H.%M}"


def _megabytes(size_bytes: int) -> int:
    return -(-size_bytes // 1_000_000)
