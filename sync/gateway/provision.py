"""A gateway's folder: its keys, certificates, database and objects, made once by `init` and opened at each start.

`recovery.identity` opens every record when the data center's key is lost: move it to a safe and delete it here.
"""

from __future__ import annotations

import json
import logging
import os
import re
import secrets
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import sqlalchemy as sa
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from fieldkit.domain.errors import InputError, KnownError
from fieldkit.ports.clock import Clock
from fieldkit.ports.vault import SigningKey
from fieldkit.storage.home_lock import make_private
from fieldkit.vault import age, certificates
from fieldkit.vault.certificates import certify_tls, create_ca, hosts_of, issue_tls, valid_until
from fieldkit.vault.device_trust import JwsSigner, JwsVerifier
from fieldkit.vault.durable import sync_folder
from sync.gateway.admission import Admission
from sync.gateway.blobs import SEALED_FILE, Blobs
from sync.gateway.database import GatewayContext, Limits, open_database
from sync.gateway.fence import demand_here
from sync.gateway.ledger import Penunggalan, penunggalan_named
from sync.protocol.messages import Configuration, KitId

# Where a gateway keeps rows and objects: said at the command, in the environment, or in `gateway.json`.

DATABASE, DATABASE_FILE, OBJECTS = "FIELDKIT_DATABASE_URL", "FIELDKIT_DATABASE_URL_FILE", "FIELDKIT_OBJECTS"


@dataclass(frozen=True, slots=True)
class Places:
    """`database` is an SQLAlchemy URL, "" for SQLite in the folder; `objects` an URL, "" for the folder itself."""

    database: str = ""
    objects: str = ""

    def or_else(self, other: Places) -> Places:
        """Fill what is not said here."""
        return Places(self.database or other.database, self.objects or other.objects)

    @property
    def is_sqlite(self) -> bool:
        """Whether the rows stand in one file, which one process at a time serves."""
        return self.database.startswith("sqlite") or not self.database

    def environment(self) -> dict[str, str]:
        """Return what tells a process of ours the same, where nobody else reads it."""
        said = {DATABASE: self.database, OBJECTS: self.objects}
        return {name: value for name, value in said.items() if value}


NOT_SAID = Places()


def places_in(environment: Mapping[str, str] = os.environ) -> Places:
    """Read the environment. Raise `InputError` `gateway.database_file` for a file that cannot be read."""
    database = environment.get(DATABASE, "")
    if not database and (file := environment.get(DATABASE_FILE, "")):
        try:
            database = Path(file).read_text("utf-8").strip()
        except (OSError, ValueError) as error:
            raise InputError("gateway.database_file", file=file) from error
    return Places(database, environment.get(OBJECTS, ""))


def demand_no_password(database: str) -> None:
    """Raise `InputError` for an URL with a password: every user of the machine reads the list of processes."""
    try:
        is_secret = sa.make_url(database).password is not None
    except sa.exc.ArgumentError as error:
        raise InputError("gateway.database_address") from error
    if is_secret:
        raise InputError("gateway.password_in_command", variable=DATABASE)


_log = logging.getLogger(__name__)
SETTINGS = "gateway.json"
CA, TLS, RECEIPT = "ca", "tls", "receipt"
OPENER_IDENTITY, RECOVERY_IDENTITY, NIK_KEY = "opener.identity", "recovery.identity", "nik.key"
DEVICE_TRUST = "trust"  # a folder with certificates (PEM) of device providers; without it any device counts
CODE_LIFE = timedelta(days=7)
_LONGEST_DINAS = 200  # it stands on letters, slips and screens
_TLS_RENEWAL = timedelta(days=60)
_LABEL = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)")


class _Settings(BaseModel):
    """`gateway.json`. The folder serves an office; PostgreSQL and S3 are named here for a province."""

    gateway: str
    recipients: tuple[str, ...]
    profile: dict[str, Any]
    database: str = ""  # SQLAlchemy URL; "" = SQLite in the folder
    objects: str = ""  # URL of an object store; "" = the folder
    workers: int = Field(default=1, ge=1, le=256)  # processes that serve; several need PostgreSQL
    opener: Literal["", "none", "inside"] = ""  # "" = inside with SQLite, none with PostgreSQL
    penunggalan: Literal["none", "trial"] = "none"  # "trial": the rule of the NIK answers, marked "uji coba"
    limits: Limits = Limits()  # only what differs; times in seconds or ISO 8601


