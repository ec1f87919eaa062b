"""An opened record as CBEFF: the XML patron format of ISO/IEC 19785-3, one BIR per ISO/IEC 19794 record."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from xml.etree import ElementTree

from fieldkit.domain.recording.capture import SampleFormat
from fieldkit.domain.recording.positions import FINGERS, Modality, Position
from fieldkit.formats.container import OpenedRecord, OpenedSample
from fieldkit.formats.osia import dated_by_image
from fieldkit.formats.stated import StatedItem, metadata_of, stated_by

NAMESPACE = "http://standards.iso.org/iso-iec/19785/-3/ed-2/"
# Registered with IBIA by ISO/IEC JTC 1/SC 37 (owner 257).
_OWNER = "257"
_TYPES = {SampleFormat.ISO_19794_4: "7", SampleFormat.ISO_19794_5: "8", SampleFormat.ISO_19794_6: "9"}
_NAMES = {Modality.FINGER: "Finger", Modality.IRIS: "Iris", Modality.FACE: "Face"}


def cbeff_file(record: OpenedRecord) -> bytes:
    """Return the XML of all image records in the order of the positions; a signature has no place in it."""
    stated = stated_by(record.entries["enrollment.json"])
    root = ElementTree.Element("BIR", xmlns=NAMESPACE)
    _version(root)
    _add(_add(root, "BIRInfo"), "Integrity", "false")
    items = {item.sub_kind: item for item in stated.items if item.image}
    for sample in record.samples:
        if sample.format in _TYPES:
            item = items[sample.position.value]
            signed = metadata_of(item).jws
            _bir(root, sample, item, stated.context.finished_at, record.entries[signed] if signed else b"")
    ElementTree.indent(root)
    content: bytes = ElementTree.tostring(root, "utf-8", xml_declaration=True)
    return content + b"\n"


def _bir(root: ElementTree.Element, sample: OpenedSample, item: StatedItem, finished_at: datetime, jws: bytes) -> None:
    """Add a BIR; `jws` is what the device signed, b"" when it signs nothing."""
    part = _add(root, "BIR")
    _version(part)
    _add(_add(part, "BIRInfo"), "Integrity", "false")
    about = _add(part, "BDBInfo")
    _registered(about, "Format", _OWNER, _TYPES[sample.format])
    taken = dated_by_image(sample.format, sample.data) or item.captured_at or finished_at
    _add(about, "CreationDate", f"{taken.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}")
    _add(about, "Type", _NAMES[sample.position.modality])
    if sub_type := _sub_type(sample.position):
        _add(about, "Subtype", sub_type)
    _add(about, "Level", "Raw")
    _add(about, "Purpose", "Enroll")
    quality = _add(about, "Quality")
    # No registered numbers: the name of the algorithm says more.
    _registered(quality, "Algorithm", "fieldkit", item.algorithm)
    _add(quality, "Score", str(item.quality))
    if jws:  # no registered format of a security block either
        _registered(_add(part, "SBInfo"), "Format", "fieldkit", "jws")
    _add(part, "BDB", base64.b64encode(sample.data).decode())
    if jws:
        _add(part, "SB", base64.b64encode(jws).decode())


def _version(part: ElementTree.Element) -> None:
    for name, major, minor in (("Version", "1", "1"), ("CBEFFVersion", "1", "1")):
        version = _add(part, name)
        _add(version, "Major", major)
        _add(version, "Minor", minor)


def _registered(part: ElementTree.Element, name: str, organization: str, kind: str) -> None:
    named = _add(part, name)
    _add(named, "Organization", organization)
    _add(named, "Type", kind)


def _add(part: ElementTree.Element, name: str, text: str = "") -> ElementTree.Element:
    added = ElementTree.SubElement(part, name)
    added.text = text or None
    return added


def _sub_type(position: Position) -> str:
    if position.modality is Modality.FACE:
        return ""
    side, _, finger = position.value.partition("_")
    if position in FINGERS:
        return f"{side.title()} Thumb" if finger == "THUMB" else f"{side.title()} {finger.title()}Finger"
    return finger.title()
