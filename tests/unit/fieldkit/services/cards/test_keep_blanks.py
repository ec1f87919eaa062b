from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.app_context import Kit
from support.cards_sent import LOKET, PRINTER, print_shop
from support.letters import office

from fieldkit.domain.cards.blanks import BlankAct, BlankEntry
from fieldkit.domain.cards.card import CardCase, Printed
from fieldkit.domain.documents import Document
from fieldkit.domain.errors import InputError, KnownError, RuleError
from fieldkit.domain.letters.letter import LetterKind
from fieldkit.domain.people import Permission
from fieldkit.services.cards.keep_blanks import Agreement, Blanks, KeepBlanks, OpenLedger, Use, withdraw_card
from fieldkit.services.cards.print_cards import PrintCards

KTP, KK = Document.KTP_EL, Document.KK
BOX = Blanks(KTP, "B01 – B10")


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = office(tmp_path, PRINTER)
    yield kit
    kit.store.close()


@pytest.fixture
def blanks(kit: Kit) -> KeepBlanks:
    return kit.context.office.blanks


def left(blanks: KeepBlanks) -> dict[tuple[Document, str], int]:
    return {key: count for key, count in blanks.ledger().stock.items() if count}


def test_a_box_is_received_once_and_its_numbers_are_proposed_in_order(blanks: KeepBlanks) -> None:
    entry = blanks.receive(BOX, "", " Ditjen Dukcapil, surat jalan 12 ")
    assert (entry.count, entry.source) == (10, "Ditjen Dukcapil, surat jalan 12")
    with pytest.raises(InputError, match=r"blank\.received_before"):
        blanks.receive(Blanks(KTP, "B10 – B12"), "", "lagi")
    with pytest.raises(InputError, match=r"blank\.no_source"):
        blanks.receive(Blanks(KTP, "B11"), "", " ")
    assert blanks.proposed(KTP, 2) == ("B01", "B02")
    assert blanks.proposed(KK, 2) == ()
    blanks.receive(Blanks(KK, amount=500), "", "rim HVS")
    assert left(blanks) == {(KTP, ""): 10, (KK, ""): 500}
    stock = [(each.sort, each.left, each.is_low, each.places) for each in blanks.stock(*Document)]
    assert stock == [(KTP, 10, True, {"": 10}), (KK, 500, False, {"": 500})]
    assert [each.sort for each in blanks.book().stock] == [KTP, KK]  # no KIA was ever received


def test_blanks_go_to_a_kit_and_back_and_only_those_that_are_there(blanks: KeepBlanks) -> None:
    blanks.receive(BOX, "", "kotak")
    blanks.move(Blanks(KTP, "B01 – B04"), "", "KIT-09", "Teguh")
    assert left(blanks) == {(KTP, ""): 6, (KTP, "KIT-09"): 4}
    assert blanks.places() == ("", *sorted({blanks.kit_id, "KIT-09"}))
    blanks.move(Blanks(KTP, "B04"), "KIT-09", "", "Teguh")
    for wrong, code in (
        (lambda: blanks.move(Blanks(KTP, "B04"), "KIT-09", "", "Teguh"), "blank.not_there"),
        (lambda: blanks.move(Blanks(KTP, "B44"), "", "KIT-09", "Teguh"), "blank.not_received"),
        (lambda: blanks.move(BOX, "", "", "Teguh"), "blank.same_place"),
        (lambda: blanks.move(BOX, "", "KIT-09", " "), "blank.no_receiver"),
        (lambda: blanks.move(Blanks(KK, amount=1), "", "KIT-09", "Teguh"), "blank.too_few"),
        (lambda: blanks.move(Blanks(KK), "", "KIT-09", "Teguh"), "blank.no_count"),
        (lambda: blanks.move(Blanks(KTP, " "), "", "KIT-09", "Teguh"), "blank.number_needed"),
    ):
        with pytest.raises(KnownError) as refused:
            wrong()
        assert refused.value.code == code
    assert left(blanks) == {(KTP, ""): 7, (KTP, "KIT-09"): 3}


