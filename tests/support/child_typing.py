"""The process that dies with fields typed and nothing accepted: three screens in a real window, keys only.

Usage, in tests/: `python -m support.child_typing FOLDER [BUG]`. It says "typed" once nobody has touched a key for a
while and the executor of the store has done what it had to do by then; from there on it only waits to be killed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from support.app_context import PASSPHRASE, TARGETS, Kit, OpenDoor
from support.planted import PlantedBug

from fieldkit.app.bootstrap.catalogue import LANGUAGES, strict_catalogue
from ui.presenters.form import AFTER_MS, Drafting
from ui.presenters.home.gauges import Gauges
from ui.presenters.parts import Stage
from ui.presenters.tasks import STORE
from ui.runtime.printing import LaptopPrinting
from ui.runtime.tasks import ExecutorTasks
from ui.runtime.theme import Catalog, Theme, ThemeContext
from ui.views.shell import Shell
from ui.views.window.window import Laptop, build_window

_TURNS = 12_000
WALK_IN, NOTE, NAME = "SITI AMINAH", "sedang di sawah", "MISINEM BINTI KARTO"


def writes_on_leaving_only() -> None:
    """What is typed waits in memory for Esc or Enter."""
    note = Drafting.note

    def lazy(self: Drafting, *given: Any, **named: Any) -> None:
        note(self, *given, **named)
        self._stop_timer()

    Drafting.note = lazy  # type: ignore[method-assign]


ON_LEAVING = PlantedBug("writes_on_leaving_only", "^recording has no biodata.name$", writes_on_leaving_only)


def wait(condition: Callable[[], object]) -> None:
    """Give the screens so many turns, however long they take on a busy machine."""
    for _ in range(_TURNS):
        if condition():
            return
        QTest.qWait(10)
    raise TimeoutError


def main(folder: Path, bug: str = "") -> None:
    if bug:
        assert bug == ON_LEAVING.name
        ON_LEAVING.plant()
    qt = QApplication([])
    theming = ThemeContext(Theme(qt), Catalog({language: strict_catalogue(language) for language in LANGUAGES}))
    theming.catalog.choose("id")
    kit = Kit(folder)
    kit.plan(*TARGETS)
    shell, tasks = Shell(theming), ExecutorTasks(sys.excepthook)  # type: ignore[arg-type]
    laptop = Laptop(Gauges(lambda: 64, lambda: 10**12), LaptopPrinting(folder / "papers"))
    program = build_window(shell, OpenDoor(kit.context), tasks, theming, laptop)
    shell.show()
    shell.activateWindow()

    def front(name: str) -> bool:
        page = shell.navigation.page
        assert page is not None
        view = f"{name}View" if name != "Visit" else "WorkFormView"
        return type(page.view).__name__ == view and page.view.state.stage is Stage.CONTENT

    def type_into(label: str, text: str) -> None:
        fields = shell.findChildren(QLineEdit)
        field = next(field for field in fields if field.isVisible() and field.accessibleName() == label)
        field.setFocus()
        field.selectAll()
        QTest.keyClicks(field, text)

    wait(lambda: front("SignIn"))
    QTest.keyClicks(shell.focusWidget(), PASSPHRASE)
    QTest.keyClick(shell.focusWidget(), Qt.Key.Key_Return)
    wait(lambda: front("Home"))

    shell.navigation.push("walk_in", activity_id="a1")
    wait(lambda: front("Form"))
    QTest.qWait(50)
    type_into("Nama lengkap", WALK_IN)
    QTest.keyClick(shell.focusWidget(), Qt.Key.Key_Escape)
    wait(lambda: front("Home"))

    kit.context.office.visits.begin("t2", "")
    shell.navigation.push("visit", target_id="t2")
    wait(lambda: front("Visit"))
    QTest.qWait(50)
    type_into("Catatan", NOTE)
    QTest.keyClick(shell.focusWidget(), Qt.Key.Key_Escape)
    wait(lambda: front("Home"))

    session = kit.context.recording.open("t1")
    kit.context.recording.give_notice(session.session_id, "id")
    shell.navigation.push("recording", session_id=session.session_id)
    wait(lambda: front("Recording"))
    QTest.qWait(50)
    type_into("Nama lengkap", NAME)
    # A timer fires after those that are due before it, and a task is done after those that were given before it.
    later, done = list[object](), list[object]()
    QTimer.singleShot(AFTER_MS + 100, lambda: later.append(None))
    wait(lambda: later)
    tasks.run(STORE, lambda: None, done.append, lambda _problem: None)
    wait(lambda: done)
    os.write(1, f"typed {session.session_id}\n".encode())
    qt.exec()
    del program


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
