from __future__ import annotations

from dataclasses import replace

import pytest
from support.app_context import Kit
from support.cards_sent import LOKET, PRINTER
from support.clock import NOW
from support.followed import keep_ledger
from support.listing import Listing, at_row, refusals
from support.tasks import SameThread, Steps

from fieldkit.domain.cards.blanks import BlankAct, BlankEntry, Run
from fieldkit.domain.documents import Document
from fieldkit.domain.errors import InputError
from fieldkit.domain.letters.letter import Letter, LetterKind, LetterState
from fieldkit.domain.people import User
from fieldkit.services.cards.keep_blanks import Agreement, BlankLine, Blanks, KeepBlanks, SortStock
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.unit_of_work import Act
from ui.presenters.cards.blanks import FORMS, BlankLedger, agreement_words, left_numbers, low_hints, place_name, tags_of
from ui.presenters.figures import FigureCell, Row
from ui.presenters.form import Form, FormField
from ui.presenters.lists import Hint, Numbers
from ui.presenters.parts import Tag, Tone
from ui.presenters.presenter import CatalogMessage, message


@pytest.fixture
def steps() -> Steps:
    return Steps()


def shown(kit: Kit, tasks: SameThread, steps: Steps, user: User = PRINTER) -> Listing:
    return Listing(BlankLedger(kit.context_of(user), steps).screen(), tasks, steps)


def act_of(row: Row) -> str:
    words = row.cells[0].words
    assert isinstance(words, CatalogMessage)
    return words.key.removeprefix("blangko.act_")


