"""Builds the services of office and field for the signed-in user."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from random import SystemRandom
from typing import TYPE_CHECKING

from fieldkit import VERSION
from fieldkit.app.bootstrap.builder import Builder
from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.kit_settings import KitSettings
from fieldkit.app.bootstrap.place import NoReceiver
from fieldkit.app.bootstrap.sop_profiles import SopFolder
from fieldkit.domain.errors import RuleError, VaultError
from fieldkit.domain.letters.letter import SigningSettings, SigningWay
from fieldkit.domain.notices import NoticeSettings
from fieldkit.domain.people import User
from fieldkit.domain.recording.biodata import CodeTables, RegionNames
from fieldkit.domain.sarpras import LaptopReading
from fieldkit.formats.bundle import BundleFiles
from fieldkit.formats.exports import AppExports, SpreadsheetReports
from fieldkit.formats.national_holidays import IndonesianHolidays
from fieldkit.formats.rules import is_known_region, load_tables, region_names
from fieldkit.formats.target_sheets import SpreadsheetFiles
from fieldkit.ports.clock import Clock, Ids
from fieldkit.ports.delivery import Credential, Manifests, Outbox
from fieldkit.ports.devices import Registry
from fieldkit.ports.documents import ApplicationExports, Documents, ReportSheets, SopProfiles, TargetSheets
from fieldkit.ports.exchange import BundleCodec, BundleSeal
from fieldkit.ports.laptop import Whereabouts
from fieldkit.ports.messages import Messenger
from fieldkit.ports.recording import NikKey, SamplePictures, SealedFiles, SignatureCodec
from fieldkit.ports.repositories import NationalHolidays
from fieldkit.ports.store import Store
from fieldkit.ports.vault import (
    BoxWords,
    OfficeCertificate,
    PdfSigner,
    PdfVerifier,
    Place,
    Signer,
    SigningBench,
    SigningService,
)
from fieldkit.services.context.office import Office
from fieldkit.services.delivery.check_store import AuditTools, CheckAudit
from fieldkit.services.delivery.deliver import StoredVouches
from fieldkit.services.unit_of_work import UnitsOfWork
from fieldkit.storage.repositories.event_log import StoredAnchors
from fieldkit.vault.certificates import certificate_key, make_csr, valid_until
from fieldkit.vault.cms import verify_signer
from fieldkit.vault.device_trust import JwsSigner, JwsVerifier
from fieldkit.vault.keyslots import KeySlotFile, OpenSlot
from fieldkit.vault.slot_certificates import uncertified
from sync.kit.announce import Anchoring, Vouching
from sync.kit.carrying import CarryingEngine, Pulling, TeamExchange
from sync.kit.connection import Connection, pinned_context
from sync.kit.engine import SyncEngine
from sync.kit.enrol import Renewable, Renewing
from sync.kit.transport import DataCenterLink
from sync.protocol.messages import RENEWAL_TYP, RenewalRequest, RenewalWord

if TYPE_CHECKING:
    from sync.kit.enrol import NoticeSender


# Builds the audit: who else knows something of the log, and which files of the home it watches.


def audit_of(
    home: Home,
    slots: KeySlotFile,
    settings: KitSettings,
    store: Store,
    units: UnitsOfWork,
    sealed: SealedFiles,
    manifests: Manifests,
    signer: Signer,
) -> CheckAudit:
    """Return the audit of a kit that is open."""
    verifier = JwsVerifier.of_certificate(settings.kit_certificate)

    def uncertified_slots() -> Iterator[str]:
        return uncertified(slots, [settings.ca_certificate], units.clock.now())

    tools = AuditTools(sealed, manifests, signer, verifier, lambda: watched_files(home), uncertified_slots)
    return CheckAudit(store, units, tools)


def watched_files(home: Home) -> Mapping[str, str]:
    """Return the digests of the trust roots, SOP files and own capture policy of a home, by their path within it."""
    found = sorted([*home.trust.glob("*.pem"), *(home.path / "sop").glob("*.yaml")])
    found += [home.policy] if home.policy else []
    return {path.relative_to(home.path).as_posix(): _digest(path) for path in found}


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return "unreadable"  # is another file than the one that was noted


# Builds what talks to the data center for a signed-in user: the engine, the carrier and who keeps new certificates.

# So long before the end that a kit which meets the data center twice a year is in time.
KIT_AHEAD, USER_AHEAD = timedelta(days=180), timedelta(days=120)


@dataclass(frozen=True, slots=True)
class Wired:
    """Delivery over one link; `close` hangs up."""

    engine: SyncEngine
    carrier: CarryingEngine
    close: Callable[[], None]


def wire_delivery(
    settings: KitSettings,
    store: Store,
    outbox: Outbox,
    clock: Clock,
    opened: OpenSlot,
    keep_users: Callable[[bytes], None],
    pulling: Pulling | None = None,
    team: TeamExchange | None = None,
) -> Wired:
    """Build delivery; `keep_users` puts a new certificate (DER) of the signed-in user into the key slots.

    `pulling` fetches what the office sent down, `team` what the other laptops of the team tell.
    """
    signer, random = JwsSigner(settings.kit_private, settings.kit_id), SystemRandom()
    receipts = JwsVerifier.of_key(settings.receipt_public_key)
    link = DataCenterLink(
        Connection(settings.gateway_url, pinned_context(settings.ca_certificate)),
        settings.kit_id,
        signer,
        clock,
        VERSION,
        settings.gateway_name,
    )
    days = settings.profile.get("retention_days")
    certificates = Certificates(settings, store, clock, opened, keep_users)
    engine = SyncEngine(
        outbox,
        link,
        receipts,
        clock,
        random,
        timedelta(days=float(days)) if days is not None else None,
        Anchoring(StoredAnchors(store), JwsVerifier.of_certificate(settings.kit_certificate)),
        Renewing([certificates.of_kit(), certificates.of_user()]),
        pulling,
        team,
        Vouching(StoredVouches(store)),
    )
    return Wired(engine, CarryingEngine(link, receipts, clock), link.close)


class Certificates:
    """The kit's and the user's certificate as they are renewed; the keys stay the same."""

    def __init__(
        self,
        settings: KitSettings,
        store: Store,
        clock: Clock,
        opened: OpenSlot,
        keep_users: Callable[[bytes], None],
    ) -> None:
        self._settings, self._store, self._clock = settings, store, clock
        self._opened, self._keep_users = opened, keep_users
        self._of_user = opened.signing_key.certificate_der
        self._asked_at = clock.now()

    def of_kit(self) -> Renewable:
        """Return how the kit's certificate is renewed."""

        def request(at: datetime) -> RenewalRequest:
            self._asked_at = at
            return RenewalRequest(csr=make_csr(self._settings.kit_private))

        def keep(certificate: bytes) -> None:
            self._demand(certificate, self._settings.kit_certificate, self._settings.kit_id)
            # What the office changed meanwhile stays.
            self._settings = KitSettings.load(self._store).model_copy(update={"kit_certificate": certificate})
            self._settings.save(self._store)
            self._note(self._settings.kit_id, certificate)

        return Renewable(lambda: valid_until(self._settings.kit_certificate), KIT_AHEAD, request, keep)

    def of_user(self) -> Renewable:
        """Return how the certificate of the signed-in user is renewed, on the word of the key that ends."""
        user_id, private = self._opened.user.user_id, self._opened.signing_key.private_der

        def request(at: datetime) -> RenewalRequest:
            self._asked_at = at
            csr = make_csr(private)
            word = RenewalWord(user_id=user_id, kit=self._settings.kit_id, csr_sha256=sha256(csr).hexdigest(), at=at)
            signed = JwsSigner(private, user_id).sign(word.model_dump(mode="json"), RENEWAL_TYP)
            return RenewalRequest(csr=csr, word=signed)

        def keep(certificate: bytes) -> None:
            self._demand(certificate, self._of_user, user_id)
            self._keep_users(certificate)
            self._of_user = certificate
            self._note(user_id, certificate)

        return Renewable(lambda: valid_until(self._of_user), USER_AHEAD, request, keep, "sync.user_over")

    def _demand(self, new: bytes, old: bytes, holder: str) -> None:
        """Raise `VaultError` unless the dinas gave it to the same holder for the same key, by the server's clock."""
        signer = verify_signer(new, [self._settings.ca_certificate], self._asked_at)
        if signer.signer_id != holder or certificate_key(new) != certificate_key(old):
            raise VaultError("vault.certificate")

    def _note(self, holder: str, certificate: bytes) -> None:
        with self._store.write() as unit:
            said = {"ends": valid_until(certificate).isoformat(), "sha256": sha256(certificate).hexdigest()}
            unit.events.append("certificate_renewed", holder, said, "sync", self._clock.now())