@dataclass(frozen=True, slots=True)
class Provisioned:
    """What `init` made; `ca_fingerprint` goes onto enrolment slips."""

    gateway: str
    folder: Path
    ca_fingerprint: str
    opener_identity: Path
    recovery_identity: Path


@dataclass(frozen=True, slots=True)
class EnrolCode:
    """An enrolment slip."""

    url: str
    code: str
    ca_fingerprint: str


def init(
    folder: Path,
    profile: Mapping[str, Any],
    hosts: Sequence[str],
    clock: Clock,
    penunggalan: Literal["none", "trial"] = "none",
) -> Provisioned:
    """Make a new gateway for a dinas; `profile["dinas"]` is its name. Raise `InputError` when there is one already."""
    dinas = profile.get("dinas")
    if not isinstance(dinas, str) or not dinas.strip() or not hosts:
        raise InputError("gateway.profile_incomplete")
    if len(dinas) > _LONGEST_DINAS or not dinas.strip().isprintable():
        raise InputError("gateway.dinas_name", most=_LONGEST_DINAS)
    for host in hosts:
        if not is_host(host):
            raise InputError("gateway.bad_host", host=host)
    if (folder / SETTINGS).exists():
        raise InputError("gateway.exists", folder=str(folder))
    make_private(folder)
    now = clock.now()
    authority = create_ca(dinas.strip(), now)
    _write_key(folder, CA, authority)
    _write_key(folder, TLS, issue_tls(authority, hosts, now))
    _write_secret(folder / f"{RECEIPT}.key.pem", certificates.private_to_pem(certificates.new_private_key()))
    _write_secret(folder / NIK_KEY, secrets.token_hex(32))
    recipients = []
    for name in (OPENER_IDENTITY, RECOVERY_IDENTITY):
        identity = age.generate_identity()
        _write_secret(folder / name, f"# public key: {identity.recipient}\n{identity.secret_text}\n")
        recipients.append(str(identity.recipient))
    gateway = f"gateway-{secrets.token_hex(4)}"
    settings = _Settings(gateway=gateway, recipients=tuple(recipients), profile=dict(profile), penunggalan=penunggalan)
    # Last: its presence says that the folder is complete.
    kept = settings.model_dump(exclude={"limits", "workers", "opener"})
    _write_secret(folder / SETTINGS, json.dumps(kept, indent=2, ensure_ascii=False) + "\n")
    fingerprint = certificates.fingerprint(authority.certificate_der)
    return Provisioned(gateway, folder, fingerprint, folder / OPENER_IDENTITY, folder / RECOVERY_IDENTITY)


def demand_certified(folder: Path, url: str) -> None:
    """Raise `InputError` when the server's certificate does not hold the host of this address: no kit would go on."""
    demand_named(url, _tls_hosts(folder))


def demand_named(url: str, names: Sequence[str]) -> None:
    """Raise `InputError` when the host of this address is none of the names."""
    host = _host_of(url)
    if host.casefold().rstrip(".") not in {name.casefold().rstrip(".") for name in names}:
        raise InputError("gateway.url_not_certified", host=host, names=", ".join(names))


def _tls_hosts(folder: Path) -> Sequence[str]:
    try:
        return hosts_of(read_key(folder, TLS).certificate_der)
    except FileNotFoundError as error:
        raise InputError("gateway.not_here", folder=str(folder)) from error


def enrol_code(folder: Path, url: str, kit: str, admin: str, clock: Clock) -> EnrolCode:
    """Make a one-time code for a new kit and its first admin (user id), valid for a week. Raise `InputError`."""
    return _slip(folder, clock, lambda context: slip_for(context, url, kit, admin))


def readmission_code(folder: Path, url: str, kit: str, admin: str, clock: Clock) -> EnrolCode:
    """Make a one-time code that lets a known kit in again, revoked or not, valid for a week. Raise `InputError`."""
    return _slip(folder, clock, lambda context: slip_to_come_back(context, url, kit, admin))


def revoke_kit(folder: Path, kit: str, clock: Clock) -> None:
    """Shut a lost kit out at once; works while the gateway runs."""
    context = open_gateway(folder, clock)
    try:
        Admission(context).revoke_kit(kit)
    finally:
        context.engine.dispose()


@dataclass(frozen=True, slots=True)
class Serving:
    """How a gateway is to be served: where its rows and objects are, by how many processes, and who opens."""

    places: Places
    workers: int
    opens: bool
    penunggalan: Penunggalan


