"""An application context over a real store and real seals, with devices that follow a script: for recording."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path

from support.again import NobodyElse
from support.kept import NOW
from support.room import KIT, LEAD, PETUGAS, STORES, Keys, Room
from support.samples import INK, sample
from support.tasks import SameThread, Steps

from fieldkit.app.bootstrap.kit_settings import HmacNikKey
from fieldkit.domain.errors import InputError, RuleError, VaultError
from fieldkit.domain.people import Permission, User
from fieldkit.domain.recording.biodata import Background, Biodata
from fieldkit.domain.recording.capture import CaptureStep, Sample, StepKind
from fieldkit.domain.recording.positions import ExceptionReason, Position
from fieldkit.domain.recording.session import CaptureSession
from fieldkit.formats.pictures import RecordPictures
from fieldkit.formats.rules import is_known_region, load_tables
from fieldkit.formats.signature import StrokeCodec
from fieldkit.ports.delivery import Credential, Receipt, ReceiptLine
from fieldkit.ports.devices import (
    Cancel,
    Capabilities,
    CaptureRequest,
    CaptureResult,
    DeviceError,
    DeviceIdentity,
    DeviceKind,
    DeviceState,
    DeviceStatus,
    LiveScore,
    NotConnectedError,
    PreviewSink,
    Signature,
    StrokeSink,
    TransportBrokenError,
)
from fieldkit.ports.recording import Matcher, SamplePictures
from fieldkit.quality.inspection import score_signature
from fieldkit.services.context.app_context import AppContext, DoorSign
from fieldkit.services.letters.print_papers import Archive, PrintPapers
from fieldkit.services.recording.capture import Capture
from fieldkit.services.recording.find_again import FindAgain
from fieldkit.services.unit_of_work import KeepDrafts, UnitsOfWork
from fieldkit.services.visits.plan_visits import PlanVisits
from ui.presenters.presenter import Action, Message
from ui.presenters.recording.recording import RecordingPresenter
from ui.presenters.recording.state import RecordingState

PIN = "270845"
LEAD_PASSPHRASE = "sawah hijau subuh"
FRAME = b"\xff\xd8 one frame"
FINGER_EXECUTOR = "device:fingerprint"
WEAK = {Position.RIGHT_MIDDLE: 31}

Scores = Mapping[Position, int | None]


class ScriptedDevice:
    """A device that gives 80 for everything, unless the script says otherwise.

    `script` is taken from the front: scores by position (None did not come), or an error. `streams_on` keeps the
    preview running until it is cancelled, as real devices do.
    """

    def __init__(self, kind: DeviceKind, make: Callable[[Position, int, int], Sample] = sample) -> None:
        self._kind, self._make = kind, make
        self.script: list[Scores | DeviceError | Callable[[], Scores]] = []
        self.requests: list[CaptureRequest] = []
        self.is_away = False
        self.streams_on = False
        self.frame = FRAME
        self.streams = 0
        self.ink = INK

    @property
    def identity(self) -> DeviceIdentity:
        return DeviceIdentity("Uji", f"Model {self._kind.value}", f"SN-{self._kind.value}")

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(self._kind)

    def open(self, cancel: Cancel) -> None:
        if self.is_away:
            raise NotConnectedError(f"device.none.{self._kind.value}")

    def health(self) -> DeviceState:
        return DeviceState.ABSENT if self.is_away else DeviceState.READY

    def close(self) -> None:
        pass

    def stream(self, positions: Sequence[Position], preview: PreviewSink, cancel: Cancel) -> None:
        self.streams += not cancel.is_cancelled()
        preview.offer(self.frame)
        while self.streams_on and not cancel.is_cancelled():
            time.sleep(0.01)
            if self.is_away:
                raise TransportBrokenError("device.transport_broken")
            preview.offer(self.frame)

    def capture(self, request: CaptureRequest, preview: PreviewSink, cancel: Cancel) -> CaptureResult:
        self.requests.append(request)
        preview.offer(self.frame)
        scores = self._next()
        turn = len(self.requests)
        came = {p: scores.get(p, 80) for p in request.positions}
        samples = tuple(self._make(p, score, turn) for p, score in came.items() if score is not None)
        return CaptureResult(samples, (), f"{turn:064X}")

    def sign(self, preview: StrokeSink, cancel: Cancel, idle_ms: int, timeout_ms: int) -> Signature:
        preview.offer_signature(self.ink)
        self._next()
        return self.ink

    def _next(self) -> Scores:
        step = self.script.pop(0) if self.script else {}
        if isinstance(step, DeviceError):
            raise step
        return step() if callable(step) else step


class ScriptedRegistry:
    """A `Registry` of one device per kind."""

    def __init__(self) -> None:
        kinds = (DeviceKind.FINGERPRINT, DeviceKind.IRIS, DeviceKind.CAMERA, DeviceKind.SIGNATURE_PAD)
        self.devices = {kind: ScriptedDevice(kind) for kind in kinds}

    def scan(self) -> Sequence[DeviceStatus]:
        return [DeviceStatus("uji", "", k, d.health(), d.identity) for k, d in self.devices.items()]

    def statuses(self) -> Iterator[DeviceStatus]:
        return iter(self.scan())

    def device(self, status: DeviceStatus) -> ScriptedDevice:
        return self.devices[status.kind]

    def device_for(self, kind: DeviceKind) -> ScriptedDevice:
        return self.devices[kind]


class NoJudge:
    """A `PortraitScorer` that remembers what it was to expect."""

    expected: Background | None = None
    may_be_shut = False

    def score(self, jpeg: bytes) -> LiveScore:
        return LiveScore(80)


class TakesAll:
    """A `SampleInspector` for the noise that `support.samples` gives: the script says how good it is."""

    def prepare(self) -> None: ...

    def inspect(self, result: CaptureResult, known: Sequence[Sample] = ()) -> CaptureResult:
        return result


class PlainLetters:
    """`Documents` that say what they were asked for; the letters have tests of their own."""

    def __init__(self) -> None:
        self.fails = False
        self.rendered: list[tuple[str, Mapping[str, object]]] = []

    def receipt(self, letter: str, fields: Mapping[str, object]) -> Receipt:
        return Receipt((ReceiptLine(letter),))

    def render(self, letter: str, fields: Mapping[str, object]) -> bytes:
        if self.fails:
            raise InputError("letter.unknown")
        self.rendered.append((letter, fields))
        return f"{letter} of {fields['name']}".encode()

    def preview(self, letter: str, fields: Mapping[str, object]) -> Sequence[bytes]:
        return (b"page",)

    sheets = preview

    def wording(self, letter: str) -> Mapping[str, str]:
        return {"title": f"{letter} {{name}}"}


class SimpleDoor:
    """A `Door` with one PIN for the petugas and one passphrase for everybody."""

    def __init__(self, keys: Keys, people: tuple[User, ...] = (PETUGAS, LEAD, STORES)) -> None:
        self.keys, self.people, self.left = keys, people, 3

    def sign(self) -> DoorSign:
        return DoorSign("Dinas Uji", KIT, self.people, NOW, {})

    def unlock(self, user_id: str, passphrase: str) -> AppContext:
        raise VaultError("vault.wrong_passphrase", left=1)

    def check_lead(self, user_id: str, passphrase: str) -> Credential:
        lead = self.check_attendant(user_id, passphrase)
        if not lead.user.may(Permission.ALLOW_FAILURE):
            raise RuleError("session.lead_only", role=lead.user.role.value)
        return lead

    def check_attendant(self, user_id: str, passphrase: str) -> Credential:
        return self.keys.credential(self.verify_passphrase(user_id, passphrase))

    def verify_passphrase(self, user_id: str, passphrase: str) -> User:
        if passphrase != LEAD_PASSPHRASE:
            raise VaultError("vault.wrong_passphrase", left=4)
        return next(user for user in self.people if user.user_id == user_id)

    def check_pin(self, pin: str) -> None:
        if pin == PIN:
            return
        self.left -= 1
        if self.left <= 0:
            raise VaultError("vault.pin_exhausted")
        raise VaultError("vault.wrong_pin", left=self.left)

    def lock(self) -> None:
        pass

    def leads(self) -> Sequence[User]:
        return [user for user in self.people if user.may(Permission.ALLOW_FAILURE)]


class RecordingKit:
    """The application context of the petugas, with one resident on the list and the information notice given."""

    def __init__(
        self,
        folder: Path,
        keys: Keys,
        who: Biodata | None = None,
        pictures: SamplePictures | None = None,
        matcher: Matcher | None = None,
    ) -> None:
        self.finder = NobodyElse()
        self.room = Room(folder, keys, matcher=matcher)
        self.registry, self.door, self.portraits = ScriptedRegistry(), SimpleDoor(keys), NoJudge()
        self.letters = PlainLetters()
        self.room.plan(*([who] if who else []))
        room, clock, ids = self.room, self.room.clock, self.room.ids
        signatures = StrokeCodec(score_signature)
        touched = {
            "user": PETUGAS,
            "kit_id": KIT,
            "dinas": "Dinas Uji",
            "clock": clock,
            "policy": room.policy,
            "tables": load_tables(),
            "registry": self.registry,
            "signatures": signatures,
            "pictures": pictures or RecordPictures(),
            "visits": PlanVisits(UnitsOfWork(room.store, clock, ids, PETUGAS), is_known_region),
            "recording": room.recording,
            "again": FindAgain(room.store, self.finder, HmacNikKey(b"n" * 32), clock, PETUGAS),
            "capture": Capture(self.registry, self.portraits, TakesAll(), signatures, clock, ids),
            "sealing": room.sealing,
            "papers": PrintPapers(
                UnitsOfWork(room.store, clock, ids, PETUGAS),
                self.letters,
                Archive(KIT),
                {"dinas": "Dinas Uji"},
                signatures,
            ),
            "drafts": KeepDrafts(room.store, clock, PETUGAS),
            "left_open": (),
            "check_store": None,
            "fresh_papers": {},
        }
        # The context has more services than these two screens touch: touching another one fails the test.
        self.context = AppContext(**{field.name: touched.get(field.name) for field in fields(AppContext)})  # type: ignore[arg-type]
        self.session_id = self.context.recording.open("target-1").session_id
        self.context.recording.give_notice(self.session_id, "id")

    @property
    def fingers(self) -> ScriptedDevice:
        return self.registry.devices[DeviceKind.FINGERPRINT]

    @property
    def irises(self) -> ScriptedDevice:
        return self.registry.devices[DeviceKind.IRIS]

    @property
    def camera(self) -> ScriptedDevice:
        return self.registry.devices[DeviceKind.CAMERA]

    @property
    def pad(self) -> ScriptedDevice:
        return self.registry.devices[DeviceKind.SIGNATURE_PAD]

    def on_disk(self) -> CaptureSession:
        return self.context.recording.find(self.session_id)

    def close(self) -> None:
        self.room.store.close()


class Kept:
    """A `PreviewSink` and `StrokeSink` that keep what came."""

    def __init__(self) -> None:
        self.frames: list[bytes] = []
        self.inks: list[Signature] = []

    def offer(self, jpeg: bytes) -> None:
        self.frames.append(jpeg)

    def offer_signature(self, signature: Signature) -> None:
        self.inks.append(signature)


class Recording:
    """The presenter over a kit, with what tests ask of it again and again."""

    def __init__(self, kit: RecordingKit, tasks: SameThread) -> None:
        self.kit, self.tasks, self.way, self.kept = kit, tasks, Steps(), Kept()
        self.presenter = RecordingPresenter(
            kit.context, kit.door, tasks, self.way, self.kept, self.kept, kit.session_id
        )
        self.presenter.listen(lambda _: None)
        self.presenter.start()

    @property
    def state(self) -> RecordingState:
        return self.presenter.state

    @property
    def current(self) -> StepKind:
        return self.state.current

    def step(self, kind: StepKind | None = None) -> CaptureStep:
        return self.kit.on_disk().step(kind or self.current)

    def go_to(self, kind: StepKind) -> None:
        """Confirm the biodata and go to a step."""
        if self.kit.on_disk().biodata is None:
            self.presenter.accept()
        self.presenter.choose_step(kind.value)

    def actions(self) -> dict[Action | None, Message]:
        return {action.act: action.refused for action in self.state.bar.actions}

    def except_chosen(self, reason: ExceptionReason = ExceptionReason.WORN) -> None:
        self.presenter.choose(reason.value)
        self.presenter.type_witness("Pak RT")
        self.presenter.accept()
