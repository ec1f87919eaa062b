"""Every driver through its simulator: one bench, the real verifier, scorer and encoder.

With `-m hardware` the same suites run over the devices that are connected to this laptop.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from support.forked_workers import worker_number
from support.waits import Flag

from drivers.context import DriverContext
from drivers.registry import DeviceRegistry, load_drivers
from drivers.simulators.bench import Addresses, SimulatedKit
from drivers.simulators.sbi.requests import V1_0
from drivers.simulators.sbi.server import PORTS
from drivers.simulators.sbi.service import Provider
from drivers.simulators.slap_sdk import SlapSdk, compiler
from drivers.simulators.stage import Fault
from drivers.simulators.subject.synthetic import SyntheticSubject
from drivers.vendor import driver as vendor_driver
from fieldkit.app.bootstrap.clock import WIB, SystemClock
from fieldkit.app.bootstrap.default_home import default_home
from fieldkit.app.bootstrap.devices import connect_devices
from fieldkit.domain.recording.positions import EYES, LEFT_FOUR, RIGHT_FOUR, THUMBS, Position
from fieldkit.formats.face import portrait_record
from fieldkit.formats.finger import print_record
from fieldkit.formats.images import decode_colour, decode_grey
from fieldkit.formats.iris import iris_record
from fieldkit.ports.devices import CaptureRequest, Device, DeviceKind, DeviceState, DeviceStatus
from fieldkit.quality.face import PortraitEncoder, PortraitJudge
from fieldkit.quality.finger_estimate import PrintEncoder
from fieldkit.quality.iris import IrisEncoder, IrisJudge
from fieldkit.vault.device_trust import DeviceTrust
from tests.conformance.example_driver import driver as example_driver
from tests.conformance.example_pad import LinePadSimulator

GIVEN = frozenset({"sbi", "opencv", "topaz", "isdv4", "zfm"})
_numbers = itertools.count(1)


@functools.cache
def own_ports() -> tuple[int, ...]:
    """Return ten at the end of the range: else the port of an unplugged device goes to another worker's simulator."""
    first = 10 * (worker_number() % 8)
    return tuple(PORTS)[::-1][first : first + 10]


def now() -> datetime:
    return datetime.now(UTC)


class Mailbox:
    """Keeps what was offered."""

    def __init__(self) -> None:
        self.frames: list[bytes] = []
        self.signatures: list[object] = []

    def offer(self, jpeg: bytes) -> None:
        self.frames.append(jpeg)

    def offer_signature(self, signature: object) -> None:
        self.signatures.append(signature)


class ExampleHand:
    """Plugs the pad of the example; the person is the kit's."""

    def __init__(self, kit: SimulatedKit, pad: LinePadSimulator) -> None:
        self.stage, self.present, self.arm = kit.stage, kit.present, kit.arm
        self._pad = pad

    def unplug(self, _: str) -> None:
        self._pad.unplug()

    def plug(self, _: str) -> None:
        self._pad.plug()


class SdkHand:
    """Plugs the scanner behind the library of a vendor, and lays the fingers of the kit's person on it."""

    def __init__(self, kit: SimulatedKit, sdk: SlapSdk) -> None:
        self.stage, self._kit, self._sdk = kit.stage, kit, sdk

    def present(self, subject: SyntheticSubject | None) -> None:
        self._kit.present(subject)
        self._sdk.lay()

    def arm(self, fault: Fault, times: int = 1) -> None:
        self._sdk.arm(fault)

    def has_met(self, _: Fault) -> bool:
        return not (self._sdk.library.parent / "glass" / "fault").exists()

    def unplug(self, _: str) -> None:
        self._sdk.unplug()

    def plug(self, _: str) -> None:
        self._sdk.plug()


class BareHands:
    """Before a real device nobody can be conjured away: such tests are for the simulators and for a person."""

    def _skip(self, *_: object) -> None:
        pytest.skip("only a simulator does this by itself; drivers/QUALITY.md says how to do it by hand")

    present = arm = plug = unplug = _skip


@dataclass
class Bench:
    """One device and the hand that plugs it."""

    device: Device
    kit: SimulatedKit | ExampleHand | SdkHand | BareHands
    name: str  # what the hand calls it
    address: str

    @property
    def steps(self) -> list[tuple[Position, ...]]:
        """What it is asked for in one go."""
        offered = self.device.capabilities.positions
        if RIGHT_FOUR[0] in offered and not self.device.capabilities.may_capture_slaps:
            return [(RIGHT_FOUR[0],)]
        groups = (RIGHT_FOUR, LEFT_FOUR, THUMBS, EYES, (Position.PORTRAIT,))
        return [group for group in groups if offered.issuperset(group)]

    def has_met(self, fault: Fault) -> bool:
        """Return whether what was armed goes wrong now."""
        own = getattr(self.kit, "has_met", None)
        return own(fault) if own else not self.kit.stage._faults[fault]

    def request(self, positions: tuple[Position, ...], **options) -> CaptureRequest:
        options = {"timeout_ms": 60_000, **options}
        return CaptureRequest(f"conf-{next(_numbers):05d}", now(), positions[0].modality, positions, **options)


