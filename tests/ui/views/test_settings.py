from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit
from support.app_context import PETUGAS, Kit, OpenDoor
from support.letters import KADIS
from support.plans import ADMIN, KASI, furnish

from fieldkit.app.bootstrap.sop_profiles import SopFolder
from fieldkit.domain.people import Role, User
from fieldkit.services.sop.run_sop import RunSop
from ui.presenters.settings.settings import SECTIONS
from ui.presenters.wording import Line
from ui.widgets.form_fields import PickField
from ui.widgets.table import LineList

CTRL = Qt.KeyboardModifier.ControlModifier


OfUser = Callable[[User], Kit]


@pytest.fixture
def kit_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OfUser]:
    """Make kits whose user comes in at the door; they close after the window, which reads again until it closes."""
    with ExitStack() as stack:

        def of(user: User) -> Kit:
            kit = stack.enter_context(Kit(tmp_path / user.user_id, user))
            furnish(kit)
            with kit.store.write() as unit:
                unit.save_user(KADIS)
            monkeypatch.setattr(OpenDoor, "unlock", lambda _door, _user, _passphrase: kit.context)
            return kit

        yield of


@pytest.fixture
def kit(kit_of: OfUser) -> Kit:
    return kit_of(ADMIN)


def go_to(window, name: str):
    """Walk down to a section by arrows."""
    view = window.view
    for _ in SECTIONS:
        if view.state.section == name:
            break
        window.press(Qt.Key.Key_Down)
        window.wait(lambda: view.state.section == view._sections.current())
    assert view.state.section == name
    window.settle()
    return view


def part(view, name: str):
    return view._forms[view.state.section]._parts[name]._widget


def test_beranda_leads_the_admin_to_the_settings_by_a_key(window, kit, shoot) -> None:
    window.sign_in()
    window.settle()
    shoot("settings-home-admin")
    window.press(Qt.Key.Key_5)
    window.wait(lambda: bool(getattr(window.view.state, "sections", ())))
    assert window.view.state.section == "kop"
    window.settle()
    shoot("settings-kop")


@pytest.mark.days
def test_every_section_is_reached_by_arrows(window, kit, shoot) -> None:
    window.sign_in()
    window.go("settings")
    window.wait(lambda: bool(window.view.state.fields))
    for section in SECTIONS:
        go_to(window, section.name)
        shoot(f"settings-{section.name}")


@pytest.mark.days
def test_a_fault_of_the_laptop_is_read_whole(window, kit) -> None:
    window.sign_in()
    window.go("settings")
    card = part(go_to(window, "periksa"), "remedy")
    texts = [label for label in card.findChildren(QLabel) if label.isVisible() and label.wordWrap()]
    assert len(texts) == 3
    assert [label.text() for label in texts if label.height() < label.heightForWidth(label.width())] == []


def test_the_letterhead_is_filled_and_saved_by_keys(window, kit, shoot) -> None:
    window.sign_in()
    window.go("settings")
    window.wait(lambda: bool(window.view.state.fields))
    view = window.view
    window.press(Qt.Key.Key_Tab)
    assert window.shell.focusWidget() is part(view, "dinas").findChild(QLineEdit)
    window.press(Qt.Key.Key_A, to=CTRL)
    window.press(Qt.Key.Key_Delete)
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: any(field.problem for field in view.state.fields))
    window.settle()
    shoot("settings-kop-wrong")
    window.type("Disdukcapil Kabupaten Blitar")
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: kit.context.office.letterhead.read().dinas == "Disdukcapil Kabupaten Blitar")
    window.settle()
    shoot("settings-kop-saved")


@pytest.mark.days
def test_the_signer_is_picked_by_a_part_of_the_name(window, kit, shoot) -> None:
    window.sign_in()
    window.go("settings")
    window.wait(lambda: bool(window.view.state.fields))
    head = part(window.view, "head")
    assert isinstance(head, PickField)
    head.setFocus()
    window.press(Qt.Key.Key_A, to=CTRL)
    window.type("rina")
    shoot("settings-signer")
    window.press(Qt.Key.Key_Return)
    assert head.findChild(QLineEdit).text().startswith("Rina Wulandari")
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: kit.context.office.letterhead.read().head == "s2")


