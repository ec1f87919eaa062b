"""The program's window: a door to sign in at, the screens behind it, the status bar, the lock."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from fieldkit.domain.errors import Problem
from fieldkit.ports.messages import Messages
from fieldkit.services.context.app_context import Door
from ui.presenters.home.gauges import Gauges
from ui.presenters.home.sign_in import SignInPresenter
from ui.presenters.parts import Rail, StatusBar, Toast, Tone
from ui.presenters.presenter import Message, Presenter
from ui.presenters.printing import Printing
from ui.presenters.tasks import STORE, Changes, Tasks
from ui.runtime.navigation import Page
from ui.runtime.process import Interrupts, WindowGarbage
from ui.runtime.qt_application import qt_application
from ui.runtime.tasks import ExecutorTasks
from ui.runtime.theme import Catalog, Theme, ThemeContext
from ui.runtime.window_memory import WindowMemory
from ui.views.home.sign_in import SignInView
from ui.views.shell import Shell

if TYPE_CHECKING:
    from fieldkit.ports.exchange import WaysBack
    from fieldkit.services.context.app_context import AppContext
    from ui.presenters.finder import FinderPresenter
    from ui.presenters.home.status_bar import StatusBarPresenter
    from ui.presenters.people.lock import ScreenLock
    from ui.views.window.pages import SignedIn


class Laptop(NamedTuple):
    """What the window needs of the machine it runs on."""

    gauges: Gauges
    printing: Printing
    idle_minutes: int = 5
    ways_back: WaysBack | None = None  # of a home on which nobody can sign in; the demo has none


def build_window(shell: Shell, door: Door, tasks: Tasks, theming: ThemeContext, laptop: Laptop) -> Program:
    """Fill a shell with every screen and show the sign-in screen; `shell.show()` is the caller's."""
    return Program(shell, door, tasks, theming, laptop)


