from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.cards_sent import taken
from support.desk import KETUA, PENGURUS, TARGETS, Kit
from support.handed import distributed, shelve
from support.letters import office
from support.tasks import SameThread, Steps
from support.whole_office import Paperless

from fieldkit.domain.cards.card import Document
from fieldkit.domain.cards.courier import CourierState
from fieldkit.services.context.desk import Desk
from ui.presenters.cards.courier import CourierPresenter
from ui.presenters.words import phrase


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = office(tmp_path, KETUA)
    distributed(kit)
    yield kit
    kit.store.close()


def opened(kit: Kit, steps: Steps | None = None, desk: Desk | None = None) -> CourierPresenter:
    presenter = CourierPresenter(desk or kit.desk, SameThread(), steps or Steps(), Paperless())
    presenter.start()
    return presenter


def names(presenter: CourierPresenter) -> list[str]:
    rows = presenter.state.rows
    return [rows.row(at).name for at in range(rows.count)]


def state(kit: Kit, card_id: str) -> CourierState | None:
    run = kit.desk.office.handover.get(card_id).courier
    return run.state if run else None


def test_what_the_app_asked_for_stands_first_and_no_kk(kit: Kit) -> None:
    presenter, found = opened(kit), []
    assert names(presenter) == ["card-011", "card-013", "card-012"]
    for _ in range(5):
        presenter.next_filter()
        found.append(len(names(presenter)))
    assert found == [1, 1, 0, 6, 3]
    assert "card-014" not in names(presenter)


def test_enter_does_the_next_thing(kit: Kit, steps: Steps) -> None:
    presenter = opened(kit, steps)
    presenter.select("card-013")
    presenter.accept()
    assert state(kit, "card-013") is CourierState.SIAP_DIAMBIL_KURIR
    presenter.toggle_all()
    assert presenter.state.bar.actions[-1].refused == phrase("distribusi.mixed")
    presenter.accept()
    presenter.select("card-012")
    presenter.toggle()
    presenter.accept()
    assert steps.taken == [("push", "handover", "card-011 card-013", "courier")]
    presenter.toggle_all()
    presenter.toggle_all()
    presenter.accept()
    assert steps.taken[-1] == ("push", "handover", "card-012", "person")


def test_every_receiver_signs_alone(kit: Kit) -> None:
    courier = kit.desk.office.courier
    courier.make_ready(["card-013"])
    courier.give(["card-013"], taken("Joko Kurir"))
    presenter = opened(kit)
    presenter.select("card-013")
    presenter.accept()
    assert state(kit, "card-013") is CourierState.DIANTAR
    presenter.next_filter()
    presenter.next_filter()
    presenter.toggle_all()
    assert presenter.state.bar.actions[-1].refused == phrase("distribusi.one_receipt")


def test_the_message_names_nobody_and_is_noted(kit: Kit) -> None:
    presenter = opened(kit)
    presenter.copy_message()
    said = presenter.state.copied
    assert presenter.state.copies == 1
    assert said.count("KIT-07-R") == 1
    assert not re.search(r"[0-9]{16}|•", said)
    assert not [target for target in TARGETS if target.biodata.name in said or target.category.value in said.lower()]
    assert kit.desk.office.handover.get("card-011").courier.told_at == kit.clock.now()
    assert presenter.state.toast.words == phrase("distribusi.copied", count=1)


def test_a_number_like_a_nik_never_leaves(kit: Kit) -> None:
    shelve(kit, 20, Document.KIA, registration="3505 1252 0751 0003")
    kit.desk.office.courier.make_ready(["card-020"])
    presenter = opened(kit)
    assert (presenter.state.message, presenter.state.problem.code) == ("", "registration.like_a_nik")
    presenter.copy_message()
    assert presenter.state.copies == 0


def test_only_what_is_out_can_fail(kit: Kit, steps: Steps) -> None:
    presenter = opened(kit, steps)
    presenter.failed()
    assert presenter.state.bar.actions[1].refused == phrase("distribusi.not_out")
    presenter.select("card-012")
    presenter.failed()
    assert steps.taken == [("push", "handover_failed", "card-012")]


def test_the_courier_takes_slips_along(kit: Kit) -> None:
    presenter = opened(kit)
    presenter.print_slips()
    assert presenter.state.toast.words.key == "distribusi.slips_saved"


def test_a_search_goes_over_number_name_and_village(kit: Kit) -> None:
    presenter = opened(kit)
    presenter.search("r00013 juminah")
    assert names(presenter) == ["card-013"]
    presenter.search("tidak ada")
    assert presenter.state.nothing.title == phrase("distribusi.not_found", text="tidak ada")


def test_others_only_look(kit: Kit, steps: Steps) -> None:
    presenter = opened(kit, steps, kit.desk_of(PENGURUS))
    for intent in (presenter.accept, presenter.failed, presenter.print_slips, presenter.copy_message):
        intent()
    assert state(kit, "card-011") is CourierState.SIAP_DIAMBIL_KURIR
    assert presenter.state.copies == 0
    assert [action.refused for action in presenter.state.bar.actions] == [phrase("distribusi.not_yours")] * 4
    presenter.back()
    assert steps.taken == [("back",)]


def test_the_first_day_says_what_comes(tmp_path: Path) -> None:
    first = office(tmp_path, KETUA)
    presenter = opened(first)
    assert presenter.state.nothing.title == phrase("distribusi.no_courier")
    assert presenter.state.bar.actions[2].refused == phrase("distribusi.no_message")
    first.store.close()
