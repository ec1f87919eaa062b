"""Commands that carry a kit out of trouble: backups on a stick, restoring one, rescuing a dead laptop."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fieldkit.bootstrap.home import Home
from fieldkit.cli.options import JsonOption
from fieldkit.cli.speech import say, show_json


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command("rescue", help="Selamatkan rekaman dari laptop yang mati. / Rescue records of a dead laptop.")(rescue)


def rescue(
    home: Annotated[Path, typer.Argument(help="Folder of the dead kit, its disk mounted anywhere.")],
    out: Annotated[Path, typer.Option("--out", help="Stick or folder that takes the records.")],
    json: JsonOption = False,
) -> None:
    """Copy every sealed record with its manifest; no passphrase is asked. `fieldkit sync --from` takes the result."""
    from fieldkit.bootstrap.rescue import rescue as rescued

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
                "to": str(done.folder),
            }
        )
    else:
        say("cli.rescued", count=len(done.whole), kit=done.kit, to=str(done.folder))
        for key, names in (
            ("cli.rescued_without_manifest", done.without_manifest),
            ("cli.rescued_damaged", done.damaged),
            ("cli.rescued_unreadable", done.unreadable),
        ):
            if names:
                say(key, count=len(names), names=", ".join(names))
    if not done.is_all:
        raise typer.Exit(3)