class Program:
    """Lets people in and out. It must live as long as its shell."""

    def __init__(self, shell: Shell, door: Door, tasks: Tasks, theming: ThemeContext, laptop: Laptop) -> None:
        self.shell, self._door, self._tasks, self._theming, self._laptop = shell, door, tasks, theming, laptop
        self._now: SignedIn | None = None
        self._status_bar: StatusBarPresenter | None = None
        self._lock: ScreenLock | None = None
        self._finder: FinderPresenter | None = None
        self._has_pages = False
        self._unlisten: Callable[[], None] = lambda: None
        shell.navigation.register("sign_in", lambda _: self._sign_in())
        if (ways := laptop.ways_back) is not None:
            shell.navigation.register("ways_back", lambda _: self._ways_back(ways))
        shell.navigation.changed.connect(self._refresh_status_bar)
        shell.activity_shown.connect(self._tell_activity)
        shell.finder_wanted.connect(self._find)
        shell.active.connect(self._touch)
        shell.active.connect(lambda: self._tell(lambda presenter: presenter.touch()))
        shell.field_left.connect(self._touch)
        shell.field_left.connect(lambda: self._tell(lambda presenter: presenter.settle()))
        shell.lock_wanted.connect(self._lock_now)
        shell.sign_out_wanted.connect(self._change_user)
        shell.closing.connect(self.close)
        shell.navigation.restart("sign_in")

    def signed_in(self) -> SignedIn:
        """Return the context of this moment. Raise `RuntimeError` while nobody is signed in."""
        if self._now is None:
            raise RuntimeError("nobody is signed in")
        return self._now

    def sign_out(self) -> None:
        """Lock the store and show the sign-in screen; open recordings stay on disk."""
        self._leave()
        self.shell.navigation.restart("sign_in")
        self._tasks.run(STORE, self._door.lock, lambda _: None, _ignore)

    def _change_user(self) -> None:
        if self._now is not None:
            self.shell.lock.close_overlay()
            self.sign_out()

    def _heed(self) -> None:
        """End the session of whom the office shut out, and say why."""
        why = self._now.sending.shut_out if self._now is not None else None
        if why is not None:
            self._end_for(why)

    def _end_for(self, why: Problem) -> None:
        self._change_user()
        self.shell.say(Toast(self._explained(why), Tone.BAD))

    def close(self) -> None:
        """Let go of devices, clocks and the run under way; the tasks can be shut after."""
        self._leave()
        self.shell.navigation.close()

    def _sign_in(self) -> Page:
        ways_back = (lambda: self.shell.navigation.push("ways_back")) if self._laptop.ways_back is not None else None
        presenter = SignInPresenter(self._door, self._tasks, self._enter, ways_back)
        return Page(presenter, SignInView(self._theming, presenter))

    def _ways_back(self, ways: WaysBack) -> Page:
        from ui.views.home.home import ways_back_page

        return ways_back_page(ways, self._tasks, self._theming, self._brought_back, self.shell.navigation.back)

    def _brought_back(self, told: Message) -> None:
        self.shell.navigation.back()
        self.shell.say(Toast(told))

    def _register_pages(self) -> None:
        from ui.views.window.pages import screen_factories

        printing, shell = self._laptop.printing, self.shell
        factories = screen_factories(self._door, self._tasks, shell, self._theming, printing, self.signed_in)
        for name, factory in factories.items():
            shell.navigation.register(name, factory)
        self.shell.lock.pin_entered.connect(self._try_pin)
        self.shell.lock.sign_out_wanted.connect(self._change_user)
        self._has_pages = True

    def _enter(self, context: AppContext) -> None:
        from ui.presenters.delivery.queue import Sending
        from ui.presenters.home.places import PlacesPresenter
        from ui.presenters.home.status_bar import StatusBarPresenter
        from ui.presenters.kept_picks import follow
        from ui.presenters.people.lock import FingerAtLock, ScreenLock
        from ui.views.window.pages import SignedIn

        if not self._has_pages:
            self._register_pages()
        sending = Sending(context, self._tasks)
        places = PlacesPresenter(context, self._tasks)
        self._now = SignedIn(context, sending, places)
        sending.listen(self._heed)
        self._status_bar = StatusBarPresenter(context, self._tasks, sending, self._laptop.gauges)
        self._status_bar.listen(self.shell.render_status_bar)
        places.listen(self.shell.render_rail)
        follow(self._theming.recent, context.drafts, self._tasks)
        self._unlisten = context.listen(Changes(self._tasks, self._written).note)
        self._lock = ScreenLock(
            self._door,
            self._tasks,
            cover=lambda: self._cover(context.user.name),
            uncover=self._uncover,
            refuse=self._refuse_pin,
            sign_out=self._end_for,
            finger=FingerAtLock(
                context.finger_lock, self._tasks, offer=self.shell.lock.offer_finger, refuse=self._refuse_finger
            ),
            idle_minutes=self._laptop.idle_minutes,
        )
        self._lock.start()
        factor = context.second_factor
        self.shell.navigation.restart("second_factor" if factor.must_begin else "home")
        if factor.is_offered and not factor.must_begin:
            self.shell.navigation.push("second_factor")
        if not context.time.verdict().is_fine:
            self.shell.navigation.push("clock")  # before anything is noted by a clock that nobody believes
        self._status_bar.start()

    def _leave(self) -> None:
        if self._now is not None:
            self._now.sending.pause()
            self._now.places.deafen()
            self.shell.render_rail(Rail())
        if self._status_bar is not None:
            self._status_bar.stop()
            self._status_bar.deafen()
        if self._lock is not None:
            self._lock.stop()
        for beside in self.shell.findChildren(QWidget):
            if beside.isWindow():  # the board of a queue would go on showing the numbers of this moment
                beside.close()
        self._unlisten()
        self._theming.recent.forget()
        self.shell.leave_finder()
        self._now, self._status_bar, self._lock, self._finder = None, None, None, None
        self.shell.render_status_bar(StatusBar())

    def _written(self, kinds: frozenset[str]) -> None:
        self.shell.navigation.tell(kinds)
        if self._status_bar is not None and self._status_bar.reads & kinds:
            self._status_bar.refresh()
        # Beranda hands over what it reads itself
        if self._now is not None and self._now.places.reads & kinds and self.shell.navigation.name != "home":
            self._now.places.refresh()

    def _refresh_status_bar(self) -> None:
        if self._status_bar is not None:
            self._status_bar.refresh()

    def _tell_activity(self, activity_id: str) -> None:
        if self._status_bar is not None:
            self._status_bar.tell_of(activity_id)

    def _find(self) -> None:
        """Open what finds everything; a recording is left by its own keys only."""
        if self._now is None or "recording" in self.shell.navigation.names:
            return
        shell = self.shell
        if self._finder is None:
            from ui.presenters.finder import FinderPresenter

            context, navigator = self._now.context, shell.navigation
            self._finder = FinderPresenter(context, self._tasks, navigator, self._theming.say, shell.go_to)
        self._finder.open(shell.rail, shell.commands)
        shell.finder.open_for(self._finder)

    def _touch(self) -> None:
        if self._lock is not None:
            self._lock.touch()

    def _tell(self, what: Callable[[Presenter[Any]], None]) -> None:
        page = self.shell.navigation.page
        if page is not None:
            what(page.presenter)

    def _cover(self, name: str) -> None:
        self._tell(lambda presenter: presenter.settle())
        self._tell(lambda presenter: presenter.rest())
        self.shell.leave_finder()
        self.shell.lock.lock(name)

    def _uncover(self) -> None:
        self.shell.lock.close_overlay()
        self._tell(lambda presenter: presenter.go_on())

    def _lock_now(self) -> None:
        if self._lock is not None:
            self._lock.lock()

    def _refuse_pin(self, problem: Problem) -> None:
        self.shell.lock.refuse(self._explained(problem))

    def _refuse_finger(self, problem: Problem) -> None:
        self.shell.lock.tell(self._explained(problem))

    def _explained(self, problem: Problem) -> Message:
        told = self._theming.catalog.explain(problem)
        return f"{told.what} {told.do}"

    def _try_pin(self, pin: str) -> None:
        if self._lock is not None:
            self._lock.try_pin(pin)