def test_so_many_are_handed_on_as_are_there(blanks: KeepBlanks) -> None:
    blanks.receive(Blanks(KK, amount=5), "", "rim")
    for count, code in ((0, "blank.no_count"), (6, "blank.too_few")):
        with pytest.raises(InputError, match=code) as refused:
            blanks.move(Blanks(KK, amount=count), "", "KIT-09", "Teguh")
        assert refused.value.problem.field_name == "amount"
    blanks.move(Blanks(KK, amount=1), "", "KIT-09", "Teguh")
    blanks.move(Blanks(KK, amount=4), "", "KIT-09", "Teguh")
    assert left(blanks) == {(KK, "KIT-09"): 5}
    blanks.receive(BOX, "", "kotak")
    blanks.count(KTP, "", 8, "dua hilang")  # nobody knows which
    with pytest.raises(InputError, match=r"blank\.too_few") as refused:
        blanks.move(BOX, "", "KIT-09", "Teguh")
    assert refused.value.problem.field_name == "numbers"
    with pytest.raises(InputError, match=r"blank\.no_reason"):
        blanks.spoil(Blanks(KTP, "B01"), "", " ")


def test_a_count_names_the_difference_with_its_reason(blanks: KeepBlanks) -> None:
    blanks.receive(BOX, "", "kotak")
    assert blanks.count(KTP, "", 10).count == 0
    with pytest.raises(InputError, match=r"blank\.not_received"):
        blanks.count(KTP, "", 9, "hilang", "B44")
    with pytest.raises(InputError, match=r"blank\.not_there"):
        blanks.count(KTP, "KIT-09", -1, "hilang", "B01")
    blanks.receive(Blanks(KK, amount=5), "", "rim")
    assert blanks.count(KK, "", 4, "basah", "B01 – B09").runs == ()  # paper has no numbers
    blanks.count(KK, "", 0, "basah semua")
    with pytest.raises(InputError, match=r"blank\.no_reason"):
        blanks.count(KTP, "", 8)
    with pytest.raises(InputError, match=r"blank\.missing_differ"):
        blanks.count(KTP, "", 8, "hilang", "B09")
    assert blanks.count(KTP, "", 8, "hilang", "B09 – B10").count == -2
    assert blanks.count(KTP, "", 9, "ketemu").count == 1
    assert blanks.ledger().used("B09") is not None
    assert left(blanks) == {(KTP, ""): 9}


def test_an_entry_that_was_wrong_is_revoked_while_nothing_rests_on_it(blanks: KeepBlanks) -> None:
    wrong = blanks.receive(Blanks(KTP, "X01 – X10"), "", "salah ketik")
    blanks.revoke(wrong.thing_id, "salah ketik")
    right = blanks.receive(BOX, "", "kotak")
    moved = blanks.move(Blanks(KTP, "B01 – B04"), "", "KIT-09", "Teguh")
    with pytest.raises(RuleError, match=r"blank\.not_revocable"):
        blanks.revoke(right.thing_id, "salah")
    blanks.revoke(moved.thing_id, "tidak jadi")
    blanks.revoke(blanks.spoil(Blanks(KTP, "B09"), "", "tergores").thing_id, "tidak rusak")
    assert left(blanks) == {(KTP, ""): 10}
    spoilt = blanks.spoil(Blanks(KTP, "B01"), "", "tergores")
    with pytest.raises(RuleError, match=r"blank\.not_revocable"):
        blanks.revoke(right.thing_id, "salah")
    with pytest.raises(RuleError, match=r"blank\.not_revocable"):
        blanks.revoke(wrong.thing_id, "sekali lagi")
    with pytest.raises(InputError, match=r"blank\.no_reason"):
        blanks.revoke(spoilt.thing_id, " ")
    blanks.write_ba([spoilt.thing_id])
    with pytest.raises(RuleError, match=r"blank\.not_revocable"):
        blanks.revoke(spoilt.thing_id, "salah")
    assert [line.is_revoked for line in blanks.book().lines if line.entry == wrong] == [True]


