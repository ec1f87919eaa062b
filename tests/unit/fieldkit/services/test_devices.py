from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from support.app_context import PETUGAS, Kit, ListedDevices, ready
from support.cards import Tray
from support.clock import NOW, HandClock
from support.kept import CountedIds
from support.plans import ADMIN
from support.recording import ScriptedDevice, ScriptedRegistry, TakesAll
from support.recording_window import jpeg
from support.samples import captured

from fieldkit.app.bootstrap.devices import ProviderFolder
from fieldkit.domain.delivery import FILES
from fieldkit.domain.errors import InputError, Problem, RuleError
from fieldkit.domain.recording.capture import CapturePolicy, Sample
from fieldkit.domain.recording.positions import EYES, FINGERS, LEFT_FOUR, RIGHT_FOUR, THUMBS, Modality, Position
from fieldkit.formats.pictures import RecordPictures
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
    FingerTemplate,
    NothingPresentedError,
    PreviewSink,
    SampleFault,
    Signature,
    StrokeSink,
    TimedOutError,
    TransportBrokenError,
)
from fieldkit.ports.repositories import Choice, choice_of
from fieldkit.services import devices
from fieldkit.services.devices import (
    MOST_BYTES,
    CaptureAlone,
    CapturedAlone,
    ChooseDevice,
    DeviceVerdict,
    KeepProviders,
    SelfTest,
    TakePhoto,
)
from fieldkit.vault.certificates import create_ca

INDEX, MIDDLE, RING, LITTLE = RIGHT_FOUR
SCANNER, WHO = Capabilities(DeviceKind.FINGERPRINT), DeviceIdentity("Acme", "Turns", "SN-1")


@dataclass
class Turns:
    """A device whose answers the test has written down; after the last it gives what is asked, well."""

    answers: list[CaptureResult | Exception] = field(default_factory=list)
    asked: list[CaptureRequest] = field(default_factory=list)
    opened: int = 0
    capabilities: Capabilities = SCANNER
    identity: DeviceIdentity = WHO

    def open(self, cancel: Cancel) -> None:
        self.opened += 1

    def capture(self, request: CaptureRequest, preview: PreviewSink, cancel: Cancel) -> CaptureResult:
        self.asked.append(request)
        number = len(self.asked)
        answer = (
            self.answers.pop(0) if self.answers else captured(dict.fromkeys(request.positions, 80), number, "F" * 64)
        )
        if isinstance(answer, Exception):
            raise answer
        return answer


class Nobody:
    def offer(self, jpeg: bytes) -> None: ...

    def is_cancelled(self) -> bool:
        return False


def run(
    device: Turns,
    wanted: tuple[Position, ...],
    exceptions: tuple[Position, ...] = (),
    modality: Modality = Modality.FINGER,
    previous: str = "",
) -> CapturedAlone:
    alone = CaptureAlone(device, TakesAll(), CapturePolicy("uji"), HandClock(), CountedIds())  # type: ignore[arg-type]  # half a device
    return alone.run(modality, wanted, exceptions, previous, Nobody(), Nobody())


def test_a_reader_for_verification_only_gives_one_finger_at_a_time() -> None:
    device = Turns(capabilities=Capabilities(DeviceKind.FINGERPRINT, may_enrol=False))
    with pytest.raises(DeviceError) as caught:
        run(device, FINGERS)
    assert caught.value.code == "device.not_for_enrolment"
    assert device.opened == 0
    assert len(run(device, (INDEX,)).samples) == 1


def test_what_is_broken_is_asked_for_again() -> None:
    class RefusesFirst(TakesAll):
        seen = 0

        def inspect(self, result: CaptureResult, known: Sequence[Sample] = ()) -> CaptureResult:
            self.seen += 1
            if self.seen > 1:
                return result
            return CaptureResult((), tuple(SampleFault(s.position, "sample.broken", s) for s in result.samples), "A")

    device = Turns()
    alone = CaptureAlone(device, RefusesFirst(), CapturePolicy("uji"), HandClock(), CountedIds())  # type: ignore[arg-type]
    got = alone.run(Modality.FINGER, (INDEX,), (), "", Nobody(), Nobody())
    assert ([s.position for s in got.samples], got.captures, got.faults) == ([INDEX], 2, ())