@pytest.fixture(scope="session")
def person() -> SyntheticSubject:
    return SyntheticSubject(5)


@pytest.fixture(scope="session")
def provider() -> Provider:
    return Provider.create("Provider of the bench", now())


@pytest.fixture(scope="module")
def kit(person: SyntheticSubject, provider: Provider) -> Iterator[SimulatedKit]:
    with SimulatedKit(
        finger_ports=own_ports(), iris_ports=own_ports(), infrared_ports=(0,), provider=provider
    ) as running:
        running.present(person)
        yield running


@pytest.fixture(scope="module")
def newer(person: SyntheticSubject, provider: Provider) -> Iterator[SimulatedKit]:
    """Registration devices that speak SBI 1.0."""
    with SimulatedKit(
        finger_ports=own_ports(), iris_ports=own_ports(), face_ports=(0,), provider=provider, dialect=V1_0
    ) as running:
        running.present(person)
        yield running


@pytest.fixture(scope="module")
def line_pad(kit: SimulatedKit) -> Iterator[LinePadSimulator]:
    pad = LinePadSimulator(kit.stage)
    yield pad
    pad.unplug()


@pytest.fixture(scope="module")
def sdk(kit: SimulatedKit, tmp_path_factory: pytest.TempPathFactory) -> SlapSdk | None:
    return SlapSdk(kit.stage, tmp_path_factory.mktemp("sdk")) if compiler() else None


@pytest.fixture(scope="module")
def context(kit: SimulatedKit, newer: SimulatedKit, line_pad: LinePadSimulator, sdk: SlapSdk | None) -> DriverContext:
    judge, eyes = PortraitJudge(decode_colour), IrisJudge(decode_grey)
    addresses = kit.addresses
    urls = (*addresses.sbi_urls, *newer.addresses.sbi_urls)
    return DriverContext(
        verifier=DeviceTrust.from_path(addresses.trust_pem, now),
        face_scorer=judge,
        face_encoder=PortraitEncoder(judge, portrait_record),
        iris_scorer=eyes,
        iris_encoder=IrisEncoder(eyes, iris_record),
        finger_encoder=PrintEncoder(print_record),
        addresses={
            "sbi": urls,
            "opencv": (addresses.camera_url, f"ir:{addresses.infrared_url}"),
            "topaz": (f"{addresses.topaz_tty}#siglite-1x5",),
            "isdv4": (addresses.isdv4_tty,),
            "zfm": (addresses.zfm_tty,),
            "line": (line_pad.address,),
        },
        only_given=GIVEN,
        commands={SDK: sdk.command} if sdk else {},
        simulated=frozenset(
            {
                *urls,
                addresses.camera_url,
                addresses.infrared_url,
                addresses.topaz_tty,
                addresses.isdv4_tty,
                addresses.zfm_tty,
                line_pad.address,
                SDK,
            }
        ),
    )


@pytest.fixture(scope="module")
def registry(context: DriverContext) -> Iterator[DeviceRegistry]:
    found = [d for d in load_drivers(context) if d.name in GIVEN]
    built = DeviceRegistry([*found, example_driver(context), vendor_driver(context)])
    yield built
    built.close()


@dataclass(frozen=True)
class Spot:
    """Where a simulated device stands: what the hand calls it, and its address."""

    name: str
    address: Callable[[Addresses], str]
    is_newer: bool = False


