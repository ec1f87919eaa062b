from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from support.app_context import PENGURUS, TARGETS, Kit
from support.cards_sent import PRINTER, UNIQUE, print_shop
from support.clock import NOW
from support.letters import KASI, office

from fieldkit.documents.letters import TypstLetters
from fieldkit.domain.cards.card import Place
from fieldkit.domain.delivery import CentralCode, CentralStatus
from fieldkit.domain.errors import RuleError
from fieldkit.domain.letters.letter import LetterKind, LetterState
from fieldkit.services.statuses import news_of

CODES = TypstLetters().wording(LetterKind.KABAR_WARGA.value)["codes"]
TODAY = NOW.date()


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    with office(tmp_path, KASI) as kit:
        kit.seal(1, TARGETS[0])
        yield kit


def said(code: str) -> CentralStatus:
    return CentralStatus(code, "pusat", NOW)


def test_every_code_and_every_place_has_two_sentences_for_the_person() -> None:
    ours = {"none", "official", "unknown", "waits_17", *(f"at_{place.value}" for place in Place)}
    assert set(CODES) == {code.value.lower() for code in CentralCode} | ours
    for meaning, then in CODES.values():
        assert meaning.endswith(".")
        assert then.endswith(".")
        assert not [code for code in CentralCode if code.value in f"{meaning} {then}"], "no code without words"


@pytest.mark.parametrize(
    ("code", "gate", "key"),
    [
        ("DUP", None, "duplicate_record"),
        ("EFAC", None, "enroll_failure_at_central"),
        ("PRR", TODAY + timedelta(days=1), "waits_17"),
        ("PRR", TODAY, "print_ready_record"),
        ("PRR", None, "print_ready_record"),
        ("SFE", TODAY + timedelta(days=1), "sent_for_enrollment"),
        ("REQUEST_VALIDATION", None, "request_validation"),
        ("SOMETHING_NEW", None, "unknown"),
    ],
)
def test_a_code_is_told_in_words(code: str, gate: date | None, key: str) -> None:
    assert news_of(said(code), None, gate, TODAY) == key
    assert news_of(None, None, gate, TODAY) == "none"


def test_our_own_card_knows_more_than_the_data_center(tmp_path: Path) -> None:
    kit, (record, _) = print_shop(tmp_path)
    kit.context_of(PRINTER).office.printing.note_printed([record], "B1")
    assert kit.context.office.news.news(record).said == CODES["at_dinas"][0]
    kit.close()


def test_the_message_names_nobody(kit: Kit) -> None:
    kit.apply("0199-0001", *UNIQUE)
    news = kit.context.office.news.news("0199-0001")
    assert news.text.startswith("Dinas Kependudukan")
    assert news.said in news.text
    assert news.then in news.text
    assert not [word for word in ("MISINEM", TARGETS[0].biodata.nik.digits) if word in news.text]


def test_the_slip_names_its_person_and_the_code_never_stands_alone(kit: Kit) -> None:
    kit.apply("0199-0001", "SFE", "ADJUDICATE_RECORD")
    letter = kit.context.office.news.slip("0199-0001")
    assert (letter.state, letter.fields["name"]) == (LetterState.ISSUED, "MISINEM")
    assert letter.fields["said"] == CODES["adjudicate_record"][0]
    assert letter.fields["nik"] == TARGETS[0].biodata.nik.masked
    assert kit.context.office.letters.pdf(letter.thing_id).startswith(b"%PDF")


def test_whoever_does_not_follow_statuses_tells_nobody(kit: Kit) -> None:
    with pytest.raises(RuleError):
        kit.context_of(PENGURUS).office.news.slip("0199-0001")


def test_who_is_16_hears_the_day_of_the_card_unless_married(kit: Kit) -> None:
    record = kit.seal(3, TARGETS[2])
    kit.apply(record, *UNIQUE)
    news = kit.context.office.news
    waits = news.news(record)
    assert (waits.said, "12 Maret 2027" in waits.then) == (CODES["waits_17"][0], True)
    kit.context.office.clocks.note_facts("t3", None, kit.clock.today())
    assert news.news(record).said == CODES["print_ready_record"][0]