def test_ten_fingers_are_three_slaps() -> None:
    device = Turns()
    got = run(device, FINGERS)
    assert [request.positions for request in device.asked] == [RIGHT_FOUR, LEFT_FOUR, THUMBS]
    assert [s.position for s in got.samples] == list(FINGERS)
    assert (got.faults, got.captures, got.last_hash, device.opened) == ((), 3, "F" * 64, 1)


def test_what_the_subject_lacks_is_told_to_the_device() -> None:
    device = Turns()
    run(device, FINGERS, (RING, *THUMBS))
    assert [(request.positions, request.exceptions) for request in device.asked] == [
        ((INDEX, MIDDLE, LITTLE), (RING,)),
        (LEFT_FOUR, ()),
    ]


def test_a_poor_finger_is_taken_again_and_the_best_is_kept() -> None:
    device = Turns(
        [
            captured({INDEX: 90, MIDDLE: 39, RING: 50, LITTLE: 50}, 1, "A" * 64),
            captured({INDEX: 70, MIDDLE: 55, RING: 45, LITTLE: 80}, 2, "B" * 64),
        ]
    )
    got = run(device, RIGHT_FOUR)
    assert {s.position: s.quality.value for s in got.samples} == {INDEX: 90, MIDDLE: 55, RING: 50, LITTLE: 80}
    assert (got.captures, got.last_hash, got.poor) == (2, "B" * 64, ())


def test_of_two_that_are_as_good_the_first_is_kept() -> None:
    first, *others = (captured({INDEX: 30}, turn) for turn in range(1, 5))
    assert run(Turns([first, *others]), (INDEX,)).samples == first.samples


def test_the_chain_goes_on_from_what_came_before() -> None:
    device = Turns([captured({INDEX: 10}, 1, "A" * 64), captured({INDEX: 20}, 2, "")])
    got = run(device, (INDEX,), previous="0" * 64)
    assert [request.previous_hash for request in device.asked] == ["0" * 64, "A" * 64, "A" * 64]
    assert got.last_hash == "F" * 64


def test_attempts_end_and_the_poor_best_still_comes() -> None:
    device = Turns([captured({INDEX: score}, turn) for turn, score in enumerate((10, 30, 20, 25), 1)])
    got = run(device, (INDEX,))
    assert (got.captures, [s.quality.value for s in got.samples], got.faults) == (4, [30], ())
    assert got.poor == (INDEX,)


def test_what_never_came_is_missing_with_the_reason_that_the_device_gave() -> None:
    fault = SampleFault(RING, "device.sbi.730")
    device = Turns([captured(dict.fromkeys((INDEX, MIDDLE, LITTLE), 80), faults=[fault]) for _ in range(4)])
    assert run(device, RIGHT_FOUR).faults == (fault,)
    assert run(Turns([captured({INDEX: 80}, faults=[fault])]), (INDEX,)).faults == ()  # nobody asked for that one


def test_what_a_device_passes_over_in_silence_is_missing_too() -> None:
    device = Turns([captured(dict.fromkeys((INDEX, MIDDLE, LITTLE), 80)) for _ in range(4)])
    assert run(device, RIGHT_FOUR).faults == (SampleFault(RING, "device.not_seen"),)


def test_what_came_in_the_end_is_not_missing() -> None:
    device = Turns([captured({EYES[0]: 80}, faults=[SampleFault(EYES[1], "device.sbi.730")])])
    got = run(device, EYES, modality=Modality.IRIS)
    assert ([s.position for s in got.samples], got.faults, got.captures) == (list(EYES), (), 2)


def test_a_position_nobody_asked_for_is_left_out() -> None:
    device = Turns([captured(dict.fromkeys(RIGHT_FOUR, 80))])
    assert [s.position for s in run(device, (INDEX,)).samples] == [INDEX]


def test_a_broken_wire_is_an_error() -> None:
    with pytest.raises(TransportBrokenError):
        run(Turns([TransportBrokenError("device.gone")]), FINGERS)


def test_what_was_taken_before_the_wire_broke_is_kept() -> None:
    device = Turns([captured(dict.fromkeys(RIGHT_FOUR, 80)), TransportBrokenError("device.transport_broken")])
    got = run(device, FINGERS, (THUMBS[0],))
    assert [s.position for s in got.samples] == list(RIGHT_FOUR)
    assert got.stopped_by is not None
    assert got.stopped_by.code == "device.transport_broken"
    assert {f.position for f in got.faults} == {*LEFT_FOUR, THUMBS[1]}
    assert len(device.asked) == 2


