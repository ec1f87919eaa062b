"""Builds what takes sarpras out and brings it back."""

from __future__ import annotations

from dataclasses import dataclass

from fieldkit.ports.clock import Clock
from fieldkit.ports.codec import SamplePictures, SignatureCodec
from fieldkit.ports.devices import Registry
from fieldkit.ports.outbox import Outbox
from fieldkit.ports.surroundings import Laptop
from fieldkit.services.devices.note_self_tests import NoteSelfTests
from fieldkit.services.devices.take_photo import TakePhoto
from fieldkit.services.letters.write_letters import WriteLetters
from fieldkit.services.sarpras.check_in_kit import CheckInKit
from fieldkit.services.sarpras.check_out_kit import CheckOutKit
from fieldkit.services.sarpras.fields import SarprasPapers
from fieldkit.services.sarpras.lists import ListTools
from fieldkit.services.sarpras.services import Sarpras
from fieldkit.services.unit_of_work import UnitsOfWork


@dataclass(frozen=True, slots=True)
class SarprasParts:
    """What lies around the checklists: devices, pictures, the pad's ink, the laptop itself, the queue."""

    registry: Registry
    pictures: SamplePictures
    signatures: SignatureCodec
    laptop: Laptop
    outbox: Outbox


def open_sarpras(units: UnitsOfWork, clock: Clock, parts: SarprasParts, letters: WriteLetters) -> Sarpras:
    """Build it for the signed-in user."""
    tools = ListTools(parts.laptop.read, parts.signatures)
    return Sarpras(
        out=CheckOutKit(units, tools),
        back=CheckInKit(units, tools, parts.outbox),
        tests=NoteSelfTests(units),
        photos=TakePhoto(parts.registry, parts.pictures),
        papers=SarprasPapers(units, clock, letters),
    )