@pytest.mark.days
def test_a_step_gets_its_accounts_by_keys(window, kit) -> None:
    window.sign_in()
    window.go("settings")
    window.wait(lambda: bool(window.view.state.fields))
    view = go_to(window, "sop")
    steps = part(view, "steps")
    assert isinstance(steps, LineList)
    window.press(Qt.Key.Key_Tab)
    window.press(Qt.Key.Key_Tab)
    assert window.shell.focusWidget() is steps
    window.press(Qt.Key.Key_Down)
    window.press(Qt.Key.Key_Tab)
    window.press(Qt.Key.Key_Tab)
    assert window.shell.focusWidget() is part(view, "roles")
    before = kit.context.office.sop.actors(_first_sop(kit))[1]
    window.press(Qt.Key.Key_Space)
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: kit.context.office.sop.actors(_first_sop(kit))[1] != before)
    mine = kit.context.office.sop.actors(_first_sop(kit))[1]
    changed = set(mine.roles or mine.recorded_by) ^ set(before.roles or before.recorded_by)
    assert changed == {Role.PETUGAS_PEREKAMAN}


@pytest.mark.days
def test_another_sop_shows_the_accounts_of_the_step_under_the_cursor(window, kit) -> None:
    window.sign_in()
    window.go("settings")
    window.wait(lambda: bool(window.view.state.fields))
    view = go_to(window, "sop")
    steps = part(view, "steps")
    window.press(Qt.Key.Key_Tab)
    for press in (Qt.Key.Key_End, Qt.Key.Key_Home, Qt.Key.Key_Down, Qt.Key.Key_Down):
        steps.setFocus()
        window.press(Qt.Key.Key_End)
        part(view, "sops").setFocus()
        window.press(press)
        window.wait(lambda: _heading(view) == int(steps.current()))


def _heading(view) -> int:
    return next(field.label.params["no"] for field in view.state.fields if field.name == "part")


@pytest.mark.days
def test_mistakes_of_sop_files_are_named_with_file_and_line(window, tmp_path, kit, monkeypatch, shoot) -> None:
    folder = tmp_path / "sop"
    folder.mkdir()
    (folder / "kita.yaml").write_text("id: kita\nnomor: 12\nlangkah: tiga\nlain: 1\n")
    sop = RunSop(kit.context.office.units, SopFolder(folder), kit.context.office.calendar)
    context = replace(kit.context, office=replace(kit.context.office, sop=sop))
    monkeypatch.setattr(OpenDoor, "unlock", lambda _door, _user, _passphrase: context)
    window.sign_in()
    window.go("settings")
    window.wait(lambda: bool(window.view.state.fields))
    view = go_to(window, "sop_files")
    shoot("settings-sop-mistakes")
    shown = [view.theming.say(words) for _, words in view.state.fields[1].facts]
    assert shown
    assert all("kita.yaml" in line for line in shown)


@pytest.mark.days
def test_a_list_has_room_for_the_first_line_that_is_saved(window, kit) -> None:
    window.sign_in()
    window.go("settings")
    window.wait(lambda: bool(window.view.state.fields))
    view = go_to(window, "penyedia")
    lines = part(view, "providers")
    assert lines.model().rowCount() == 0
    field = next(field for field in view.state.fields if field.name == "providers")
    view._forms["penyedia"]._parts["providers"].show_field(replace(field, lines=(Line("a", "Penyedia"),)))
    assert lines.height() >= lines.sizeHintForRow(0)


def _first_sop(kit: Kit) -> str:
    return kit.context.office.sop.profiles()[0].sop_id


@pytest.mark.days
def test_planners_set_the_minutes_and_read_the_rest(window, kit_of, shoot) -> None:
    kit = kit_of(KASI)
    window.sign_in()
    window.settle()
    shoot("settings-home-kasi")
    window.press(Qt.Key.Key_5)
    window.wait(lambda: bool(getattr(window.view.state, "sections", ())))
    view = window.view
    assert not part(view, "dinas").isEnabled()
    window.settle()
    shoot("settings-kop-reader")
    go_to(window, "waktu")
    window.press(Qt.Key.Key_Tab)
    window.press(Qt.Key.Key_A, to=CTRL)
    window.type("75")
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: 75 in kit.context.office.durations.read().per_person.values())


def test_who_sets_nothing_has_no_key_for_it(window, kit_of) -> None:
    kit_of(PETUGAS)
    window.sign_in()
    window.settle()
    home = window.view
    window.press(Qt.Key.Key_5)
    window.settle()
    assert window.view is home


@pytest.mark.days
def test_language_is_chosen_at_the_kit(window, kit, theming) -> None:
    window.sign_in()
    window.go("settings")
    window.wait(lambda: bool(window.view.state.fields))
    view = go_to(window, "kit")
    before = view.theming.catalog.language
    window.do("language")
    assert view.theming.catalog.language != before


@pytest.mark.days
def test_the_accounts_lead_to_where_an_admin_keeps_them(window, kit, shoot) -> None:
    window.sign_in()
    window.go("settings")
    window.wait(lambda: bool(window.view.state.fields))
    go_to(window, "pengguna")
    window.settle()
    shoot("settings-pengguna")
    window.press(Qt.Key.Key_Return)
    window.reach("Accounts")