def test_what_the_device_said_before_stays_the_reason() -> None:
    poor = captured(dict.fromkeys((INDEX, MIDDLE, LITTLE), 80), faults=[SampleFault(RING, "device.sbi.730")])
    got = run(Turns([poor, TransportBrokenError("device.transport_broken")]), RIGHT_FOUR)
    assert got.faults == (SampleFault(RING, "device.sbi.730"),)


@pytest.fixture
def kit(tmp_path: Path):
    made = Kit(tmp_path)
    yield made
    made.store.close()


def choosing(kit: Kit, devices: ListedDevices) -> ChooseDevice:
    return ChooseDevice(devices, kit.store, kit.clock, PETUGAS)


def test_a_choice_outlives_the_program(kit: Kit) -> None:
    first, second = ListedDevices(), ListedDevices()
    scanner, camera = ready(DeviceKind.FINGERPRINT), ready(DeviceKind.CAMERA)
    choosing(kit, first).choose(scanner)
    choosing(kit, first).choose(camera)
    assert first.chosen == {DeviceKind.FINGERPRINT: choice_of(scanner), DeviceKind.CAMERA: choice_of(camera)}
    again = choosing(kit, second)
    assert again.chosen() == {}
    again.recall()
    assert again.chosen() == first.chosen
    with kit.store.read() as unit:
        (event,) = unit.events.of("fingerprint")
    assert (event.kind, event.actor) == ("device_chosen", PETUGAS.user_id)
    assert json.loads(event.payload) == {"driver": "sbi", "serial": scanner.identity.serial}


def test_a_kit_without_choices_chooses_nothing(kit: Kit) -> None:
    devices = ListedDevices()
    choosing(kit, devices).recall()
    assert devices.chosen == {}


def test_a_kind_that_a_newer_program_knew_is_passed_over(kit: Kit) -> None:
    kept = {"palm_scanner": {"driver": "x", "address": "y", "serial": ""}}
    kept["iris"] = {"driver": "sbi", "address": "http://127.0.0.1:4502", "serial": "SN"}
    with kit.store.write() as unit:
        unit.settings.put("chosen_devices", kept)
    devices = ListedDevices()
    choosing(kit, devices).recall()
    assert devices.chosen == {DeviceKind.IRIS: Choice("sbi", "http://127.0.0.1:4502", "SN")}


CA = create_ca("Penyedia", NOW).certificate_der


def test_trust_is_given_and_taken_by_the_admin_and_logged(tmp_path: Path) -> None:
    with Kit(tmp_path, ADMIN) as kit:
        providers = kit.context.set_up.providers
        (found,) = providers.look(CA)
        assert list(providers.listed()) == []
        assert providers.trust(CA) == [found]
        providers.distrust(found.fingerprint)
        assert list(providers.listed()) == []
        with kit.store.read() as unit:
            events = unit.events.of(found.fingerprint.replace(":", "")[:32])
        assert [event.kind for event in events] == ["provider_trusted", "provider_distrusted"]


def test_what_an_act_changes_among_the_watched_files_is_noted_with_it(tmp_path: Path) -> None:
    """So that the next sign-in takes it for no change from outside; what stays as it is, is not named."""

    def files() -> dict[str, str]:
        return {"sop/x.yaml": "1", **{f"trust/{file.name}": "2" for file in (tmp_path / "trust").glob("*")}}

    def noted() -> list[dict[str, str]]:
        with kit.store.read() as unit:
            told = [json.loads(event.payload)["kept"] for event in unit.events.of(FILES)]
        return [kept for kept in told if not kept or any(key.startswith("file/") for key in kept)]

    with Kit(tmp_path, ADMIN) as kit:
        keeping = KeepProviders(kit.context.office.units, ProviderFolder(kit.trust), files)
        (found,) = keeping.trust(CA)
        (name,) = (file.name for file in kit.trust.glob("*"))
        assert noted() == [{f"file/trust/{name}": "2"}]
        keeping.distrust(found.fingerprint)
        assert noted()[1:] == [{f"file/trust/{name}": ""}]
        KeepProviders(kit.context.office.units, ProviderFolder(kit.trust), dict).trust(CA)
        assert len(noted()) == 2


