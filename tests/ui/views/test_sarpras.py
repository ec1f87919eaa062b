from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot
from support.app_context import KETUA, PASSPHRASE, TARGETS, Kit, OpenDoor
from support.checklists import stocked_kit
from support.recording import ScriptedDevice
from support.samples import INK
from support.sarpras import fill, stock_inventory, take_out, verdict
from support.tasks import SameThread, Steps
from support.whole_office import Paperless

from fieldkit.domain.errors import Problem
from fieldkit.domain.recording.positions import Position
from fieldkit.domain.sarpras import Condition
from fieldkit.ports.devices import Capabilities, DeviceKind
from ui.presenters.parts import Choice, Stage, Tone
from ui.presenters.presenter import CHOICES, Action, Command, message
from ui.presenters.sarpras.checklist import PhotoState
from ui.presenters.sarpras.messages import Answer, Attention, ChecklistState, CounterShown, LineShown
from ui.presenters.viewfinder import SigningState
from ui.runtime.theme import ThemeContext
from ui.views.page_parts import PageParts
from ui.views.sarpras import AttentionCard, IzinCard, IzinView, LineCard, PhotoTakingView, sarpras_factories
from ui.widgets.button import ActionButton
from ui.widgets.buttons import ToggleButton
from ui.widgets.layout import Text

KEY = Qt.Key


class WholeDevice(ScriptedDevice):
    """A device that says what it can capture."""

    @property
    def capabilities(self) -> Capabilities:
        return replace(super().capabilities, positions=frozenset(Position))


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path, KETUA)
    kit.plan(*TARGETS)
    stock_inventory(kit)
    kit.devices.there = {kind: WholeDevice(kind) for kind in list(DeviceKind)[:4]}
    yield kit
    kit.store.close()


def held(kit: Kit):
    return kit.context.office.sarpras.out.current("a1").checklist


def opened(window, name: str = "check_out") -> None:
    window.door.context = replace(window.kit.context)
    window.press(KEY.Key_Down)  # the sign-in screen stands on the first name
    window.sign_in()
    window.go(name, activity_id="a1")


def test_space_walks_through_the_list_and_each_answer_is_kept(window, kit, shoot) -> None:
    opened(window)
    shoot("check-out-empty")
    window.press(KEY.Key_Space)
    window.wait(lambda: held(kit).answered == 1 and window.view.state.line.name == "Kamera iris")
    window.press(KEY.Key_2, KEY.Key_L, KEY.Key_H)
    window.wait(lambda: held(kit).answered == 2)
    assert held(kit).line("i2").condition is Condition.RUSAK_RINGAN
    window.press(KEY.Key_Down, KEY.Key_4)
    window.wait(lambda: held(kit).line("i3").is_lost)
    shoot("check-out-lost")


@pytest.mark.days
def test_a_consumable_is_counted_by_digits_and_plus(window, kit, shoot) -> None:
    opened(window)
    for _ in range(8):
        window.press(KEY.Key_Down)
    window.press(KEY.Key_3, KEY.Key_5)
    window.wait(lambda: held(kit).counts[0].count == 35)
    window.press(KEY.Key_Plus)
    window.wait(lambda: held(kit).counts[0].count == 36)
    shoot("check-out-count")
    window.press(KEY.Key_9, KEY.Key_9, KEY.Key_9)
    window.wait(lambda: window.view.state.problem is not None)
    assert window.view.state.problem.code == "sarpras.beyond_stock"
    shoot("check-out-beyond")


@pytest.mark.days
def test_the_keeper_confirms_with_the_own_passphrase_and_signs(window, kit, shoot) -> None:
    fill(kit.context.office.sarpras.out, kit.context.office.sarpras.out.begin("a1"))
    opened(window)
    kit.context.office.sarpras.tests.keep([verdict(kind) for kind in list(DeviceKind)[:4]])
    window.press(KEY.Key_I)
    window.reach("Izin")
    shoot("izin-who")
    window.type("salah")
    window.press(KEY.Key_Return)
    window.wait(lambda: window.view.state.wrong is not None)
    shoot("izin-wrong")
    window.type(PASSPHRASE)
    window.press(KEY.Key_Return)
    window.wait(lambda: window.view.state.ink is not None)
    shoot("izin-signed")
    window.press(KEY.Key_Return)
    window.reach("Checklist")
    window.wait(lambda: held(kit).izin is not None and window.view.state.ink is not None)
    shoot("check-out-signed")
    window.press(KEY.Key_Return)
    window.wait(lambda: kit.context.office.sarpras.out.current("a1").is_out)
    window.wait(lambda: window.view.state.is_closed)
    shoot("check-out-done")


