"""How long a screen of the office takes to stand there, in an office that has worked for years."""

from __future__ import annotations

import gc
import os
import statistics
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from support.activities import add_activity
from support.app_context import TARGETS, TODAY
from support.sarpras import THINGS
from support.stopwatch import timed
from support.tasks import SameThread
from support.whole_office import PEOPLE, WholeOffice, whole_office

from fieldkit.app.bootstrap.catalogue import LANGUAGES, field_catalogue
from fieldkit.app.bootstrap.sop_profiles import own_profiles
from fieldkit.domain.letters.letter import Letter
from fieldkit.domain.nik import Nik
from fieldkit.domain.people import Role
from fieldkit.domain.sarpras import SarprasItem
from fieldkit.ports.devices import DeviceKind
from tests.benchmarks.goals import SCREEN_MS
from ui.presenters.parts import Stage
from ui.presenters.tasks import COMPUTE, device_executor
from ui.runtime.process import collect_due
from ui.runtime.theme import Catalog, Theme, ThemeContext
from ui.views.shell import Shell

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
ACTIVITIES, LETTERS, ITEMS, PEOPLE_LISTED = 300, 2_000, 500, 10_000
TURNS = 3


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WholeOffice]:
    made = whole_office(tmp_path_factory.mktemp("years"))
    kit, profiles = made.kit, own_profiles()
    for number in range(ACTIVITIES):
        profile = profiles[number % len(profiles)]
        add_activity(kit, f"Desa {number}", profile, TODAY - timedelta(days=number), done=number % 5)
    with kit.store.write() as unit:
        model = unit.repository(Letter).get(made.letters["issued"])
        unit.repository(Letter).save_all(
            replace(model, thing_id=f"l{n}", activity_id=f"Desa {n % ACTIVITIES}", number=f"090/{n}/2026")
            for n in range(LETTERS)
        )
        unit.repository(SarprasItem).save_all(
            SarprasItem(f"x{number}", THINGS[number % 8][1], f"{THINGS[number % 8][2]} {number}", f"SN-{number:05}")
            for number in range(ITEMS)
        )
        unit.targets.save(
            replace(
                TARGETS[number % 7],
                target_id=f"n{number}",
                house=10 + number,
                biodata=replace(TARGETS[number % 7].biodata, nik=Nik(f"35051212{number % 9 + 1:02}70{number:04}")),
            )
            for number in range(PEOPLE_LISTED)
        )
    gc.freeze()  # what the tests hold is not the program's to go through
    gc.disable()  # as `WindowGarbage` does
    yield made
    gc.enable()
    gc.unfreeze()
    kit.store.close()


@pytest.mark.parametrize("role", [Role.KASI, Role.KETUA_TIM])
def test_every_screen_of_the_office_stands_at_once(
    qapp: QApplication, qtbot: QtBot, office: WholeOffice, role: Role, capsys: pytest.CaptureFixture[str]
) -> None:
    theming = ThemeContext(Theme(qapp), Catalog({language: field_catalogue(language) for language in LANGUAGES}))
    shell = Shell(theming)
    qtbot.addWidget(shell)
    context = office.kit.context_of(PEOPLE[role])
    executors = SameThread(device_executor(DeviceKind.SIGNATURE_PAD.value), COMPUTE)
    factories = office.factories(lambda: context, executors, shell.navigation, theming)
    for name, factory in factories.items():
        shell.navigation.register(name, factory)
    shell.show()
    took = {}
    for name in factories:
        times = [opened_ms(shell, office, name, executors) for _ in range(TURNS + 1)][
            1:
        ]  # the first loads its libraries
        took[name] = statistics.median(times)
    shell.navigation.close()
    with capsys.disabled():
        shown = ", ".join(f"{name} {ms:.0f}" for name, ms in sorted(took.items(), key=lambda pair: -pair[1]))
        print(f"\n  screens of {role.value}, ms: {shown}")
    assert {name: ms for name, ms in took.items() if ms > SCREEN_MS} == {}


class Painted(QObject):
    """Counts how often a screen is painted."""

    def __init__(self) -> None:
        super().__init__()
        self.times = 0

    def eventFilter(self, _screen: QObject, event: QEvent) -> bool:  # noqa: N802 – Qt's name
        self.times += event.type() is QEvent.Type.Paint
        return False


def opened_ms(shell: Shell, office: WholeOffice, name: str, executors: SameThread) -> float:
    """Return the time from the key until the screen is painted with its content; store and window share a thread.

    As in the program: the screen before it is destroyed first, the loop paints it, garbage is collected in between.
    What is computed beside it, a page of a letter or the verdict on one, comes into a screen that stands already.
    """

    painted = Painted()

    def stand() -> None:
        shell.navigation.restart(name, **office.params(name))
        assert shell.navigation.page is not None
        shell.navigation.page.view.installEventFilter(painted)
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # only a loop that runs does it by itself
        QApplication.processEvents()

    took = timed(stand).real * 1000
    collect_due()
    page = shell.navigation.page
    assert page is not None
    assert painted.times
    assert page.presenter.state.stage in (Stage.CONTENT, Stage.EMPTY, Stage.BUSY)
    executors.release(COMPUTE)
    assert page.presenter.state.stage in (Stage.CONTENT, Stage.EMPTY)
    return took