def test_nobody_else_trusts(tmp_path: Path) -> None:
    with Kit(tmp_path, PETUGAS) as kit:
        for act in (lambda: kit.context.set_up.providers.trust(CA), lambda: kit.context.set_up.providers.distrust("A")):
            with pytest.raises(RuleError, match=r"role\.not_yours"):
                act()
        assert not (tmp_path / "trust").exists()
        (found,) = kit.context_of(ADMIN).set_up.providers.trust(CA)
        with pytest.raises(RuleError, match=r"role\.not_yours"):
            kit.context.set_up.providers.distrust(found.fingerprint)
        assert list(kit.context.set_up.providers.listed()) == [found]


NEVER = type("Never", (), {"is_cancelled": lambda self: False})()
READY = DeviceStatus("uji", "here", DeviceKind.FINGERPRINT, DeviceState.READY)


class Clock:
    def now(self) -> datetime:
        return datetime(2026, 11, 21, 5, 0, tzinfo=UTC)


class Ids:
    def new(self) -> str:
        return "id-0001"


class Plain:
    """A device whose every act the test may make fail; `told` is what it was asked."""

    capabilities = Capabilities(DeviceKind.FINGERPRINT, frozenset(FINGERS), may_preview=True)

    def __init__(self, **fails: DeviceError) -> None:
        self.fails = fails
        self.told: list[str] = []
        self.identity = DeviceIdentity("Uji", "Satu", "SN-1")

    def _do(self, name: str) -> None:
        self.told.append(name)
        if name in self.fails:
            raise self.fails[name]

    def open(self, cancel: Cancel) -> None:
        self._do("open")

    def health(self) -> DeviceState:
        return DeviceState.READY

    def close(self) -> None:
        self._do("close")


class Scanner(Plain):
    def __init__(self, frames: Sequence[bytes] = (b"\xff\xd8",), **fails: DeviceError) -> None:
        super().__init__(**fails)
        self.frames = frames
        self.requests: list[CaptureRequest] = []

    def stream(self, positions: Sequence[Position], preview: PreviewSink, cancel: Cancel) -> None:
        self._do("stream")
        for frame in self.frames:
            preview.offer(frame)
        while not cancel.is_cancelled():
            pass

    def capture(self, request: CaptureRequest, preview: PreviewSink, cancel: Cancel) -> CaptureResult:
        self.requests.append(request)
        self._do("capture")
        return CaptureResult(())


class Pad(Plain):
    capabilities = Capabilities(DeviceKind.SIGNATURE_PAD)

    def sign(self, preview: StrokeSink, cancel: Cancel, idle_ms: int, timeout_ms: int) -> Signature:
        self._do("sign")
        return Signature((), 1, 1)


class Discreet(Scanner):
    """A reader that compares inside and gives no pictures."""

    capabilities = Capabilities(DeviceKind.FINGERPRINT, may_enrol=False)
    template_kind = "uji"

    def learn_finger(self, cancel: Cancel, timeout_ms: int) -> FingerTemplate:
        self._do("learn")
        return FingerTemplate("uji", b"template")

    def is_finger_of(self, template: FingerTemplate, cancel: Cancel, timeout_ms: int) -> bool:
        return True


class Repository:
    def __init__(self, device: object) -> None:
        self._device = device

    def device(self, status: DeviceStatus) -> object:
        return self._device


def tried(device: object, status: DeviceStatus = READY, cancel: Cancel = NEVER):
    ticks = itertools.count(step=0.25)
    return SelfTest(Repository(device), Clock(), Ids(), lambda: next(ticks)).run(status, cancel)


def test_a_device_is_opened_looked_through_captured_from_and_closed() -> None:
    scanner = Scanner()
    verdict = tried(scanner)
    assert scanner.told == ["open", "stream", "capture", "close"]
    assert (verdict.is_ok, verdict.detail, verdict.status) == (True, None, READY)
    assert verdict.ms == 500  # the stream ends with its first frame
    (request,) = scanner.requests
    assert (request.positions, request.previous_hash) == (RIGHT_FOUR, "")


@pytest.mark.parametrize(
    ("offered", "asked"),
    [
        (FINGERS, RIGHT_FOUR),
        (THUMBS, THUMBS),
        (RIGHT_FOUR[:3], RIGHT_FOUR[:1]),
        (EYES, EYES),
    ],
)
def test_a_device_is_asked_for_the_first_step_that_it_serves_whole(
    offered: tuple[Position, ...], asked: tuple[Position, ...]
) -> None:
    scanner = Scanner()
    scanner.capabilities = Capabilities(DeviceKind.FINGERPRINT, frozenset(offered), may_preview=True)
    tried(scanner)
    assert scanner.requests[0].positions == asked