def test_of_paper_so_much_must_be_left_as_an_entry_brought(blanks: KeepBlanks) -> None:
    came = blanks.receive(Blanks(KK, amount=50), "", "rim")
    moved = blanks.move(Blanks(KK, amount=10), "", "KIT-09", "Teguh")
    with pytest.raises(RuleError, match=r"blank\.not_revocable"):
        blanks.revoke(came.thing_id, "salah")
    spoilt = blanks.spoil(Blanks(KK, amount=1), "KIT-09", "basah")
    minimum = blanks.want(KK, 5)
    for stays in (moved, minimum):
        with pytest.raises(RuleError, match=r"blank\.not_revocable"):
            blanks.revoke(stays.thing_id, "salah")
    elsewhere = blanks.receive(Blanks(KK, amount=60), "KIT-09", "rim")
    for wrong in (spoilt, elsewhere, moved, came):
        blanks.revoke(wrong.thing_id, "salah")
    assert left(blanks) == {}
    assert not any(line.is_to_destroy for line in blanks.book().lines)  # what was never spoilt neither


def test_a_box_that_two_laptops_wrote_down_is_revoked_once(kit: Kit, blanks: KeepBlanks) -> None:
    first = blanks.receive(BOX, "", "kotak")
    kit.clock.advance(minutes=1)
    second = replace(first, thing_id="zz", at=kit.clock.now())
    with kit.store.write() as unit:
        unit.repository(BlankEntry).save(second)
    assert left(blanks) == {(KTP, ""): 20}
    blanks.revoke(first.thing_id, "dicatat dua kali")
    assert left(blanks) == {(KTP, ""): 10}


def test_a_move_of_which_blanks_were_used_or_handed_on_stays(blanks: KeepBlanks) -> None:
    blanks.receive(BOX, "", "kotak")
    first = blanks.move(Blanks(KTP, "B01 – B04"), "", "KIT-09", "Teguh")
    second = blanks.move(Blanks(KTP, "B05 – B08"), "", "KIT-09", "Teguh")
    blanks.move(Blanks(KTP, "B05"), "KIT-09", "", "Teguh")
    blanks.spoil(Blanks(KTP, "B02"), "KIT-09", "tergores")
    for moved in (first, second):
        with pytest.raises(RuleError, match=r"blank\.not_revocable"):
            blanks.revoke(moved.thing_id, "tidak jadi")
    assert left(blanks) == {(KTP, ""): 3, (KTP, "KIT-09"): 6}


def test_a_ba_names_what_is_destroyed_once_and_lets_it_go_when_it_is_void(kit: Kit, blanks: KeepBlanks) -> None:
    blanks.receive(BOX, "", "kotak")
    first, second = (blanks.spoil(Blanks(KTP, number), "", "tergores") for number in ("B01", "B02 – B03"))
    letter = blanks.write_ba([second.thing_id, first.thing_id])
    assert letter.letter is LetterKind.BA_PEMUSNAHAN
    assert [(row["number"], row["count"]) for row in letter.fields["spoilt"]] == [("B01", 1), ("B02 – B03", 2)]
    assert letter.fields["operator"]["name"] == PRINTER.name
    with pytest.raises(RuleError, match=r"blank\.not_to_destroy"):
        blanks.write_ba([first.thing_id])
    with pytest.raises(InputError, match=r"blank\.none_chosen"):
        blanks.write_ba([])
    received = next(line.entry for line in blanks.book().lines if line.entry.act is BlankAct.RECEIVED)
    for wrong in (received.thing_id, "unknown"):
        with pytest.raises(RuleError, match=r"blank\.not_to_destroy"):
            blanks.write_ba([wrong])
    letters = kit.context.office.letters
    with pytest.raises(InputError, match=r"letter\.incomplete"):
        letters.issue(letter.thing_id, "470/12")
    signed = {"kasi": {**letter.fields["kasi"], "name": "Ratna"}, "witnesses": ["Budi"]}
    letters.issue(letter.thing_id, "470/12", signed)
    assert not any(line.is_to_destroy for line in blanks.book().lines)
    letters.void(letter.thing_id, "salah nomor")
    assert sum(line.is_to_destroy for line in blanks.book().lines) == 2