def serving(folder: Path, said: Places = NOT_SAID, workers: int = 0, opener: str = "") -> Serving:
    """Return how to serve: what is said counts before the environment, that before `gateway.json`. Raise `InputError`.

    `workers` 0 and `opener` "" are not said.
    """
    settings = _settings(folder)
    places = _places(settings, said)
    count, who = workers or settings.workers, opener or settings.opener
    if places.is_sqlite and count > 1:
        raise InputError("gateway.workers_need_postgresql", count=count)
    if sys.platform == "win32" and count > 1:
        raise InputError("gateway.workers_need_linux", count=count)
    return Serving(places, count, who == "inside" or (not who and places.is_sqlite), _penunggalan(settings))


def open_gateway(folder: Path, clock: Clock, said: Places = NOT_SAID) -> GatewayContext:
    """Open what `init` made. Raise `InputError` when the folder holds no gateway, a damaged one, or one that moved."""
    context = open_even_moved(folder, clock, said)
    try:
        demand_here(context.engine)
    except BaseException:
        context.engine.dispose()
        raise
    return context


def open_even_moved(folder: Path, clock: Clock, said: Places = NOT_SAID) -> GatewayContext:
    """Open what `init` made, also when it moved elsewhere since. Raise `InputError`."""
    settings = _settings(folder)
    places = _places(settings, said)
    try:
        authority = read_key(folder, CA)
        receipt_key = _read_private(folder, RECEIPT)
        nik_key = bytes.fromhex((folder / NIK_KEY).read_text("ascii"))
    except FileNotFoundError as error:  # the settings are there
        raise InputError("gateway.key_damaged", file=str(error.filename)) from error
    except (ValidationError, ValueError) as error:
        raise InputError("gateway.folder_damaged", folder=str(folder)) from error
    if not places.database:
        _demand_database(folder)
    configuration = Configuration(
        gateway=settings.gateway,
        ca_certificate=authority.certificate_der,
        receipt_public_key=certificates.public_der(receipt_key),
        age_recipients=settings.recipients,
        profile=settings.profile,
    )
    return GatewayContext(
        engine=open_database(places.database or f"sqlite:///{folder / 'gateway.sqlite3'}"),
        blobs=Blobs.at_url(places.objects) if places.objects else Blobs.in_folder(folder / "objects"),
        clock=clock,
        authority=authority,
        receipt_signer=JwsSigner(receipt_key, settings.gateway),
        verifier_for=JwsVerifier.of_certificate,
        configuration=configuration,
        nik_key=nik_key,
        tls_hosts=lambda: _tls_hosts(folder),
        limits=settings.limits,
    )


def _demand_database(folder: Path) -> None:
    """Refuse to begin anew where rows once were: the folder of objects is made after them."""
    file = folder / "gateway.sqlite3"
    holding = (each for each in (file, folder / "gateway.sqlite3-wal") if each.exists() and each.stat().st_size)
    if next(holding, None) is None and (folder / "objects").exists():
        raise InputError("gateway.database_damaged", file=str(file))


def _settings(folder: Path) -> _Settings:
    try:
        return _Settings.model_validate_json((folder / SETTINGS).read_text("utf-8"))
    except FileNotFoundError as error:
        raise InputError("gateway.not_here", folder=str(folder)) from error
    except (ValidationError, ValueError) as error:
        raise InputError("gateway.folder_damaged", folder=str(folder)) from error


def _penunggalan(settings: _Settings) -> Penunggalan:
    return penunggalan_named(settings.penunggalan, str(settings.profile.get("dinas", settings.gateway)))


def _places(settings: _Settings, said: Places) -> Places:
    return said.or_else(places_in()).or_else(Places(settings.database, settings.objects))


def sealed_path(folder: Path, sha256: str) -> Path:
    """Return where a gateway that keeps its objects in its folder has a sealed file, or no file."""
    sealed = folder / "objects" / SEALED_FILE
    return next(sealed.rglob(sha256), sealed / sha256)


def tls_files(folder: Path) -> tuple[Path, Path]:
    """Return certificate and key of the TLS server."""
    return folder / f"{TLS}.pem", folder / f"{TLS}.key.pem"


