"""A form: fields that somebody fills, kept together or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from functools import partial
from itertools import count
from typing import Any, TypeAlias, TypeVar

from fieldkit.domain.errors import Problem
from fieldkit.domain.people import Permission
from fieldkit.domain.typed import Draft, DraftName
from fieldkit.services.context.app_context import AppContext
from ui.presenters.amounts import moment_text
from ui.presenters.lists import Panel
from ui.presenters.operating import OperatingPresenter
from ui.presenters.parts import Bar, Choice, Stage, Toast, Tone, ViewState, leave
from ui.presenters.presenter import Action, Command, Message, Navigator, Operation, Weight, enter, message
from ui.presenters.readers import BETWEEN_FILES, photo_text
from ui.presenters.tasks import COMPUTE, STORE, Tasks
from ui.presenters.viewfinder import Sight, Viewfinder

# A screen on which something is typed: until it is accepted it is kept as a draft and stands there again next time.

T = TypeVar("T")
V = TypeVar("V", bound=ViewState)

AFTER_MS = 500  # since the last key; a write costs the flash card one fsync


@dataclass(frozen=True, slots=True)
class Left:
    """What was read of a draft: its fields, and since when they wait in words."""

    fields: Mapping[str, str]
    words: Message


class Drafting:
    """Writes what is typed on one form into the store: some time after the last key, and at once when told to."""

    def __init__(self, context: AppContext, tasks: Tasks, name: DraftName) -> None:
        self._drafts, self._clock, self._tasks, self._name = context.drafts, context.clock, tasks, name
        self._kept: Mapping[str, str] | None = {}  # as it stands in the store, None when that is not sure
        self._waiting: Mapping[str, str] | None = None
        self._is_accepting = False
        self.words: Message = ""  # since when the draft waits
        self._stop_timer: Callable[[], None] = lambda: None
        self.refused: Callable[[Problem], None] = lambda _problem: None  # told when the store takes nothing

    def read(self) -> Left | None:
        """Return what was left on the form; on the executor of the store."""
        draft: Draft | None = self._drafts.find(self._name)
        if draft is None:
            return None
        self._kept = draft.fields
        self._say_since(draft.at)
        return Left(draft.fields, self.words)

    def note(self, fields: Mapping[str, str]) -> None:
        """Take what stands on the form now; nothing of it is a form as it was."""
        if self._is_accepting:
            return
        self._stop_timer()
        self._waiting = dict(fields) if fields != self._kept else None
        if self._waiting is not None:
            self._stop_timer = self._tasks.every(AFTER_MS, self.settle)

    def settle(self) -> None:
        """Write what waits, now."""
        self._write(self._drafts.keep)

    def _write(self, keep: Callable[[DraftName, Mapping[str, str]], None]) -> None:
        self._stop_timer()
        fields, self._waiting = self._waiting, None
        if fields is not None:
            self._kept = fields
            self._say_since(self._clock.now())
            self._tasks.write(lambda: keep(self._name, fields), self._not_kept)

    def accepting(self, act: Callable[[], T], left: Mapping[str, str]) -> Callable[[], T]:
        """Return `act` for the executor of the store: once it has succeeded only what is `left` stays a draft."""
        self._write(self._drafts.hold)
        self._is_accepting = True

        def accepted() -> T:
            result = act()
            self._drafts.keep(self._name, left)
            return result

        return accepted

    def accepted(self, left: Mapping[str, str]) -> None:
        """Go on after an act that succeeded."""
        self._is_accepting, self._kept = False, left

    @property
    def is_accepting(self) -> bool:
        """Return whether an act is under way."""
        return self._is_accepting

    def not_accepted(self) -> None:
        """Go on after an act that was refused: everything typed is still a draft."""
        if self._is_accepting and self._kept:
            self._waiting = self._kept
            self.settle()
        self._is_accepting = False

    def _say_since(self, at: datetime) -> None:
        self.words = message("isian.restored", at=moment_text(self._clock.local(at)))

    def _not_kept(self, problem: Problem) -> None:
        self._kept = None
        self.refused(problem)


class DraftedPresenter(OperatingPresenter[V]):
    """Base of the screens with fields. Nothing typed is lost by Esc, by the lock or by a stop of the program."""

    def __init__(self, state: V, tasks: Tasks, drafting: Drafting) -> None:
        super().__init__(state, tasks)
        self._drafting = drafting
        self._thrown: tuple[Mapping[str, str], Message] | None = None
        drafting.refused = self._draft_refused

    def typed(self) -> Mapping[str, str]:
        """Return the fields that stand there otherwise than what is kept; none when there is nothing to accept."""
        raise NotImplementedError

    def fill(self, fields: Mapping[str, str]) -> None:
        """Show the form as it began, but for these fields; what does not fit any more is passed over."""
        raise NotImplementedError

    def settle(self) -> None:
        """Keep what was typed, at once: the field, the screen or the program is being left."""
        self._drafting.settle()

    def stop(self) -> None:
        """Keep what was typed."""
        self.settle()

    def throw_away(self) -> None:
        """Show the form as it began and forget what was left on it."""
        if not self.state.restored or self.state.stage is not Stage.CONTENT:
            return
        self._thrown = (dict(self.typed()), self.state.restored)
        self.fill({})
        self._keep_at_once()
        undo = Command("take_back", message("common.undo"), Action.THROW_AWAY, runs=self.take_back)
        toast = Toast(message("isian.thrown"), Tone.NEUTRAL, undo)
        self._become(replace(self.state, restored="", toast=toast))

    def take_back(self) -> None:
        """Bring back what was thrown away a moment ago."""
        if self._thrown is not None:
            fields, words = self._thrown
            self._thrown = None
            self.fill(fields)
            self._keep_at_once()
            self._become(replace(self.state, restored=words, toast=None))

    def _edited(self) -> None:
        """Call after each key and each choice."""
        self._thrown = None
        self._drafting.note(self.typed())

    def _keep_at_once(self) -> None:
        self._drafting.note(self.typed())
        self._drafting.settle()

    def _restore(self, left: Left | None) -> None:
        """Call when the form was read: what was left on it stands there again, and a line says so."""
        if left is None:
            return
        self.fill(left.fields)
        if self.typed():
            self._become(replace(self.state, restored=left.words))
        else:  # what is kept has caught up with it
            self._drafting.note({})

    def _keep_typed(self, operation: Operation[Any], left: Mapping[str, str] | None = None) -> None:
        """Perform an operation that accepts what was typed; once it has succeeded only what is `left` stays a draft."""
        if self._is_operating:
            return
        rest = left or {}

        def done(result: Any) -> None:
            self._drafting.accepted(rest)
            self._become(replace(self.state, restored=""))
            operation.done(result)

        self._operate(replace(operation, work=self._drafting.accepting(operation.work, rest), done=done))

    def _stopped(self, problem: Problem) -> None:
        self._drafting.not_accepted()
        super()._stopped(problem)

    def _draft_refused(self, problem: Problem) -> None:
        self._become(replace(self.state, problem=problem))


SAVE = message("common.save")
SEPARATOR = " "  # between the chosen names of one field; names are ids without blanks


class Pick(Enum):
    """How a field is chosen from."""

    GRID = "grid"  # the choices stand side by side
    DIGITS = "digits"  # as GRID, but the digits choose too; of a `WorkForm` the chosen one once more is none
    TYPED = "typed"  # by a part of its words or its code, one of many
    OPEN = "open"  # as TYPED, but what is not among the choices may be typed


@dataclass(frozen=True, slots=True)
class FormField:
    """One field. With `choices` it is chosen from, else typed; `text` holds the names of what is chosen."""

    name: str
    label: Message
    text: str = ""
    hint: Message = ""
    choices: tuple[Choice, ...] = ()
    is_many: bool = False  # several of the choices may be chosen
    problem: Message = ""  # what is wrong with it
    is_secret: bool = False  # typed unseen
    pick: Pick = Pick.GRID
    is_file: bool = False  # typed as a path, dropped, or chosen from a disk; with `is_many` several, between semicolons
    is_paper: bool = False  # as `is_file`, or photographed
    is_asked: bool = True  # else it keeps its text and its place, out of sight
    is_long: bool = False  # typed in several lines
    refused: Message = ""  # why it is locked

    @property
    def chosen(self) -> tuple[str, ...]:
        """Return the names that are chosen."""
        return tuple(self.text.split(SEPARATOR)) if self.text else ()

    def offering(self, choices: tuple[Choice, ...]) -> FormField:
        """Return the field with other choices; what was chosen and is still there stays, else the first of one."""
        names = [choice.name for choice in choices]
        kept = SEPARATOR.join(name for name in self.chosen if name in names)
        return replace(self, text=kept or ("" if self.is_many else names[0]), choices=choices)


def says(field: FormField) -> str:
    """Return what a field says: of several lines those that are not blank."""
    return "\n".join(filter(None, map(str.strip, field.text.splitlines()))) if field.is_long else field.text


def texts_of(fields: Iterable[FormField]) -> dict[str, str]:
    """Return what stands in the fields, by their names."""
    return {field.name: field.text for field in fields}


@dataclass(frozen=True, slots=True)
class Labels:
    """Makes the fields of a form whose labels are the phrases `key` + name, and whose hints begin with `hints`."""

    key: str
    hints: str = ""

    def __call__(
        self,
        name: str,
        text: str = "",
        hint: str = "",
        choices: tuple[Choice, ...] = (),
        *,
        is_many: bool = False,
        is_paper: bool = False,
        is_secret: bool = False,
    ) -> FormField:
        """Return a field; `hint` is a key too."""
        said: Message = message(f"{self.hints}{hint}") if hint else ""
        label = message(f"{self.key}{name}")
        return FormField(name, label, text, said, choices, is_many, is_paper=is_paper, is_secret=is_secret)


@dataclass(frozen=True, slots=True)
class Wrong:
    """The field that was found wrong. Each one takes the keyboard once."""

    name: str
    serial: int = field(default_factory=count(1).__next__, repr=False)


@dataclass(frozen=True, slots=True)
class Pages:
    """What is read while a form is filled: pages as pictures, and what is to be said of them."""

    pages: tuple[bytes, ...] = field(default=(), repr=False)
    note: Message = ""


@dataclass(frozen=True, slots=True)
class Beside:
    """Brings the pages beside a form: `read` on the executor of the store, `draw` away from it."""

    read: Callable[[], Any]
    draw: Callable[[Any], Pages]


@dataclass(frozen=True, slots=True)
class Form:
    """What a form asks and what becomes of it. `load` and `keep` run on the executor of the store."""

    title: Message
    load: Callable[[], tuple[FormField, ...]]
    keep: Callable[[Mapping[str, str]], object]
    hint: Message = ""
    save: Message = SAVE
    go_on: Callable[[Navigator, Any], None] = lambda navigator, _kept: navigator.back()  # where what was kept leads
    adapt: Callable[[tuple[FormField, ...]], tuple[FormField, ...]] = lambda fields: fields  # one field follows another
    beside: Beside | None = None
    weight: Weight = Weight.PRIMARY  # of its button: DANGER where something is taken away
    wide: Mapping[str, int] | None = None  # the fields stand in four columns; which of them take more than one

    def for_whom(self, context: AppContext, permission: Permission, why: Message) -> Form:
        """Return the form, for who may not fill it one that asks nothing and tells nothing but why."""
        return self if context.user.may(permission) else closed_form(context, self.title, permission, why)


def closed_form(context: AppContext, title: Message, permission: Permission, why: Message) -> Form:
    """Return a form for who may not fill it: it asks nothing and tells nothing but why."""
    return Form(title, lambda: (), lambda _values: context.office.units.demand(permission), why)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormState(ViewState):
    """The fields as filled so far."""

    title: Message = ""
    hint: Message = ""
    fields: tuple[FormField, ...] = ()
    wrong: Wrong | None = None
    beside: Pages = Pages()
    photo: Sight | None = None  # of a paper, which takes the place of the fields
    side: tuple[Panel, ...] = ()  # of a `WorkForm`, as all below
    below: tuple[Panel, ...] = ()
    is_open: bool = True


LookThrough: TypeAlias = Callable[[Callable[[Sight], None]], Viewfinder]


class FormPresenter(DraftedPresenter[FormState]):
    """Takes what is typed and keeps it on Enter; until then it is a draft that Esc leaves where it is.

    A paper may be photographed: the photo has a name in its field, and stands under it among the typed texts. So it is
    kept with them in the encrypted store, and goes with them.
    """

    def __init__(
        self, form: Form, tasks: Tasks, navigator: Navigator, drafting: Drafting, camera: LookThrough | None = None
    ) -> None:
        state = FormState(stage=Stage.LOADING, title=form.title, hint=form.hint, bar=Bar(leave(self.back)))
        super().__init__(state, tasks, drafting)
        self._form, self._tasks, self._navigator = form, tasks, navigator
        self._begun: tuple[FormField, ...] = ()
        self._camera = camera(self._seen) if camera is not None else None
        self._photographed = ""  # the field that the photo is for
        self._photos: dict[str, str] = {}  # base64 by the name in the field

    def start(self) -> None:
        """Load the fields and what was left on them; what was typed stays when the screen comes back."""
        if self.state.photo is not None:
            if not self.state.photo.jpeg:
                self.look_again()
        elif not self.state.fields:
            self._tasks.run(STORE, lambda: (self._form.load(), self._drafting.read()), self._loaded, self._failed)

    def typed(self) -> Mapping[str, str]:
        """Return the fields that stand otherwise than they were loaded."""
        begun = {each.name: says(each) for each in self._begun}
        changed = (each for each in self.state.fields if says(each) != begun.get(each.name, "") and not each.is_secret)
        return {**texts_of(changed), **self._named_photos()}

    def fill(self, fields: Mapping[str, str]) -> None:
        """Show the form as it was loaded, but for these fields."""
        self._photos |= {name: text for name, text in fields.items() if name not in {each.name for each in self._begun}}
        filled = tuple(_filled(field, fields) for field in self._begun)
        shown = tuple(_filled(field, fields) for field in self._form.adapt(filled))  # a field may come with another
        self._become(replace(self.state, fields=shown, problem=None, wrong=None))

    def type(self, name: str, text: str) -> None:
        """Take a keystroke."""
        self._change(name, lambda field: replace(field, text=text))

    def choose(self, name: str, choice: str) -> None:
        """Choose one, or one more, or one less."""

        def chosen(field: FormField) -> FormField:
            if not field.is_many:
                return replace(field, text=choice)
            had = field.chosen
            left = tuple(one for one in had if one != choice) if choice in had else (*had, choice)
            return replace(field, text=SEPARATOR.join(left))

        self._change(name, chosen)

    def accept(self) -> None:
        """Keep the form and go where that leads; what is wrong stands at its field, or above where none is alone."""
        if self.state.photo is not None:
            self._accept_photo(self.state.photo)
        elif self.state.stage is Stage.CONTENT:
            values = {**self._named_photos(), **texts_of(self.state.fields)}
            follow = partial(self._form.go_on, self._navigator)
            self._keep_typed(Operation(work=lambda: self._form.keep(values), done=follow))

    def back(self) -> None:
        """Leave; what was typed waits for the next time. From the camera go back to the fields."""
        if self.state.photo is not None:
            self._put_camera_away()
        else:
            self._navigator.back()

    def stop(self) -> None:
        """Keep what was typed; let go of the camera."""
        super().stop()
        if self._camera is not None:
            self._camera.release()

    def photograph(self, name: str) -> None:
        """Photograph a paper for a field instead of naming a file."""
        if self.state.stage is Stage.CONTENT:
            self._photographed = name
            self.look_again()

    def look_again(self) -> None:
        """Show what the camera sees, to take a paper or to take it once more."""
        if self._camera is not None:
            self._seen(Sight())
            self._camera.look()

    def _seen(self, photo: Sight) -> None:
        self._become(replace(self.state, photo=photo, bar=self._bar_of(photo), problem=None))

    def _bar_of(self, photo: Sight) -> Bar:
        back = leave(self.back)
        again = Command("repeat", message("common.repeat"), Action.REPEAT, runs=self.look_again)
        if photo.jpeg:
            return Bar(back, (again, enter(message("foto.use"), self.accept)))
        refused = "" if photo.is_live else message("sarpras.no_picture")
        take = enter(message("sarpras.take_photo"), self.accept, refused)
        return Bar(back, (replace(again, words=message("common.try_again")), take) if photo.away else (take,))

    def _accept_photo(self, photo: Sight) -> None:
        if not photo.jpeg:
            if self._camera is not None and photo.is_live:
                self._camera.take()
            return
        name = next(name for at in count(1) if (name := f"foto-{at}.jpg") not in self._photos)
        self._photos[name] = photo_text(photo.jpeg)
        field = next(each for each in self.state.fields if each.name == self._photographed)
        before = field.text.strip().rstrip(BETWEEN_FILES) if field.is_many else ""
        self._put_camera_away()
        self.type(field.name, f"{before}{BETWEEN_FILES} {name}" if before else name)
        self.settle()

    def _put_camera_away(self) -> None:
        if self._camera is not None:
            self._camera.release()
        self._become(replace(self.state, photo=None, bar=self._bar, wrong=Wrong(self._photographed)))

    def _named_photos(self) -> dict[str, str]:
        """Return the photos that a field still names; the others are forgotten with the draft."""
        texts = (field.text.split(BETWEEN_FILES) for field in self.state.fields if field.is_paper)
        named = {each.strip() for text in texts for each in text}
        return {name: text for name, text in self._photos.items() if name in named}

    def _loaded(self, found: tuple[tuple[FormField, ...], Left | None]) -> None:
        self._begun, left = found
        save = replace(enter(self._form.save, self.accept), weight=self._form.weight)
        bar = self._bar = Bar(leave(self.back), (save,))
        self._become(replace(self.state, stage=Stage.CONTENT, fields=self._begun, bar=bar))
        self._restore(left)
        if (beside := self._form.beside) is not None:  # the fields can be filled before the pages are drawn
            self._tasks.run(STORE, beside.read, partial(self._draw, beside), self._not_drawn)

    def _draw(self, beside: Beside, found: object) -> None:
        def drawn(pages: Pages) -> None:
            self._become(replace(self.state, beside=pages))

        self._tasks.run(COMPUTE, lambda: beside.draw(found), drawn, self._not_drawn)

    def _not_drawn(self, problem: Problem) -> None:
        self._become(replace(self.state, problem=problem))

    def _change(self, name: str, change: Callable[[FormField], FormField]) -> None:
        fields = tuple(
            change(replace(field, problem="")) if field.name == name else field for field in self.state.fields
        )
        self._become(replace(self.state, fields=self._form.adapt(fields), problem=None, wrong=None))
        self._edited()

    def _stopped(self, problem: Problem) -> None:
        super()._stopped(problem)
        name = problem.field_name
        told = {field.name: problem if field.name == name else "" for field in self.state.fields}
        fields = tuple(replace(field, problem=told[field.name]) for field in self.state.fields)
        if name in told:
            self._become(replace(self.state, fields=fields, problem=None, wrong=Wrong(name)))
        else:
            self._become(replace(self.state, fields=fields))

    def _failed(self, problem: Problem) -> None:
        self._become(replace(self.state, stage=Stage.ERROR, problem=problem))


def _filled(field: FormField, fields: Mapping[str, str]) -> FormField:
    """Return the field with what was left on it; what can no longer be chosen is passed over."""
    text = fields.get(field.name)
    if text is None:
        return field
    names = {choice.name for choice in field.choices if field.pick is not Pick.OPEN}
    if names and field.is_many:
        text = SEPARATOR.join(one for one in text.split(SEPARATOR) if one in names)
    elif names and text not in names:
        return field
    return replace(field, text=text)