def test_a_card_that_was_taken_in_is_destroyed_by_its_name(kit: Kit, blanks: KeepBlanks) -> None:
    blanks.receive(BOX, "", "kotak")
    spoilt = blanks.spoil(Blanks(KTP, "B01"), "", "tergores")
    with kit.context.office.units.write(Permission.PRINT_CARDS) as work:
        withdraw_card(work, CardCase("c1", "", KTP, "R1", "MISINEM", "350512••••••••03", "Jimbe", ()), "lama")
    withdrawn = next(line.entry for line in blanks.book().lines if line.entry.act is BlankAct.WITHDRAWN)
    assert withdrawn.runs == ()  # nobody read the number of so old a card
    fields = blanks.write_ba([spoilt.thing_id, withdrawn.thing_id]).fields
    assert [(row["number"], "name" in row) for row in fields["spoilt"]] == [("B01", False)]
    assert [(row["name"], row["nik"], row["why"]) for row in fields["withdrawn"]] == [
        ("MISINEM", "350512••••••••03", "lama")
    ]


def test_prints_agree_with_the_ledger_since_it_is_kept(kit: Kit, blanks: KeepBlanks) -> None:
    begun = blanks.receive(Blanks(KK, amount=5), "", "rim").at
    blanks.receive(BOX, "", "kotak")
    prints = tuple(Printed(begun + timedelta(minutes=by), "u12", "B1", sheets=2) for by in (-1, 0, 1))
    numbered = (Printed(begun - timedelta(days=1), "u12", "B1", number="B01"), prints[0])
    with kit.context.office.units.write(Permission.PRINT_CARDS) as work:
        for sort, made in ((KK, prints), (KTP, numbered)):
            card = CardCase(f"c-{sort}", "", sort, "R1", "MISINEM", "", "Jimbe", made)
            work.unit.repository(CardCase).save(card)
            OpenLedger(work, "KIT-07").use(Use(BlankAct.PRINTED, sort, "", card.thing_id, work.at), "B01", 3)
    assert blanks.book().agreements == [Agreement(KTP, 1, 1), Agreement(KK, 2, 3)]


def test_only_who_prints_writes_and_everybody_reads(kit: Kit, blanks: KeepBlanks) -> None:
    blanks.receive(BOX, "", "kotak")
    other = kit.context_of(LOKET).office.blanks
    assert len(other.book().lines) == 1
    for act in (
        lambda: other.receive(Blanks(KTP, "C1"), "", "kotak"),
        lambda: other.move(BOX, "", "KIT-09", "Teguh"),
        lambda: other.spoil(BOX, "", "rusak"),
        lambda: other.count(KTP, "", 1, "hilang"),
        lambda: other.want(KTP, 5),
        lambda: other.revoke("e1", "salah"),
        lambda: other.write_ba(["e1"]),
    ):
        with pytest.raises(RuleError, match=r"role\.not_yours"):
            act()


def test_the_log_holds_no_name_and_the_digest_of_each_entry(kit: Kit, blanks: KeepBlanks) -> None:
    entry = blanks.receive(BOX, "", "Ditjen Dukcapil")
    blanks.want(KTP, 5)
    assert blanks.ledger().minimum(KTP) == 5
    with kit.store.read() as unit:
        (event,) = unit.events.of(entry.thing_id)
        (kept,) = unit.repository(BlankEntry).having("act", [BlankAct.RECEIVED.value])
    assert kept == entry
    assert "digest" in event.line()
    assert "Ditjen" not in event.line()


Shop = tuple[Kit, list[str]]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    kit, records = print_shop(tmp_path)
    yield kit, records
    kit.store.close()


def services(shop: Shop) -> tuple[PrintCards, KeepBlanks]:
    office = shop[0].context.office
    return office.printing, office.blanks


