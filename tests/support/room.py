"""One user's services over a real encrypted store, real codecs and real seals; the test plays the devices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from support.again import NobodyElse
from support.clock import NOW, HandClock
from support.credentials import credential_of
from support.kept import KEY, biodata
from support.samples import Signed, captured, chained

from fieldkit.app.bootstrap.clock import UuidV7
from fieldkit.app.bootstrap.kit_settings import HmacNikKey
from fieldkit.domain.delivery import QueueEntry
from fieldkit.domain.people import Role, User
from fieldkit.domain.planning.outreach import Activity, ModePerekaman, ServiceCategory, Target
from fieldkit.domain.recording.biodata import Biodata
from fieldkit.domain.recording.capture import CAPTURED_AT, CapturePolicy, QualityScore, Sample, SampleFormat, StepKind
from fieldkit.domain.recording.positions import Position
from fieldkit.domain.recording.session import CaptureSession
from fieldkit.formats.container import ContainerCodec
from fieldkit.formats.rules import load_tables
from fieldkit.formats.signature import encode_signature
from fieldkit.ports.devices import PenPoint, Signature
from fieldkit.ports.recording import Matcher
from fieldkit.ports.vault import SigningKey
from fieldkit.services.delivery.keep_time import KeepTime
from fieldkit.services.recording.run_session import RunSession
from fieldkit.services.recording.seal_record import Recover, Recovered, SealingTools, SealRecord
from fieldkit.storage.sealed_files import FolderOfSealedFiles
from fieldkit.storage.store import SqlStore, open_store
from fieldkit.vault import age, certificates
from fieldkit.vault.bundles import SignedManifests
from fieldkit.vault.certificates import create_ca, issue_kit, issue_petugas, make_csr
from fieldkit.vault.cms import RecordSealer, SealOpener
from fieldkit.vault.credentials import KeyCredential
from fieldkit.vault.device_trust import JwsSigner

KIT = "K01"
PETUGAS = User("rina", "Rina Wulandari", Role.PETUGAS_PEREKAMAN)
LEAD = User("bagus", "Bagus Santoso", Role.KETUA_TIM)
STORES = User("sri", "Sri Handayani", Role.PENGURUS_BARANG)
ACTIVITY = Activity(
    "act-1", "Jemput bola Desa Jimbe", "Desa Jimbe", date(2026, 11, 21), ModePerekaman.LURING, "ST/1", "sop"
)


@dataclass(frozen=True)
class Keys:
    """Who signs and who opens."""

    ca: SigningKey
    kit: SigningKey
    petugas: SigningKey
    data_center: age.Identity

    def credential(self, user: User) -> KeyCredential:
        """Return the key of a user; that of the petugas is the one that seals."""
        return KeyCredential(user, self.petugas) if user == PETUGAS else credential_of(self.ca, user)

    @property
    def opener(self) -> SealOpener:
        return SealOpener([self.data_center], [self.ca.certificate_der])


def make_keys() -> Keys:
    ca = create_ca("Dinas Uji", NOW - timedelta(days=1))
    kit, petugas = certificates.new_private_key(), certificates.new_private_key()
    since = NOW - timedelta(hours=1)
    return Keys(
        ca,
        SigningKey(issue_kit(ca, make_csr(kit), KIT, since), kit),
        SigningKey(
            issue_petugas(ca, make_csr(petugas), PETUGAS.user_id, PETUGAS.name, PETUGAS.role.value, since), petugas
        ),
        age.generate_identity(),
    )


class Room:
    """The services of one user; `reopen` is a new start of the program on the same disk."""

    def __init__(
        self,
        home: Path,
        sealing_keys: Keys,
        user: User = PETUGAS,
        matcher: Matcher | None = None,
        policy: CapturePolicy | None = None,
    ) -> None:
        self.home, self.keys, self.user, self._matcher = home, sealing_keys, user, matcher
        self.policy = policy or CapturePolicy("uji")
        self.clock, self.ids = HandClock(), UuidV7(HandClock())
        self.store = self._open()

    def _open(self) -> SqlStore:
        store = open_store(self.home / "kit.db", KEY, KIT, self.clock, self.ids)
        self.files = FolderOfSealedFiles(self.home / "sealed")
        self.recording = self.recording_for(self.user, store)
        nik_key = HmacNikKey(b"n" * 32)
        self.time = KeepTime(store, self.clock, self.user)
        self.time.begin()
        sealer = RecordSealer(self.keys.kit, self.keys.petugas, [str(self.keys.data_center.recipient)])
        self.tools = SealingTools(
            *(ContainerCodec(), sealer, JwsSigner(self.keys.kit.private_der, KIT), self.files, nik_key),
            *(self.manifests(), self.time),
            templates=NobodyElse().describe,
        )
        self.sealing = SealRecord(store, self.tools, self.clock, self.ids, self.user, KIT)
        return store

    def manifests(self, kit_id: str = KIT) -> SignedManifests:
        return SignedManifests(kit_id, self.keys.kit.certificate_der, self.keys.ca.certificate_der, b"n" * 32)

    def recover(self) -> Recovered:
        """Put the home in order as a start does."""
        return Recover(self.store, self.files, self.manifests(), self.clock, self.ids, self.user, KIT).run()

    def recording_for(self, user: User, store: SqlStore | None = None) -> RunSession:
        return RunSession(
            store or self.store,
            self.clock,
            self.ids,
            self.keys.credential(user),
            self.policy,
            load_tables(),
            HmacNikKey(b"n" * 32),
            self._matcher,
        )

    def reopen(self) -> None:
        self.store.close()
        self.store = self._open()

    def plan(self, *people: Biodata) -> list[Target]:
        targets = [
            Target(f"target-{house}", ACTIVITY.activity_id, house, who, ServiceCategory.LANSIA)
            for house, who in enumerate(people or (biodata(),), 1)
        ]
        with self.store.write() as unit:
            for user in (PETUGAS, LEAD, STORES):
                unit.save_user(user)
            unit.activities.save(ACTIVITY)
            unit.targets.save(targets)
        return targets

    def begin(self, target: str = "target-1") -> CaptureSession:
        """Open a recording and bring it to capturing."""
        session = self.recording.open(target)
        self.recording.give_notice(session.session_id, "id", "Siti (anak)")
        with self.store.read() as unit:
            who = unit.targets.get(target).biodata
        return self.recording.confirm_biodata(session.session_id, who)

    def capture(self, session: CaptureSession, step: StepKind, score: int = 80, turn: int = 1) -> CaptureSession:
        """Let a device deliver everything that the step asks for."""
        asked = session.step(step).wanted
        signed = Signed(self.recording.find(session.session_id).device_hash, self.clock.now(), session.session_id)
        result = chained(captured(dict.fromkeys(asked, score), turn), signed)
        return self.recording.keep_attempt(session.session_id, step, "Device 1", asked, result)

    def complete(self, session: CaptureSession) -> CaptureSession:
        """Capture and accept what is missing, then open the review."""
        for step in CAPTURED_AT:
            if not session.step(step).is_closed:
                self.capture(session, step)
                session = self.recording.accept(session.session_id, step)
        self.recording.verify_indexes(session.session_id)
        return self.recording.review(session.session_id)

    def sign_exceptions(self, session_id: str) -> None:
        """Let everybody whom an exception names sign, each in another hand."""
        for turn, (wanted, _) in enumerate(self.recording.inks_open(session_id), 1):
            self.recording.take_ink(session_id, wanted, hand(turn), "Pad 1")

    def seal(self, target: str = "target-1") -> QueueEntry:
        """Record a person from the door to the seal."""
        return self.sealing.seal(self.complete(self.begin(target)).session_id)

    def kinds(self, aggregate: str) -> list[str]:
        """Return the kinds of the events of one thing, in order."""
        with self.store.read() as unit:
            return [event.kind for event in unit.events.of(aggregate)]


def hand(turn: int) -> Sample:
    """Return a signature; another turn is another hand."""
    line = tuple(PenPoint(5_000 + 900 * at, 9_000 + turn * 400 * (at % 3), 0.5, 20 * at) for at in range(30))
    return Sample(
        Position.SIGNATURE,
        SampleFormat.SIGNATURE_STROKES,
        encode_signature(Signature((line,), 60_000, 25_000)),
        QualityScore(90, "fieldkit-ink"),
    )
