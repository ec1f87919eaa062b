from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.app_context import TARGETS, Kit
from support.cards_sent import LOKET, UNIQUE, follow_sop, print_shop, sign_in
from support.handed import put_at_dinas

from fieldkit.domain.cards.blank_numbers import runs_text
from fieldkit.domain.cards.blanks import BlankAct
from fieldkit.domain.cards.card import Document, Place, PrintFailure
from fieldkit.domain.delivery.status_work import OfficeTask
from fieldkit.domain.errors import InputError, RuleError
from fieldkit.services.cards.keep_blanks import Blanks
from fieldkit.services.cards.print_cards import PrintCards, PrintPart

Shop = tuple[Kit, list[str]]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    kit, records = print_shop(tmp_path)
    yield kit, records
    kit.store.close()


def printing(shop: Shop) -> PrintCards:
    return shop[0].context.office.printing


def test_a_print_is_noted_with_batch_and_time(shop: Shop) -> None:
    kit, records = shop
    first, second = printing(shop).note_printed(records, " B-12 ")
    assert (first.name, first.place) == ("MISINEM", Place.DINAS)
    assert (first.prints[0].batch, first.prints[0].by) == ("B-12", "u12")
    assert first.masked_nik == TARGETS[0].biodata.nik.masked
    assert first.registration != second.registration
    assert printing(shop).print_list().now == ()
    assert [group.task for group in kit.context.office.statuses.worklist()] == [OfficeTask.HAND_OVER]


def test_nothing_is_printed_twice_or_half(shop: Shop) -> None:
    kit, records = shop
    printing(shop).note_printed(records[:1], "B1")
    with pytest.raises(RuleError, match=r"card\.printed_before"):
        printing(shop).note_printed([records[1], records[0]], "B2")
    assert len(kit.context.office.handover.of("a1")) == 1
    with pytest.raises(InputError, match=r"card\.none_chosen"):
        printing(shop).note_printed([], "B2")
    with pytest.raises(InputError, match=r"common\.in_future"):
        printing(shop).note_printed(records[1:], "B2", kit.clock.now() + timedelta(microseconds=1))
    (now,) = printing(shop).note_printed(records[1:], "B2", kit.clock.now())
    assert now.printed_at == kit.clock.now()


def test_a_print_may_be_noted_later_than_it_was(shop: Shop) -> None:
    at = shop[0].clock.now() - timedelta(hours=1)
    assert [card.printed_at for card in printing(shop).note_printed(shop[1], "B1", at)] == [at, at]


def test_only_what_is_unique_and_only_at_17(shop: Shop) -> None:
    kit, _ = shop
    young, silent = kit.seal(3, TARGETS[2]), kit.seal(4, TARGETS[4])
    kit.apply(young, *UNIQUE)
    kit.clock.advance(hours=3)
    with pytest.raises(RuleError, match=r"card\.too_young"):
        printing(shop).note_printed([young], "B1")
    with pytest.raises(RuleError, match=r"card\.not_unique"):
        printing(shop).note_printed([silent], "B1")


def test_a_spoilt_card_is_printed_again_with_its_reason(shop: Shop) -> None:
    kit, records = shop
    card = printing(shop).note_printed(records, "B1")[0]
    kit.clock.advance(hours=1)
    with pytest.raises(InputError, match=r"card\.no_reason"):
        printing(shop).print_again(card.thing_id, " ")
    again = printing(shop).print_again(card.thing_id, "foto buram", "B2")
    assert [printed.why for printed in again.prints] == ["", "foto buram"]
    assert again.printed_at == card.printed_at
    assert kit.context.office.blanks.book().lines == []  # where no blanks are counted none is to be destroyed
    kit.context.office.handover.hand_on([card.thing_id], Place.DESA, "Suyatno")
    with pytest.raises(RuleError, match=r"card\.not_from_there"):
        printing(shop).print_again(card.thing_id, "foto buram")


def test_where_blanks_are_counted_a_spoilt_card_waits_to_be_destroyed(shop: Shop) -> None:
    kit, (record, *_) = shop
    blanks = kit.context.office.blanks
    blanks.receive(Blanks(Document.KTP_EL, "B01 – B09"), "", "kotak")
    card = printing(shop).note_printed([record], "B1", numbers={record: "B01"})[0]
    printing(shop).print_again(card.thing_id, "foto buram", number="B02")
    withdrawn = [line.entry for line in blanks.book().lines if line.entry.act is BlankAct.WITHDRAWN]
    assert [(runs_text(entry.runs), entry.card_id) for entry in withdrawn] == [("B01", card.thing_id)]
    with kit.store.read() as unit:
        assert unit.events.of(card.thing_id)[-1].kind == "card_printed_again"


