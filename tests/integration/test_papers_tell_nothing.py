"""What leaves the office on paper or as a message: no NIK, no reason for a visit, and that it costs nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pypdfium2 import PdfDocument
from support.app_context import KETUA, TARGETS, Kit
from support.cards_sent import LOKET, taken
from support.counter import SITI, for_kk
from support.handed import distributed
from support.letters import AT, KASI, office

from fieldkit.domain.letters.fields import FOR_RESIDENTS, OF_RECORDS, fields_of
from fieldkit.domain.letters.forms import Field, Form, unfilled
from fieldkit.domain.letters.letter import Letter, LetterKind
from fieldkit.domain.letters.official_forms import OFFICIAL_FORMS, RETIRED
from fieldkit.domain.planning.outreach import ServiceCategory
from fieldkit.services.context.office import Office

# Why the team comes, by service and by law; "umum" and "sakit" are ordinary words of letters.
CATEGORIES = (
    *(each.value for each in ServiceCategory if each.value not in ("umum", "sakit")),
    *("korban bencana", "orang terlantar", "komunitas terpencil", "rentan"),
)
NIKS = (*(target.biodata.nik.digits for target in TARGETS), SITI.nik.digits)
SIGNER = {"name": "Siti Rahayu", "nip": "19850617", "pangkat": "Penata", "jabatan": "Kasi"}
NAMED = (LetterKind.DAFTAR_SASARAN, LetterKind.BA_SERAH_TERIMA, LetterKind.TANDA_TERIMA, LetterKind.BUKTI_PENGAMBILAN)
# A village fills in its own request and a head writes what is to be done: words about people, but none about a person.
OPEN = (LetterKind.SURAT_PERMOHONAN, LetterKind.LEMBAR_DISPOSISI)
# The forms that a person signs bear the NIK, since the law asks for it there.
BY_FORM = [kind for kind in LetterKind if kind not in (*OF_RECORDS, *OFFICIAL_FORMS, LetterKind.FORMULIR)]


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kit]:
    kit = office(tmp_path_factory.mktemp("papers"), KASI)
    distributed(kit)
    yield kit
    kit.store.close()


def written(kit: Kit, kind: LetterKind) -> Letter:
    """Let the service that knows most write a letter."""
    known: Office = kit.context.office
    ways: dict[LetterKind, Callable[[], Letter]] = {
        LetterKind.BA_SERAH_TERIMA: lambda: known.handover.write_ba(
            [card.thing_id for card in known.handover.of(AT)], "Suyatno", "Kepala Desa", "Desa Jimbe"
        ),
        LetterKind.TANDA_TERIMA: lambda: known.handover.write_receipt("card-004"),
        LetterKind.BUKTI_PENGAMBILAN: lambda: known.applications.write_slip(applied(kit)),
        LetterKind.REKAPITULASI: lambda: known.applications.write_recap(AT, "November 2026"),
        LetterKind.DAFTAR_CETAK: lambda: known.printing.write_list(AT),
    }
    return ways.get(kind, lambda: known.letters.draft(kind, AT))()


def applied(kit: Kit) -> str:
    return kit.context_of(LOKET).office.applications.register(AT, for_kk()).thing_id


def issued(kit: Kit, letter: Letter) -> bytes:
    """Fill what a person would still have to fill, issue the letter, and return its PDF."""
    letters, form = kit.context.office.letters, fields_of(letter.letter)
    lacks = [field for name in unfilled(letter.fields, form) for field in form if field.name == name]
    if lacks:
        letters.edit(letter.thing_id, {field.name: something(field) for field in lacks})
    return letters.pdf(letters.issue(letter.thing_id).thing_id)


def something(field: Field) -> Any:
    match field.form:
        case Form.LINES:
            return ["satu"]
        case Form.DAY:
            return "2026-11-23"
        case Form.COUNT | Form.MONEY:
            return 2
        case Form.CHOICE:
            return field.choices[0]
        case Form.PERSON:
            return SIGNER
        case Form.ROWS:
            return [{column.name: something(Field(column.name, column.form)) for column in field.columns}]
        case _:
            return "contoh"


def said(pdf: bytes) -> str:
    with PdfDocument(pdf) as document:
        return "".join(page.get_textpage().get_text_range() for page in document).lower()


def tells_nothing(text: str) -> None:
    tells_no_nik(text)
    assert not [category for category in CATEGORIES if category in text]


def tells_no_nik(text: str) -> None:
    together = re.sub(r"[\s.\-]", "", text)  # not the slashes: they divide the numbers of letters
    # The first digits of a digest ("sidik") may be decimal ones alone.
    assert not re.search(r"(?<![0-9a-f])(?<!sidik)[0-9]{16}(?![0-9a-f])", together)
    assert not [nik for nik in NIKS if nik in together]


@pytest.mark.parametrize("kind", BY_FORM)
def test_no_paper_of_the_office_tells_a_nik_or_why_the_team_comes(kit: Kit, kind: LetterKind) -> None:
    text = said(issued(kit, written(kit, kind)))
    (tells_no_nik if kind in OPEN else tells_nothing)(text)
    if kind in NAMED:
        assert "••••" in text
    if kind in FOR_RESIDENTS:
        assert "gratis" in text


@pytest.mark.days
@pytest.mark.parametrize("kind", [kind for kind in OFFICIAL_FORMS if kind not in RETIRED])
def test_no_official_form_tells_why_the_team_comes(kit: Kit, kind: LetterKind) -> None:
    for target in TARGETS:
        text = said(issued(kit, kit.context.office.forms.of_target(kind, target.target_id)))
        assert target.biodata.name.lower().replace(" ", "") in "".join(text.split())
        # "Rentan adminduk" is a box that stands on every F-1.02, ticked or not.
        assert not [category for category in CATEGORIES if category in text.replace("rentan adminduk", "")]


@pytest.mark.days
def test_slips_for_the_door_and_receipts_say_that_they_are_free(kit: Kit) -> None:
    handover = kit.context.office.handover
    for card in handover.of(AT):
        text = said(kit.context.office.letters.pdf(handover.slip(card.thing_id).thing_id))
        tells_nothing(text)
        assert "gratis" in text
        assert card.masked_nik in text


def test_the_message_to_the_couriers_has_numbers_and_counts_only(kit: Kit) -> None:
    courier = kit.context.office.courier
    text = courier.message([card.thing_id for card in courier.offered()])
    tells_nothing(text.lower())
    assert "gratis" in text.lower()
    assert "•" not in text
    assert not [target.biodata.name for target in TARGETS if target.biodata.name in text]


def test_what_people_write_beside_a_document_is_masked_too(kit: Kit) -> None:
    nik = TARGETS[4].biodata.nik.digits
    handover = kit.context_of(KETUA).office.handover
    handover.receive("card-005", taken("Sulastri", proof=f"KTP-el {nik[:4]} {nik[4:]}"))
    tells_nothing(said(kit.context.office.letters.pdf(handover.slip("card-005").thing_id)))


def test_a_planted_nik_is_found() -> None:
    tells_nothing("berita acara gratis")
    for planted in (NIKS[0], f"{NIKS[0][:4]} {NIKS[0][4:]}", "kategori: odgj"):
        with pytest.raises(AssertionError):
            tells_nothing(f"berita acara {planted} gratis")
