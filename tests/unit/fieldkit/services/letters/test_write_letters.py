"""Letters: drafted from the one data set, numbered by the office, archived encrypted, found again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from support.app_context import KETUA, PENGURUS, PETUGAS, Kit
from support.letters import AT, KADIS, KASI, office

from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.letters.letter import Letter, LetterKind, LetterState
from fieldkit.domain.people import Role, User
from fieldkit.services.letters import write_letters
from fieldkit.services.letters.write_letters import WHEN_DRAFTED, WHEN_ISSUED, WriteLetters

_K = LetterKind


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    with office(tmp_path) as kit:
        yield kit


@pytest.fixture
def letters(kit: Kit) -> WriteLetters:
    return kit.context.office.letters


def test_a_draft_knows_what_the_office_knows(letters: WriteLetters) -> None:
    letter = letters.draft(_K.SURAT_TUGAS, AT)
    assert letter.state is LetterState.DRAFT
    assert letter.title == "Surat tugas Jemput bola Desa Jimbe, Kademangan"
    assert letter.provisional == "KIT-07-0001"
    assert letter.number == ""
    assert [row["name"] for row in letter.fields["people"]] == [
        "Bagus Santoso, S.Kom.", "Rina Wulandari", "Agus Prasetyo",
    ]  # fmt: skip
    assert letter.fields["days"] == "Senin, 23 November 2026"
    assert letter.fields["hours"] == "08.30 – selesai"
    assert letter.fields["signer"]["nip"] == "19680412 199303 2 004"
    assert any("470/112/409.55.3/2026" in dasar for dasar in letter.fields["dasar"])
    assert letters.draft(_K.SURAT_TUGAS, AT).provisional == "KIT-07-0002"


def test_given_fields_stand_in_place_of_the_proposed(letters: WriteLetters) -> None:
    letter = letters.draft(_K.SURAT_TUGAS, AT, {"place": "Balai Desa Jimbe"})
    assert letter.fields["place"] == "Balai Desa Jimbe"
    with pytest.raises(InputError, match=r"letter\.field_wrong"):
        letters.draft(_K.SURAT_TUGAS, AT, {"people": "Bagus"})


def test_an_activity_that_is_not_there_yet_has_letters(letters: WriteLetters) -> None:
    letter = letters.draft(_K.SURAT_TUGAS, "not-yet")
    assert letter.fields["people"] == []
    assert letters.of("not-yet") == [letter]
    with pytest.raises(InputError, match=r"letter\.incomplete"):
        letters.issue(letter.thing_id, "1")


def test_editing_changes_digest_and_preview(letters: WriteLetters) -> None:
    letter = letters.draft(_K.SURAT_TUGAS, AT)
    before = letters.preview(letter.thing_id)
    unsaved = letters.preview(letter.thing_id, {"place": "Balai Desa Jimbe"})
    assert letters.get(letter.thing_id) == letter
    edited = letters.edit(letter.thing_id, {"place": "Balai Desa Jimbe"})
    assert edited.digest != letter.digest
    canonical = json.dumps(edited.fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert edited.digest == sha256(canonical.encode()).hexdigest()
    assert before[0].startswith(b"\x89PNG")
    assert unsaved != before
    assert letters.preview(letter.thing_id) == unsaved
    again = letters.compose_again(letter.thing_id)
    assert (again.digest, again.fields["place"]) == (letter.digest, "Desa Jimbe")


@pytest.mark.parametrize(("field", "value"), [("umpama", "x"), ("people", [{"name": 3}]), ("dated", "23-11-2026")])
def test_what_no_letter_can_hold_is_refused(letters: WriteLetters, field: str, value: object) -> None:
    letter = letters.draft(_K.SURAT_TUGAS, AT)
    with pytest.raises(InputError, match=r"letter\.field_wrong"):
        letters.edit(letter.thing_id, {field: value})
    assert letters.get(letter.thing_id) == letter


def test_an_issued_letter_lies_in_the_archive_with_its_paper(kit: Kit, letters: WriteLetters) -> None:
    letter = letters.draft(_K.SURAT_TUGAS, AT)
    issued = letters.issue(letter.thing_id, "123")
    assert (issued.state, issued.number) == (LetterState.ISSUED, "800.1.11.1/123/409.12/2026")
    assert issued.issued_at == kit.clock.now()
    paper = letters.pdf(letter.thing_id)
    assert paper.startswith(b"%PDF-")
    assert all(sheet.startswith(b"\x89PNG") for sheet in letters.sheets(letter.thing_id))
    with kit.store.read() as unit:
        kept = unit.attachments.get(issued.pdf)
        kinds = [event.kind for event in unit.events.of(letter.thing_id)]
        told = "".join(event.payload for event in unit.events.of(letter.thing_id))
    assert kept.sha256 == sha256(paper).hexdigest()
    assert kept.name == "surat_tugas-800-1-11-1-123-409-12-2026.pdf"
    assert kinds == ["letter_drafted", "letter_issued"]
    assert kept.sha256 in told
    assert "Bagus" not in told
    for text in ("surat tugas", "jimbe", "800.1.11.1/123", "KIT-07-0001"):
        assert [found.thing_id for found in letters.search(text)] == [letter.thing_id], text
    assert letters.search("bupati") == []
    for change in (
        lambda: letters.edit(letter.thing_id, {"place": "x"}),
        lambda: letters.issue(letter.thing_id),
        lambda: letters.compose_again(letter.thing_id),
    ):
        with pytest.raises(RuleError, match=r"letter\.not_draft"):
            change()


def test_what_was_typed_is_issued_with_the_letter_or_not_kept_at_all(letters: WriteLetters) -> None:
    first, second = (letters.draft(_K.SURAT_TUGAS, AT) for _ in range(2))
    assert letters.issue(first.thing_id, "7", {"place": "Balai desa"}).fields["place"] == "Balai desa"
    with pytest.raises(InputError, match=r"letter\.number_taken"):
        letters.issue(second.thing_id, "7", {"place": "Balai desa"})
    assert letters.get(second.thing_id) == second


def test_the_archive_is_encrypted(kit: Kit, letters: WriteLetters, tmp_path: Path) -> None:
    letters.issue(letters.draft(_K.SURAT_TUGAS, AT).thing_id, "123")
    kit.store.close()
    for path in tmp_path.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert b"%PDF" not in content, path.name
            assert b"Bagus Santoso" not in content, path.name
            assert b"SURAT TUGAS" not in content, path.name


def test_a_number_comes_later_and_once(kit: Kit, letters: WriteLetters) -> None:
    letter = letters.draft(_K.SURAT_TUGAS, AT)
    with pytest.raises(RuleError, match=r"letter\.not_numbered_now"):
        letters.number(letter.thing_id, "7")
    first = letters.issue(letter.thing_id)
    assert first.number == ""
    with pytest.raises(InputError, match=r"letter\.number_empty"):
        letters.number(letter.thing_id, " ")
    numbered = letters.number(letter.thing_id, "7")
    assert numbered.number == "800.1.11.1/7/409.12/2026"
    assert numbered.pdf != first.pdf
    with kit.store.read() as unit:
        assert len(unit.attachments.of(letter.thing_id)) == 2
    with pytest.raises(RuleError, match=r"letter\.numbered_before"):
        letters.number(letter.thing_id, "8")


def test_a_number_belongs_to_one_letter(letters: WriteLetters) -> None:
    first, second = (letters.draft(_K.SURAT_TUGAS, AT).thing_id for _ in range(2))
    letters.issue(first, "7")
    with pytest.raises(InputError, match=r"letter\.number_taken"):
        letters.issue(second, "800.1.11.1/7/409.12/2026")
    assert letters.get(second).state is LetterState.DRAFT
    letters.void(first, "salah nama")
    assert letters.issue(second, "7").number == "800.1.11.1/7/409.12/2026"


def test_a_void_letter_stays_with_its_reason(letters: WriteLetters) -> None:
    letter = letters.draft(_K.SURAT_TUGAS, AT)
    with pytest.raises(InputError, match=r"letter\.reason_missing"):
        letters.void(letter.thing_id, "  ")
    letters.issue(letter.thing_id, "7")
    voided = letters.void(letter.thing_id, "salah tanggal")
    assert (voided.state, voided.void_reason) == (LetterState.VOID, "salah tanggal")
    assert letters.pdf(letter.thing_id).startswith(b"%PDF-")
    with pytest.raises(RuleError, match=r"letter\.not_voided_now"):
        letters.void(letter.thing_id, "lagi")


def test_a_letter_for_electronic_signature_waits_for_it(letters: WriteLetters) -> None:
    letter = letters.draft(_K.SURAT_BALASAN, AT)
    assert letter.fields["signing"] == "tte"
    waiting = letters.issue(letter.thing_id, "31")
    assert (waiting.state, waiting.signer, waiting.issued_at) == (LetterState.WAITING, KADIS.user_id, None)
    assert letters.pdf(letter.thing_id).startswith(b"%PDF-")
    by_hand = letters.draft(_K.SURAT_BALASAN, AT, {"signing": "tangan"})
    assert letters.issue(by_hand.thing_id, "32").state is LetterState.ISSUED


def test_no_paper_before_it_is_issued(letters: WriteLetters) -> None:
    letter = letters.draft(_K.SURAT_TUGAS, AT)
    with pytest.raises(RuleError, match=r"letter\.not_issued"):
        letters.pdf(letter.thing_id)
    with pytest.raises(RuleError, match=r"letter\.not_issued"):
        letters.sheets(letter.thing_id)


@pytest.mark.parametrize(
    ("user", "kind", "may"),
    [
        (PETUGAS, _K.SURAT_TUGAS, True),
        (KETUA, _K.SPPD, True),
        (PENGURUS, _K.SURAT_TUGAS, False),
        (PENGURUS, _K.BA_SARPRAS, True),
        (KADIS, _K.LEMBAR_DISPOSISI, True),
        (KADIS, _K.SURAT_BALASAN, False),
        (User("u5", "Admin", Role.ADMIN_DINAS), _K.SURAT_TUGAS, False),
        (KASI, _K.BUKTI_PEREKAMAN, False),
    ],
)
def test_who_writes_which_letter(tmp_path: Path, user: User, kind: LetterKind, may: bool) -> None:
    with office(tmp_path, user) as kit:
        letters = kit.context.office.letters
        assert letters.may_write(kind) is may
        if not may:
            with pytest.raises((RuleError, InputError), match=r"role\.not_yours|letter\.of_records"):
                letters.draft(kind, AT)
            assert letters.of(AT) == []


def test_the_sop_hears_of_letters(kit: Kit, letters: WriteLetters, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[tuple[str, str]] = []

    def apply(_writing: object, activity_id: str, fact: str, evidence: str = "") -> None:
        assert evidence
        heard.append((activity_id, fact))

    monkeypatch.setattr(write_letters, "fulfil", apply)
    reply = letters.draft(_K.SURAT_BALASAN, AT)
    assert heard == [(AT, WHEN_DRAFTED[_K.SURAT_BALASAN])]
    letters.issue(reply.thing_id)
    order = letters.draft(_K.SURAT_TUGAS, AT)
    assert len(heard) == 1
    letters.issue(order.thing_id)
    assert heard[1:] == [(AT, WHEN_ISSUED[_K.SURAT_TUGAS])]
    waiting = letters.draft(_K.SURAT_TUGAS, AT, {"signing": "tte"})
    letters.issue(waiting.thing_id)
    assert len(heard) == 2, "what waits for its signature is not issued"


def test_a_failing_render_leaves_the_draft(kit: Kit, letters: WriteLetters, monkeypatch: pytest.MonkeyPatch) -> None:
    letter = letters.draft(_K.SURAT_TUGAS, AT)

    def fail(*_: object) -> bytes:
        raise ZeroDivisionError

    monkeypatch.setattr(letters._documents, "render", fail)
    with pytest.raises(ZeroDivisionError):
        letters.issue(letter.thing_id, "7")
    assert letters.get(letter.thing_id) == letter
    with kit.store.read() as unit:
        assert not unit.attachments.of(letter.thing_id)
        assert unit.repository(Letter).of(AT) == [letter]


def test_a_place_and_a_pattern_are_told(letters: WriteLetters) -> None:
    assert (letters.place_of(AT), letters.place_of("stranger"), letters.place_of("")) == ("Desa Jimbe", "", "")
    assert letters.pattern(_K.SURAT_TUGAS) == "800.1.11.1/{nomor}/{kode}/{tahun}"
    assert letters.pattern(_K.TANDA_TERIMA) == ""


def test_the_activity_bears_the_number_of_its_surat_tugas(kit: Kit) -> None:
    letters = kit.context.office.letters
    draft = letters.draft(_K.SURAT_TUGAS, AT)
    letters.issue(draft.thing_id, "800/7/2026")
    with kit.store.read() as unit:
        assert unit.activities.get(AT).surat_tugas == "800/7/2026"