def test_a_pad_is_signed_on_and_a_reader_waits_for_a_card() -> None:
    pad = Pad()
    assert tried(pad, replace(READY, state=DeviceState.BUSY)).is_ok
    assert pad.told == ["open", "sign", "close"]
    other = Plain()
    assert tried(other).is_ok
    assert other.told == ["open", "close"]
    assert tried(Tray()) == DeviceVerdict(READY, True, 250, Problem("device.test.nobody"))


@pytest.mark.parametrize("act", ["open", "stream", "capture", "close"])
def test_whatever_breaks_is_the_verdict_and_the_device_is_closed(act: str) -> None:
    scanner = Scanner(**{act: TransportBrokenError("device.transport_broken", address="here")})
    verdict = tried(scanner)
    assert not verdict.is_ok
    assert (verdict.detail.code, verdict.detail.params) == ("device.transport_broken", {"address": "here"})
    assert scanner.told[-1] == "close"


def test_nobody_there_is_no_fault_of_the_device() -> None:
    for nobody in (NothingPresentedError("device.nothing"), TimedOutError("device.sbi.701", number=701)):
        verdict = tried(Scanner(capture=nobody))
        assert (verdict.is_ok, verdict.detail) == (True, Problem("device.test.nobody"))
    assert not tried(Scanner(capture=TimedOutError("device.timed_out", address="here"))).is_ok


def test_a_device_without_picture_or_name_fails() -> None:
    for frames in ((), (b"",)):
        verdict = tried(Scanner(frames=frames))
        assert (verdict.is_ok, verdict.detail.code) == (False, "device.test.no_picture")
        assert verdict.ms == 4_500  # the stream of four seconds between two looks at the clock
    assert tried(Scanner(frames=(b"\xff\xd8", b""))).is_ok
    for who in (("", "Satu", "SN-1"), ("Uji", "", "SN-1"), ("Uji", "Satu", "")):
        nameless = Scanner()
        nameless.identity = DeviceIdentity(*who)
        assert tried(nameless).detail == Problem("device.test.nameless")
        assert nameless.told == ["open", "close"]


def test_what_is_not_there_is_not_touched() -> None:
    scanner = Scanner()
    away = DeviceStatus("uji", "x", DeviceKind.IRIS, DeviceState.ABSENT, None, "device.not_connected", {"address": "x"})
    verdict = tried(scanner, away)
    assert (verdict.is_ok, verdict.ms, verdict.detail.code) == (False, 0, "device.not_connected")
    unsaid = DeviceStatus("uji", "x", DeviceKind.IRIS, DeviceState.NOT_READY)
    assert tried(scanner, unsaid).detail == Problem("device.test.not_usable")
    assert scanner.told == []


def test_a_module_for_verification_gives_one_finger() -> None:
    module = Scanner()
    module.capabilities = Capabilities(DeviceKind.FINGERPRINT, frozenset(FINGERS), may_enrol=False)
    assert tried(module).is_ok
    assert module.told == ["open", "capture", "close"]
    assert module.requests[0].positions == (Position.RIGHT_THUMB,)


def test_a_reader_that_gives_no_pictures_learns_a_finger() -> None:
    reader = Discreet()
    assert tried(reader).detail is None
    assert reader.told == ["open", "learn", "close"]
    shown = Discreet()  # one that compares, and gives pictures all the same
    shown.capabilities = Capabilities(DeviceKind.FINGERPRINT, frozenset(FINGERS), may_enrol=False)
    assert tried(shown).is_ok
    assert shown.told == ["open", "capture", "close"]
    nobody = Discreet(learn=NothingPresentedError("device.no_finger"))
    assert (tried(nobody).is_ok, tried(nobody).detail) == (True, Problem("device.test.nobody"))


def test_giving_up_is_said_as_such() -> None:
    class Impatient:
        def is_cancelled(self) -> bool:
            return True

    for frames in ((b"\xff\xd8",), ()):  # whoever gives up early misses no picture
        scanner = Scanner(frames, capture=NothingPresentedError("device.cancelled"))
        verdict = tried(scanner, cancel=Impatient())
        assert (verdict.is_ok, verdict.detail.code, verdict.ms) == (False, "device.cancelled", 500)


