"""An act of the bad week: a stick that a stranger prepared is put in at the kit and at the office."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from fieldkit.app.bootstrap.backup_folder import StatedFile, backups_on, read_statement, write_statement
from fieldkit.app.bootstrap.clock import WIB, SystemClock
from fieldkit.app.demo.kit import KIT, PETUGAS
from fieldkit.domain.errors import KnownError
from fieldkit.media.carried_files import write_file
from fieldkit.media.place import Place
from fieldkit.vault import keys
from fieldkit.vault.certificates import create_ca, issue_kit, make_csr
from fieldkit.vault.jws import JwsSigner

if TYPE_CHECKING:
    from fieldkit.app.demo.disaster import Team

STRANGER = "stranger"  # folder of the demo: his stick, and beside it what he is after
_VICTIM = b"a key that no stick may touch\n"
_HUGE = 3_000_000_000  # bytes, none of which takes room
_RESCUED = "rescue-20200101T000000Z"  # looks as if it had been cut off, so that a rescue goes on in it


def hostile_stick(team: Team) -> set[str]:
    """Each place that the program writes is a link to a key, pipes and huge texts lie about, a backup is forged."""
    team.record(1)
    at_risk = team.waiting()
    stick, outside = team.out / STRANGER / "stick", team.out / STRANGER / "outside"
    outside.mkdir(parents=True)
    (outside / "key").write_bytes(_VICTIM)
    _prepare(stick, outside / "key", sorted(team.week.sealed))
    team.back_up()
    _forge(stick, backups_on(Place(team.stick), KIT)[-1])
    team.command("rescue", team.home.path, "--out", stick)
    team.command("backup", "make", "--to", stick, "--home", team.home.path, *_as_petugas(team))
    with suppress(KnownError):  # it names what is no record and takes the others
        team.command("gateway", "ingest", "--dir", team.world.data_center.folder, "--from", stick)
    team.world.link.bring_up()
    with suppress(KnownError):
        team.command("sync", "--from", stick, "--home", team.home.path, *_as_petugas(team))
    team.week.touched += _touched(outside) + _is_put_back(team, stick / "forged")
    team.send()  # the kit hears that its record came another way
    return at_risk


def _prepare(stick: Path, victim: Path, record_ids: list[str]) -> None:
    own = stick / "fieldkit" / KIT
    for folder in (stick, own / _RESCUED, own / "records"):
        folder.mkdir(parents=True, exist_ok=True)
        for record_id in record_ids:
            ends = (".age.part", ".manifest.part", ".receipt", ".receipt.part")
            for name in (f".{record_id}.receipt.new", *(f"{record_id}{end}" for end in ends)):
                (folder / name).symlink_to(victim)
    (own / _RESCUED / "rescue.json.part").symlink_to(victim)
    (stick / "out").symlink_to(victim.parent, target_is_directory=True)
    os.mkfifo(stick / "a.manifest")
    os.mkfifo(stick / "b.kantor")
    (stick / "\x1b[2Jlunas.manifest").write_bytes(b"x")
    with (stick / "c.manifest").open("wb") as huge:
        huge.truncate(_HUGE)


def _forge(stick: Path, genuine: Place) -> None:
    """Lay a genuine backup that names a program, signed anew by somebody who certified himself."""
    forged, read = Place(stick / "forged"), read_statement(genuine)
    for file in read.stated.files:
        (forged / file.name).parent.make()
        (forged / file.name).write((genuine / file.name).pieces())
    named = write_file(forged / "devices.toml", b'[gphoto]\naddresses = ["exec:/tmp/stranger"]\n')
    added = StatedFile(name="devices.toml", size_bytes=named.size_bytes, sha256=named.sha256)
    private, now = keys.new_private_key(), SystemClock(WIB).now()
    certificate = issue_kit(create_ca("Orang lain", now), make_csr(private), KIT, now)
    stated = read.stated.model_copy(update={"files": (*read.stated.files, added)})
    write_statement(forged, stated, JwsSigner(private, KIT), certificate)


def _is_put_back(team: Team, forged: Path) -> bool:
    try:
        team.command("restore", forged, "--home", team.home.path, *_as_petugas(team))
    except KnownError:
        return (team.home.path / "devices.toml").exists()
    return True


def _touched(outside: Path) -> int:
    """Count what is new beside the victim, or is the victim and changed."""
    changed = (outside / "key").read_bytes() != _VICTIM
    return changed + sum(path.name != "key" for path in outside.iterdir())


def _as_petugas(team: Team) -> tuple[object, ...]:
    return ("--user", PETUGAS.user_id, "--passphrase-file", team.passphrase(PETUGAS.user_id))
