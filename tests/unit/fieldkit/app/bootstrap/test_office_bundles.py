from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest
from support.altered import genuine_record
from support.clock import NOW, HandClock
from support.room import KIT

from drivers.simulators.subject import SyntheticSubject
from fieldkit.app.bootstrap.clock import UuidV7
from fieldkit.app.bootstrap.office_bundles import CHECKS, ExportFormat, content_of, exported, inspected, name_in
from fieldkit.domain.errors import InputError
from fieldkit.domain.letters.letter import THE_LETTERHEAD, Letterhead
from fieldkit.domain.office_bundles import BundleKind, OfficeBundle
from fieldkit.domain.recording.positions import Position
from fieldkit.formats.container import OpenedRecord, read_container
from fieldkit.formats.finger import FingerRecord, decode_minutiae, encode_finger_record
from fieldkit.formats.images import encode_jp2_lossless
from fieldkit.services.office_bundles import offered_in
from fieldkit.storage.store import SqlStore, open_store

ASSETS = files("assets")
SOP = ASSETS.joinpath("sop/contoh/kia_di_sekolah.yaml").read_bytes()
PROGRAM = b'{"version": "9.9.9", "file": "fieldkit_9.9.9_amd64.deb", "sha256": "%s", "size_bytes": 7}' % (b"ab" * 32)
TABLES = ASSETS.joinpath("tables/kode.yaml").read_bytes()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    clock = HandClock()
    opened = open_store(tmp_path / "kit.db", bytes(32), KIT, clock, UuidV7(clock))
    yield opened
    opened.close()


def bundle(kind: BundleKind, name: str = "") -> OfficeBundle:
    return OfficeBundle(kind, name, 1, NOW, "gateway-1", (), "", 0, is_sealed=False)


def test_every_kind_has_its_check() -> None:
    assert set(CHECKS) == set(BundleKind)


@pytest.mark.parametrize(
    ("kind", "content", "code"),
    [
        (BundleKind.POLICY, b"fingers: {god: 1}", "rules.policy"),
        (BundleKind.POLICY, b"\xff", "cli.unreadable"),
        (BundleKind.TABLES, b"agama: {1: ISLAM}", "rules.tables"),
        (BundleKind.TABLES, TABLES.replace(b'1: "ISLAM"', b'99: "ISLAM"', 1), "office.code_missing"),
        (BundleKind.SOP, SOP.replace(b"langkah:", b"langkahnya:", 1), "sop.file"),
        (BundleKind.LETTERHEAD, b"nama: x", "office.content"),
        (BundleKind.USERS, b"users: x", "office.content"),
        (BundleKind.REVOCATIONS, b"", "office.content"),
        (BundleKind.AUTHORITY, b"no certificate", "office.content"),
        (BundleKind.PROGRAM, b"{}", "office.content"),
        (BundleKind.PROGRAM, PROGRAM.replace(b"_9.9.9_amd64.deb", b".zip"), "gateway.no_package"),
        (BundleKind.PROGRAM, PROGRAM.replace(b"_9.9.9", b"_9.9.8"), "office.content"),
    ],
)
def test_what_is_wrong_is_known_before_it_is_published(kind: BundleKind, content: bytes, code: str) -> None:
    with pytest.raises(InputError, match=code):
        name_in(kind, content)


def test_the_name_of_an_sop_is_its_id(store: SqlStore) -> None:
    assert name_in(BundleKind.SOP, SOP) == "kia_di_sekolah"
    assert name_in(BundleKind.TABLES, TABLES) == ""
    apply = CHECKS[BundleKind.SOP](SOP)
    with store.write() as unit:
        apply(unit, bundle(BundleKind.SOP, "kia_di_sekolah"))
        with pytest.raises(InputError, match=r"office.content"):
            apply(unit, bundle(BundleKind.SOP, "another"))


