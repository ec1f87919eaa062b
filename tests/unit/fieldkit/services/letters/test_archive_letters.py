"""Provisional numbers only grow, digests are of the data, file names hold no slashes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.app_context import PETUGAS, Kit

from fieldkit.domain.letters.letter import Letter, LetterKind, LetterState
from fieldkit.domain.people import Permission
from fieldkit.services.letters.print_papers import Archive, digest_of_fields, file_name


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    with Kit(tmp_path, PETUGAS) as kit:
        yield kit


def test_provisional_numbers_tell_their_kit_and_only_grow(kit: Kit) -> None:
    archive = Archive("K07")
    with kit.store.write() as unit:
        assert [archive.provisional(unit) for _ in range(3)] == ["K07-0001", "K07-0002", "K07-0003"]
    with kit.store.write() as unit:
        assert archive.provisional(unit) == "K07-0004"


def test_a_number_of_a_failed_act_is_given_again(kit: Kit) -> None:
    archive = Archive("K07")

    def fail() -> None:
        with kit.store.write() as unit:
            archive.provisional(unit)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with kit.store.write() as unit:
        assert archive.provisional(unit) == "K07-0001"


def test_the_digest_is_of_the_data_in_whatever_order() -> None:
    assert digest_of_fields({"a": 1, "b": "é"}) == digest_of_fields({"b": "é", "a": 1})
    assert digest_of_fields({"a": 1}) != digest_of_fields({"a": "1"})


def test_a_filed_paper_is_issued_at_once(kit: Kit) -> None:
    with kit.context.office.units.write(Permission.RECORD) as work:
        letter = Archive("K07").file(work, LetterKind.BUKTI_PEREKAMAN, "a1", "Bukti", {"name": "A"}, b"%PDF")
    assert letter.state is LetterState.ISSUED
    with kit.store.read() as unit:
        assert unit.repository(Letter).get(letter.thing_id) == letter
        kept = unit.attachments.get(letter.pdf)
    assert (kept.content, kept.media_type, kept.owner) == (b"%PDF", "application/pdf", letter.thing_id)
    assert file_name(letter) == "bukti_perekaman-K07-0001.pdf"
    assert file_name(replace(letter, number="../800/1")) == "bukti_perekaman----800-1.pdf"


def test_a_paper_that_waits_for_its_signature_is_not_issued_yet(kit: Kit) -> None:
    archive = Archive("K07")
    with kit.context.office.units.write(Permission.RECORD) as work:
        work.unit.settings.put("letters.last_provisional", "broken")
        draft = archive.begin(work, LetterKind.JADWAL, "a1", "Jadwal", {})
        waits = archive.put_pdf(work, draft, b"%PDF", LetterState.WAITING)
        issued = archive.put_pdf(work, draft, b"%PDF", LetterState.ISSUED)
    assert (draft.provisional, waits.issued_at, issued.issued_at) == ("K07-0001", None, kit.clock.now())
    with kit.store.read() as unit:
        assert [event.kind for event in unit.events.of(draft.thing_id)] == [
            "letter_drafted",
            "letter_waits_for_signature",
            "letter_issued",
        ]
