from __future__ import annotations

import pytest
from support.app_context import TARGETS, Kit
from support.cards import Tray
from support.tasks import SameThread, Steps

from drivers.simulators.sam import SamCard
from drivers.simulators.subject import SyntheticSubject
from drivers.simulators.vpcd import KtpElCard
from ui.presenters.messages import message
from ui.presenters.parts import Tone
from ui.presenters.recording.card_check import CardCheckPresenter, CardShown

EXECUTOR = "device:cards"


@pytest.fixture
def tray(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> Tray:
    tray = Tray()
    monkeypatch.setattr(kit.devices, "device_for", lambda _kind: tray)
    return tray


def opened(kit: Kit, tasks: SameThread, steps: Steps) -> CardCheckPresenter:
    presenter = CardCheckPresenter(kit.context, tasks, steps, "t1")
    presenter.start()
    return presenter


def told(presenter: CardCheckPresenter) -> CardShown:
    assert presenter.state.card is not None
    return presenter.state.card


def seen(kit: Kit) -> list[str]:
    with kit.store.read() as unit:
        return [event.aggregate for event in unit.events.of("t1") if event.kind == "card_seen"]


def test_a_person_who_holds_a_card_is_shown_with_the_photo(
    kit: Kit, tasks: SameThread, steps: Steps, tray: Tray
) -> None:
    tray.chip = KtpElCard.of(SyntheticSubject(3))
    presenter = opened(kit, tasks, steps)
    who = TARGETS[0].biodata
    assert presenter.state.title == f"{who.name} · {who.nik.masked}"
    assert (told(presenter).title, told(presenter).tone) == (message("kartu.holds"), Tone.CAUTION)
    photo = told(presenter).photo
    assert photo is not None
    assert photo.startswith(b"\xff\xd8")
    assert told(presenter).hint == message("kartu.holds_hint")
    assert seen(kit) == ["t1"]
    tray.chip = None
    presenter.start()  # the screen comes to the front again
    assert (told(presenter).title, presenter.state.problem) == (message("kartu.holds"), None)


def test_a_photo_that_cannot_be_shown_is_said(kit: Kit, tasks: SameThread, steps: Steps, tray: Tray) -> None:
    tray.chip = KtpElCard(b"scratched", b"\x04\x01")
    card = told(opened(kit, tasks, steps))
    assert (card.hint, card.photo) == (message("kartu.holds_hint_blind"), None)


def test_another_card_is_not_written_down(kit: Kit, tasks: SameThread, steps: Steps, tray: Tray) -> None:
    tray.chip = SamCard()
    assert told(opened(kit, tasks, steps)).title == message("kartu.other")
    assert seen(kit) == []


def test_no_card_comes_and_the_button_is_offered_again(kit: Kit, tasks: SameThread, steps: Steps, tray: Tray) -> None:
    presenter = opened(kit, tasks, steps)
    assert presenter.state.card is None
    assert presenter.state.problem is not None
    assert presenter.state.problem.code == "device.pcsc.no_card"
    tray.chip = KtpElCard.of(SyntheticSubject(3))
    assert presenter.state.retry is not None
    presenter.perform(presenter.state.retry)
    assert (told(presenter).title, presenter.state.problem) == (message("kartu.holds"), None)


def test_who_leaves_while_waiting_lets_the_reader_go(kit: Kit, steps: Steps, tray: Tray) -> None:
    tasks = SameThread(EXECUTOR)
    tray.chip = KtpElCard.of(SyntheticSubject(3))
    presenter = opened(kit, tasks, steps)
    assert told(presenter).title == message("kartu.waiting")
    assert presenter.state.bar.back is not None
    presenter.perform(presenter.state.bar.back)
    presenter.stop()
    tasks.release(EXECUTOR)
    assert steps.taken == [("back",)]
    assert seen(kit) == []
