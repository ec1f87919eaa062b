"""Each condition of writing letters by itself; what is printed is noted instead of drawn."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from support.app_context import DINAS, PETUGAS, Kit
from support.letters import AT, KADIS, KASI, office

from fieldkit.app.bootstrap.clock import UuidV7
from fieldkit.documents.letters import TypstLetters
from fieldkit.domain.errors import RuleError
from fieldkit.domain.letters.letter import Letter, Letterhead, LetterKind, LetterState
from fieldkit.domain.letters.official_forms import OFFICIAL_FORMS
from fieldkit.domain.people import Role, User
from fieldkit.ports.repositories import Attachment
from fieldkit.services.letters import write_letters
from fieldkit.services.letters.print_papers import Archive, KeepLetterhead, digest_of_fields
from fieldkit.services.letters.write_letters import LetterTools, WriteLetters
from fieldkit.services.unit_of_work import UnitsOfWork

_K, _R = LetterKind, Role
PNG = b"\x89PNG\r\n\x1a\n picture"
PICTURE = "data:image/png;base64,iVBORw0KGgogcGljdHVyZQ=="
FORMS = set(OFFICIAL_FORMS)
OF_RECORDS = {_K.BUKTI_PEREKAMAN, _K.BA_PENGECUALIAN, _K.BA_PENGIRIMAN}
SOMEBODY = {"name": "Tri", "nip": "", "pangkat": "", "jabatan": ""}
CARD = {"name": "A", "nik": "1", "village": "V", "type": "KTP-el", "printed": "2026-11-20", "condition": "baik"}


class NotedLetters(TypstLetters):
    """Documents that remember what they were to print; the letters have tests of their own."""

    said: Mapping[str, Any]

    def render(self, letter: str, fields: Mapping[str, object]) -> bytes:
        self.said = fields
        return b"%PDF-" + json.dumps([letter, fields], sort_keys=True, default=str).encode()

    def preview(self, letter: str, fields: Mapping[str, object]) -> tuple[bytes, ...]:
        self.said = fields
        return ()


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    with office(tmp_path) as kit:
        yield kit


@pytest.fixture
def documents() -> NotedLetters:
    return NotedLetters()


def letters_of(kit: Kit, documents: NotedLetters, user: User = KASI) -> WriteLetters:
    units = UnitsOfWork(kit.store, kit.clock, UuidV7(kit.clock), user)
    return WriteLetters(units, LetterTools(documents, KeepLetterhead(units, DINAS), Archive("KIT-07")))


@pytest.fixture
def letters(kit: Kit, documents: NotedLetters) -> WriteLetters:
    return letters_of(kit, documents)


def change(kit: Kit, letter: Letter, /, **changes: Any) -> Letter:
    changed = replace(letter, **changes)
    with kit.store.write() as unit:
        unit.repository(Letter).save(changed)
    return changed


def without(letter: Letter, *names: str) -> dict[str, Any]:
    return {name: value for name, value in letter.fields.items() if name not in names}


def kinds_of(kit: Kit, letter: Letter) -> list[str]:
    with kit.store.read() as unit:
        return [event.kind for event in unit.events.of(letter.thing_id)]


def add_picture(kit: Kit, name: str = "p1") -> str:
    with kit.store.write() as unit:
        unit.attachments.put(Attachment(name, "x", "a.png", "image/png", PNG, sha256(PNG).hexdigest(), kit.clock.now()))
    return name


def test_each_role_writes_these_letters_and_no_others(kit: Kit, documents: NotedLetters) -> None:
    everything = set(LetterKind) - OF_RECORDS
    writes = {
        **dict.fromkeys((_R.PETUGAS_PEREKAMAN, _R.KETUA_TIM, _R.LOKET, _R.OPERATOR_CETAK), everything),
        **dict.fromkeys((_R.KASI, _R.KABID), everything),
        _R.PENGURUS_BARANG: {_K.BA_SARPRAS, _K.BA_PENGEMBALIAN},
        _R.KEPALA_DINAS: {
            *(_K.LEMBAR_DISPOSISI, _K.NOTULEN, _K.LAPORAN_KEGIATAN),
            *(_K.TANDA_TERIMA, _K.FORMULIR, _K.BUKTI_PENGAMBILAN, *FORMS),
        },
        _R.ADMIN_DINAS: set(),
    }
    offices = {role: letters_of(kit, documents, User("u0", "Siapa", role)) for role in Role}
    assert {role: {kind for kind in LetterKind if each.may_write(kind)} for role, each in offices.items()} == writes
    assert {role for role, each in offices.items() if each.may_ink(_K.BA_PENGECUALIAN)} == {
        _R.PETUGAS_PEREKAMAN,
        _R.KETUA_TIM,
    }
    assert {role for role, each in offices.items() if each.may_ink(_K.SURAT_TUGAS)} == {
        role for role, kinds in writes.items() if kinds == everything
    }


def test_what_an_activity_lacks_is_written_here_and_counts(letters: WriteLetters) -> None:
    elsewhere = {*OF_RECORDS, *FORMS, _K.KABAR_WARGA, _K.BA_PEMUSNAHAN}
    assert set(letters.missing(AT)) == set(LetterKind) - elsewhere
    jadwal = letters.draft(_K.JADWAL, AT)
    assert set(letters.missing(AT)) == set(LetterKind) - elsewhere - {_K.JADWAL}
    letters.void(jadwal.thing_id, "salah")
    assert set(letters.missing(AT)) == set(LetterKind) - elsewhere


def test_the_letterhead_shows_what_the_dinas_has(kit: Kit, documents: NotedLetters, letters: WriteLetters) -> None:
    jadwal = letters.draft(_K.JADWAL, AT)
    for head, shown in (
        (Letterhead("Dinas Uji", city="Blitar"), {"dinas": "Dinas Uji", "city": "Blitar", "sheet": "f4"}),
        (
            Letterhead("Dinas Uji", sheet="a4", logo=add_picture(kit)),
            {"dinas": "Dinas Uji", "sheet": "a4", "logo": PICTURE},
        ),
    ):
        with kit.store.write() as unit:
            unit.repository(Letterhead).save(head)
        letters.preview(jadwal.thing_id)
        assert documents.said["dinas"] == shown


@pytest.mark.parametrize(
    ("kind", "fields", "pictures"),
    [
        (_K.TANDA_TERIMA, {}, {}),
        (_K.TANDA_TERIMA, {"mark": "p1"}, {"mark_picture": PICTURE}),
        (_K.TANDA_TERIMA, {"inks": {"receiver": "p1"}}, {"ink_pictures": {"receiver": PICTURE}}),
        (_K.LAPORAN_KEGIATAN, {"photos": []}, {}),
        (_K.LAPORAN_KEGIATAN, {"photos": [{"what": "Antre", "picture": "p1"}]}, {"photo_pictures": [PICTURE]}),
    ],
)
def test_a_paper_shows_the_pictures_that_its_fields_name(
    kit: Kit, documents: NotedLetters, kind: LetterKind, fields: Mapping[str, Any], pictures: Mapping[str, Any]
) -> None:
    add_picture(kit)
    letters = letters_of(kit, documents)
    letter = letters.draft(kind, AT)
    change(kit, letter, fields={**letter.fields, **fields})
    letters.preview(letter.thing_id)
    names = {"mark_picture", "ink_pictures", "photo_pictures"}
    assert {name: said for name, said in documents.said.items() if name in names} == pictures


@pytest.mark.parametrize("inks", [{}, {"inks": {"witness1": "p1"}}])
def test_the_paper_of_a_record_is_printed_as_it_was_filed(
    kit: Kit, documents: NotedLetters, letters: WriteLetters, inks: Mapping[str, Any]
) -> None:
    add_picture(kit)
    fields = {"name": "Ani", "dinas": {"dinas": "Dinas lama"}, **inks}
    paper = change(kit, letters.draft(_K.JADWAL, AT), letter=_K.BA_PENGECUALIAN, fields=fields, number="3/BA")
    letters.preview(paper.thing_id)
    drawn = {"ink_pictures": {"witness1": PICTURE}} if inks else {}
    assert documents.said == {**fields, **drawn, "number": "3/BA", "provisional": paper.provisional}


def test_a_draft_of_an_older_program_lacks_what_nobody_asked_then(
    kit: Kit, documents: NotedLetters, letters: WriteLetters
) -> None:
    draft = letters.draft(_K.SURAT_TUGAS, AT)
    older = change(kit, draft, fields=without(draft, "tembusan"))
    assert letters.issue(older.thing_id, "7").state is LetterState.ISSUED
    assert documents.said["tembusan"] == []
    change(kit, draft, fields=without(draft, "place"))
    letters.preview(draft.thing_id)
    assert "place" not in documents.said


def test_a_letter_that_was_signed_electronically_is_given_as_it_was_signed(kit: Kit, letters: WriteLetters) -> None:
    plain, other = (letters.issue(letters.draft(_K.JADWAL, AT).thing_id, number) for number in ("1", "2"))
    unsigned = letters.pdf(plain.thing_id)
    change(kit, plain, signed_pdf=other.pdf)
    assert letters.pdf(plain.thing_id) == letters.pdf(other.thing_id) != unsigned


@pytest.mark.parametrize(
    ("changes", "may_number"),
    [
        ({}, True),
        ({"state": LetterState.WAITING}, True),
        ({"state": LetterState.VOID}, False),
        ({"state": LetterState.UNKNOWN}, False),
        ({"signed_pdf": "p1"}, False),
    ],
)
def test_a_number_comes_onto_a_paper_that_nobody_signed_electronically(
    kit: Kit, letters: WriteLetters, changes: dict[str, Any], may_number: bool
) -> None:
    letter = change(kit, letters.issue(letters.draft(_K.JADWAL, AT).thing_id), **changes)
    if may_number:
        assert letters.number(letter.thing_id, "1/2026") == replace(
            letters.get(letter.thing_id), number="1/2026", state=letter.state
        )
    else:
        with pytest.raises(RuleError, match=r"letter\.not_numbered_now"):
            letters.number(letter.thing_id, "1/2026")


def test_a_number_that_only_begins_like_another_is_free(letters: WriteLetters) -> None:
    first, second = (letters.draft(_K.JADWAL, AT).thing_id for _ in range(2))
    letters.issue(first, "094/7/2026 A")
    assert letters.issue(second, "094/7/2026").number == "094/7/2026"


@pytest.mark.parametrize("state", LetterState)
def test_what_is_void_or_may_be_signed_elsewhere_is_not_made_void(
    kit: Kit, letters: WriteLetters, state: LetterState
) -> None:
    letter = change(kit, letters.draft(_K.JADWAL, AT), state=state)
    if state in {LetterState.DRAFT, LetterState.WAITING, LetterState.ISSUED}:
        assert letters.void(letter.thing_id, " salah ").void_reason == "salah"
    else:
        with pytest.raises(RuleError, match=r"letter\.not_voided_now"):
            letters.void(letter.thing_id, "salah")


def test_the_paper_of_a_handover_proves_the_log_up_to_there(kit: Kit, letters: WriteLetters) -> None:
    handed = letters.draft(_K.BA_SERAH_TERIMA, AT, {"second": SOMEBODY, "cards": [CARD]})
    with kit.store.read() as unit:
        head = unit.events.head()
    assert head is not None
    issued = letters.issue(handed.thing_id, "1")
    assert issued.fields["log"] == {"chain": head.chain, "sequence": str(head.sequence), "digest": head.digest[:16]}
    assert issued.digest == digest_of_fields(issued.fields)
    assert "log" not in letters.issue(letters.draft(_K.JADWAL, AT).thing_id, "1").fields


@pytest.mark.parametrize(
    ("kind", "number", "surat_tugas"),
    [(_K.SURAT_TUGAS, "800/7", "800/7"), (_K.SURAT_TUGAS, "", "KIT-07-0001"), (_K.JADWAL, "800/7", "K07-0031")],
)
def test_the_activity_bears_the_number_of_its_surat_tugas_alone(
    kit: Kit, letters: WriteLetters, kind: LetterKind, number: str, surat_tugas: str
) -> None:
    letters.issue(letters.draft(kind, AT).thing_id, number)
    with kit.store.read() as unit:
        assert unit.activities.get(AT).surat_tugas == surat_tugas


def test_lists_hear_of_each_paper_that_comes_or_goes_and_the_sop_of_those_that_it_names(
    letters: WriteLetters, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []
    monkeypatch.setattr(write_letters, "papers_changed", lambda _work, at: heard.append(at))
    monkeypatch.setattr(write_letters, "fulfil", lambda *_: heard.append("fact"))
    jadwal = letters.issue(letters.draft(_K.JADWAL, AT).thing_id, "1")
    assert heard == [AT]
    letters.void(jadwal.thing_id, "salah")
    assert heard == [AT, AT]
    letters.issue(letters.draft(_K.SURAT_TUGAS, AT).thing_id, "1")
    assert heard == [AT, AT, "fact", AT]


def test_composing_again_keeps_what_only_a_person_knows(letters: WriteLetters) -> None:
    typed = {"results": ["Berangkat pukul 07.00"], "place": "Balai desa"}
    notulen = letters.draft(_K.NOTULEN, AT, typed)
    again = letters.compose_again(notulen.thing_id)
    assert (again.fields["results"], again.fields["place"]) == (typed["results"], f"Kantor {DINAS['dinas']}")


def test_an_edit_that_changes_nothing_is_no_act(kit: Kit, letters: WriteLetters) -> None:
    letter = letters.draft(_K.JADWAL, AT)
    assert letters.edit(letter.thing_id, {"note": letter.fields["note"]}) == letter
    assert kinds_of(kit, letter) == ["letter_drafted"]
    letters.edit(letter.thing_id, {"note": "berubah"})
    assert kinds_of(kit, letter) == ["letter_drafted", "letter_edited"]


def test_whoever_may_sign_is_asked_and_nobody_where_nobody_may(kit: Kit, letters: WriteLetters) -> None:
    signers = []
    for chief in (KADIS, replace(KADIS, role=Role.KABID)):
        with kit.store.write() as unit:
            unit.save_user(chief)
        signers.append(letters.issue(letters.draft(_K.JADWAL, AT, {"signing": "tte"}).thing_id).signer)
    assert signers == [KADIS.user_id, ""]
    assert PETUGAS.user_id not in signers