class Frames:
    def __init__(self) -> None:
        self.seen: list[bytes] = []

    def offer(self, frame: bytes) -> None:
        self.seen.append(frame)


class Never:
    def is_cancelled(self) -> bool:
        return False


@pytest.fixture
def registry() -> ScriptedRegistry:
    return ScriptedRegistry()


def test_the_last_frame_is_the_photo(registry: ScriptedRegistry) -> None:
    class Flickers(ScriptedDevice):
        def stream(self, positions: Sequence[Position], preview: PreviewSink, cancel: Cancel) -> None:
            super().stream(positions, preview, cancel)
            preview.offer(b"")

    camera = registry.devices[DeviceKind.CAMERA] = Flickers(DeviceKind.CAMERA)
    camera.frame = jpeg()
    for is_wanted in (False, True):  # it has no shutter
        frames = Frames()
        photo = TakePhoto(registry, RecordPictures()).look(frames, Never(), is_wanted=lambda told=is_wanted: told)
        assert photo.startswith(b"\xff\xd8")
        assert frames.seen == [jpeg(), b""]


@pytest.mark.days
def test_a_camera_with_a_shutter_takes_a_picture_when_it_is_wanted(registry: ScriptedRegistry) -> None:
    class Shutter(ScriptedDevice):
        shots = 0

        def shoot(self, cancel: Cancel) -> bytes:
            assert not cancel.is_cancelled()
            self.shots += 1
            return jpeg(3_000, 2_000)

    camera = registry.devices[DeviceKind.CAMERA] = Shutter(DeviceKind.CAMERA)
    camera.frame = jpeg(640, 480)
    photos = TakePhoto(registry, RecordPictures())

    def width(photo: bytes) -> int:
        return Image.open(BytesIO(photo)).size[0]

    assert (width(photos.look(Frames(), Never(), 2_000)), camera.shots) == (640, 0), "leaving wears no shutter"
    assert (width(photos.look(Frames(), Never(), 2_000, lambda: True)), camera.shots) == (2_000, 1)
    camera.frame = b""  # it has no viewfinder
    assert width(photos.look(Frames(), Never(), 2_000, lambda: True)) == 2_000


def test_a_camera_that_is_away_or_silent_says_so(registry: ScriptedRegistry) -> None:
    camera = registry.devices[DeviceKind.CAMERA]
    camera.frame = b""
    with pytest.raises(DeviceError) as silent:
        TakePhoto(registry, RecordPictures()).look(Frames(), Never())
    assert silent.value.code == "sarpras.no_frame"
    camera.is_away, camera.frame = True, jpeg()
    with pytest.raises(DeviceError, match=r"device\.none\.camera"):
        TakePhoto(registry, RecordPictures()).look(Frames(), Never())


def test_a_photo_from_a_file_is_made_small_and_clean(registry: ScriptedRegistry) -> None:
    photo = TakePhoto(registry, RecordPictures()).clean("kabel putus.jpg", jpeg(2000, 100))
    assert len(photo) < len(jpeg(2000, 100))
    assert photo.startswith(b"\xff\xd8")


def test_a_file_may_have_so_many_bytes_and_no_more(registry: ScriptedRegistry, monkeypatch: pytest.MonkeyPatch) -> None:
    photo, photos = jpeg(), TakePhoto(registry, RecordPictures())
    monkeypatch.setattr(devices, "MOST_BYTES", len(photo))
    assert photos.clean("foto.jpg", photo).startswith(b"\xff\xd8")
    monkeypatch.setattr(devices, "MOST_BYTES", len(photo) - 1)
    with pytest.raises(InputError, match=r"sarpras\.photo_unreadable"):
        photos.clean("foto.jpg", photo)


@pytest.mark.parametrize("content", [b"", b"no picture", b"\xff\xd8\xff\xe0 broken", bytes(MOST_BYTES + 1)])
def test_what_is_no_photo_is_refused(registry: ScriptedRegistry, content: bytes) -> None:
    with pytest.raises(InputError) as refusal:
        TakePhoto(registry, RecordPictures()).clean("berkas.txt", content)
    assert (refusal.value.code, refusal.value.problem.params) == ("sarpras.photo_unreadable", {"name": "berkas.txt"})