# What messages are sent by; mail and web libraries are loaded when they are first needed.


class LaptopMessenger:
    """Implements `Messenger`."""

    @cached_property
    def _sender(self) -> NoticeSender:
        from sync.kit.enrol import NoticeSender

        return NoticeSender()

    def mail(self, settings: NoticeSettings, to: str, subject: str, text: str) -> None:
        """Hand a mail to the configured server."""
        self._sender.mail(settings, to, subject, text)

    def qr(self, link: str) -> bytes:
        """Return a PNG of the QR code of a link."""
        return self._sender.qr(link)


# What signing letters is built from; each library is loaded when it is first needed.


def draw_pages(pdf: bytes) -> tuple[bytes, ...]:
    """Return the pages of a PDF as PNG."""
    from fieldkit.documents import signature_check

    return signature_check.draw_pages(pdf)


class LaptopBench:
    """Implements `SigningBench`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def signer(self, settings: SigningSettings, certificate: bytes) -> PdfSigner:
        """Return who signs. Raise `RuleError("tte.not_set_up")`."""
        if settings.way is SigningWay.BSRE:
            return self.service(settings)
        if not certificate:
            raise RuleError("tte.not_set_up")
        from fieldkit.documents.signature_check import OfficeSigner

        return OfficeSigner(certificate, self._clock)

    def service(self, settings: SigningSettings) -> SigningService:
        """Return the client of the service. Raise `RuleError("tte.not_set_up")`."""
        if not settings.url or not settings.user:
            raise RuleError("tte.not_set_up")
        from sync.kit.esign import BsreClient, Service

        return BsreClient(Service(settings.url, settings.user, settings.secret, settings.ca))

    def verifier(self, settings: SigningSettings) -> PdfVerifier:
        """Return who checks signatures, without a network."""
        from fieldkit.documents.signature_check import PadesVerifier

        return PadesVerifier((settings.trust,), self._clock)

    def place_in(self, pdf: bytes) -> Place | None:
        """Return where a letter wants its signature seen, None when it says nothing."""
        from fieldkit.documents.signature_check import place_in

        return place_in(pdf)

    def draw(self, words: BoxWords) -> bytes:
        """Return the box of a visible signature as PNG."""
        from fieldkit.documents.signature_check import draw_box

        return draw_box(words)

    def pages(self, pdf: bytes) -> tuple[bytes, ...]:
        """Return the pages of a PDF as PNG."""
        return draw_pages(pdf)

    def certificate(self, pkcs12: bytes, passphrase: str) -> OfficeCertificate:
        """Look into a PKCS #12 file."""
        from fieldkit.documents.signature_check import read_certificate

        return read_certificate(pkcs12, passphrase)

    def check_trust(self, pem: str) -> None:
        """Raise `InputError` unless the text holds certificates, or nothing."""
        from fieldkit.documents.signature_check import certificates_in

        certificates_in(pem)