def _ignore(_problem: Problem) -> None:
    """Closing a store that is gone already leaves nothing to do."""


# The program as a whole on one machine: Qt, the look, the executors, the window.

_PAINTED_MS = 200  # the names to pick from are there by then


class Application:
    """Built once per process; `close` lets go of threads and devices before the store is locked."""

    def __init__(self, door: Door, messages: Mapping[str, Messages], language: str, laptop: Laptop) -> None:
        self.qt = qt_application()
        self._interrupts = Interrupts(self._leave)  # first: what is half built cannot be left
        self.theming = ThemeContext(Theme(self.qt), Catalog(messages))
        self.theming.catalog.choose(language)
        self.shell = Shell(self.theming)
        self.tasks = ExecutorTasks(on_bug=self._show_bug)
        self._garbage = WindowGarbage()
        self._hook = sys.excepthook
        sys.excepthook = self._caught
        self.program = build_window(self.shell, door, self.tasks, self.theming, laptop)
        self.bugs: list[BaseException] = []

    @property
    def presenter(self) -> Presenter[Any]:
        """Return the presenter of the screen in front."""
        page = self.shell.navigation.page
        assert page is not None
        return page.presenter

    @property
    def screen(self) -> str:
        """Return the name of the screen in front."""
        return self.shell.navigation.name

    def exec(self, memory: WindowMemory, once_shown: Callable[[], None]) -> int:
        """Show the window as it stood last time and serve until it is closed; call `once_shown` when it is painted."""
        memory.restore(self.shell, self.theming)
        self.shell.closing.connect(lambda: memory.keep(self.shell, self.theming))
        self.shell.show()
        QTimer.singleShot(_PAINTED_MS, once_shown)
        gc.freeze()
        return self.qt.exec()

    def _leave(self) -> None:
        self.shell.close()
        self.qt.quit()

    def close(self) -> None:
        """Leave every screen and wait for the executors."""
        self.program.close()
        self.tasks.shutdown()
        self._interrupts.end()
        self._garbage.end()
        sys.excepthook = self._hook

    def _caught(self, _kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
        self._show_bug(error)

    def _show_bug(self, error: BaseException) -> None:
        self.bugs.append(error)
        self.shell.show_bug(error)
