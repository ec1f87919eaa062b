from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from support.app_context import KETUA, PENGURUS, TARGETS, Kit
from support.applied import CARD
from support.cards_sent import taken
from support.clock import NOW
from support.handed import distributed, put_at_dinas
from support.letters import office
from support.listing import Listing, at_row, refusals
from support.tasks import SameThread, Steps
from support.whole_office import Paperless

from fieldkit.domain.cards.card import Attempt, CardCase, CourierRun, CourierState, Document, Place
from fieldkit.services.context.app_context import AppContext
from ui.presenters.cards.distribution import SHOWN, Courier
from ui.presenters.figures import FigureCell
from ui.presenters.lists import Facts
from ui.presenters.parts import Tag, Tone
from ui.presenters.presenter import Message, message


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = office(tmp_path, KETUA)
    distributed(kit)
    yield kit
    kit.store.close()


def opened(kit: Kit, steps: Steps | None = None, context: AppContext | None = None) -> Listing:
    steps = steps or Steps()
    return Listing(Courier(context or kit.context, steps, Paperless()).screen(), SameThread(), steps)


def notice(listing: Listing) -> object:
    return listing.panels(Facts)[0].words


def state(kit: Kit, card_id: str) -> CourierState | None:
    run = kit.context.office.handover.get(card_id).courier
    return run.state if run else None


def test_what_the_app_asked_for_stands_first_and_no_kk(kit: Kit) -> None:
    listing = opened(kit)
    assert listing.names == ["card-011", "card-013", "card-012"]
    assert list(listing.chips.values()) == [3, 1, 1, 0, 6]
    listing.presenter.choose(0, "all")
    assert "card-014" not in listing.names


S = CourierState


def kia(number: int, place: Place = Place.DINAS, run: CourierRun | None = None) -> CardCase:
    """Return a card that no application asked for."""
    told = {"thing_id": f"k{number}", "document": Document.KIA, "registration": f"R{number:05}", "application_id": ""}
    return replace(CARD, place=place, courier=run, **told)


FREE, READY = kia(1), kia(2, run=CourierRun(S.SIAP_DIAMBIL_KURIR))
GIVEN = kia(3, Place.COURIER, CourierRun(S.DISERAHKAN_KE_KURIR))
WENT = kia(4, Place.COURIER, CourierRun(S.DIANTAR, attempts=(Attempt(NOW, "kosong"),)))
BACK = kia(5, run=CourierRun(S.DIKEMBALIKAN, attempts=(Attempt(NOW, "kosong"),)))
HAD = kia(6, Place.PERSON, CourierRun(S.DITERIMA, attempts=(Attempt(NOW, ""),)))


@pytest.mark.parametrize(
    ("card", "chips"),
    [
        (FREE, {"all"}),
        (replace(FREE, application_id="m1"), {"pintar", "all"}),
        (READY, {"pintar", "ready", "all"}),
        (GIVEN, {"pintar", "out"}),
        (WENT, {"pintar", "out"}),
        (BACK, {"pintar", "back", "all"}),
        (HAD, {"pintar"}),
    ],
)
def test_a_document_stands_under_each_part_of_its_way(card: CardCase, chips: set[str]) -> None:
    assert {name for name, takes in SHOWN.items() if takes(card)} == chips


@pytest.mark.parametrize(
    ("card", "told", "tone"),
    [
        (FREE, "", Tone.NEUTRAL),
        (READY, message("distribusi.untold"), Tone.SOFT),
        (
            kia(2, run=CourierRun(S.SIAP_DIAMBIL_KURIR, told_at=NOW)),
            message("distribusi.told", at="21-11-2026"),
            Tone.SOFT,
        ),
        (GIVEN, "", Tone.SOFT),
        (WENT, message("distribusi.attempt_of", count=1, most=2), Tone.SOFT),
        (BACK, "", Tone.CAUTION),
        (HAD, "", Tone.NEUTRAL),
    ],
)
def test_a_row_says_how_far_the_courier_is(idle: Kit, card: CardCase, told: Message, tone: Tone) -> None:
    state = card.courier_state.value if card.courier_state else "no"
    cell = Courier(idle.context_of(KETUA), Steps(), Paperless()).screen().heads[3].cell(card)
    assert cell == FigureCell(told, tags=(Tag(message(f"distribusi.courier.{state}"), tone),))


@pytest.mark.parametrize(
    ("chosen", "accept", "step", "failed"),
    [
        ((), "choose_first", "ready", "choose_first"),
        ((FREE, BACK), "", "ready", "not_out"),
        ((FREE, READY), "mixed", "ready", "not_out"),
        ((READY, kia(7, run=READY.courier)), "", "give", "not_out"),
        ((GIVEN, kia(7, Place.COURIER, GIVEN.courier)), "", "went", ""),
        ((GIVEN, READY), "mixed", "ready", "not_out"),
        ((WENT,), "", "deliver", ""),
        ((WENT, kia(7, Place.COURIER, WENT.courier)), "one_receipt", "deliver", ""),
        ((HAD,), "mixed", "ready", "not_out"),
    ],
)
def test_the_next_step_is_that_of_all_that_are_chosen(
    idle: Kit, chosen: Sequence[CardCase], accept: str, step: str, failed: str
) -> None:
    listed = at_row(*chosen[:1], ticked=chosen)
    screen = Courier(idle.context_of(KETUA), Steps(), Paperless()).screen()
    words = {"accept": accept, "failed": failed}
    assert {name: refusals(screen, listed)[name] for name in words} == {
        name: key and message(f"distribusi.{key}") for name, key in words.items()
    }
    assert screen.commands(listed)[-1].words == message(f"distribusi.step.{step}")
    other = Courier(idle.context_of(PENGURUS), Steps(), Paperless()).screen()
    assert list(refusals(other, listed).values()) == [message("distribusi.not_yours")] * 4