def test_a_version_stands_under_its_kind_of_package(store: SqlStore) -> None:
    assert name_in(BundleKind.PROGRAM, PROGRAM) == "deb"
    apply = CHECKS[BundleKind.PROGRAM](PROGRAM)
    with store.write() as unit:
        with pytest.raises(InputError, match=r"office.content"):
            apply(unit, bundle(BundleKind.PROGRAM, "exe"))
        apply(unit, bundle(BundleKind.PROGRAM, "deb"))
        offered = offered_in(unit, "deb")
        assert offered is not None
        assert (offered.version, offered.size_bytes, offered_in(unit, "exe")) == ("9.9.9", 7, None)


def test_a_letterhead_keeps_who_signs_and_the_logo(store: SqlStore) -> None:
    with store.write() as unit:
        CHECKS[BundleKind.LETTERHEAD](b"dinas: Dinas Baru\ncity: Kediri\n")(unit, bundle(BundleKind.LETTERHEAD))
        kept = unit.repository(Letterhead).get(THE_LETTERHEAD)
        assert (kept.dinas, kept.city, kept.head) == ("Dinas Baru", "Kediri", "")
        unit.repository(Letterhead).save(replace(kept, head="staff-1", logo="logo-1"))
        CHECKS[BundleKind.LETTERHEAD](b"dinas: Dinas Lain\n")(unit, bundle(BundleKind.LETTERHEAD))
        kept = unit.repository(Letterhead).get(THE_LETTERHEAD)
        assert (kept.dinas, kept.city, kept.head, kept.logo) == ("Dinas Lain", "", "staff-1", "logo-1")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cli.unreadable"):
        content_of(tmp_path / "none.yaml")


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> OpenedRecord:
    return read_container(genuine_record(tmp_path_factory.mktemp("kit")).content)


def test_an_enrollment_carries_its_images(record: OpenedRecord) -> None:
    (content,) = exported(record, ExportFormat.OSIA).values()
    items = json.loads(content)["biometricData"]
    finger = next(item for item in items if item.get("biometricSubType") == "RIGHT_INDEX")
    assert base64.b64decode(finger["image"]) == record.entries["samples/RIGHT_INDEX.fir"]
    assert not any("imageRef" in item for item in items)


def test_iso_records_go_along_with_minutiae_of_every_finger(record: OpenedRecord) -> None:
    files = exported(record, ExportFormat.ISO)
    assert files["EYE_LEFT.iir"] == record.entries["samples/EYE_LEFT.iir"]
    assert sorted(name for name in files if name.endswith(".fmr")) == sorted(
        name.replace(".fir", ".fmr") for name in files if name.endswith(".fir")
    )
    thumb = decode_minutiae(files["LEFT_THUMB.fmr"])
    told = next(item for item in record.enrollment["biometricData"] if item.get("biometricSubType") == "LEFT_THUMB")
    assert (thumb.position, thumb.quality) == (Position.LEFT_THUMB, told["quality"])


@pytest.mark.days
def test_a_print_has_minutiae_where_it_shows_ridges(record: OpenedRecord) -> None:
    pixels = SyntheticSubject(3).finger(Position.RIGHT_INDEX)
    image = encode_jp2_lossless(pixels)
    print_ = FingerRecord(Position.RIGHT_INDEX, pixels.shape[1], pixels.shape[0], image)
    entries = {**record.entries, "samples/RIGHT_INDEX.fir": encode_finger_record(print_)}
    other = OpenedRecord(record.record_id, record.kit_id, record.link, record.enrollment, entries)
    found = decode_minutiae(exported(other, ExportFormat.ISO)["RIGHT_INDEX.fmr"])
    assert 15 <= len(found.minutiae) <= 120
    assert (found.width, found.height) == (pixels.shape[1], pixels.shape[0])


@pytest.mark.parametrize(("form", "name"), [(ExportFormat.AN2, "record.an2"), (ExportFormat.CBEFF, "record.cbeff.xml")])
def test_one_file_holds_the_whole_record(record: OpenedRecord, form: ExportFormat, name: str) -> None:
    assert list(exported(record, form)) == [name]


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cli\.unreadable"):
        inspected(tmp_path / "nothing")