@pytest.mark.days
def test_the_self_test_fills_its_own_lines(window, kit, shoot) -> None:
    opened(window)
    window.press(KEY.Key_T)
    window.wait(lambda: held(kit).laptop is not None and not window.view.state.bar.actions[0].refused)
    shoot("check-out-tested")
    assert held(kit).line("i1").test is not None
    assert held(kit).line("i8").test is None


@pytest.mark.days
def test_a_note_with_odometer_and_a_reason_to_go_anyway(window, kit, shoot) -> None:
    fill(kit.context.office.sarpras.out, kit.context.office.sarpras.out.begin("a1"))
    opened(window)
    for _ in range(7):
        window.press(KEY.Key_Down)
    window.press(KEY.Key_C)
    window.reach("Form")
    window.type("41250")
    window.press(KEY.Key_Tab)
    window.type("penuh")
    shoot("check-out-note")
    window.press(KEY.Key_Return)
    window.reach("Checklist")
    window.wait(lambda: held(kit).line("i8").km == 41250)
    window.press(KEY.Key_K)
    window.reach("Form")
    window.type("pengurus barang di luar kota")
    shoot("check-out-reason")
    window.press(KEY.Key_Return)
    window.reach("Checklist")
    window.wait(lambda: window.view.state.is_closed)
    assert kit.context.office.sarpras.out.current("a1").override == "pengurus barang di luar kota"


@pytest.mark.days
def test_a_return_says_what_the_laptop_still_holds(window, kit, shoot) -> None:
    take_out(kit)
    kit.seal(1, TARGETS[0])
    opened(window, "check_in")
    window.press(KEY.Key_Space, KEY.Key_3)
    window.wait(lambda: window.view.state.line.answers[2].is_on)
    shoot("check-in")
    assert message("sarpras.unsent_hours", count=1, age=5) in [tag.words for tag in window.view.state.gauges]
    assert window.view.state.bar.actions[-1].refused


@pytest.mark.days
def test_nothing_out_leads_to_the_preparation(window, kit, shoot) -> None:
    opened(window, "check_in")
    shoot("check-in-nothing")
    window.do("prepare")
    window.reach("Checklist")
    assert window.view.state.choose_kits


def told(card) -> str:
    return " ".join(text.text() for text in card.findChildren(Text) if not text.isHidden())


def answers(is_on: int) -> tuple[Answer, ...]:
    return tuple(Answer(Command(f"a{at}", f"A{at}", CHOICES[at]), at == is_on) for at in range(8))


def test_the_line_shows_its_answers_and_a_press_gives_another(qtbot: QtBot, theming: ThemeContext) -> None:
    card = LineCard(theming)
    qtbot.addWidget(card)
    pressed: list[str] = []
    card.commanded.connect(lambda command: pressed.append(command.name))
    card.show_state(ChecklistState(line=LineShown("Laptop", answers(2))))
    buttons = card.findChildren(ToggleButton)
    assert [button.is_on for button in buttons] == [at == 2 for at in range(8)] + [False, False]
    for button in buttons[3:8]:
        button.click()
    assert pressed == ["a3", "a4", "a5", "a6", "a7"]
    masks = CounterShown("Masker", 20, "lembar", "stok 100", Command("fewer", "−"), Command("more", "+"))
    card.show_state(ChecklistState(counter=masks, is_closed=True))
    assert "20 lembar" in told(card)
    assert not buttons[0].isEnabled()
    card.show_state(ChecklistState(counter=masks))
    for button in buttons[8:]:
        button.click()
    assert pressed[5:] == ["fewer", "more"]
    card.show_state(ChecklistState())
    assert card.isHidden()


def test_a_concern_says_what_helps_and_offers_the_way_around(qtbot: QtBot, theming: ThemeContext) -> None:
    card = AttentionCard(theming)
    qtbot.addWidget(card)
    attention = Attention(Problem("sarpras.item_lost", {"item": "Laptop"}), Tone.BAD, message("sarpras.more", count=2))
    card.show_state(ChecklistState(attention=attention, override=Command("override", "Tetap")))
    assert "Laptop" in told(card)
    with qtbot.waitSignal(card.commanded):
        next(button for button in card.findChildren(ActionButton) if not button.isHidden()).click()
    card.show_state(ChecklistState())
    assert card.isHidden()