def test_the_clocks_stop_with_the_print(shop: Shop) -> None:
    kit, records = shop
    follow_sop(kit, "grobogan_jemput_bola")
    (hours,) = kit.context.office.clocks.of_record(records[0]).readings
    assert hours.ended_at is None
    card = printing(shop).note_printed(records, "B1")[0]
    (hours,) = kit.context.office.clocks.of_record(records[0]).readings
    assert hours.ended_at == card.printed_at


def test_the_counter_does_not_print(shop: Shop, tmp_path: Path) -> None:
    kit, records = shop
    other = sign_in(kit, tmp_path, LOKET)
    with pytest.raises(RuleError, match=r"role\.not_yours"):
        other.context.office.printing.note_printed(records, "B1")
    other.store.close()


def test_a_failed_print_is_noted_and_the_record_still_waits(shop: Shop) -> None:
    _, records = shop
    with pytest.raises(InputError, match=r"card\.no_reason"):
        printing(shop).note_failed(records[0], " ")
    failure = printing(shop).note_failed(records[0], " ribbon putus ", "BL-0107 ")
    assert (failure.batch, failure.why, failure.by) == ("BL-0107", "ribbon putus", "u12")
    assert printing(shop).failures() == printing(shop).failures("a1") == [failure]
    with shop[0].store.write() as unit:
        unit.repository(PrintFailure).save(replace(failure, thing_id="f2", activity_id="a2"))
    assert printing(shop).failures("a1") == [failure]
    assert len(printing(shop).failures()) == 2
    assert [line.record.record_id for line in printing(shop).print_list().now] == records


def test_the_list_of_prints_tells_who_waits_who_is_too_young_and_what_was_made(shop: Shop) -> None:
    kit, (first, second) = shop
    young = kit.seal(3, TARGETS[2])
    kit.apply(young, *UNIQUE)
    kit.clock.advance(hours=3)
    printing(shop).note_failed(second, "ribbon putus")
    printing(shop).note_printed([first], "B1")
    put_at_dinas(kit, 30, Document.KIA, record_id="r30")  # no KTP-el
    put_at_dinas(kit, 31)  # of no record
    told = [(each.part, each.name, len(each.failures)) for each in printing(shop).prints("a1")]
    assert told == [(PrintPart.NOW, second, 1), (PrintPart.LATER, young, 0), (PrintPart.PRINTED, first, 0)]
    assert [each.name for each in printing(shop).prints()] == [second, young, first]
    assert printing(shop).prints("elsewhere") == []


def test_the_paper_has_the_print_list_with_masked_numbers(shop: Shop) -> None:
    kit, _ = shop
    young = kit.seal(3, TARGETS[2])
    kit.apply(young, *UNIQUE)
    kit.clock.advance(hours=3)
    letter = printing(shop).write_list("a1")
    assert [row["name"] for row in letter.fields["ready"]] == ["MISINEM", "KARTONO WIBOWO"]
    assert [(row["name"], row["on"]) for row in letter.fields["later"]] == [("DIMAS", "2027-03-12")]
    assert letter.fields["note"] == ""
    said = str(dict(letter.fields))
    assert TARGETS[0].biodata.nik.masked in said
    assert not re.search(r"\d{16}", said)
    assert not re.search("lansia|disabilitas|odgj|pemula|rentan", said, re.IGNORECASE)
    again = kit.context.office.letters.compose_again(letter.thing_id)
    assert again.fields["ready"] == letter.fields["ready"]


def test_a_paper_of_all_activities_says_so_and_how_many_it_leaves_out(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fieldkit.services.cards.print_cards.MOST_ON_PAPER", 1)
    letter = printing(shop).write_list()
    assert letter.title == "Daftar cetak KTP-el Semua kegiatan"
    assert letter.fields["place"] == "Semua kegiatan"
    assert len(letter.fields["ready"]) == 1
    assert "1 orang lain" in letter.fields["note"]
