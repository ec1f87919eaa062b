"""Daftar status: name a list of SIAK or paste its lines, look at what each row means, take over what is new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from fieldkit.domain.delivery import typed_code
from fieldkit.domain.nik import Nik
from fieldkit.domain.people import Permission
from fieldkit.domain.status_lists import RowMeaning, StatusList, StatusRow
from fieldkit.domain.targets.columns import cell_text
from fieldkit.domain.targets.sheets import Field, Layout, RefusedRow, Remark
from fieldkit.domain.typed import read_day
from fieldkit.ports.messages import Messages
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.status_lists import PASTED, OurPerson, StatusDraft, StatusFile
from ui.presenters.amounts import day_text
from ui.presenters.figures import Column
from ui.presenters.parts import Bar, Empty, Stage, Tag, Tone, leave
from ui.presenters.presenter import Action, Command, Held, Message, Navigator, Operation, Weight, enter, message
from ui.presenters.printing import Printing
from ui.presenters.readers import read_file
from ui.presenters.statuses.statuses import code_words
from ui.presenters.targets.import_targets import PATH, PATH_HINT, FileRowsPresenter, Line
from ui.presenters.tasks import STORE, Tasks

_M = RowMeaning
_TONES = {
    _M.NEW: Tone.GOOD,
    _M.BACKWARDS: Tone.CAUTION,
    _M.CONTRADICTED: Tone.CAUTION,
    _M.REFUSED: Tone.BAD,
    _M.UNCHANGED: Tone.SOFT,
}
_FIRST = (_M.REFUSED, _M.CONTRADICTED, _M.BACKWARDS, _M.NEW)  # what somebody should look at, then the rest
_ORDER = {meaning: at for at, meaning in enumerate((*_FIRST, *(each for each in RowMeaning if each not in _FIRST)))}
_TOLD = frozenset({_M.BACKWARDS, _M.CONTRADICTED, _M.OLDER})  # what says why it is not taken over
_COLUMNS = (
    Column(message("common.row"), 72),
    Column(message("common.person"), 230),
    Column(message("common.status"), 230),
    Column(message("siak.meaning"), 150),
    Column(message("common.reason")),
)
_EMPTY = Empty.of("siak.empty")


class ImportStatusesPresenter(FileRowsPresenter):
    """What the file does not tell is asked in the line of its path: one status for everybody, the day of the list."""

    _mapped = (Field.NIK, Field.STATUS)

    def __init__(
        self,
        context: AppContext,
        tasks: Tasks,
        navigator: Navigator,
        printing: Printing,
        messages: Messages,
        activity_id: str,
    ) -> None:
        self._printing, self._messages, self._lists = printing, messages, context.office.status_lists
        self._file: StatusFile | None = None
        self._draft: StatusDraft | None = None
        self._day: date | None = None
        self._code = ""
        self._also: frozenset[RowMeaning] = frozenset()
        self._last: StatusList | None = None  # the newest list that was not taken back
        super().__init__(context, tasks, navigator, activity_id, message("siak.title"), _EMPTY)
        self._become(replace(self.state, columns=_COLUMNS))

    def start(self) -> None:
        """Find the list that could be taken back."""
        self._tasks.run(STORE, self._newest, self._found, self._stopped)

    def type_path(self, path: str) -> None:
        """Note the path of another file, or the answer to what was asked."""
        if self._question():
            self._become(replace(self.state, path=path, problem=None))
            self._render()
        else:
            super().type_path(path)

    def paste(self, text: str) -> None:
        """Read the lines that lie on the clipboard."""
        self._forget()
        self._become(replace(self.state, path=""))
        self._run(message("impor.reading"), lambda: self._lists.read(PASTED, text.encode()), self._opened)

    def accept(self) -> None:
        """Read the file, answer what is asked, or take over what is new."""
        question = self._question()
        if not question or self.state.stage is Stage.BUSY:
            super().accept()
        elif question == "status":
            self._code = typed_code(self.state.path)
            self._ask()
        else:
            text = self.state.path.strip()
            self._run(message("impor.reading"), lambda: read_day(text), self._dated)

    def take_backwards(self) -> None:
        """Take over the steps back too, or leave them again."""
        self._also = frozenset() if self._also else frozenset({_M.BACKWARDS})
        self._render()

    def save_refused(self) -> None:
        """Write the refused rows with their reasons into a file, to be corrected and read again."""
        draft = self._draft
        if draft is None:
            return

        def save() -> str:
            layout, title = draft.file.layout, self._messages.text("common.refused")
            refused_file = self._context.office.imports.refused_file
            content = refused_file(title, layout.header, _refused(draft), self._messages)
            return self._printing.save("ditolak.xlsx", content)

        self._operate(Operation(work=save, told=lambda where: message("impor.saved", where=where)))

    def _forget(self) -> None:
        super()._forget()
        self._file = self._draft = self._day = None
        self._code, self._also = "", frozenset()

    def _read(self, path: str) -> None:
        self._run(message("impor.reading"), lambda: self._lists.read(*read_file(path)), self._opened)

    def _opened(self, file: StatusFile) -> None:
        self._file, self._layout, self._day = file, file.layout, file.observed_on
        self._ask()

    def _column_after(self, layout: Layout, field: Field) -> int | None:
        """Return the next column that the other meaning does not have: neither is lost on the way."""
        after = range(layout.columns.get(field, -1) + 1, len(layout.header))
        others = [at for known, at in layout.columns.items() if known in self._mapped and known is not field]
        return next((at for at in after if at not in others), None)

    def _relaid(self, layout: Layout) -> None:
        self._layout, self._draft = layout, None
        self._ask()

    def _dated(self, day: date) -> None:
        self._day = day
        self._ask()

    def _question(self) -> str:
        """Return what is to be asked before the rows can be judged, "" for nothing."""
        layout = self._layout
        if self._draft is not None or layout is None or not layout.has(Field.NIK):
            return ""
        if not self._code and not layout.has(Field.STATUS):
            return "status"
        return "" if self._day is not None else "day"

    def _ask(self) -> None:
        """Ask for what is missing, else judge the rows."""
        self._lines = ()
        self._become(replace(self.state, path=""))
        layout, file, day, code = self._layout, self._file, self._day, self._code
        if self._question() or layout is None or file is None or not layout.has(Field.NIK):
            self._render()
            return
        assert day is not None  # else it is asked for
        self._run(
            message("impor.reading"),
            lambda: self._lists.preview(self._activity_id, file, layout, day, code),
            self._judged,
        )

    def _judged(self, draft: StatusDraft) -> None:
        self._draft = draft
        rows = sorted(draft.rows, key=lambda row: _ORDER[row.meaning])
        texts = _names_in(draft)
        missing = (_missing(person, -at) for at, person in enumerate(draft.missing))
        self._show_lines((*(_line(row, draft.ours.get(row.nik), texts) for row in rows), *missing))

    def _take(self) -> bool:
        draft, also, lists = self._draft, self._also, self._lists
        if draft is None:
            return False
        self._operate(
            Operation(
                work=lambda: lists.take_over(draft, also),
                told=lambda taken: message("siak.taken", count=len(taken.noted)),
                done=self._taken,
                busy=message("siak.taking"),
            )
        )
        return True

    def _taken(self, taken: StatusList) -> None:
        self._forget()
        self._become(replace(self.state, path=""))
        self._found(taken)

    def _found(self, last: StatusList | None) -> None:
        self._last = last
        self._render()

    def _newest(self) -> StatusList | None:
        return next((each for each in self._lists.lists() if each.taken_back_at is None), None)

    def _take_back(self) -> StatusList:
        assert self._last is not None  # the command is refused
        return self._lists.take_back(self._last.thing_id)

    def _render(self) -> None:
        question = self._question()
        asks, hint = PATH, PATH_HINT
        if question:
            asks, hint = message(f"siak.ask_{question}"), message(f"siak.ask_{question}_hint")
        nothing = _EMPTY
        if self._draft is not None:
            nothing = Empty(message("impor.not_found", text=self._text), message("sasaran.not_found_hint"))
        self._become(replace(self.state, asks=asks, asks_hint=hint, nothing=nothing))
        super()._render()

    def _tags(self) -> tuple[Tag, ...]:
        draft, unsure = self._draft, self._unsure()
        if draft is None:
            return (Tag(message("impor.unsure", columns=unsure), Tone.CAUTION),) if unsure else ()
        missing = (Tag(message("siak.count_missing", count=len(draft.missing)), Tone.NEUTRAL),) if draft.missing else ()
        day = Tag(message("siak.day", day=day_text(draft.observed_on)), Tone.SOFT)
        return (day, Tag(message("siak.rows", count=len(draft.rows)), Tone.NEUTRAL), *missing)

    def _counts(self) -> tuple[tuple[Message, str], ...]:
        """Return how many rows have each meaning; together they are all rows."""
        counts = self._draft.counts if self._draft is not None else {}
        return tuple(
            (message(f"siak.is_{meaning.value}"), str(counts[meaning])) for meaning in RowMeaning if meaning in counts
        )

    def _bar(self) -> Bar:
        draft = self._draft
        yours: Message = "" if self._context.user.may(Permission.TYPE_STATUS) else message("status.not_yours")
        paste = Command("paste", message("siak.paste"), Action.HAND_IN, runs=Held(self.paste))
        if self._question():
            empty: Message = "" if self.state.path.strip() else message("siak.no_answer")
            go_on = enter(message("common.next"), self.accept, empty)
            return Bar(leave(self.back), (*self._column_commands(), paste, go_on))
        if draft is None:
            none_taken: Message = "" if self._last is not None else message("siak.none_taken")
            back = Operation(
                work=self._take_back,
                told=lambda back: message("siak.taken_back", count=len(back.noted), name=back.name),
                done=lambda _back: self.start(),
            )
            name = self._last.name if self._last is not None else ""
            words = message("siak.take_back", name=name) if name else message("siak.take_back_last")
            refused = yours or none_taken
            take_back = Command("take_back", words, Action.REMOVE, Weight.DANGER, refused, back)
            return Bar(leave(self.back), (*self._column_commands(), take_back, paste, self._read_command()))
        counts = draft.counts
        no_refused: Message = "" if counts.get(_M.REFUSED) else message("impor.none_refused")
        no_backwards: Message = "" if counts.get(_M.BACKWARDS) else message("siak.no_backwards")
        count = counts.get(_M.NEW, 0) + sum(counts.get(meaning, 0) for meaning in self._also)
        none: Message = "" if count else message("siak.none_new")
        words = message("impor.save_refused")
        also = message("siak.without_backwards" if self._also else "siak.with_backwards")
        return Bar(
            leave(self.back),
            (
                *self._column_commands(),
                Command("backwards", also, Action.PROPOSE, refused=no_backwards, runs=self.take_backwards),
                Command("save_refused", words, Action.ISSUE, refused=no_refused, runs=self.save_refused),
                enter(message("siak.take", count=count), self.accept, yours or none),
            ),
        )


def _line(row: StatusRow, person: OurPerson | None, texts: dict[int, str]) -> Line:
    """Return a row as the table shows it: people by name where they are ours, others by their masked NIK."""
    name = person.name if person is not None else ""
    masked = Nik(row.nik).masked if row.nik else texts.get(row.number, "")
    told = (Remark(row.why),) if row.why else (Remark(f"siak.why_{row.meaning.value}"),) * (row.meaning in _TOLD)
    tag = Tag(message(f"siak.is_{row.meaning.value}"), _TONES.get(row.meaning, Tone.NEUTRAL))
    code: Message = code_words(row.code) if row.code else ""
    search = f"{row.number} {name} {row.nik} {row.code} {texts.get(row.number, '')}".lower()
    return Line(row.number, name or masked, masked if name else "", code, tag, told, search)


def _missing(person: OurPerson, number: int) -> Line:
    tag = Tag(message("siak.is_missing"), Tone.NEUTRAL)
    return Line(number - 1, person.name, Nik(person.nik).masked, "", tag, (), f"{person.name} {person.nik}".lower())


def _names_in(draft: StatusDraft) -> dict[int, str]:
    """Return what stands first in the rows that mean nobody, by their number."""
    nobody = {row.number for row in draft.rows if not row.nik}
    sheet = draft.file.sheets[draft.file.layout.sheet]
    first = (
        (row.number, next((text for text in map(cell_text, row.cells) if text and not text.isdigit()), ""))
        for row in sheet.rows
        if row.number in nobody
    )
    return dict(first)


def _refused(draft: StatusDraft) -> Sequence[RefusedRow]:
    why = {row.number: row.why for row in draft.rows if row.meaning is RowMeaning.REFUSED}
    sheet = draft.file.sheets[draft.file.layout.sheet]
    return [
        RefusedRow(row.number, tuple(map(cell_text, row.cells)), (Remark(why[row.number]),))
        for row in sheet.rows
        if row.number in why
    ]
