"""Every simulated device at once, for a self-test without real ones."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from unittest.mock import patch

from drivers.libfprint.driver import VIRTUAL
from drivers.registry import GROUP
from drivers.simulators.bench import SimulatedKit
from drivers.simulators.camera import eye_camera
from drivers.simulators.escpos import SlipPrinter
from drivers.simulators.gps import Gpsd
from drivers.simulators.libfprint import VirtualFinger
from drivers.simulators.sam import AID, SamCard
from drivers.simulators.sbi.requests import IRIS_CAMERA, SLAP_SCANNER, V1_0
from drivers.simulators.sbi.server import SbiServer
from drivers.simulators.sbi.service import DeviceService, Provider
from drivers.simulators.slap_sdk import SlapSdk, compiler
from drivers.simulators.stage import Stage
from drivers.simulators.stu import PATH as STU_PATH
from drivers.simulators.stu import StuPad
from drivers.simulators.subject import SyntheticSubject
from drivers.simulators.topaz import TopazPad, seven_bit_packet
from drivers.simulators.vpcd import READER, SAM_PORT, CardSlot
from fieldkit.app.bootstrap.devices import Addresses
from fieldkit.domain.recording.positions import EYES
from fieldkit.formats.images import encode_jpeg

_SEED = 7
_ANY = (0,)
SAM_READER = "Virtual PCD 00 01"
PTP_PORT = "usb:001,001"  # of the virtual camera of libgphoto2
SLAP, PAIR = "simulated-slap", "simulated-iris"  # adapters of vendors


@dataclass(frozen=True, slots=True)
class Bench:
    """Where the devices are and whom to trust; a person stands before them."""

    addresses: Addresses
    trust: Path
    printer: str
    receiver: str


@contextmanager
def simulated_bench() -> Iterator[Bench]:
    """Run all simulators.

    A card and a SAM lie there where pcscd with vpcd runs, a finger where libfprint is installed, a camera with a
    shutter where gphoto2 is installed and not yet loaded, a vendor's library where a C compiler is.
    """
    with ExitStack() as stack:
        provider = Provider.create("Simulated device provider", _now())
        kit = stack.enter_context(
            SimulatedKit(finger_ports=_ANY, iris_ports=_ANY, face_ports=_ANY, infrared_ports=_ANY, provider=provider)
        )
        kit.present(SyntheticSubject(_SEED))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="simulated-bench-")))
        newer = []
        for model in (SLAP_SCANNER, IRIS_CAMERA):
            model = replace(model, model=f"{model.model} SBI 1.0", serial=f"{model.serial}-N")
            key = provider.certify(model.serial, _now())
            server = SbiServer(DeviceService(model, kit.stage, key, now=_now, dialect=V1_0), _ANY)
            stack.callback(server.stop)
            newer.append(server.url)
        finger = VirtualFinger(kit.stage, folder / "reader")
        stack.callback(finger.stop)
        finger.lay()  # it waits there until the library asks for it
        stack.enter_context(_standing_in("hid", StuPad(kit.stage).module))
        lcd = TopazPad(kit.stage, folder, make=seven_bit_packet)
        stack.callback(lcd.stop)
        printer, receiver = SlipPrinter(), Gpsd(_now)
        stack.callback(printer.stop)
        stack.callback(receiver.stop)
        at = kit.addresses
        given = {
            "sbi": (*at.sbi_urls, *newer),
            "opencv": (at.camera_url, f"ir:{at.infrared_url}"),
            "topaz": (f"{at.topaz_tty}#siglite-1x5", f"{lcd.address}#signaturegem-lcd-1x5"),
            "isdv4": (at.isdv4_tty,),
            "stu": (STU_PATH.decode(),),
            "zfm": (at.zfm_tty,),
            "libfprint": (f"{VIRTUAL}{finger.path}",),
        }
        commands = _adapters(kit.stage, folder, stack)
        found = {at.infrared_url, PTP_PORT, READER, SAM_READER, *commands}
        found |= {*(address for places in given.values() for address in places)}
        if kit.insert_card():
            stack.callback(kit.remove_card)
        sam = CardSlot(SAM_PORT)
        if sam.insert(SamCard()):
            stack.callback(sam.remove)
            given["pcsc"] = (f"{SAM_READER}#sam={AID.hex()}",)
        # Real readers are told apart by their names, so the service for cards may be asked; so may USB, where the
        # virtual camera has taken the place of all others.
        looking = {"pcsc", *(("gphoto",) if _ptp_camera(kit.stage, folder, stack) else ())}
        elsewhere = frozenset(entry.name for entry in entry_points(group=GROUP)) - looking
        addresses = Addresses(given, elsewhere, frozenset(found), commands)
        yield Bench(addresses, at.trust_pem, printer.address, receiver.url)


@contextmanager
def _standing_in(name: str, module: ModuleType) -> Iterator[None]:
    """Let a module be imported under a name; what others import meanwhile stays."""
    before = sys.modules.get(name)
    sys.modules[name] = module
    try:
        yield
    finally:
        del sys.modules[name]
        if before is not None:
            sys.modules[name] = before


def _now() -> datetime:
    return datetime.now(UTC)


def _adapters(stage: Stage, folder: Path, stack: ExitStack) -> dict[str, tuple[str, ...]]:
    """Return the commands of the adapters of vendors, with what they drive running."""
    urls = []
    for eye in EYES:
        camera = eye_camera(stage, eye)
        stack.callback(camera.stop)
        urls.append(camera.url)
    pair = (sys.executable, "-m", "drivers.adapters.iris_pair", "--right", urls[0], "--left", urls[1])
    return {PAIR: pair} | ({SLAP: SlapSdk(stage, folder).command} if compiler() else {})


def _ptp_camera(stage: Stage, folder: Path, stack: ExitStack) -> bool:
    """Let libgphoto2 see its virtual camera with a portrait; False where it is missing, or loaded before this."""
    if find_spec("gphoto2") is None or "gphoto2" in sys.modules or stage.subject is None:
        return False
    card = folder / "camera"
    card.mkdir()
    (card / "FACE.JPG").write_bytes(encode_jpeg(stage.subject.portrait(stage.backdrop), 92))
    stack.enter_context(patch.dict(os.environ, VCAMERADIR=str(card)))  # with what the library adds on loading
    return True
