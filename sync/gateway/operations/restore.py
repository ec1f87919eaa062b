"""Puts a backup back into an empty place, and looks whether a backup could be put back.

Rows go in as one transaction, the settings of the folder last: a restore that is killed is no gateway, and the same
command goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from pydantic import ValidationError

from fieldkit.domain.errors import InputError, KnownError
from fieldkit.ports.clock import Clock
from fieldkit.ports.vault import SigningKey
from fieldkit.storage.home_lock import make_private
from fieldkit.vault import age, certificates
from fieldkit.vault.certificates import certify_tls, hosts_of, open_identities, renew_ca, valid_until
from fieldkit.vault.device_trust import JwsVerifier
from fieldkit.vault.durable import write_durably
from sync.gateway.blobs import Blobs, ContentDiffersError
from sync.gateway.custody import Finding
from sync.gateway.operations.backup_set import (
    OBJECTS,
    BackupSet,
    ListedObject,
    OpenBackup,
    Unlock,
    counts,
    is_empty,
    leave_transactions_to_us,
    load,
    prepare,
    snapshot,
)
from sync.gateway.provision import CA, OPENER_IDENTITY, RECEIPT, SETTINGS, TLS, is_host, read_key
from sync.gateway.tables import manifests, records
from sync.protocol.messages import RECEIPT_TYP, Receipt

# Whether the receipts in the rows are ours and say what their manifests say.

FORGED, DIFFERS = "receipt.signature", "receipt.differs"
_ROWS = sa.select(
    records.c.kit, records.c.record_id, records.c.receipt, manifests.c.size_bytes, manifests.c.sha256, manifests.c.jws
).join(manifests, sa.and_(manifests.c.kit == records.c.kit, manifests.c.record_id == records.c.record_id))


def wrong_receipts(connection: sa.Connection, receipt_public_key: bytes) -> Iterator[Finding]:
    """Yield the records whose receipt the key did not sign, or that says another thing than the manifest."""
    verifier = JwsVerifier.of_key(receipt_public_key)
    for row in connection.execution_options(yield_per=1000).execute(_ROWS):
        fault = _fault(verifier, row)
        if fault:
            yield Finding(row.kit, row.record_id, fault)


def _fault(verifier: JwsVerifier, row: Any) -> str:
    try:
        receipt = Receipt.model_validate(verifier.verify(row.receipt, RECEIPT_TYP))
    except (KnownError, ValidationError):
        return FORGED
    promised = (row.record_id, row.sha256, row.size_bytes, hashlib.sha256(row.jws.encode("ascii")).hexdigest())
    said = (str(receipt.record_id), receipt.sha256, receipt.size_bytes, receipt.manifest_sha256)
    return "" if said == promised else DIFFERS


# New certificates and keys of the data center itself, and what of the kits' runs out.
#
# The TLS certificate may change at any time: kits pin the authority. Its new certificate goes down to them as a bundle,
# for they know its key. A new key of the opener reaches a kit with its next slip (`gateway enrol-code --again`,
# `fieldkit readmit`), and only then: who rules the gateway must not choose to whom kits seal.


def reissue_tls(folder: Path, hosts: Sequence[str], clock: Clock) -> datetime:
    """Certify the key of the TLS server anew, for these hosts or, without any, for the same; return its end.

    Raise `InputError`, `OSError`. A gateway that runs takes it at its next start.
    """
    for host in hosts:
        if not is_host(host):
            raise InputError("gateway.bad_host", host=host)
    authority, tls = _key(folder, CA), _key(folder, TLS)
    named = list(hosts) or hosts_of(tls.certificate_der)
    certificate = certify_tls(authority, tls.private_der, named, clock.now())
    # The key stays, so one file is replaced as a whole: the pair always fits.
    write_durably(folder / f"{TLS}.pem", certificates.certificates_to_pem(certificate).encode("ascii"))
    return valid_until(certificate)


def reissue_authority(folder: Path, clock: Clock) -> tuple[datetime, str]:
    """Certify the authority's own key anew; return its end and its new fingerprint.

    What it issued stays good: name and key are the same. Raise `InputError`, `OSError`.
    """
    certificate = renew_ca(_key(folder, CA), clock.now())
    write_durably(folder / f"{CA}.pem", certificates.certificates_to_pem(certificate).encode("ascii"))
    return valid_until(certificate), certificates.fingerprint(certificate)


def reissue_opener(folder: Path, out: Path | None) -> Path:
    """Make a new identity that kits seal to after their next slip; return its file.

    Without `out` it is added to the one beside the gateway, which goes on opening what was sealed before. The recovery
    recipient stays. Raise `InputError` when `out` exists or the file beside the gateway is locked, `OSError`.
    """
    settings_file = folder / SETTINGS
    try:
        settings = json.loads(settings_file.read_text("utf-8"))
    except FileNotFoundError as error:
        raise InputError("gateway.not_here", folder=str(folder)) from error
    identity = age.generate_identity()
    text = f"# public key: {identity.recipient}\n{identity.secret_text}\n"
    place = out or folder / OPENER_IDENTITY
    if out is not None and out.exists():
        raise InputError("gateway.out_taken", path=str(out))
    if place.exists():
        open_identities(place)  # what is locked takes no second key
        text = place.read_text("ascii") + text
    write_durably(place, text.encode("ascii"))
    # First the key, then who seals to it: nothing may be sealed to a key that nobody has.
    settings["recipients"] = [str(identity.recipient), *settings["recipients"][1:]]
    write_durably(settings_file, (json.dumps(settings, indent=2, ensure_ascii=False) + "\n").encode())
    return place


def _key(folder: Path, name: str) -> SigningKey:
    try:
        return read_key(folder, name)
    except FileNotFoundError as error:
        raise InputError("gateway.not_here", folder=str(folder)) from error


_MARK = "restoring.json"  # a restore began here and did not end


@dataclass(frozen=True, slots=True)
class Target:
    """Where a gateway goes: its folder, and the database and object store where they are not in the folder."""

    folder: Path
    database: str = ""  # SQLAlchemy URL; "" = SQLite in the folder
    objects: str = ""  # URL of an object store; "" = the folder

    @property
    def database_url(self) -> str:
        """The URL of the database, wherever it is."""
        return self.database or f"sqlite:///{self.folder / 'gateway.sqlite3'}"

    def blobs(self) -> Blobs:
        """Open the object store. Raise `InputError`."""
        return Blobs.at_url(self.objects) if self.objects else Blobs.in_folder(self.folder / OBJECTS)


@dataclass(frozen=True, slots=True)
class Checked:
    """What was looked at: receipts that are right, objects that are whole, and what is wrong."""

    receipts: int
    objects: int
    wrong: tuple[Finding, ...] = ()
    damaged: tuple[str, ...] = ()  # keys of objects that the backup no longer has as it had them


def check_backup(made: BackupSet, unlock: Unlock | None) -> Checked:
    """Read all of a backup; with what opens it also load its rows somewhere and verify every receipt.

    Raise `InputError` for a damaged file or another key, `OSError`.
    """
    made.check_files()
    stored = made.objects
    damaged = tuple(each.key for each in made.listed() if not stored.is_whole(each.key, each.content))
    if unlock is None:
        return Checked(0, made.statement.objects - len(damaged), (), damaged)
    opened = made.open(unlock)
    _demand_own_key(opened)
    with tempfile.TemporaryDirectory(prefix="fieldkit-check-") as folder, _filled(opened, Target(Path(folder))) as rows:
        wrong = tuple(wrong_receipts(rows, made.statement.receipt_public_key))
    receipts = made.statement.rows.get("records", 0) - len(wrong)
    return Checked(receipts, made.statement.objects - len(damaged), wrong, damaged)


def restore(made: BackupSet, unlock: Unlock, target: Target) -> Checked:
    """Open a backup and make a gateway of it. Raise as `put_back`, `InputError` for another key."""
    return put_back(made.open(unlock), target)


def put_back(opened: OpenBackup, target: Target) -> Checked:
    """Make a gateway of a backup; one that was killed goes on.

    Records whose objects the backup lacks are noted as lost, so that the kits send them again. Raise `InputError`
    `gateway.exists`, `gateway.folder_in_use`, `gateway.database_in_use` where something is already, or when a file is
    damaged; `KnownError` `gateway.receipts_wrong`; then no gateway comes into being.
    """
    made = opened.made
    made.check_files()
    _demand_own_key(opened)
    is_again = _demand_empty(made, target)
    if (target.folder / SETTINGS).exists():  # it died with nothing left to do; it may be served since
        return ended(made, target)
    make_private(target.folder)
    if not is_again:
        if target.database:  # a file is in the folder, which is empty
            engine = _engine(target)
            try:
                if not is_empty(engine):
                    raise InputError("gateway.database_in_use")
            finally:
                engine.dispose()
        write_durably(target.folder / _MARK, _mark_of(made).encode())
    damaged = _fill_objects(made, target.blobs())
    with _filled(opened, target) as rows:
        wrong = tuple(wrong_receipts(rows, made.statement.receipt_public_key))
    if wrong:
        raise KnownError("gateway.receipts_wrong", count=len(wrong))
    missing = (*made.statement.missing, *damaged)
    _note_lost(target, missing, made)
    _put_files(opened, target)
    return ended(made, target)


def ended(made: BackupSet, target: Target) -> Checked:
    """Take the mark of a restore away that has nothing left to do, and say what came of it."""
    blobs = target.blobs()
    damaged = tuple(each.key for each in made.listed() if not _is_there(blobs, each))
    (target.folder / _MARK).unlink(missing_ok=True)  # last: should it come back, nothing is done again
    return Checked(made.statement.rows.get("records", 0), made.statement.objects - len(damaged), (), damaged)


def _demand_own_key(opened: OpenBackup) -> None:
    """Refuse a backup that another gateway than the one in it signed."""
    try:
        own = certificates.public_der(
            certificates.private_from_pem(opened.gateway_files()[f"{RECEIPT}.key.pem"].decode("ascii"))
        )
    except (KeyError, ValueError, KnownError) as error:
        raise InputError("gateway.backup_foreign") from error
    if own != opened.made.statement.receipt_public_key:
        raise InputError("gateway.backup_foreign")


def _demand_empty(made: BackupSet, target: Target) -> bool:
    """Return whether this very restore began here before. Raise `InputError` where anything else is."""
    with suppress(FileNotFoundError, ValueError):
        if (target.folder / _MARK).read_text("ascii") == _mark_of(made):
            return True
    if (target.folder / SETTINGS).exists():
        raise InputError("gateway.exists", folder=str(target.folder))
    (target.folder / f"{_MARK}.new").unlink(missing_ok=True)  # of one that was killed before anything else
    if target.folder.exists() and any(target.folder.iterdir()):
        raise InputError("gateway.folder_in_use", folder=str(target.folder))
    return False


def _mark_of(made: BackupSet) -> str:
    return json.dumps({"gateway": made.statement.gateway, "made_at": made.statement.made_at.isoformat()})


def _fill_objects(made: BackupSet, blobs: Blobs) -> tuple[str, ...]:
    """Copy what is not there yet, each checked against its digest; return the keys that cannot be had."""
    source = made.objects
    damaged = []
    for each in made.listed():
        if not _is_whole(blobs, each):
            try:
                blobs.put_checked(each.key, source.pieces(each.key, each.content), each.content)
            except (ContentDiffersError, FileNotFoundError):
                damaged.append(each.key)
    return tuple(damaged)


def _is_there(blobs: Blobs, listed: ListedObject) -> bool:
    try:
        return blobs.size(listed.key) == listed.size_bytes  # it was read when it was put
    except FileNotFoundError:
        return False


def _is_whole(blobs: Blobs, listed: ListedObject) -> bool:
    try:
        return blobs.content(listed.key) == listed.content
    except FileNotFoundError:
        return False


@contextmanager
def _filled(opened: OpenBackup, target: Target) -> Iterator[sa.Connection]:
    """Fill the database of the target, unless this restore did it before, and look at it."""
    engine = _engine(target)
    try:
        if is_empty(engine):
            prepare(engine, opened.made.statement.revision)
            load(engine, opened.pieces())
        with snapshot(engine) as connection:
            found = {name: count for name, count in counts(connection).items() if count}
            if found != opened.made.statement.rows:
                raise InputError("gateway.database_in_use")
            yield connection
    finally:
        engine.dispose()


def _engine(target: Target) -> sa.Engine:
    if not target.database:
        _make_private(target.folder / "gateway.sqlite3")
    made = sa.create_engine(target.database_url, hide_parameters=True)
    if made.dialect.name == "sqlite":
        # Else Python's driver commits each table by itself: who dies among them leaves what is neither empty nor whole.
        sa.event.listen(made, "connect", leave_transactions_to_us)
        sa.event.listen(made, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return made


def _make_private(path: Path) -> None:
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _note_lost(target: Target, keys_missing: tuple[str, ...], made: BackupSet) -> None:
    engine = _engine(target)  # as old as the backup until it is opened: the same restore may go on here
    try:
        with engine.begin() as connection:
            for key in keys_missing:
                connection.execute(
                    sa.update(records)
                    .where(records.c.key == key, records.c.lost_at.is_(None))
                    .values(lost_at=made.statement.made_at)
                )
    finally:
        engine.dispose()


def _put_files(opened: OpenBackup, target: Target) -> None:
    """Write the files of the folder, the settings last."""
    files = opened.gateway_files()
    settings = json.loads(files.pop(SETTINGS))
    settings.update(database=target.database, objects=target.objects)
    for name, content in files.items():
        path = target.folder / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_durably(path, content)
    write_durably(target.folder / SETTINGS, (json.dumps(settings, indent=2, ensure_ascii=False) + "\n").encode())
