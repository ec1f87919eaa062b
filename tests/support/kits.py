"""Whole homes of kits that no gateway enrolled: real store, real slots, certificates of the dinas of the tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from hashlib import sha256
from pathlib import Path

from support.clock import HandClock
from support.homes import FAST, PASSPHRASE, PIN
from support.kept import KEY, sealed
from support.laptops import dinas, kit_key
from support.pairs import KIT, lay_pair
from support.room import PETUGAS

from fieldkit.app.bootstrap.clock import CorrectedClock, UuidV7
from fieldkit.app.bootstrap.home import Home, PublicFacts
from fieldkit.app.bootstrap.kit_settings import KitSettings
from fieldkit.app.bootstrap.restore import Proven, by_passphrase, check_opens
from fieldkit.app.bootstrap.stick_backups import BackupTools, HomeOnSticks, backups_on, read_statement
from fieldkit.domain.people import User
from fieldkit.media.place import Place
from fieldkit.ports.exchange import CopyProgress
from fieldkit.ports.vault import SigningKey
from fieldkit.storage.copies import copy_store
from fieldkit.storage.store import SqlStore, open_store
from fieldkit.vault import certificates
from fieldkit.vault.age import generate_identity
from fieldkit.vault.certificates import issue_petugas, make_csr
from fieldkit.vault.device_trust import JwsSigner
from fieldkit.vault.keyslots import KeySlotFile


@cache
def recovery() -> str:
    return str(generate_identity().recipient)


def make_kit(path: Path, kit: str = KIT, key: bytes = KEY, user: User = PETUGAS) -> Home:
    """Make a home with one user."""
    home, certified = Home(path), kit_key(kit, dinas())
    for folder in (home.path, home.sealed, home.trust):
        folder.mkdir(parents=True, exist_ok=True)
    (home.trust / "provider.pem").write_text(certificates.certificates_to_pem(dinas().certificate_der))
    home.write_public(PublicFacts("Dinas Uji", "WITA"))
    settings = KitSettings(
        kit_id=kit,
        gateway_url="https://127.0.0.1:1",
        gateway_name="uji",
        kit_private=certified.private_der,
        kit_certificate=certified.certificate_der,
        ca_certificate=dinas().certificate_der,
        receipt_public_key=certificates.public_der(certified.private_der),
        age_recipients=(recovery(),),
        nik_key=b"n" * 32,
        profile={"dinas": "Dinas Uji"},
    )
    with opened_store(home, kit, key) as store:
        settings.save(store)
        with store.write() as unit:
            unit.save_user(user)
    slots = KeySlotFile.create(home.slots, kit, key, recovery(), FAST)
    private, now = certificates.new_private_key(), HandClock().now()
    certificate = issue_petugas(dinas(), make_csr(private), user.user_id, user.name, user.role.value, now)
    slots.add(user, PASSPHRASE, key, SigningKey(certificate, private), PIN)
    return home


@contextmanager
def opened_store(home: Home, kit: str = KIT, key: bytes = KEY) -> Iterator[SqlStore]:
    """Open the store of a home for a block."""
    clock = HandClock()
    store = open_store(home.database, key, kit, clock, UuidV7(clock))
    try:
        yield store
    finally:
        store.close()


def seal_into(home: Home, number: int, content: bytes = b"sealed " * 2000, kit: str = KIT) -> str:
    """Lay a sealed pair into a home with its row in the queue; return its id."""
    record_id = lay_pair(home.sealed, content + str(number).encode(), kit)
    whole = content + str(number).encode()
    with opened_store(home, kit) as store, store.write() as unit:
        row = sealed(number, unit.records.next_link(), sha256=sha256(whole).hexdigest())
        unit.records.add(replace(row, record_id=record_id, size_bytes=len(whole)))
    return record_id


class Told:
    """A `CopySink` and `Cancel` that keeps what it heard and may give up after some pieces."""

    def __init__(self, patience: int = 10_000) -> None:
        self.heard: list[CopyProgress] = []
        self._patience = patience

    def offer(self, progress: CopyProgress) -> None:
        self.heard.append(progress)

    def is_cancelled(self) -> bool:
        self._patience -= 1
        return self._patience < 0


def sticks_of(home: Home, clock: HandClock, key: bytes = KEY, kit: str = KIT) -> HomeOnSticks:
    """Return what copies a home to sticks, without anybody signing in."""
    certified = kit_key(kit, dinas())

    def copied(target: Path) -> None:
        copy_store(home.database, key, target)

    signer = JwsSigner(certified.private_der, kit)
    return HomeOnSticks(home, kit, BackupTools(signer, certified.certificate_der, copied, clock, PETUGAS.user_id))


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file of a tree by its name within it, without locks."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in (".lock", "kit.lock")
    }


def newest_backup(stick: Path, home: Home) -> tuple[Place, Home, CorrectedClock, Proven]:
    """Open the newest backup of a stick with the passphrase of all, and return what a restore onto a home takes."""
    folder, clock = backups_on(Place(stick))[-1], home.clock()
    unlock = by_passphrase(PETUGAS.user_id, PASSPHRASE)
    return folder, home, clock, check_opens(folder, read_statement(folder), unlock, clock)