WHERE = {
    "finger": Spot("finger", lambda at: at.finger_url),
    "iris": Spot("iris", lambda at: at.iris_url),
    "camera": Spot("camera", lambda at: at.camera_url),
    "infrared": Spot("infrared", lambda at: f"ir:{at.infrared_url}"),
    "pad": Spot("pad", lambda at: f"{at.topaz_tty}#siglite-1x5"),
    "tablet": Spot("tablet", lambda at: at.isdv4_tty),
    "module": Spot("module", lambda at: at.zfm_tty),
    "finger-1.0": Spot("finger", lambda at: at.finger_url, is_newer=True),
    "iris-1.0": Spot("iris", lambda at: at.iris_url, is_newer=True),
    "face-1.0": Spot("face", lambda at: at.face_url, is_newer=True),
}
LATER = {"infrared", "finger-1.0", "iris-1.0", "face-1.0"}  # in `make test-days`: they share their code with the others
EXAMPLE = "example"  # the driver of docs/writing-a-driver.md
SDK = "sdk"  # the library of a vendor behind an adapter: docs/vendor-adapter.md
CAPABLE = {  # test_device.py checks that the drivers' own flags say the same
    "bench": [*WHERE, EXAMPLE, SDK],
    "capturing": ["finger", "iris", "camera", "infrared", "module", "finger-1.0", "iris-1.0", "face-1.0", SDK],
    "previewing": ["finger", "iris", "camera", "infrared", "finger-1.0", "iris-1.0", "face-1.0", SDK],
    "signing": ["finger", "iris", "finger-1.0", "iris-1.0", "face-1.0"],
    "multiple": ["finger", "iris", "finger-1.0", "iris-1.0"],
    "slaps": ["finger", "finger-1.0", SDK],
    "pad": ["pad", "tablet", EXAMPLE],
}


def suites_of(device: Device) -> dict[str, bool]:
    """Return which suites the flags of a device choose."""
    flags = device.capabilities
    return {
        "bench": True,
        "capturing": bool(flags.positions),
        "previewing": bool(flags.positions) and flags.may_preview,
        "signing": flags.may_sign_samples,
        "multiple": flags.may_sign_samples and len(flags.positions) > 1,
        "slaps": flags.may_capture_slaps,
        "pad": flags.kind is DeviceKind.SIGNATURE_PAD,
    }


def _bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    if isinstance(request.param, Bench):
        request.param.device.open(Flag())
        yield request.param
        request.param.device.close()
        return
    kit: SimulatedKit = request.getfixturevalue("kit")
    registry: DeviceRegistry = request.getfixturevalue("registry")
    if request.param == EXAMPLE:
        pad: LinePadSimulator = request.getfixturevalue("line_pad")
        hand, name, address = ExampleHand(kit, pad), EXAMPLE, pad.address
    elif request.param == SDK:
        sdk: SlapSdk | None = request.getfixturevalue("sdk")
        if sdk is None:
            pytest.skip("no C compiler here: the library of a vendor cannot be compiled")
        hand, name, address = SdkHand(kit, sdk), SDK, f"{SDK}/{sdk.serial}"
    else:
        spot = WHERE[request.param]
        hand = request.getfixturevalue("newer") if spot.is_newer else kit
        name, address = spot.name, spot.address(hand.addresses)
    device = registry.device(next(s for s in registry.scan() if s.address == address))
    device.open(Flag())
    yield Bench(device, hand, name, address)
    device.close()
    for fault in Fault:  # what this device did not meet is not for the next one
        while hand.stage.take(fault):
            pass


@functools.cache
def _real_devices() -> tuple[Bench, ...]:
    found = connect_devices(default_home() / "trust", SystemClock(WIB), is_watching=False).registry
    there = [s for s in found.scan() if not s.is_simulated and s.state is DeviceState.READY]
    return tuple(Bench(found.device(s), BareHands(), _name_of(s), s.address) for s in there)


def _name_of(status: DeviceStatus) -> str:
    return f"{status.driver} {status.address}"


def _real(suite: str) -> list[object]:
    fitting = [bench for bench in _real_devices() if suites_of(bench.device)[suite]]
    if not fitting:
        none = pytest.mark.skip("no real device of this kind is connected")
        return [pytest.param(None, id="none", marks=(pytest.mark.hardware, none))]
    return [pytest.param(bench, id=bench.name, marks=pytest.mark.hardware) for bench in fitting]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test names by its fixture which capabilities it is about, and runs over every device that has them."""
    is_real = metafunc.config.option.markexpr == "hardware"
    for fixture, names in CAPABLE.items():
        if fixture in metafunc.fixturenames:
            metafunc.parametrize(fixture, _real(fixture) if is_real else _in_turn(names), indirect=True)


def _in_turn(names: list[str]) -> list[object]:
    return [pytest.param(name, marks=pytest.mark.days) if name in LATER else name for name in names]


bench = pytest.fixture(_bench, name="bench")
capturing = pytest.fixture(_bench, name="capturing")
previewing = pytest.fixture(_bench, name="previewing")
signing = pytest.fixture(_bench, name="signing")
multiple = pytest.fixture(_bench, name="multiple")
slaps = pytest.fixture(_bench, name="slaps")
pad = pytest.fixture(_bench, name="pad")


@pytest.fixture
def ports() -> tuple[int, ...]:
    return own_ports()


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def capable() -> dict[str, list[str]]:
    return CAPABLE


@pytest.fixture
def suites() -> Callable[[Device], dict[str, bool]]:
    return suites_of


@pytest.fixture
def patience() -> type[Flag]:
    return Flag
