from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from support.app_context import KETUA, PASSPHRASE, TARGETS, Kit
from support.recording import ScriptedDevice
from support.samples import INK
from support.sarpras import fill, stock_inventory, take_out, verdict

from fieldkit.domain.errors import Problem
from fieldkit.domain.recording.positions import Position
from fieldkit.domain.sarpras.inventory import Condition
from fieldkit.ports.devices import Capabilities, DeviceKind
from ui.presenters.actions import CHOICES
from ui.presenters.commands import Command
from ui.presenters.messages import message
from ui.presenters.parts import Tone
from ui.presenters.sarpras.messages import Answer, Attention, ChecklistState, CounterShown, LineShown
from ui.runtime.theme_context import ThemeContext
from ui.views.sarpras.checklist import AttentionCard, IzinCard, LineCard
from ui.widgets.button import ActionButton
from ui.widgets.text import Text
from ui.widgets.toggle import ToggleButton

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