def renew_tls(folder: Path, clock: Clock) -> bool:
    """Certify the key of the TLS server anew, for the same hosts, when little time is left; return whether it was done.

    A disk that takes nothing is logged: the gateway serves on with what it has. Raise `InputError`.
    """
    try:
        authority, tls = read_key(folder, CA), read_key(folder, TLS)
    except FileNotFoundError as error:
        if (folder / SETTINGS).exists():
            raise InputError("gateway.key_damaged", file=str(error.filename)) from error
        raise InputError("gateway.not_here", folder=str(folder)) from error
    now = clock.now()
    if valid_until(tls.certificate_der) - now > _TLS_RENEWAL:
        return False
    certificate = certify_tls(authority, tls.private_der, hosts_of(tls.certificate_der), now)
    # The key stays, so one file is replaced as a whole: the pair always fits.
    unfinished = folder / f"{TLS}.pem.new"
    try:
        _write_secret(unfinished, certificates.certificates_to_pem(certificate))
        unfinished.replace(folder / f"{TLS}.pem")
        sync_folder(folder)
    except OSError:
        _log.exception("the TLS certificate could not be renewed")
        return False
    return True


def slip_for(context: GatewayContext, url: str, kit: str, admin: str) -> EnrolCode:
    """Make a slip for a new kit and its first admin, good for a week. Raise `InputError`."""
    _demand_usable(url, kit)
    return _printed(context, url, Admission(context).add_code(kit, admin, CODE_LIFE))


def slip_to_come_back(context: GatewayContext, url: str, kit: str, admin: str) -> EnrolCode:
    """Make a slip that lets a known kit in again, revoked or not, good for a week. Raise `InputError`."""
    _demand_usable(url, kit)
    return _printed(context, url, Admission(context).add_readmission(kit, admin, CODE_LIFE))


def _slip(folder: Path, clock: Clock, make: Callable[[GatewayContext], EnrolCode]) -> EnrolCode:
    context = open_gateway(folder, clock)
    try:
        return make(context)
    finally:
        context.engine.dispose()


def _printed(context: GatewayContext, url: str, code: str) -> EnrolCode:
    return EnrolCode(url, code, certificates.fingerprint(context.authority.certificate_der))


def _demand_usable(url: str, kit: str) -> None:
    try:
        TypeAdapter(KitId).validate_python(kit)
    except ValidationError as error:
        raise InputError("gateway.kit_name", kit=kit) from error
    _host_of(url)


def _host_of(url: str) -> str:
    try:
        address = urlsplit(url)
        # A password would stand on paper, and what follows the host is no part of where a kit knocks.
        is_bare = "@" not in address.netloc and url.rstrip("/").endswith(address.netloc)
        is_usable = address.scheme == "https" and is_bare and address.port != 0
        if is_usable and address.hostname and is_host(address.hostname):
            return address.hostname
    except ValueError:
        pass
    raise InputError("gateway.bad_url", url=url)


def is_host(name: str) -> bool:
    """Return whether this is an address or a name that a certificate can hold (RFC 1123)."""
    try:
        ip_address(name)
    except ValueError:
        labels = name.rstrip(".").split(".")
        return len(name) <= 253 and all(_LABEL.fullmatch(label) for label in labels)
    return True


def _write_key(folder: Path, name: str, key: SigningKey) -> None:
    _write_secret(folder / f"{name}.key.pem", certificates.private_to_pem(key.private_der))
    (folder / f"{name}.pem").write_text(certificates.certificates_to_pem(key.certificate_der), "ascii")


def read_key(folder: Path, name: str) -> SigningKey:
    """Return a key and its certificate. Raise `InputError` `gateway.key_damaged` naming the file, `OSError`."""
    private, file = _read_private(folder, name), folder / f"{name}.pem"
    try:
        (certificate,) = certificates.certificates_from_pem(file.read_text("ascii"))
        fits = certificates.spki(
            certificates.certified_key(certificates.load_certificate(certificate))
        ) == certificates.public_der(private)
    except (KnownError, ValueError) as error:
        raise InputError("gateway.key_damaged", file=str(file)) from error
    if not fits:
        raise InputError("gateway.key_damaged", file=str(file))
    return SigningKey(certificate, private)


def _read_private(folder: Path, name: str) -> bytes:
    file = folder / f"{name}.key.pem"
    try:
        return certificates.private_from_pem(file.read_text("ascii"))
    except (KnownError, ValueError) as error:
        raise InputError("gateway.key_damaged", file=str(file)) from error


def _write_secret(path: Path, text: str) -> None:
    # Created with its mode: a secret must not be readable even for a moment. One may lie here from an `init` that died.
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
