from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.app_context import Kit
from support.cards_sent import print_shop

from fieldkit.domain.cards.blanks import BlankAct
from fieldkit.domain.documents import Document
from fieldkit.domain.errors import InputError
from fieldkit.domain.people.accounts import Permission
from fieldkit.services.cards.keep_blanks import Agreement, Blanks, KeepBlanks
from fieldkit.services.cards.print_cards import PrintCards
from fieldkit.services.cards.use_blanks import OpenLedger, Use

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
        blanks.receive(Blanks(Document.KK, count=received), "", "rim")
    if moved:
        blanks.move(Blanks(Document.KK, count=moved), "", "KIT-07", "Teguh")
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
