"""What a stranger lays on a stick in the place of a file, and how to see that nothing outside was touched."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from random import Random

VICTIM = b"what no stick may touch"


def link(place: Path, outside: Path) -> None:
    place.symlink_to(outside / "victim")


def dangling(place: Path, outside: Path) -> None:
    place.symlink_to(outside / "not there yet")


def folder_link(place: Path, outside: Path) -> None:
    place.symlink_to(outside, target_is_directory=True)


def pipe(place: Path, outside: Path) -> None:
    os.mkfifo(place)


def door(place: Path, outside: Path) -> None:
    """A socket; its path may be longer than the system takes, so it is made where it is short."""
    back = Path.cwd()
    os.chdir(place.parent)
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(place.name[:90])
        Path(place.name[:90]).rename(place.name)
    finally:
        os.chdir(back)


def device(place: Path, outside: Path) -> None:
    """A device that never ends; who may not make one gets a link to it."""
    try:
        os.mknod(place, 0o600 | 0o020000, os.makedev(1, 5))  # /dev/zero
    except PermissionError:
        place.symlink_to("/dev/zero")


def folder(place: Path, outside: Path) -> None:
    place.mkdir()


KINDS: dict[str, Callable[[Path, Path], None]] = {
    each.__name__: each for each in (link, dangling, folder_link, pipe, door, device, folder)
}
"""Lays its thing at a place; `outside` is a folder with the file that is to be overwritten."""

NAMES = ("\x1b[2J\x1b[31mlunas", "baris\nkedua", "\u202egpj.exe", "x" * 250, "\udcff\udc9b", "spasi ", "'; reboot #")
"""Names that a terminal, a screen or a shell could take for more than a name."""


def outside_of(root: Path) -> Path:
    """Make the folder that is watched."""
    made = root / "outside"
    made.mkdir()
    (made / "victim").write_bytes(VICTIM)
    return made


def seen(outside: Path) -> dict[str, str]:
    """Return what is in the watched folder, by the digest of each file."""
    return {
        path.relative_to(outside).as_posix(): sha256(path.read_bytes()).hexdigest()
        for path in sorted(outside.rglob("*"))
        if path.is_file()
    }


def prepared(stick: Path, kit: str, record_ids: list[str]) -> list[Path]:
    """Return the places that the program reads or writes on a stick, as whoever knows it can name them."""
    own = stick / "fieldkit" / kit
    rescued, backup = own / "rescue-20200101T000000Z", own / "backup-20200101T000000Z"
    ends = (".age", ".manifest", ".receipt", ".age.part", ".manifest.part", ".receipt.part")
    beside = [f"{each}{end}" for each in record_ids for end in ends]
    hidden = [f".{each}.receipt.new" for each in record_ids]
    parts = (
        "backup.json",
        "kit.db",
        "keyslots.json",
        "keyslots.copy.json",
        "public.json",
        "escrow.age",
        "trust",
        "sop",
    )
    top = ("a.kantor", "K99-1.tukar", "daftar.csv", "scan.pdf", "x.manifest", "y.age", "fieldkit")
    return [
        *(folder / name for folder in (stick, own / "records", rescued) for name in (*beside, *hidden)),
        *(backup / name for name in parts),
        *(stick / name for name in top),
        *(rescued / "rescue.json", rescued / "damaged", own / "backup-20200101T000001Z.part", own / "records"),
    ]


def lay_randomly(stick: Path, places: list[Path], outside: Path, chance: Random) -> None:
    """Lay a mess: some of the places, and some names of no sense, each with some kind of thing."""
    wanted = [*chance.sample(places, chance.randrange(1, 24)), *(stick / name for name in chance.sample(NAMES, 3))]
    for place in wanted:
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            if chance.random() < 0.3:
                place.write_bytes(chance.randbytes(chance.choice((0, 1, 300, 70_000))))
            else:
                KINDS[chance.choice(list(KINDS))](place, outside)
        except OSError:
            continue  # something else lies there or on the way
    for place in chance.sample(places, 3):  # twins but for their case
        twin = place.with_name(place.name.swapcase())
        if place.parent.is_dir() and not twin.exists() and not place.parent.is_symlink():
            twin.write_bytes(b"twin")