def test_the_signature_and_whose_it_is(qtbot: QtBot, theming: ThemeContext) -> None:
    card = IzinCard(theming)
    qtbot.addWidget(card)
    card.show_state(ChecklistState(ink=INK, izin=message("sarpras.izin_given", name="Sri", at="07.12")))
    assert "Sri · 07.12" in told(card)


@pytest.mark.parametrize(
    "name",
    [
        *("sarpras", "item_history", "check_out", "check_in", "sarpras_izin", "sarpras_photo", "sarpras_item"),
        *("sarpras_consumable", "sarpras_kit", "sarpras_repair", "sarpras_kits", "sarpras_note", "sarpras_reason"),
    ],
)
def test_every_screen_opens(qtbot: QtBot, theming: ThemeContext, tmp_path: Path, name: str) -> None:
    for kit in stocked_kit(tmp_path):
        list_id = kit.context.office.sarpras.out.begin("a1").thing_id
        params = {"activity_id": "a1", "item_id": "i1", "thing_id": "", "way": "out", "list_id": list_id}
        factories = sarpras_factories(
            PageParts(OpenDoor(kit.context), SameThread(), Steps(), theming, Paperless(), lambda: kit.context)  # noqa: B023
        )
        page = factories[name](params)
        qtbot.addWidget(page.view)
        page.presenter.listen(page.view.render)
        page.presenter.start()
        assert page.presenter.state.stage in (Stage.CONTENT, Stage.EMPTY)
        page.presenter.stop()
        if name == "sarpras_photo":
            page.view.frames.close()


PEOPLE = (Choice("sri", "Sri"), Choice("adi", "Adi"))


def test_a_wrong_passphrase_is_emptied_and_arrows_choose(qtbot: QtBot, theming: ThemeContext) -> None:
    view = IzinView(theming)
    qtbot.addWidget(view)
    view.render(SigningState(people=PEOPLE, chosen="sri"))
    field = view.findChild(QLineEdit)
    field.setText("salah")
    assert view.held() == "salah"
    wrong = Problem("vault.wrong_passphrase", {"left": 4})
    view.render(SigningState(people=PEOPLE, chosen="sri", wrong=wrong, clear_serial=1))
    assert field.text() == ""
    with qtbot.waitSignal(view.choose_next) as moved:
        QTest.keyClick(view, Qt.Key.Key_Down)
    assert moved.args == [1]


def test_then_the_sheet_takes_the_place_of_the_question(qtbot: QtBot, theming: ThemeContext) -> None:
    view = IzinView(theming)
    qtbot.addWidget(view)
    view.render(SigningState(signer="Sri", ink=INK))
    assert view.findChild(QLineEdit).parentWidget().parentWidget().isHidden()
    view.render(SigningState(signer="Sri"))


def test_what_is_signed_stands_above_the_sheet_and_takes_no_place_where_it_needs_no_words(
    qtbot: QtBot, theming: ThemeContext
) -> None:
    view = IzinView(theming)
    qtbot.addWidget(view)
    view.render(SigningState(signer="Sri", signed=(("Kelingking kanan", "Luka atau perban"), ("Jempol", "Tidak ada"))))
    (told,) = (text for text in view.findChildren(Text) if "Kelingking" in text.text())
    assert told.text() == "Kelingking kanan: luka atau perban · Jempol: tidak ada"
    view.render(SigningState(signer="Sri"))
    assert told.isHidden()


TAKE = Command("take", "", Action.CAPTURE)


def test_space_takes_the_photo_and_typing_names_a_file(qtbot: QtBot, theming: ThemeContext) -> None:
    view = PhotoTakingView(theming)
    qtbot.addWidget(view)
    view.render(PhotoState(path="/a.jpg", keyed=(TAKE,)))
    assert view.findChild(QLineEdit).text() == "/a.jpg"
    with qtbot.waitSignal(view.commanded) as taken:
        assert view.perform(Action.CAPTURE)
    assert (taken.args, view.keys) == ([TAKE], (Action.CAPTURE,))
    assert not view.perform(Action.PRINT)
    with qtbot.waitSignal(view.type) as typed:
        view.findChild(QLineEdit).textEdited.emit("/b.jpg")
    assert typed.args == ["/b.jpg"]
    view.frames.close()