def test_before_the_first_box_prints_need_no_number_and_after_it_each_needs_its_own(shop: Shop) -> None:
    (first, second), (printing, blanks) = shop[1], services(shop)
    (card,) = printing.note_printed([first], "B1")
    assert card.prints[0].number == ""
    with pytest.raises(InputError, match=r"blank\.not_received"):
        printing.note_printed([second], "B1", numbers={second: "B01"})
    blanks.receive(Blanks(Document.KTP_EL, "B01 – B05"), "", "stok awal")
    with pytest.raises(InputError, match=r"blank\.number_needed") as refused:
        printing.note_printed([second], "B1")
    assert refused.value.problem.field_name == second
    (card,) = printing.note_printed([second], "", numbers={second: " b02 "})
    assert card.prints[0].number == "B02"
    (used,) = (line.entry for line in blanks.book().lines if line.entry.act is BlankAct.PRINTED)
    assert (used.card_id, used.runs[0].text, used.place, used.activity_id) == (second, "B02", "", "a1")
    (stock,) = blanks.stock(Document.KTP_EL)
    assert (stock.left, stock.is_low) == (4, True)
    assert blanks.book().agreements == [Agreement(Document.KTP_EL, 1, 1)]


@pytest.mark.parametrize(
    ("received", "moved", "count", "kept"),
    [
        (0, 0, 1, None),  # nothing of this sort is counted yet
        (5, 0, 0, None),  # nothing was used
        (5, 0, 1, ""),
        (5, 1, 1, "KIT-07"),
        (5, 1, 2, "KIT-07"),  # printed all the same
    ],
)
def test_paper_is_used_up_where_it_lies(shop: Shop, received: int, moved: int, count: int, kept: str | None) -> None:
    kit, blanks = shop[0], services(shop)[1]
    if received:
        blanks.receive(Blanks(Document.KK, amount=received), "", "rim")
    if moved:
        blanks.move(Blanks(Document.KK, amount=moved), "", "KIT-07", "Teguh")
    with kit.context.office.units.write(Permission.PRINT_CARDS) as work:
        use = Use(BlankAct.PRINTED, Document.KK, "a1", "c1", work.at)
        assert OpenLedger(work, "KIT-07").use(use, count=count) == ""
    used = [line.entry for line in blanks.book().lines if line.entry.act is BlankAct.PRINTED]
    assert [(entry.place, entry.count) for entry in used] == ([] if kept is None else [(kept, count)])


def test_a_number_that_is_unknown_or_used_is_refused_and_nothing_of_the_batch_is_kept(shop: Shop) -> None:
    (first, second), (printing, blanks) = shop[1], services(shop)
    blanks.receive(Blanks(Document.KTP_EL, "B01 – B05"), "", "stok awal")
    for wrong, code in (("B09", "blank.not_received"), ("B01", "blank.used")):
        with pytest.raises(InputError) as refused:
            printing.note_printed([first, second], "", numbers={first: "B01", second: wrong})
        assert (refused.value.code, refused.value.problem.field_name) == (code, second)
        assert blanks.ledger().left(Document.KTP_EL) == 5
        assert shop[0].context.office.handover.of("a1") == []


def test_a_failed_print_and_one_made_again_take_a_blank_each_and_wait_for_their_ba(shop: Shop) -> None:
    (first, _), (printing, blanks) = shop[1], services(shop)
    blanks.receive(Blanks(Document.KTP_EL, "B01 – B05"), "", "stok awal")
    with pytest.raises(InputError, match=r"blank\.number_needed"):
        printing.note_failed(first, "ribbon putus")
    assert printing.note_failed(first, "ribbon putus", number="B01").number == "B01"
    printing.note_printed([first], "", numbers={first: "B02"})
    again = printing.print_again(first, "foto buram", number="B03")
    assert [each.number for each in again.prints] == ["B02", "B03"]
    waiting = [(line.entry.act, line.entry.runs[0].text) for line in blanks.book().lines if line.is_to_destroy]
    assert sorted(waiting) == [(BlankAct.SPOILED, "B01"), (BlankAct.WITHDRAWN, "B02")]
    (stock,) = blanks.stock(Document.KTP_EL)
    assert stock.left == 2
    assert blanks.book().agreements == [Agreement(Document.KTP_EL, 2, 2)]
