"""A letter: its form at the left, its page at the right as it would be printed; issue, number, print, keep, void."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from fieldkit.domain.errors import InputError, Problem
from fieldkit.domain.letters.fields import BY_TTE, OF_RECORDS, fields_of
from fieldkit.domain.letters.forms import PERSON, Field, Form, as_text, empty, from_text
from fieldkit.domain.letters.letter import Letter, LetterState
from fieldkit.domain.letters.official_forms import OFFICIAL_FORMS
from fieldkit.domain.people import Permission
from fieldkit.domain.recording.capture import Sample
from fieldkit.domain.typed import DraftName
from fieldkit.ports.devices import SignaturePad, StrokeSink
from fieldkit.services.context.app_context import AppContext
from ui.presenters.amounts import moment_text
from ui.presenters.form import DraftedPresenter, Drafting, FormField, Left
from ui.presenters.letters.letters import kind_words, paper_of, state_tag
from ui.presenters.parts import Bar, Choice, Stage, Tag, Toast, Tone, ViewState, leave
from ui.presenters.presenter import Action, Command, Message, Navigator, Operation, Weight, enter, message, opens
from ui.presenters.printing import Paper, Printing, brought_out, keep, print_or_keep
from ui.presenters.tasks import COMPUTE, STORE, Tasks
from ui.presenters.viewfinder import PadSigning, SigningState

# Tanda tangan di alat: the people whom a paper names sign it one after the other.


class LetterInkPresenter(PadSigning):
    """Asks who stands here as long as somebody has not signed; then goes back to the paper."""

    def __init__(
        self,
        context: AppContext,
        tasks: Tasks,
        navigator: Navigator,
        letter_id: str,
        ink: StrokeSink,
        screen: SignaturePad | None = None,
    ) -> None:
        state = SigningState(stage=Stage.LOADING, title=message("surat.ink"))
        super().__init__(context, tasks, navigator, ink, screen, state, message("surat.ink_accept"))
        self._letter_id, self._place = letter_id, ""

    def start(self) -> None:
        """Read who has not signed yet."""
        if self._place:
            self._await_signature()
            return
        waiting = self._context.office.inks.waiting
        self._tasks.run(STORE, lambda: waiting(self._letter_id), self._ask, self._failed)

    def accept(self, _passphrase: str = "") -> None:
        """Let whom was chosen sign, or keep what was drawn."""
        if self._place:
            self._keep()
        elif self.state.chosen:
            self._place = self.state.chosen
            self._take(next(str(each.words) for each in self.state.people if each.name == self._place))

    def _ask(self, waiting: Mapping[str, str]) -> None:
        people = tuple(
            Choice(place, name, message(f"surat.ink_{place.rstrip(_DIGITS)}")) for place, name in waiting.items()
        )
        self._become(
            replace(
                self.state,
                stage=Stage.CONTENT,
                people=people,
                chosen=people[0].name if people else "",
                signer="",
                ink=None,
                hint=message("surat.ink_who" if people else "surat.ink_nobody"),
                bar=Bar(leave(self.back), (enter(message("common.to_sign"), self.accept),) if people else ()),
            )
        )

    def _keep_sample(self, sample: Sample) -> object:
        return self._context.office.inks.sign(self._letter_id, self._place, sample)

    def _kept(self) -> None:
        self._place = ""
        self.start()


_DIGITS = "0123456789"


# The form of a letter: each field as text, what is wrong with it, and the values that were typed.

_LONG = (Form.TEXT, Form.LINES, Form.ROWS)


@dataclass(frozen=True, slots=True)
class LetterField(FormField):
    """A field of a letter."""

    columns: tuple[Message, ...] = ()  # of a table that is typed one row a line


class LetterForm:
    """What was typed into the fields of one letter."""

    def __init__(self, letter: Letter) -> None:
        self.letter = letter  # as it is kept
        self._fields = {field.name: field for field in fields_of(letter.letter) if field.is_shown}
        self._texts = {
            name: as_text(field, letter.fields.get(name, empty(field.form))) for name, field in self._fields.items()
        }
        self._problems: dict[str, Message] = {}
        self.changes: dict[str, Any] = {}  # values that are not kept yet

    @property
    def names(self) -> frozenset[str]:
        """Return the fields that can be typed into."""
        return frozenset(self._fields)

    def type_into(self, name: str, text: str) -> bool:
        """Take what was typed; return whether the letter says something else now."""
        field = self._fields[name]
        self._texts[name] = text
        try:
            value = from_text(self.letter.letter, field, text)
        except InputError as error:
            self._problems[name] = error.problem
            return False
        self._problems.pop(name, None)
        self.changes[name] = value
        return True

    def kept(self, saved: Letter) -> None:
        """Forget the changes that are in the store now, but none that were typed since."""
        self.letter = saved
        self.changes = {name: value for name, value in self.changes.items() if saved.fields.get(name) != value}

    def unkept(self) -> Mapping[str, str]:
        """Return the texts that the store does not have: typed just now, or such as cannot be read."""
        unread = (name for name, told in self._problems.items() if not _is_unfilled(told))
        return {name: self._texts[name] for name in (*self.changes, *unread)}

    def point_out(self, name: str, problem: Message) -> None:
        """Mark a field."""
        if name in self._fields:
            self._problems[name] = problem

    @property
    def is_sound(self) -> bool:
        """Return whether everything that was typed can be read."""
        return not self._problems

    def forget_problems(self) -> None:
        """Unmark the fields whose text can be read."""
        self._problems = {name: told for name, told in self._problems.items() if not _is_unfilled(told)}

    def shown(self) -> tuple[LetterField, ...]:
        """Return the fields in the order of the letter."""
        return tuple(
            replace(_shown(field, self._texts[name]), problem=self._problems.get(name, ""))
            for name, field in self._fields.items()
        )


UNFILLED = message("surat.unfilled")


def _is_unfilled(told: Message) -> bool:
    return told == UNFILLED


def _shown(field: Field, text: str) -> LetterField:
    columns: tuple[Message, ...] = ()
    hint: Message = ""
    if field.form in (Form.ROWS, Form.PERSON):
        named = PERSON if field.form is Form.PERSON else field.columns
        columns = tuple(message(f"surat.column_{column.name}") for column in named)
    elif field.form is Form.DAY:
        hint = message("surat.hint_day")
    label, choices = message(f"surat.field_{field.name}"), Choice.each(field.choices, "surat.choice_")
    return LetterField(field.name, label, text, hint, choices, is_long=field.form in _LONG, columns=columns)


_SAVE_MS = 1500
_ANSWER = "answer."  # before the names of answers in a draft


class Ask(StrEnum):
    """What is asked before something that cannot be taken back."""

    NOTHING = ""
    ISSUE = "issue"  # the official number, if there is one
    NUMBER = "number"
    VOID = "void"  # the reason


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterScreenState(ViewState):
    """The letter as typed so far, and its pages."""

    title: Message = ""
    name: str = ""
    tag: Tag | None = None
    facts: tuple[tuple[Message, Message], ...] = ()
    fields: tuple[LetterField, ...] = ()
    is_open: bool = False  # may be typed into
    pages: tuple[bytes, ...] = ()
    ask: Ask = Ask.NOTHING
    answer: str = ""
    answer_hint: Message = ""
    answer_note: Message = ""


class LetterPresenter(DraftedPresenter[LetterScreenState]):
    """Edits and issues one letter. What is typed goes into the letter by itself; until then, and where it cannot be
    read or answers a question, it is a draft.
    """

    def __init__(
        self, context: AppContext, tasks: Tasks, navigator: Navigator, printing: Printing, letter_id: str
    ) -> None:
        drafting = Drafting(context, tasks, DraftName("letter", {"letter_id": letter_id}))
        super().__init__(LetterScreenState(stage=Stage.LOADING, bar=Bar(leave(self.back))), tasks, drafting)
        self._context, self._tasks, self._navigator, self._printing = context, tasks, navigator, printing
        self._letters, self._letter_id = context.office.letters, letter_id
        self._form: LetterForm | None = None  # of the letter, once it was read
        self._answers: dict[str, str] = {}  # by what was asked
        self._is_drawing = self._is_stale = False
        self._stop: Callable[[], None] = lambda: None

    # --- showing

    def start(self) -> None:
        """Read the letter."""
        self._stop()
        self._stop = self._tasks.every(_SAVE_MS, self._save)

        def read() -> tuple[Letter, Left | None]:
            return self._letters.get(self._letter_id), self._drafting.read()

        self._tasks.run(STORE, read, self._begun, self._failed)

    def stop(self) -> None:
        """Keep what was typed."""
        self._stop()
        self._save()
        self.settle()

    def typed(self) -> Mapping[str, str]:
        """Return the texts that are not in the letter yet, and what was answered and not acted upon."""
        unkept = self._form.unkept() if self._form is not None else {}
        return {**unkept, **{f"{_ANSWER}{ask}": text for ask, text in self._answers.items() if text.strip()}}

    def fill(self, fields: Mapping[str, str]) -> None:
        """Show the letter as it is kept, but for these texts; an answer waits until it is asked for again."""
        answers = {name.removeprefix(_ANSWER): text for name, text in fields.items() if name.startswith(_ANSWER)}
        self._answers = answers
        if self._form is not None and self.state.is_open:
            self._form = LetterForm(self._form.letter)
            for name in self._form.names & fields.keys():
                self._form.type_into(name, fields[name])
        self._tell(answer=answers.get(self.state.ask, ""))
        self._draw()

    def _begun(self, found: tuple[Letter, Left | None]) -> None:
        letter, left = found
        self._loaded(letter)
        self._restore(left)

    def _loaded(self, letter: Letter) -> None:
        self._form = LetterForm(letter)
        self._tell()
        self._draw()

    def _tell(self, **changes: Any) -> None:
        form = self._form
        if form is None:
            return
        letter = form.letter
        is_open = letter.state is LetterState.DRAFT and self._letters.may_write(letter.letter)
        self._become(
            replace(
                self.state,
                **{
                    "stage": Stage.CONTENT,
                    "activity_id": letter.activity_id,
                    "title": kind_words(letter.letter),
                    "name": letter.title,
                    "tag": state_tag(letter),
                    "facts": self._facts(letter),
                    "fields": form.shown() if letter.state is LetterState.DRAFT else (),
                    "is_open": is_open,
                    **changes,
                },
            )
        )
        self._become(replace(self.state, bar=self._bar(form)))

    def _facts(self, letter: Letter) -> tuple[tuple[Message, Message], ...]:
        local, is_draft = self._context.clock.local, letter.state is LetterState.DRAFT
        told = {
            "number": letter.number,
            "provisional_number": letter.provisional,
            "issued_at": moment_text(local(letter.issued_at)) if letter.issued_at else "",
            "digest": "" if is_draft else letter.digest[:16],
            "void_reason": letter.void_reason,
        }
        return tuple((message(f"surat.{name}"), said) for name, said in told.items() if said)

    def _draw(self) -> None:
        """Draw the pages; what is typed meanwhile is drawn after, the latest wins."""
        form = self._form
        if form is None:
            return
        if self._is_drawing:
            self._is_stale = True
            return
        self._is_drawing, self._is_stale = True, False
        letter, changes = form.letter, dict(form.changes)
        # Never where the store is written: what is typed would wait there for every page.
        self._tasks.run(COMPUTE, lambda: self._pages(letter, changes), self._drawn, self._not_drawn)

    def _pages(self, letter: Letter, changes: dict[str, Any]) -> Sequence[bytes]:
        if letter.signed_pdf:  # as it lies in the archive, with the picture of the signature
            return self._context.office.signing.pages(letter.thing_id)
        return self._letters.preview(letter.thing_id, changes)

    def _drawn(self, pages: Sequence[bytes]) -> None:
        self._is_drawing = False
        self._become(replace(self.state, pages=tuple(pages)))
        if self._is_stale:
            self._draw()

    def _not_drawn(self, problem: Problem) -> None:
        self._is_drawing = False
        if self._is_stale:  # the letter was issued meanwhile: the page that counts comes now
            self._draw()
        else:
            self._become(replace(self.state, problem=problem))

    # --- typing

    def edit(self, name: str, text: str) -> None:
        """Take what was typed into a field."""
        form = self._form
        if form is None or not self.state.is_open or self.state.ask:
            return
        form.forget_problems()
        is_changed = form.type_into(name, text)
        self._tell(problem=None)
        self._edited()
        if is_changed:
            self._draw()

    def _save(self) -> None:
        form = self._form
        if form is None or not form.changes or self._is_operating:  # who issues it hands over what was typed
            return
        changes = dict(form.changes)

        def saved(letter: Letter) -> None:
            form.kept(letter)
            self._keep_at_once()
            if not self.typed():
                self._become(replace(self.state, restored=""))

        self._tasks.write(lambda: self._letters.edit(self._letter_id, changes), self._refused, saved)

    def compose_again(self) -> None:
        """Put what the office knows now in place of what was typed."""

        def composed(letter: Letter) -> None:
            self._loaded(letter)
            self._become(replace(self.state, restored=""))
            self._keep_at_once()

        self._tasks.write(lambda: self._letters.compose_again(self._letter_id), self._refused, composed)

    # --- asking

    def ask_issue(self) -> None:
        """Ask for the number before the letter is issued."""
        form = self._form
        if form is not None and self.state.is_open and form.is_sound:
            self._ask(Ask.ISSUE)

    def ask_number(self) -> None:
        """Ask for the number that was not there when the letter was issued."""
        self._ask(Ask.NUMBER)

    def ask_void(self) -> None:
        """Ask why the letter is made void."""
        self._ask(Ask.VOID)

    def _ask(self, ask: Ask) -> None:
        if self._form is None:
            return
        hint: Message = message("surat.reason_hint")
        if ask is not Ask.VOID:
            pattern = self._letters.pattern(self._form.letter.letter)
            hint = message("surat.number_hint", pattern=pattern) if pattern else ""
        answer, note = self._answers.get(ask, ""), message(f"surat.{ask.value}_note")
        self._tell(ask=ask, answer=answer, answer_hint=hint, answer_note=note, problem=None)

    def type_answer(self, text: str) -> None:
        """Take what was typed as number or reason."""
        if self.state.ask:
            self._answers[self.state.ask] = text
            self._tell(answer=text)
            self._edited()

    def accept(self) -> None:
        """Do what was asked for; the meaning of Enter."""
        form, letter_id, answer = self._form, self._letter_id, self.state.answer.strip()
        if form is None:
            return
        match self.state.ask:
            case Ask.ISSUE:
                changes = dict(form.changes)
                self._act(lambda: self._letters.issue(letter_id, answer, changes))
            case Ask.NUMBER:
                self._act(lambda: self._letters.number(letter_id, answer))
            case Ask.VOID:
                self._act(lambda: self._letters.void(letter_id, answer))

    def _act(self, func: Callable[[], Letter]) -> None:
        self._keep_typed(Operation(work=func, done=self._acted, busy=message("ui.stage.busy")))

    def _acted(self, letter: Letter) -> None:
        self._answers.clear()
        words = message(f"surat.now_{letter.state.value}")
        self._form = LetterForm(letter)
        tone = Tone.NEUTRAL if letter.state is LetterState.VOID else Tone.GOOD
        self._tell(ask=Ask.NOTHING, problem=None, toast=Toast(words, tone))
        self._draw()

    def _stopped(self, problem: Problem) -> None:
        super()._stopped(problem)
        self._refused(problem)

    def _refused(self, problem: Problem) -> None:
        ask = self.state.ask
        if problem.code == "letter.incomplete" and self._form is not None:
            self._form.point_out(str(problem.params["field"]), UNFILLED)
            ask = Ask.NOTHING
        self._tell(ask=ask, problem=problem)

    # --- papers

    def print(self) -> None:
        """Print the issued letter; without a printer keep it as PDF and say where."""
        self._bring_out(lambda paper: print_or_keep(self._printing, *paper))

    def save(self) -> None:
        """Keep the issued letter as PDF and say where."""
        self._bring_out(lambda paper: keep(self._printing, paper.name, paper.pdf))

    def _bring_out(self, send: Callable[[Paper], Message]) -> None:
        self._operate(brought_out(lambda: paper_of(self._context, self._letters.get(self._letter_id)), send))

    # --- leaving

    def back(self) -> None:
        """Take the question back, or leave."""
        if self.state.ask:
            self._tell(ask=Ask.NOTHING, problem=None)
        else:
            self._navigator.back()

    def _failed(self, problem: Problem) -> None:
        self._become(replace(self.state, stage=Stage.ERROR, problem=problem, bar=Bar(leave(self.back))))

    def _bar(self, form: LetterForm) -> Bar:
        letter = form.letter
        if self.state.ask:
            answered: Message = "" if self.state.answer.strip() or self.state.ask is Ask.ISSUE else _ANSWER_FIRST
            words = message(f"surat.do_{self.state.ask.value}")
            return Bar(
                replace(leave(self.back), words=message("common.cancel")), (enter(words, self.accept, answered),)
            )
        if letter.state is LetterState.DRAFT:
            return self._draft_bar(form)
        show = Command("print", message("common.print"), Action.PRINT, runs=self.print)
        actions = [Command("save", message("paper.save"), runs=self.save), replace(show, weight=Weight.PRIMARY)]
        is_mine = letter.letter in OF_RECORDS or self._letters.may_write(letter.letter)
        if is_mine and letter.state in (LetterState.ISSUED, LetterState.WAITING):
            if not letter.number and not letter.signed_pdf:
                actions.insert(0, Command("ask_number", message("surat.do_number"), runs=self.ask_number))
            actions.insert(0, Command("ask_void", message("surat.do_void"), None, Weight.PLAIN, runs=self.ask_void))
        if self._context.office.inks.may_take(letter):
            ink = opens(self._navigator, "letter_ink", letter_id=self._letter_id)
            actions.insert(0, Command("take_ink", message("surat.ink"), Action.IZIN, runs=ink))
        if letter.state is LetterState.WAITING and self._context.user.may(Permission.SIGN):
            sign = opens(self._navigator, "sign_letters")
            actions.append(Command("sign", message("common.sign"), None, Weight.PRIMARY, runs=sign))
            actions[-2] = show
        note: Message = message("surat.waits_note") if letter.state is LetterState.WAITING else ""
        return Bar(leave(self.back), tuple(actions), note)

    def _draft_bar(self, form: LetterForm) -> Bar:
        letter, not_yours = form.letter, "" if self.state.is_open else message("surat.not_yours")
        refused: Message = not_yours if form.is_sound else message("surat.repair_first")
        is_electronic = letter.fields.get("signing") == BY_TTE
        words = message("surat.issue_tte" if is_electronic else "surat.issue")
        issue = Command("ask_issue", words, Action.ISSUE, Weight.PRIMARY, refused, runs=self.ask_issue)
        if letter.letter in OFFICIAL_FORMS:  # filled from a person, of whom the activity knows nothing
            return Bar(leave(self.back), (issue,), message("surat.form_keys"))
        again = Command(
            "compose_again",
            message("surat.compose_again"),
            refused=not_yours,
            runs=self.compose_again,
        )
        return Bar(leave(self.back), (again, issue), message("surat.form_keys"))


_ANSWER_FIRST = message("surat.answer_first")