@dataclass(frozen=True, slots=True)
class OfficeParts:
    """What the services of the office ask from outside, by type."""

    store: Store
    clock: Clock
    ids: Ids
    user: User
    kit_id: str
    documents: Documents
    profile: Mapping[str, str]  # what enrolment brought of the dinas
    registry: Registry
    pictures: SamplePictures
    signatures: SignatureCodec
    read_laptop: Callable[[], LaptopReading]
    outbox: Outbox
    nik_key: NikKey
    seal: BundleSeal
    me: Credential
    bench: SigningBench
    profiles: SopProfiles = field(default_factory=SopFolder)
    tables: CodeTables = field(default_factory=load_tables)
    places: Whereabouts = field(default_factory=NoReceiver)
    is_known_region: Callable[[str], bool] = is_known_region
    region_names: RegionNames = region_names
    draw_pdf: Callable[[bytes], tuple[bytes, ...]] = draw_pages
    holidays: NationalHolidays = field(default_factory=IndonesianHolidays)
    sheets: TargetSheets = field(default_factory=SpreadsheetFiles)
    reports: ReportSheets = field(default_factory=SpreadsheetReports)
    exports: ApplicationExports = field(default_factory=AppExports)
    messenger: Messenger = field(default_factory=LaptopMessenger)
    codec: BundleCodec = field(default_factory=BundleFiles)


def open_office(parts: OfficeParts) -> Office:
    """Build every service of the office."""
    return Builder(parts).build(Office)
