"""A form that is a place of work: it is read anew, and what stands around its fields follows what is typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from fieldkit.domain.errors import Problem
from ui.presenters.form import Drafting, Form, FormField, FormPresenter, Left, Pick, texts_of
from ui.presenters.lists import Panel
from ui.presenters.parts import Bar, Empty, Stage, leave, unread
from ui.presenters.presenter import Command, Message, Navigator, Operation
from ui.presenters.tasks import STORE, Tasks

ABOUT = "about"  # of a draft, beside the fields


@dataclass(frozen=True, slots=True)
class Filled:
    """The form as it stands there now; `keep` accepts it, and so does an operation that is handed to `accept`."""

    texts: Mapping[str, str]
    is_changed: bool
    keep: Callable[[], None]
    choose: Callable[[str, str], None]
    reload: Callable[[], None]
    accept: Callable[[Operation[Any]], None]


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around the fields: `commands` is the bar, the one of Enter last."""

    commands: tuple[Command, ...] = ()
    side: tuple[Panel, ...] = ()
    below: tuple[Panel, ...] = ()
    where: Message = ""  # the status bar
    empty: Empty | None = None  # in place of everything
    is_open: bool = True  # the fields may be filled
    title: Message = ""  # where it is known only now what the form is about, and more of it below
    hint: Message = ""
    note: Message = ""  # in the bar


def _alone(_tell: Callable[[], None]) -> Callable[[], None]:
    return lambda: None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkForm(Form):
    """A form with what stands `around` it, loaded when it comes to the front and when what it `reads` is written.

    What was typed stays as long as the form is `about` the same, and is no draft of anything else. `follow` begins to
    listen to what moves around it, while it is in front, and returns what stops it.
    """

    around: Callable[[Filled], Around]
    about: Callable[[], str]
    reads: frozenset[str] = frozenset()
    follow: Callable[[Callable[[], None]], Callable[[], None]] = _alone
    told: Callable[[Any], Message] = lambda _kept: ""  # the toast
    give_up: Callable[[], None] = lambda: None  # what Esc means while a device is waited for
    keeps_every_ms: int = 0  # with this what stands there is kept by itself, and on leaving


class WorkFormPresenter(FormPresenter):
    """Enter keeps what stands there, and the form goes on."""

    def __init__(self, form: WorkForm, tasks: Tasks, navigator: Navigator, drafting: Drafting) -> None:
        super().__init__(form, tasks, navigator, drafting)
        self._work = form
        self._about: str | None = None  # None until it was read
        self._reading: object = None  # the last reading under way: what is about the fields is already its own
        self._unfollow: Callable[[], None] = lambda: None
        self._stop_keeping: Callable[[], None] = lambda: None

    @property
    def reads(self) -> frozenset[str]:
        """Return what stands on the form and around it."""
        return self._work.reads

    def start(self) -> None:
        """Read the form anew."""
        self._let_go()
        self._unfollow = self._work.follow(self._show_around)
        if self._work.keeps_every_ms:
            self._stop_keeping = self._tasks.every(self._work.keeps_every_ms, self._keep_by_itself)
        self.refresh()

    def refresh(self) -> None:
        """Read the form anew; what was typed stays."""
        reading = self._reading = object()

        def last(tell: Callable[[Any], None]) -> Callable[[Any], None]:
            return lambda told: tell(told) if reading is self._reading else None

        self._tasks.run(
            STORE, lambda: (self._work.load(), self._drafting.read()), last(self._loaded), last(self._failed)
        )

    def stop(self) -> None:
        """Keep what was typed; stop listening."""
        self._let_go()
        if self._work.keeps_every_ms:
            self._keep_by_itself()
        super().stop()

    def _let_go(self) -> None:
        self._unfollow()
        self._stop_keeping()

    def typed(self) -> Mapping[str, str]:
        """Return the fields that stand otherwise than they were loaded, and what they are about."""
        told = super().typed()
        return {**told, ABOUT: self._about} if told and self._about else told

    def fill(self, fields: Mapping[str, str]) -> None:
        """Show the form as it was loaded, but for these fields; a draft about something else is passed over."""
        super().fill(fields if fields.get(ABOUT, "") == (self._about or "") else {})
        self._show_around()

    def type(self, name: str, text: str) -> None:
        """Take a keystroke where the fields may be filled."""
        if self.state.is_open:
            super().type(name, text)

    def choose(self, name: str, choice: str) -> None:
        """Choose one, or take it back."""
        field = next(field for field in self.state.fields if field.name == name)
        if field.pick is Pick.DIGITS and field.text == choice:
            self.type(name, "")
        elif self.state.is_open:
            super().choose(name, choice)

    def accept(self) -> None:
        """Keep what stands there, unless Enter is refused."""
        actions = self.state.bar.actions
        if self.state.stage is Stage.CONTENT and actions and not actions[-1].refused:
            values = texts_of(self.state.fields)
            self._keep_typed(Operation(work=lambda: self._work.keep(values), told=self._work.told, done=self._kept))

    def back(self) -> None:
        """Give up waiting, or leave; what was typed waits."""
        if self.state.stage is Stage.BUSY:
            self._work.give_up()
        else:
            super().back()

    def _accept(self, operation: Operation[Any]) -> None:
        """Perform an operation that accepts what stands there."""

        def done(result: Any) -> None:
            self._begun = self.state.fields
            operation.done(result)

        self._keep_typed(replace(operation, done=done))

    def _keep_by_itself(self) -> None:
        if not self.state.is_open or not self.typed() or self._is_operating or self._drafting.is_accepting:
            return
        fields, values = self.state.fields, texts_of(self.state.fields)

        def kept(_kept: object) -> None:
            self._drafting.accepted({})
            self._begun = fields
            self._become(replace(self.state, restored=""))
            self._edited()  # what was typed meanwhile

        self._tasks.write(self._drafting.accepting(lambda: self._work.keep(values), {}), self._stopped, kept)

    def _kept(self, kept: object) -> None:
        self._begun = self.state.fields
        self._work.go_on(self._navigator, kept)
        self.refresh()

    def _loaded(self, found: tuple[tuple[FormField, ...], Left | None]) -> None:
        self._reading = None
        typed, is_again = self.typed(), self._about == self._work.about()
        (self._begun, left), self._about = found, self._work.about()
        self._become(replace(self.state, stage=Stage.CONTENT, problem=None, retry=None))
        self.fill(typed if is_again else {})
        if not is_again:
            self._restore(left)
        elif not self.typed():  # what is kept has caught up with it
            self._drafting.note({})

    def _change(self, name: str, change: Callable[[FormField], FormField]) -> None:
        super()._change(name, change)
        self._show_around()

    def _show_around(self) -> None:
        """Show what stands around the fields as they are filled now."""
        if self._about is None or self._reading is not None:
            return
        texts, is_changed = texts_of(self.state.fields), bool(self.typed())
        around = self._work.around(Filled(texts, is_changed, self.accept, self.choose, self.refresh, self._accept))
        self._bar = Bar(leave(self.back), around.commands, around.note)
        stage = Stage.EMPTY if around.empty is not None else self.state.stage
        shown = replace(self.state, stage=stage, bar=self._bar, where=around.where, empty=around.empty)
        shown = replace(shown, title=around.title or self._work.title, hint=around.hint or self._work.hint)
        self._become(replace(shown, side=around.side, below=around.below, is_open=around.is_open))

    def _failed(self, problem: Problem) -> None:
        self._reading = None
        self._become(unread(self.state, problem, self))
