"""All simulated devices of a kit on one bench, with one person in front of them."""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol, Self

from drivers.simulators.camera import CameraServer, infrared_camera
from drivers.simulators.isdv4 import Isdv4Tablet
from drivers.simulators.sbi.requests import FACE_CAMERA, IRIS_CAMERA, SLAP_SCANNER, V0_9_5, Dialect, Model
from drivers.simulators.sbi.server import PORTS, SbiServer
from drivers.simulators.sbi.service import DeviceService, Provider, Status
from drivers.simulators.stage import Fault, Speed, Stage
from drivers.simulators.subject.presented import RED, PresentedSubject, Rgb
from drivers.simulators.topaz import TopazPad
from drivers.simulators.vpcd import PORT as VPCD_PORT
from drivers.simulators.vpcd import CardSlot, KtpElCard
from drivers.simulators.zfm import ZfmModule
from fieldkit.domain.recording.positions import Position

FINGER, IRIS, FACE, CAMERA, INFRARED = "finger", "iris", "face", "camera", "infrared"
PAD, TABLET, MODULE = "pad", "tablet", "module"


class Serial(StrEnum):
    """What the serial devices are plugged into: pseudo-terminals in a folder, or ports of the loopback (`socket://`)."""

    PTY = "pty"
    LOOPBACK = "loopback"


SERIAL = Serial.LOOPBACK if sys.platform == "win32" else Serial.PTY


class _Pluggable(Protocol):
    def plug(self) -> None: ...

    def unplug(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a program finds the devices, and the certificate of the provider to pin."""

    finger_url: str
    iris_url: str
    camera_url: str
    topaz_tty: str
    trust_pem: Path
    face_url: str = ""  # a registration camera; only where asked for, the photo camera does the same work
    infrared_url: str = ""  # a camera for irises that judges nothing itself; only where asked for
    isdv4_tty: str = ""
    zfm_tty: str = ""

    @property
    def sbi_urls(self) -> tuple[str, ...]:
        """Return the URLs of all registration devices."""
        return tuple(url for url in (self.finger_url, self.iris_url, self.face_url) if url)


class SimulatedKit:
    """Runs while its context is open; leaves no thread, port or file behind."""

    def __init__(
        self,
        *,
        speed: Speed = Speed.INSTANT,
        finger_ports: Iterable[int] = PORTS,
        iris_ports: Iterable[int] = PORTS,
        camera_ports: Iterable[int] = (0,),
        face_ports: Iterable[int] = (),
        infrared_ports: Iterable[int] = (),
        vpcd_port: int = VPCD_PORT,
        provider: Provider | None = None,
        dialect: Dialect = V0_9_5,
        now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
        ahead: dt.timedelta = dt.timedelta(0),
        serial: Serial = SERIAL,
    ) -> None:
        self.stage = Stage()
        self._serial = serial
        self.ahead = ahead  # of `now`: what the clocks of the devices say
        self._speed = speed
        self._ports = {FINGER: finger_ports, IRIS: iris_ports, CAMERA: camera_ports}
        self._face_ports, self._infrared_ports = tuple(face_ports), tuple(infrared_ports)
        self._slot = CardSlot(vpcd_port)
        self._given_provider = provider
        self._dialect = dialect
        self._machine_now = now
        self._services: dict[str, DeviceService] = {}
        self._open = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="simulated-kit-")))
            provider = self._given_provider or Provider.create("Simulated device provider", self.now())
            self._provider = provider
            trust_pem = folder / "provider-ca.pem"
            trust_pem.write_bytes(provider.certificate_pem)
            finger = self._registration_device(FINGER, SLAP_SCANNER, self._ports[FINGER], stack)
            iris = self._registration_device(IRIS, IRIS_CAMERA, self._ports[IRIS], stack)
            camera = CameraServer(self.stage, speed=self._speed, ports=self._ports[CAMERA])
            stack.callback(camera.stop)
            ports = folder if self._serial is Serial.PTY else None
            self._pad = TopazPad(self.stage, ports, speed=self._speed)
            stack.callback(self._pad.stop)
            self._tablet = Isdv4Tablet(self.stage, ports, speed=self._speed)
            stack.callback(self._tablet.stop)
            self._module = ZfmModule(self.stage, ports, speed=self._speed)
            stack.callback(self._module.stop)
            stack.callback(self._slot.remove)
            self._devices: dict[str, _Pluggable] = {FINGER: finger, IRIS: iris, CAMERA: camera}
            self._devices |= {PAD: self._pad, TABLET: self._tablet, MODULE: self._module}
            face_url = ""
            if self._face_ports:
                face = self._registration_device(FACE, FACE_CAMERA, self._face_ports, stack)
                face_url, self._devices[FACE] = face.url, face
            infrared_url = self._infrared_camera(stack) if self._infrared_ports else ""
            self.addresses = Addresses(
                finger_url=finger.url,
                iris_url=iris.url,
                camera_url=camera.url,
                topaz_tty=self._pad.address,
                trust_pem=trust_pem,
                face_url=face_url,
                infrared_url=infrared_url,
                isdv4_tty=self._tablet.address,
                zfm_tty=self._module.address,
            )
            self._open = stack.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        self._open.close()

    def now(self) -> dt.datetime:
        """Return what the clocks of the devices say."""
        return self._machine_now() + self.ahead

    def present(self, subject: PresentedSubject | None, backdrop: Rgb = RED) -> None:
        """Switch the person in front of all devices."""
        self.stage.present(subject, backdrop)

    def arm(self, fault: Fault, times: int = 1) -> None:
        """Let the next fitting acts go wrong."""
        self.stage.arm(fault, times)

    def lay_finger(self, finger: Position) -> None:
        """Let the person lay this finger on the module from now on."""
        self._module.finger = finger

    def sign_now(self) -> None:
        """Let the person sign on the pad that waits."""
        self._pad.sign_now()
        self._tablet.sign_now()

    def unplug(self, device: str) -> None:
        """Let a device (`finger` … `module`) vanish. Raise `KeyError` for another name."""
        self._devices[device].unplug()

    def plug(self, device: str) -> None:
        """Let a device come back at its old address. Raise `KeyError` for another name."""
        self._devices[device].plug()

    def rotate_key(self, device: str, provider: Provider | None = None) -> None:
        """Give a registration device (`finger`, `iris`, `face`) a new key, certified by its own or another provider."""
        service = self._services[device]
        service.use_key((provider or self._provider).certify(service.model.serial, self.now()))

    def set_status(self, device: str, status: Status) -> None:
        """Let a registration device (`finger`, `iris`, `face`) say this of itself. Raise `KeyError` for another."""
        self._services[device].status = status

    def insert_card(self) -> bool:
        """Put the person's KTP-el on the virtual reader; False when pcscd with vpcd does not run or nobody is there."""
        return self.stage.subject is not None and self._slot.insert(KtpElCard.of(self.stage.subject))

    def remove_card(self) -> None:
        """Take the card away."""
        self._slot.remove()

    def _infrared_camera(self, stack: ExitStack) -> str:
        infrared = infrared_camera(self.stage, speed=self._speed, ports=self._infrared_ports)
        stack.callback(infrared.stop)
        self._devices[INFRARED] = infrared
        return infrared.url

    def _registration_device(self, device: str, model: Model, ports: Iterable[int], stack: ExitStack) -> SbiServer:
        key = self._provider.certify(model.serial, self.now())
        service = DeviceService(model, self.stage, key, now=self.now, speed=self._speed, dialect=self._dialect)
        self._services[device] = service
        server = SbiServer(service, ports)
        stack.callback(server.stop)
        return server