@pytest.mark.parametrize(
    ("ticked", "named"),
    [((), [2, 7]), ((FREE,), [2, 7]), ((FREE, READY), [2])],
)
def test_the_message_names_what_is_ticked_and_ready_else_all_that_is_ready(
    idle: Kit, ticked: Sequence[CardCase], named: list[int]
) -> None:
    screen = Courier(idle.context_of(KETUA), Steps(), Paperless()).screen()
    (facts,) = screen.side(at_row(FREE, READY, kia(7, run=READY.courier), ticked=ticked))
    assert [line[3:] for line in str(facts.words).splitlines()[1:-1]] == [f"R{number:05}" for number in named]


@pytest.mark.parametrize(("ready", "lines", "is_whole"), [(10, 12, True), (11, 12, False)])
def test_a_message_is_shown_whole_up_to_twelve_lines(idle: Kit, ready: int, lines: int, is_whole: bool) -> None:
    cards = [kia(number, run=READY.courier) for number in range(ready)]
    (facts,) = Courier(idle.context_of(KETUA), Steps(), Paperless()).screen().side(at_row(None, *cards))
    shown = str(facts.words).splitlines()
    assert (len(shown), "…" not in shown) == (lines, is_whole)


def test_enter_does_the_next_thing(kit: Kit, steps: Steps) -> None:
    listing = opened(kit, steps)
    listing.presenter.select("card-013")
    listing.press("accept")
    assert state(kit, "card-013") is CourierState.SIAP_DIAMBIL_KURIR
    listing.presenter.start()
    listing.presenter.tick_all()
    assert listing.offered("accept").refused == message("distribusi.mixed")
    listing.press("accept")
    listing.presenter.tick("card-012")
    listing.press("accept")
    assert steps.taken == [("push", "handover", "card-011 card-013", "courier")]
    listing.presenter.tick_all()
    listing.presenter.tick_all()
    listing.presenter.select("card-012")
    listing.press("accept")
    assert steps.taken[-1] == ("push", "handover", "card-012", "person")


def test_every_receiver_signs_alone(kit: Kit) -> None:
    courier = kit.context.office.courier
    courier.make_ready(["card-013"])
    courier.give(["card-013"], taken("Joko Kurir"))
    listing = opened(kit)
    listing.presenter.select("card-013")
    listing.press("accept")
    assert state(kit, "card-013") is CourierState.DIANTAR
    listing.presenter.start()
    listing.presenter.choose(0, "out")
    listing.presenter.tick_all()
    assert listing.offered("accept").refused == message("distribusi.one_receipt")


def test_the_message_names_nobody_and_is_noted(kit: Kit) -> None:
    listing = opened(kit)
    listing.press("copy_message")
    said = listing.presenter.state.clip.text
    assert said == notice(listing)
    assert said.count("KIT-07-R") == 1
    assert not re.search(r"[0-9]{16}|•", said)
    assert not [target for target in TARGETS if target.biodata.name in said or target.category.value in said.lower()]
    assert kit.context.office.handover.get("card-011").courier.told_at == kit.clock.now()
    assert listing.presenter.state.toast.words == message("distribusi.copied", count=1)


def test_a_long_message_is_shown_in_part_and_copied_whole(kit: Kit) -> None:
    for number in range(20, 60):
        put_at_dinas(kit, number, Document.KIA)
    kit.context.office.courier.make_ready([f"card-{number:03}" for number in range(20, 60)])
    listing = opened(kit)
    assert notice(listing).splitlines()[-2] == "…"
    assert len(notice(listing).splitlines()) < 13
    listing.press("copy_message")
    assert len(listing.presenter.state.clip.text.splitlines()) == 43


def test_a_number_like_a_nik_never_leaves(kit: Kit) -> None:
    put_at_dinas(kit, 20, Document.KIA, registration="3505 1252 0751 0003")
    kit.context.office.courier.make_ready(["card-020"])
    listing = opened(kit)
    assert notice(listing).code == "registration.like_a_nik"
    assert listing.offered("copy_message").refused == notice(listing)
    listing.press("copy_message")
    assert listing.presenter.state.clip is None


def test_only_what_is_out_can_fail(kit: Kit, steps: Steps) -> None:
    listing = opened(kit, steps)
    assert listing.offered("failed").refused == message("distribusi.not_out")
    listing.presenter.select("card-012")
    listing.press("failed")
    assert steps.taken == [("push", "handover_failed", "card-012")]


def test_the_courier_takes_slips_along(kit: Kit) -> None:
    listing = opened(kit)
    listing.press("print_slips")
    assert listing.presenter.state.toast.words.key == "distribusi.slips_saved"


def test_a_search_goes_over_number_name_and_village(kit: Kit) -> None:
    listing = opened(kit)
    listing.presenter.search("r00013 juminah")
    assert listing.names == ["card-013"]


def test_others_only_look(kit: Kit, steps: Steps) -> None:
    listing = opened(kit, steps, kit.context_of(PENGURUS))
    assert [action.refused for action in listing.presenter.state.bar.actions] == [message("distribusi.not_yours")] * 4
    listing.presenter.tick_all()
    assert listing.ticked == []


def test_the_first_day_says_what_comes(tmp_path: Path) -> None:
    first = office(tmp_path, KETUA)
    listing = opened(first)
    assert listing.presenter.state.nothing.title == message("distribusi.no_courier")
    assert listing.offered("copy_message").refused == message("distribusi.no_message")
    first.store.close()