def test_every_entry_stands_with_its_numbers_place_and_reason(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    keep_ledger(kit)
    listing = shown(kit, tasks, steps)
    assert len(listing.rows) == 7
    said = {act_of(row): row.cells for row in listing.rows}
    assert said["moved"][1].detail == "BL-0101 – BL-0130"
    assert said["moved"][2].words == message("blangko.from_to", place="Dinas", to="KIT-07")
    assert said["counted"][1].words == message("blangko.amount", count=-1, sort="KTP-el")
    assert said["received"][3].words == "Ditjen Dukcapil, surat jalan 12/2026"
    tags = [tag.words for row in listing.rows for cell in row.cells for tag in cell.tags]
    assert sorted(map(str, tags)) == sorted(map(str, [message("blangko.was_revoked"), message("blangko.to_destroy")]))
    assert listing.chips["destroy"] == 1
    listing.presenter.search("surat jalan")
    assert len(listing.rows) == 1


def test_the_panels_say_what_is_left_where_and_whether_the_print_list_agrees(
    kit: Kit, tasks: SameThread, steps: Steps
) -> None:
    assert shown(kit, tasks, steps).panels(Numbers) == []
    keep_ledger(kit)
    listing = shown(kit, tasks, steps)
    assert [number.value for number in listing.panels(Numbers)[0].numbers] == ["18", "30", "500"]
    (agreement,) = listing.panels(Hint)
    assert (agreement.tone, agreement.words[0]) == (Tone.SOFT, message("blangko.agrees", sort="KTP-el", count=0))
    kit.clock.advance(minutes=1)
    kit.context_of(PRINTER).office.blanks.want(Document.KTP_EL, 60)
    with kit.store.write() as unit:
        unit.repository(BlankEntry).save(
            BlankEntry("x", "", BlankAct.PRINTED, Document.KTP_EL, 1, kit.clock.now(), "u12", place="KIT-08")
        )
    low, wrong, differs = shown(kit, tasks, steps).panels(Hint)
    assert low.title == message("blangko.low", sort="KTP-el", left=47, minimum=60)
    assert wrong.words == (message("blangko.below_zero.ktp_el", about="KIT-08", count=1),)
    assert (differs.tone, differs.words[0]) == (
        Tone.CAUTION,
        message("blangko.differs", sort="KTP-el", printed=1, noted=0),
    )


def test_what_waits_goes_into_one_ba_and_what_stands_there_cannot_be_revoked(
    kit: Kit, tasks: SameThread, steps: Steps
) -> None:
    keep_ledger(kit)
    listing = shown(kit, tasks, steps)
    assert listing.offered("write_ba").words == message("blangko.ba", count=1)
    listing.press("write_ba")
    ((way, screen, _letter_id),) = steps.taken
    assert (way, screen) == ("push", "letter")
    listing.presenter.start()
    assert listing.offered("write_ba").refused == message("blangko.ba_none")
    of = {act_of(row): row.name for row in listing.rows}
    for act, refused in (("revoked", True), ("received", False)):
        listing.presenter.select(of[act])
        assert bool(listing.offered("revoke").refused) is refused
    listing.press("revoke")
    listing.press("receive")
    assert [taken[1] for taken in steps.taken[1:]] == ["blanks.revoke", "blanks.receive"]


@pytest.mark.parametrize(("places", "told"), [(3, 3), (4, 4), (5, 4)])
def test_at_most_three_troubles_are_told_one_by_one(
    kit: Kit, tasks: SameThread, steps: Steps, places: int, told: int
) -> None:
    keep_ledger(kit)
    at = kit.clock.now()
    with kit.store.write() as unit:
        for number in range(places):
            lost = BlankEntry(f"x{number}", "", BlankAct.SPOILED, Document.KK, 1, at, "u12", place=f"KIT-1{number}")
            unit.repository(BlankEntry).save(lost)
    troubles = next(hint for hint in shown(kit, tasks, steps).panels(Hint) if hint.tone is Tone.BAD)
    assert len(troubles.words) == told
    has_more = troubles.words[-1] == message("blangko.more_troubles", count=places - 3)
    assert has_more is (places > 3)


def test_only_what_is_ticked_goes_into_the_ba(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    keep_ledger(kit)
    kit.context_of(PRINTER).office.blanks.spoil(Blanks(Document.KTP_EL, "BL-0133"), "", "tergores")
    listing = shown(kit, tasks, steps)
    assert listing.offered("write_ba").words == message("blangko.ba", count=2)
    for at, row in enumerate(listing.rows):
        assert (row.is_ticked is None) is (act_of(row) != "spoiled" or row.cells[3].tags == REVOKED), at
    listing.presenter.tick(next(row.name for row in listing.rows if row.is_ticked is False))
    assert listing.offered("write_ba").words == message("blangko.ba", count=1)
    assert listing.presenter.reads == {"blank_entry", "card", "letter"}


def test_who_does_not_print_looks_and_before_the_first_box_there_is_nothing_to_move(
    kit: Kit, tasks: SameThread, steps: Steps
) -> None:
    listing = shown(kit, tasks, steps)
    assert listing.presenter.state.nothing.title == message("blangko.nothing")
    for name in ("move", "spoil", "count", "want"):
        assert listing.offered(name).refused == message("blangko.nothing")
    keep_ledger(kit)
    other = shown(kit, tasks, steps, LOKET)
    for command in other.presenter.state.bar.actions:
        assert command.refused == message("blangko.not_yours")
    other.presenter.tick_all()
    assert other.ticked == []


STOCK = SortStock(Document.KTP_EL, 12, 25, True, {"": 14, "KIT-07": -2, "KIT-08": 0})
AGREES = Agreement(Document.KTP_EL, 3, 3)
SPOILT = BlankLine(BlankEntry("e1", "", BlankAct.SPOILED, Document.KTP_EL, 1, NOW, "u1"))
REVOKED = (Tag(message("blangko.was_revoked"), Tone.NEUTRAL),)
BA = Letter("l1", "", LetterKind.BA_PEMUSNAHAN, "BA", "K07-0001", {}, "u1", NOW)


def test_what_is_left_stands_place_by_place_and_below_zero_is_bad() -> None:
    assert [(number.value, number.tone) for number in left_numbers(STOCK)] == [("14", Tone.CAUTION), ("-2", Tone.BAD)]
    assert [(number.value, number.tone) for number in left_numbers(replace(STOCK, places={}))] == [("0", Tone.CAUTION)]
    enough = replace(STOCK, is_low=False)
    assert [number.tone for number in left_numbers(enough)] == [Tone.NEUTRAL, Tone.BAD]
    assert (place_name(""), place_name("KIT-07")) == ("Dinas", "KIT-07")


def test_only_what_is_low_is_reminded_of() -> None:
    (hint,) = low_hints([STOCK, replace(STOCK, is_low=False)])
    assert hint.title == message("blangko.low", sort="KTP-el", left=12, minimum=25)


def test_ledger_and_print_list_agree_or_the_difference_is_named() -> None:
    assert agreement_words(AGREES) == message("blangko.agrees", sort="KTP-el", count=3)
    assert agreement_words(replace(AGREES, noted=4)) == message("blangko.differs", sort="KTP-el", printed=3, noted=4)


def test_an_entry_says_what_became_of_it() -> None:
    told = [
        tags_of(line)[0].words
        for line in (
            SPOILT,
            replace(SPOILT, is_revoked=True),
            replace(SPOILT, letter=BA),
            replace(SPOILT, letter=replace(BA, state=LetterState.ISSUED, number="470/1")),
            replace(SPOILT, letter=replace(BA, state=LetterState.ISSUED)),
        )
    ]
    assert told == [
        message("blangko.to_destroy"),
        message("blangko.was_revoked"),
        message("blangko.in_ba"),
        message("blangko.destroyed", number="470/1"),
        message("blangko.destroyed", number="K07-0001"),
    ]
    assert tags_of(BlankLine(replace(SPOILT.entry, act=BlankAct.RECEIVED))) == ()


def line(act: BlankAct, **changes: object) -> BlankLine:
    return BlankLine(replace(SPOILT.entry, act=act, **changes))


A = BlankAct
ONE_KTP = message("blangko.amount", count=1, sort="KTP-el")
FROM_TO = message("blangko.from_to", place="Dinas", to="KIT-07")


@pytest.mark.parametrize(
    ("row", "which", "where", "why"),
    [
        (line(A.RECEIVED, source="kotak 1"), FigureCell(ONE_KTP), "Dinas", "kotak 1"),
        (line(A.MOVED, to="KIT-07", why="Teguh"), FigureCell(ONE_KTP), FROM_TO, "Teguh"),
        (line(A.PRINTED, place="KIT-07", runs=(Run("B01", "B01"),)), FigureCell(ONE_KTP, "B01"), "KIT-07", ""),
        (line(A.WITHDRAWN, name="ANI", why="rusak"), FigureCell(ONE_KTP), "Dinas", "ANI · rusak"),
        (line(A.MINIMUM), FigureCell(ONE_KTP), "", ""),
        (line(A.REVOKED, why="salah"), FigureCell("KTP-el"), "", "salah"),
    ],
)
def test_an_entry_says_which_blanks_where_and_why(
    idle: Kit, steps: Steps, row: BlankLine, which: FigureCell, where: object, why: str
) -> None:
    heads = BlankLedger(idle.context, steps).screen().heads
    assert [heads[1].cell(row), heads[2].cell(row).words, heads[3].cell(row).words] == [which, where, why]


@pytest.mark.parametrize(
    ("row", "refused"),
    [
        (None, "choose_first"),
        *((line(act), "") for act in (A.RECEIVED, A.MOVED, A.SPOILED, A.COUNTED, A.WITHDRAWN)),
        *((line(act), "not_revoked") for act in (A.PRINTED, A.MINIMUM, A.REVOKED)),
        (replace(SPOILT, is_revoked=True), "not_revoked"),
        (replace(SPOILT, letter=BA), "not_revoked"),
    ],
)
def test_an_entry_is_revoked_once_and_no_print_is(idle: Kit, steps: Steps, row: BlankLine | None, refused: str) -> None:
    for user, why in ((PRINTER, refused), (LOKET, "not_yours")):
        screen = BlankLedger(idle.context_of(user), steps).screen()
        assert refusals(screen, at_row(row))["revoke"] == (why and message(f"blangko.{why}"))


@pytest.fixture
def printer(kit: Kit) -> AppContext:
    return kit.context_of(PRINTER)


def form_of(act: Act[KeepBlanks, ..., BlankEntry], context: AppContext, **about: str) -> Form:
    return FORMS.form(act, context, about)


def filled(form: Form, **typed: str) -> dict[str, str]:
    return {field.name: field.text for field in form.load()} | typed


def chosen(form: Form, **choice: str) -> tuple[FormField, ...]:
    fields = tuple(FormField(f.name, f.label, choice.get(f.name, f.text)) for f in form.load())
    return form.adapt(fields)


def test_numbers_are_asked_of_ktp_el_and_an_amount_of_the_rest(printer: AppContext) -> None:
    form = form_of(KeepBlanks.receive, printer)
    assert [field.name for field in form.load()] == ["sort", "numbers", "place", "source"]
    paper = chosen(form, sort="kk", source="rim")
    assert [(field.name, field.text) for field in paper] == [
        *(("sort", "kk"), ("amount", ""), ("place", "dinas"), ("source", "rim")),
    ]
    form.keep({"sort": "kk", "amount": "500", "place": "dinas", "source": "1 rim"})
    form.keep(filled(form, numbers="B01 – B10", source="kotak"))
    assert printer.office.blanks.ledger().stock == {(Document.KK, ""): 500, (Document.KTP_EL, ""): 10}
    with pytest.raises(InputError) as refused:
        form.keep(filled(form, numbers="B1?", source="kotak"))
    assert refused.value.problem.field_name == "numbers"
    with pytest.raises(InputError) as refused:
        form.keep({"sort": "kia", "amount": "", "place": "dinas", "source": "kotak"})
    assert refused.value.problem.field_name == "amount"


def test_blanks_go_to_this_kit_unless_another_is_typed(printer: AppContext) -> None:
    blanks = printer.office.blanks
    receive, move = form_of(KeepBlanks.receive, printer), form_of(KeepBlanks.move, printer)
    receive.keep(filled(receive, numbers="B01 – B10", source="kotak"))
    move.keep(filled(move, numbers="B01", taker="Teguh"))
    move.keep(filled(move, numbers="B02", to="KIT-33", taker="Teguh"))
    move.keep(filled(move, numbers="B02", origin="KIT-33", to="Dinas", taker="Teguh"))
    assert {place: count for (_, place), count in blanks.ledger().stock.items() if count} == {"": 9, blanks.kit_id: 1}
    spoil = form_of(KeepBlanks.spoil, printer)
    spoil.keep(filled(spoil, numbers="B03", why="tergores"))
    assert blanks.ledger().left(Document.KTP_EL) == 9


def test_the_count_says_what_the_ledger_says_at_that_place(kit: Kit, printer: AppContext) -> None:
    keep_ledger(kit)
    form = form_of(KeepBlanks.count, printer)
    hints = {field.name: field.hint for field in form.load()}
    assert hints["found"] == message("blangko.hint_found", stock=18)
    there = chosen(form, place=printer.office.blanks.kit_id)
    assert {field.name: field.hint for field in there}["found"] == message("blangko.hint_found", stock=30)
    assert "missing" not in [field.name for field in chosen(form, sort="kk")]
    form.keep(filled(form, found="18"))
    with pytest.raises(InputError) as refused:
        form.keep(filled(form, found="17"))
    assert refused.value.problem.field_name == "why"


def test_a_field_says_below_it_what_it_takes(printer: AppContext) -> None:
    hints = {field.name: field.hint for field in form_of(KeepBlanks.receive, printer).load()}
    assert hints == {
        "sort": "",
        "numbers": message("blangko.hint_numbers"),
        "place": "",
        "source": message("blangko.hint_source"),
    }
    labels = {field.name: field.label for field in form_of(KeepBlanks.move, printer).load()}
    assert (labels["taker"], labels["to"]) == (message("blangko.field_taker"), message("blangko.field_to"))
    assert [field.name for field in form_of(KeepBlanks.revoke, printer, entry_id="e1").load()] == ["why"]


def test_the_minimum_and_what_was_wrong_are_kept(kit: Kit, printer: AppContext) -> None:
    keep_ledger(kit)
    want = form_of(KeepBlanks.want, printer)
    want.keep(filled(want, minimum="60"))
    assert filled(form_of(KeepBlanks.want, printer))["minimum"] == "60"
    blanks = printer.office.blanks
    spoilt = next(line.entry for line in blanks.book().lines if line.is_to_destroy)
    revoke = form_of(KeepBlanks.revoke, printer, entry_id=spoilt.thing_id)
    revoke.keep(filled(revoke, why="salah ketik"))
    assert not any(line.is_to_destroy for line in blanks.book().lines)
