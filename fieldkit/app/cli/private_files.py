"""Files that only their owner may read: what the commands write of a person."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from fieldkit.app.cli.speech import say_problem
from fieldkit.domain.errors import InputError, Problem
from fieldkit.media.carried_files import failed
from fieldkit.media.place import Place

OverwriteOption = Annotated[bool, typer.Option("--overwrite", help="Replace files that are there already.")]


def demand_free(folder: Path, names: Iterable[str]) -> None:
    """Raise `InputError` `cli.exists` when one of the files is there already."""
    for name in names:
        if os.path.lexists(folder / name):
            raise InputError("cli.exists", file=str(folder / name))


def write_private(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files (0600) below a folder; folders that it makes are for their owner too (0700).

    Raise `StoreError`: `stick.full_now`, `stick.failed`.

    A file that is there already is replaced, never written through: a link leads nowhere.
    """
    targets = {Place(folder) / name: content for name, content in files.items()}
    try:
        for above in dict.fromkeys(target.parent for target in targets):
            above.make()  # all at first: of a stick that is pulled out nothing is made anew on the laptop's own disk
        for target, content in targets.items():
            target.write([content])
    except OSError as error:
        raise failed(Place(folder), error) from error


def new_private(path: Path) -> BinaryIO:
    """Open a new file (0600) for writing. Raise `InputError` `cli.file_exists` when one is there, a link included."""
    try:
        return Place.of_file(path).create()
    except FileExistsError as error:
        raise InputError("cli.file_exists", file=str(path)) from error


def tell_open(folder: Path) -> None:
    """Tell on stderr when others may look into the folder of a kit or a gateway."""
    from fieldkit.storage.folders import is_private

    if not is_private(folder):
        say_problem(Problem("doctor.home_open", {"home": str(folder)}))
