"""A letter from draft to paper without a mouse."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtPrintSupport import QPrinterInfo
from PySide6.QtWidgets import QLineEdit
from support.app_context import Kit
from support.letters import AT, office
from support.recording import ScriptedDevice

from fieldkit.domain.letters.letter import LetterKind, LetterState
from fieldkit.ports.devices import DeviceKind
from ui.widgets.letter_pages import PageView


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = office(tmp_path)
    yield kit
    kit.store.close()


@pytest.fixture
def order(window, kit):
    """A surat tugas in draft."""
    letter = kit.context.office.letters.draft(LetterKind.SURAT_TUGAS, AT)
    window.sign_in()
    window.go("letter", letter_id=letter.thing_id)
    window.wait(lambda: bool(window.view.state.pages))
    return window


def state_of(kit) -> LetterState:
    return kit.context.office.letters.of(AT)[0].state


@pytest.mark.days
def test_a_letter_is_typed_issued_and_printed(order, kit, shoot, tmp_path: Path) -> None:
    assert order.view.findChild(PageView).has_picture
    shoot("letter-draft")
    before = order.view.state.pages
    order.press(Qt.Key.Key_Tab, Qt.Key.Key_Tab, Qt.Key.Key_End)
    order.type("x")
    order.wait(lambda: order.view.state.pages != before)
    order.press(Qt.Key.Key_Return, to=Qt.KeyboardModifier.ControlModifier)
    order.wait(lambda: bool(order.view.state.ask))
    shoot("letter-ask-number")
    order.type("123")
    order.press(Qt.Key.Key_Return)
    order.wait(lambda: state_of(kit) is LetterState.ISSUED)
    order.settle()
    (letter,) = kit.context.office.letters.of(AT)
    assert letter.number == "800.1.11.1/123/409.12/2026"
    assert letter.fields["activity"].endswith("x"), "what was typed last is in the paper"
    order.wait(lambda: not order.view.state.fields)
    shoot("letter-issued")
    if not QPrinterInfo.availablePrinterNames():
        order.press(Qt.Key.Key_P)
        order.wait(lambda: (tmp_path / "papers").is_dir() and any((tmp_path / "papers").iterdir()))
        (pdf,) = (tmp_path / "papers").iterdir()
        assert pdf.read_bytes().startswith(b"%PDF")


@pytest.mark.days
def test_enter_in_a_line_goes_on_and_issues_nothing(order, kit) -> None:
    order.view._form.focus_field("place")
    order.press(Qt.Key.Key_Return)
    assert order.view.state.ask == ""
    assert state_of(kit) is LetterState.DRAFT
    assert isinstance(order.shell.focusWidget(), QLineEdit)


@pytest.mark.days
def test_what_cannot_be_read_is_marked_and_holds_the_letter_back(order, kit, shoot) -> None:
    order.view._form.focus_field("dated")
    order.press(Qt.Key.Key_End)
    order.type("x")
    assert [field.name for field in order.view.state.fields if field.problem] == ["dated"]
    order.press(Qt.Key.Key_Return, to=Qt.KeyboardModifier.ControlModifier)
    shoot("letter-wrong")
    assert order.view.state.ask == ""


@pytest.mark.days
def test_an_empty_required_field_gets_the_keyboard(window, kit, shoot) -> None:
    letter = kit.context.office.letters.draft(LetterKind.NOTULEN, AT)
    window.sign_in()
    window.go("letter", letter_id=letter.thing_id)
    window.press(Qt.Key.Key_Return, to=Qt.KeyboardModifier.ControlModifier)
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: window.view.state.problem is not None)
    assert [field.name for field in window.view.state.fields if field.problem] == ["hours"]
    shoot("letter-incomplete")
    window.type("13.00")
    assert kit.context.office.letters.get(letter.thing_id).state is LetterState.DRAFT
    assert next(field.text for field in window.view.state.fields if field.name == "hours") == "13.00"


@pytest.mark.days
def test_leaving_keeps_what_was_typed(order, kit) -> None:
    order.view._form.focus_field("place")
    order.press(Qt.Key.Key_End)
    order.type(" RT 3")
    order.press(Qt.Key.Key_Escape)
    order.wait(lambda: kit.context.office.letters.of(AT)[0].fields["place"] == "Desa Jimbe RT 3")


@pytest.mark.days
def test_a_letter_waits_and_is_made_void(window, kit, shoot) -> None:
    letters = kit.context.office.letters
    letter = letters.issue(letters.draft(LetterKind.SURAT_BALASAN, AT).thing_id)
    window.sign_in()
    window.go("letter", letter_id=letter.thing_id)
    window.wait(lambda: bool(window.view.state.pages))
    shoot("letter-waiting")
    window.do("ask_void")
    window.press(Qt.Key.Key_Return)
    assert state_of(kit) is LetterState.WAITING, "no reason, no void"
    window.type("salah hari")
    shoot("letter-ask-reason")
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: state_of(kit) is LetterState.VOID)
    window.settle()
    shoot("letter-void")


@pytest.mark.days
def test_pages_turn_with_the_keyboard_in_a_field(window, kit, shoot) -> None:
    letter = kit.context.office.letters.draft(LetterKind.SPPD, AT)
    window.sign_in()
    window.go("letter", letter_id=letter.thing_id)
    window.wait(lambda: len(window.view.state.pages) == 2)
    window.press(Qt.Key.Key_PageDown, Qt.Key.Key_PageDown)
    assert window.view._pages._count.text().startswith("Halaman 2 dari 2")
    shoot("letter-back-page")


@pytest.mark.days
def test_a_reason_that_was_typed_waits_for_the_question(order, kit, shoot) -> None:
    (letter,) = kit.context.office.letters.of(AT)
    kit.context.office.letters.issue(letter.thing_id, "")
    order.press(Qt.Key.Key_Escape)
    order.wait(lambda: order.name == "Home")
    order.go("letter", letter_id=letter.thing_id)
    order.do("ask_void")
    order.wait(lambda: bool(order.view.state.ask))
    order.type("salah alamat")
    order.press(Qt.Key.Key_Escape, Qt.Key.Key_Escape)
    order.wait(lambda: order.name == "Home")
    order.go("letter", letter_id=letter.thing_id)
    order.wait(lambda: bool(order.view.state.restored))
    order.do("ask_void")
    order.wait(lambda: order.view.state.answer == "salah alamat")
    shoot("letter-answer-left")


@pytest.mark.days
def test_who_the_paper_names_signs_it_on_the_pad(window, kit, shoot) -> None:
    kit.devices.there = {DeviceKind.SIGNATURE_PAD: ScriptedDevice(DeviceKind.SIGNATURE_PAD)}
    letters = kit.context.office.letters
    fields = {"name": "Ani", "officer": "Dwi Lestari"}
    letter = letters.issue(letters.draft(LetterKind.F_1_02, AT, fields).thing_id)
    window.sign_in()
    window.go("letter", letter_id=letter.thing_id)
    window.wait(lambda: bool(window.view.state.pages))
    shoot("letter-to-ink")
    window.press(Qt.Key.Key_I)
    window.wait(lambda: bool(getattr(window.view.state, "people", ())))
    shoot("letter-ink-who")
    window.press(Qt.Key.Key_Down, Qt.Key.Key_Return)
    window.wait(lambda: window.view.state.ink is not None)
    shoot("letter-ink-drawn")
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: [choice.words for choice in window.view.state.people] == ["Ani"])
    window.press(Qt.Key.Key_Escape)
    window.wait(lambda: list(kit.context.office.inks.waiting(letter.thing_id)) == ["person"])
