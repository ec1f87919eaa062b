"""The devices of this kit: judges and encoders for the drivers, the trust of the dinas, the registry over all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from fieldkit.domain.errors import InputError, Problem

# Only types: this room is named before the sign-in screen stands, its contents are needed after.
if TYPE_CHECKING:
    from fieldkit.app.bootstrap.home import Home
    from fieldkit.ports.cards import KtpElChip
    from fieldkit.ports.choices import ChoosingRegistry
    from fieldkit.ports.clock import Clock
    from fieldkit.ports.codec import SamplePictures
    from fieldkit.ports.devices import PortraitScorer
    from fieldkit.ports.inspection import LiveJudges, SampleInspector
    from fieldkit.ports.matcher import Matcher
    from fieldkit.ports.person_finder import PersonFinder
    from fieldkit.ports.sam import Sam


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where devices are besides what a scan finds; drivers in `only_given` look nowhere else."""

    given: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    only_given: frozenset[str] = frozenset()
    simulated: frozenset[str] = frozenset()
    commands: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # of the adapters of vendors


WHEREVER_FOUND = Addresses()
WATCHING_WAIT_S = 0.8  # for services that are slow to answer: the next look is near, and cables are watched too
ONCE_WAIT_S = 12.0  # the one look of a command: a service may take 5 s to name its devices and 5 s to prove them


def addresses_of(home: Home) -> Addresses:
    """Return what `devices.toml` of a kit says; without one every driver looks around. Raise `InputError`."""
    from fieldkit.app.bootstrap.device_file import GPS, NAME, read_device_file, read_vendor_commands

    told = {driver: said for driver, said in read_device_file(home.path / NAME).items() if driver != GPS}
    return Addresses(
        {driver: said.addresses for driver, said in told.items() if said.addresses},
        frozenset(driver for driver, said in told.items() if not said.search),
        commands=read_vendor_commands(home.path / NAME),
    )


@dataclass(frozen=True, slots=True)
class KitDevices:
    """The registry, the judges and pictures of what it brings, and what reads a KTP-el; `close` lets go of all."""

    registry: ChoosingRegistry
    portraits: PortraitScorer
    inspector: SampleInspector
    live: LiveJudges
    close: Callable[[], None]
    chip: KtpElChip
    sam: Sam
    finder: PersonFinder
    matcher: Matcher
    pictures: SamplePictures
    forget: Callable[[], None] = lambda: None  # what memory holds of a person's samples, decoded
    faults: tuple[Problem, ...] = ()  # what keeps devices out or blind, told once after sign-in


def connect_whatever(home: Home, trust: Path, clock: Clock) -> KitDevices:
    """Watch the devices of a kit; with a mistake in `devices.toml` those that are found without it, and say so.

    Damaged face models are told too: nobody should learn of them only when a person stands before the camera.
    """
    from fieldkit.quality.face_networks import check_models

    faults: list[Problem] = []
    addresses = WHEREVER_FOUND
    try:
        addresses = addresses_of(home)
    except InputError as error:
        faults.append(error.problem)
    try:
        check_models()
    except InputError as error:
        faults.append(error.problem)
    return replace(connect_devices(trust, clock, addresses), faults=tuple(faults))


def connect_devices(
    trust: Path, clock: Clock, addresses: Addresses = WHEREVER_FOUND, *, is_watching: bool = True
) -> KitDevices:
    """Build drivers and registry, and watch for devices in the background. `trust` holds provider CAs (PEM)."""
    # Imports on demand: OpenCV, pyscard and the rest take their time, and the sign-in screen needs none of them.
    from drivers.context import DriverContext
    from drivers.pcsc.ktp_el import KtpElFiles
    from drivers.pcsc.sam import sam_of
    from drivers.plugged import plugged
    from drivers.registry import DeviceRegistry, load_drivers
    from fieldkit.formats.face import portrait_record
    from fieldkit.formats.finger import print_record
    from fieldkit.formats.images import decode_colour, decode_grey
    from fieldkit.formats.iris import iris_record
    from fieldkit.formats.pictures import RecordPictures, SampleImages
    from fieldkit.matching.doubles import FingerDoubles
    from fieldkit.matching.matcher import MinutiaeMatcher
    from fieldkit.matching.read_prints import ReadPrints
    from fieldkit.matching.search import FingerSearch
    from fieldkit.ports.inspection import LiveJudges
    from fieldkit.quality.face import PortraitJudge
    from fieldkit.quality.finger import PrintEncoder
    from fieldkit.quality.inspection import SampleInspection
    from fieldkit.quality.iris import IrisJudge
    from fieldkit.quality.iris_sample import IrisEncoder
    from fieldkit.quality.nfiq2 import installed_nfiq2
    from fieldkit.quality.portrait import PortraitEncoder
    from fieldkit.quality.slap import SlapWatch
    from fieldkit.vault.device_trust import DeviceTrust

    judge, eyes = PortraitJudge(decode_colour), IrisJudge(decode_grey)
    context = DriverContext(
        # Without a folder nobody is trusted yet; devices that sign nothing still work.
        verifier=DeviceTrust.from_path(trust, clock.now) if trust.exists() else DeviceTrust((), clock.now),
        face_scorer=judge,
        face_encoder=PortraitEncoder(judge, portrait_record),
        iris_scorer=eyes,
        iris_encoder=IrisEncoder(eyes, iris_record),
        finger_encoder=PrintEncoder(print_record),
        addresses=addresses.given,
        only_given=addresses.only_given,
        commands=addresses.commands,
        simulated=addresses.simulated,
        wait_s=WATCHING_WAIT_S if is_watching else ONCE_WAIT_S,
    )
    registry = DeviceRegistry(load_drivers(context), plugged=plugged() if is_watching else None)
    if is_watching:
        registry.watch()
    images = SampleImages()
    prints = ReadPrints(images.opened)
    nfiq2 = installed_nfiq2()
    inspector = SampleInspection(
        images.checked,
        nfiq2.begin if nfiq2 else None,
        FingerDoubles(prints).find,
        judge.judge,
        prints.is_drawn,
        nfiq2.prepare if nfiq2 else lambda: None,
    )

    def forget() -> None:
        images.forget()
        prints.forget()

    def close() -> None:
        registry.close()
        forget()
        if nfiq2:
            nfiq2.close()

    live = LiveJudges(SlapWatch(decode_grey), eyes, judges_faces=True)
    return KitDevices(
        *(registry, judge, inspector, live, close, KtpElFiles(), sam_of(context)),
        *(FingerSearch(prints), MinutiaeMatcher(prints), RecordPictures(images.opened), forget),
    )
