from __future__ import annotations

import pytest
from support.cards import Tray
from support.desk import Kit
from support.tasks import SameThread, Steps

from drivers.simulators.sam import SamCard
from drivers.simulators.subject import SyntheticSubject
from drivers.simulators.vpcd import KtpElCard
from ui.presenters.parts import Tone
from ui.presenters.targets.targets import TargetsPresenter
from ui.presenters.words import phrase

LANE = "device:cards"


@pytest.fixture
def tray(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> Tray:
    tray = Tray()
    monkeypatch.setattr(kit.devices, "device_for", lambda _kind: tray)
    return tray


def opened(kit: Kit, tasks: SameThread, steps: Steps) -> TargetsPresenter:
    presenter = TargetsPresenter(kit.desk, tasks, steps)
    presenter.start()
    return presenter


def seen(kit: Kit) -> list[str]:
    with kit.store.read() as unit:
        return [event.aggregate for event in unit.events.of("t1") if event.kind == "card_seen"]


def test_a_person_who_holds_a_card_is_shown_with_the_photo(
    kit: Kit, tasks: SameThread, steps: Steps, tray: Tray
) -> None:
    tray.chip = KtpElCard.of(SyntheticSubject(3))
    presenter = opened(kit, tasks, steps)
    presenter.check_card()
    card = presenter.state.card
    assert card is not None
    assert (card.title, card.tone) == (phrase("kartu.holds"), Tone.CAUTION)
    assert card.photo is not None
    assert card.photo.startswith(b"\xff\xd8")
    assert seen(kit) == ["t1"]
    presenter.select("t2")
    assert presenter.state.card is None


def test_a_photo_that_cannot_be_shown_is_said(kit: Kit, tasks: SameThread, steps: Steps, tray: Tray) -> None:
    tray.chip = KtpElCard(b"scratched", b"\x04\x01")
    presenter = opened(kit, tasks, steps)
    presenter.check_card()
    assert presenter.state.card is not None
    assert presenter.state.card.hint == phrase("kartu.holds_hint_blind")


def test_another_card_is_not_written_down(kit: Kit, tasks: SameThread, steps: Steps, tray: Tray) -> None:
    tray.chip = SamCard()
    presenter = opened(kit, tasks, steps)
    presenter.check_card()
    assert presenter.state.card is not None
    assert presenter.state.card.title == phrase("kartu.other")
    assert seen(kit) == []


@pytest.mark.usefixtures("tray")
def test_no_card_comes_and_the_button_is_offered_again(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    presenter = opened(kit, tasks, steps)
    presenter.check_card()
    assert presenter.state.card is None
    assert presenter.state.problem is not None
    assert presenter.state.problem.code == "device.pcsc.no_card"
    assert presenter.state.retry is not None
    assert presenter.state.retry.name == "check_card"


def test_esc_gives_up_waiting_before_it_leaves(kit: Kit, steps: Steps, tray: Tray) -> None:
    tasks = SameThread(LANE)
    tray.chip = KtpElCard.of(SyntheticSubject(3))
    presenter = opened(kit, tasks, steps)
    presenter.check_card()
    assert presenter.state.card is not None
    assert presenter.state.card.title == phrase("kartu.waiting")
    presenter.back()
    assert presenter.state.card is None
    assert steps.taken == []
    tasks.release(LANE)
    assert presenter.state.card is None
    assert seen(kit) == []
    presenter.back()
    assert steps.taken == [("back",)]


def test_a_search_without_rows_has_nobody_to_check(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    presenter = opened(kit, tasks, steps)
    presenter.search("zzz")
    presenter.check_card()
    assert presenter.state.card is None
    assert next(action for action in presenter.state.bar.actions if action.name == "check_card").refused
