"""What configures a kit and came with a backup: it waits beside the home until a sign-in proved who signed it.

`devices.toml` names programs and comes from no backup at all.
"""

from __future__ import annotations

import re
from pathlib import Path

from fieldkit.app.bootstrap.backup_check import demand_maker
from fieldkit.app.bootstrap.backup_folder import StatedFile, read_statement
from fieldkit.domain.errors import KnownError, Problem, StoreError
from fieldkit.media.carried_files import carry_file, digest_of_file, make_folder
from fieldkit.media.place import Place

WAITING = "restored"  # folder of the home
_CONFIGURES = re.compile(r"policy\.yaml|(trust|sop)/.+")


def configures(name: str) -> bool:
    """Return whether a file of a home (with slashes) says whom or what the kit believes."""
    return _CONFIGURES.fullmatch(name) is not None


def take_proven(home: Path, authority: bytes) -> Problem | None:
    """Take what waits when the CA of the store (DER) certified its signer, and return what to tell when it did not.

    What the home has itself stays. A kill at any point costs nothing: what is not taken yet still waits.
    """
    here = Place(home)
    waiting = here / WAITING
    if not waiting.is_folder():
        return None
    try:
        read = read_statement(waiting)
        demand_maker(read, authority)
    except KnownError:
        waiting.remove()
        return Problem("backup.not_proven")
    try:
        for file in filter(lambda file: configures(file.name), read.stated.files):
            target = here / file.name
            if not target.exists() and is_same(waiting / file.name, file):
                make_folder(target.parent)
                carry_file(waiting / file.name, target)
    except StoreError as error:  # a full disk keeps nobody out
        return error.problem
    waiting.remove()
    return None


def is_same(place: Place, stated: StatedFile) -> bool:
    """Return whether a file is what a statement says."""
    try:
        found = digest_of_file(place)
    except StoreError:
        return False
    return (found.size_bytes, found.sha256) == (stated.size_bytes, stated.sha256)
