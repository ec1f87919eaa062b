"""The devices of this kit: judges and encoders for the drivers, the trust of the dinas, the registry over all."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from fieldkit.domain.errors import InputError, KnownError, Problem, reason_of
from fieldkit.ports.vault import Provider
from fieldkit.storage.reserve import with_room
from fieldkit.vault import certificates
from fieldkit.vault.certificates import valid_until
from fieldkit.vault.durable import sync_folder, write_durably

if TYPE_CHECKING:
    from fieldkit.app.bootstrap.home import Home
    from fieldkit.ports.clock import Clock
    from fieldkit.ports.devices import PortraitScorer
    from fieldkit.ports.recording import LiveJudges, Matcher, PersonFinder, SampleInspector, SamplePictures
    from fieldkit.ports.repositories import ChoosingRegistry, KtpElChip
    from fieldkit.ports.vault import Sam


# `devices.toml` in the home of a kit: where its devices are, where a search does not find them or must not look.

NAME = "devices.toml"
VENDOR = "vendor"  # tables [vendor.NAME] with the command of an adapter
GPS = "gps"  # no driver of the registry: it says where the kit is


_AT_LINE = re.compile(r"at line (\d+)")


class DriverAddresses(BaseModel):
    """One table of the file."""

    model_config = ConfigDict(extra="forbid", strict=True)

    addresses: tuple[str, ...] = Field(default=(), strict=False)
    search: bool = True  # whether the driver also looks for devices by itself


class VendorAdapter(BaseModel):
    """One table `[vendor.NAME]`."""

    model_config = ConfigDict(extra="forbid", strict=True)

    command: tuple[Annotated[str, Field(min_length=1)], ...] = Field(strict=False, min_length=1)


T = TypeVar("T")
_HEADER = re.compile(r"\s*\[\s*(?P<name>[^\]]+?)\s*\]")
_KEY = re.compile(r"\s*(?P<name>[\w.\"'-]+)\s*=")
_FILE: TypeAdapter[dict[str, DriverAddresses]] = TypeAdapter(dict[str, DriverAddresses])
_Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
_ADAPTERS: TypeAdapter[dict[str, VendorAdapter]] = TypeAdapter(dict[_Name, VendorAdapter])


def read_device_file(path: Path) -> Mapping[str, DriverAddresses]:
    """Return what the file says per driver; nothing without a file.

    Raise `InputError`: `devices_file.unreadable`, `devices_file.no_toml` with the line, `devices_file.wrong` naming
    line, field and mistake.
    """
    text, tables = _read(path)
    told = _checked(_FILE, {name: table for name, table in tables.items() if name != VENDOR}, path, text)
    known = known_drivers()
    for driver, said in told.items():
        if driver not in known:
            raise InputError(
                "devices_file.unknown_driver",
                file=str(path),
                line=line_of(text, driver),
                field=driver,
                known=", ".join(known),
            )
        for address in said.addresses:
            if reason := _mistake_in(driver, address):
                line = line_of(text, driver, "addresses")
                field = f"{driver}.addresses"
                raise InputError("devices_file.wrong", file=str(path), line=line, field=field, reason=reason)
    return told


def read_vendor_commands(path: Path) -> Mapping[str, tuple[str, ...]]:
    """Return the command that starts each adapter, by the name that the file gives it. Raise `InputError`."""
    text, tables = _read(path)
    told = _checked(_ADAPTERS, tables.get(VENDOR, {}), path, text, VENDOR)
    return {name: adapter.command for name, adapter in told.items()}


def _read(path: Path) -> tuple[str, dict[str, Any]]:
    try:
        text = path.read_text("utf-8")
        return text, tomllib.loads(text)
    except (FileNotFoundError, NotADirectoryError):
        return "", {}
    except tomllib.TOMLDecodeError as error:  # whose words are English, but name the line
        line = _AT_LINE.search(str(error))
        wrong = int(line[1]) if line else len(text.splitlines())
        raise InputError("devices_file.no_toml", file=str(path), line=wrong) from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("devices_file.unreadable", file=str(path), reason=reason_of(error)) from error


def _checked(shape: TypeAdapter[T], tables: object, path: Path, text: str, parent: str = "") -> T:
    try:
        return shape.validate_python(tables)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        table, *keys = [str(part) for part in first["loc"] if part != "[key]"] or [""]
        table = ".".join(part for part in (parent, table) if part)
        field, line = ".".join((table, *keys)), line_of(text, table, *keys)
        raise InputError(
            "devices_file.wrong", file=str(path), line=line, field=field, reason=_mistake(first["type"])
        ) from error


def _mistake(kind: str) -> str:
    """Return in words what pydantic found, as a key of `reason`."""
    if kind == "extra_forbidden":
        return "reason.unknown_field"
    return "reason.no_field" if kind == "missing" else "reason.wrong_form"


def _mistake_in(driver: str, address: str) -> str:
    """Return what is wrong with an address whatever is plugged in, "" for nothing."""
    from drivers.transport import split_url

    if not address.strip():
        return '""'
    try:
        match driver:
            case "sbi":
                from drivers.sbi.driver import base_url

                base_url(address)
            case "zfm":
                from drivers.zfm.driver import parse_address

                parse_address(address)
            case "pcsc":
                from drivers.pcsc.ktp_el import application_of

                application_of(address)
            case "opencv":
                from drivers.opencv.driver import bare

                if not bare(address).strip():
                    return address
                split_url(bare(address))
            case _:
                split_url(address)
    except InputError:
        return address
    return ""


def line_of(text: str, table: str, key: str = "", *_: str) -> int:
    """Return the line, from 1, where a table or a key of it stands in TOML; the nearest line above where it is not."""
    best, current = 1, ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            current = header["name"].strip("\"'")
            best = number if current == table else best
        elif named := _KEY.match(line):
            name = named["name"].strip("\"'")
            # `topaz = …` and `topaz.search = …` at the top stand for a table of that name.
            inner = name.removeprefix(f"{table}.") if not current else name
            if (not current and name.partition(".")[0] == table and inner in (key, table)) or (
                current == table and name == key
            ):
                return number
    return best


def known_drivers() -> tuple[str, ...]:
    """Return the names that a table may have: every installed driver, and the satellite receiver."""
    from drivers.registry import GROUP

    return (*sorted(entry.name for entry in entry_points(group=GROUP)), GPS)


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
    from drivers.pcsc.ktp_el import KtpElFiles, sam_of
    from drivers.plugged import plugged
    from drivers.registry import DeviceRegistry, load_drivers
    from fieldkit.formats.face import portrait_record
    from fieldkit.formats.finger import print_record
    from fieldkit.formats.images import decode_colour, decode_grey
    from fieldkit.formats.iris import iris_record
    from fieldkit.formats.pictures import RecordPictures, SampleImages
    from fieldkit.matching.minutiae import ReadPrints
    from fieldkit.matching.search import FingerDoubles, FingerSearch, MinutiaeMatcher
    from fieldkit.ports.recording import LiveJudges
    from fieldkit.quality.face import PortraitEncoder, PortraitJudge
    from fieldkit.quality.finger_estimate import PrintEncoder, installed_nfiq2
    from fieldkit.quality.inspection import SampleInspection
    from fieldkit.quality.iris import IrisEncoder, IrisJudge
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


# The folder `trust` of a home: one file per certificate of a provider of devices.

_MOST_BYTES = 1_000_000


class ProviderFolder:
    """Implements `TrustedProviders`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def listed(self) -> Sequence[Provider]:
        """Read every file; one that is damaged trusts nobody."""
        return sorted({_provider(der) for _, der in self._kept()}, key=lambda each: each.name.casefold())

    def look(self, content: bytes) -> Sequence[Provider]:
        """Read the certificates of a file."""
        return [_provider(der) for der in _certificates(content)]

    def add(self, content: bytes) -> Sequence[Provider]:
        """Write each certificate into a file of its own, named by its fingerprint."""
        self._folder.mkdir(exist_ok=True, mode=0o700)
        found = _certificates(content)
        for der in found:
            name = certificates.fingerprint(der).replace(":", "").lower()[:32]
            _write(self._folder / f"{name}.pem", certificates.certificates_to_pem(der))
        return [_provider(der) for der in found]

    def remove(self, fingerprint: str) -> None:
        """Take it out of whatever file it stands in; others in that file stay."""
        touched = {path for path, der in self._kept() if certificates.fingerprint(der) == fingerprint}
        for path in touched:
            rest = [
                der for other, der in self._kept() if other == path and certificates.fingerprint(der) != fingerprint
            ]
            if rest:
                _write(path, certificates.certificates_to_pem(*rest))
            else:
                path.unlink()
        if touched:
            sync_folder(self._folder)

    def _kept(self) -> Iterator[tuple[Path, bytes]]:
        for path in sorted(self._folder.glob("*.pem")):
            with suppress(OSError, ValueError, KnownError):
                for der in certificates.certificates_from_pem(path.read_text("ascii")):
                    yield path, der


def _write(path: Path, pem: str) -> None:
    with_room(path, lambda: write_durably(path, pem.encode()))


def _certificates(content: bytes) -> tuple[bytes, ...]:
    refusal = InputError("trust.not_a_certificate").at("provider")
    if len(content) > _MOST_BYTES:
        raise refusal
    try:
        found = certificates.certificates_from_pem(content.decode("ascii")) if b"-----BEGIN" in content else (content,)
        for der in found:
            certificates.load_certificate(der)
    except (ValueError, KnownError) as error:
        raise refusal from error
    if not found:
        raise refusal
    return found


def _provider(der: bytes) -> Provider:
    subject = certificates.load_certificate(der).subject.rfc4514_string()
    name = next((part[3:] for part in subject.split(",") if part.startswith("CN=")), subject)
    return Provider(name or subject, certificates.fingerprint(der), valid_until(der))
