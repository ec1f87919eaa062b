"""Status pusat: what the data center said about each record, in plain words, and what the office must do about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import NamedTuple

from fieldkit.domain.cards.card import CardCase, CardFacts
from fieldkit.domain.delivery import (
    TO_PRINT,
    TYPED_FROM_SIAK,
    CentralCode,
    CentralStatus,
    OfficeTask,
    QueueEntry,
    WorkPart,
    known_code,
    looks_illegal,
    part_of,
    task_of,
    typed_code,
    usual_next,
)
from fieldkit.domain.documents import Document
from fieldkit.domain.people import Permission
from fieldkit.domain.sop.profile import PauseReason
from fieldkit.domain.typed import optional, read_day
from fieldkit.ports.clock import Clock
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.statuses import News, TypedStatus, WorkGroup, WorkLine
from ui.presenters.amounts import day_text, moment_text
from ui.presenters.figures import FigureCell, Number, Step, StepMark, tagged
from ui.presenters.form import SEPARATOR, Form, FormField
from ui.presenters.letters.letters import paper_of
from ui.presenters.lists import (
    ALL,
    Filter,
    Head,
    Hint,
    History,
    Listed,
    ListScreen,
    Numbers,
    OfficeList,
    Panel,
    finding,
    nothing_yet,
)
from ui.presenters.parts import Choice, Tag, Tone
from ui.presenters.presenter import Action, CatalogMessage, Command, Message, Navigator, Operation, enter, message
from ui.presenters.printing import Paper, Printing, brought_out, print_or_keep
from ui.presenters.readers import answer, moment
from ui.presenters.work_form import Around, Filled, WorkForm

# The central status in plain words. What the data center did not say is not said here either.

TRIAL = "uji coba"  # the source of every status that an embedded gateway gives

_MESSAGE_TONES = {
    CentralCode.PRINT_READY_RECORD: Tone.GOOD,
    CentralCode.SENT_FOR_CARD_PRINTING: Tone.GOOD,
    CentralCode.CARD_PRINTED: Tone.GOOD,
    CentralCode.CARD_SHIPPED: Tone.GOOD,
    CentralCode.CARD_ISSUED: Tone.GOOD,
    CentralCode.ENROLL_FAILURE_AT_CENTRAL: Tone.BAD,
    CentralCode.ENROLL_FAILURE_AT_REGIONAL: Tone.BAD,
    CentralCode.SEARCH_FAILURE_AT_CENTRAL: Tone.BAD,
    CentralCode.ADJUDICATE_RECORD: Tone.CAUTION,
    CentralCode.REQUEST_VALIDATION: Tone.CAUTION,
    CentralCode.DUPLICATE_RECORD: Tone.CAUTION,
}


def code_words(code: str) -> Message:
    """Return a code in words; a stranger stays verbatim."""
    known = known_code(code)
    return message(f"central.{known.value.lower()}") if known else code


def code_tone(code: str) -> Tone:
    """Return how a code stands; a stranger asks for a look."""
    known = known_code(code)
    return _MESSAGE_TONES.get(known, Tone.SOFT) if known else Tone.CAUTION


def waits_for_birthday(entry: QueueEntry, today: date) -> bool:
    """Return whether the record is ready but the card may not be printed yet."""
    is_ready = entry.central is not None and known_code(entry.central.code) is CentralCode.PRINT_READY_RECORD
    return is_ready and entry.record.card_from is not None and entry.record.card_from > today


def code_tag(said: CentralStatus | None) -> Tag:
    """Return the last status as a tag; silence is said too."""
    if said is None:
        return Tag(message("central.none"), Tone.NEUTRAL)
    return Tag(code_words(said.code), code_tone(said.code))


def task_words(task: OfficeTask) -> CatalogMessage:
    """Return what the office has to do."""
    return message(f"task.{task.value}")


def history_of(statuses: Sequence[CentralStatus], clock: Clock, most: int = 6) -> tuple[Step, ...]:
    """Return the last things that were said about a record: what, when, by whom, and why."""
    last = len(statuses) - 1
    return tuple(
        Step(
            status.code,
            code_words(status.code),
            StepMark.CURRENT if index == last else StepMark.DONE,
            " · ".join(filter(None, (moment_text(clock.local(status.observed_at)), status.source, status.reason))),
        )
        for index, status in enumerate(statuses)
    )[-most:]


def summary(entries: Sequence[QueueEntry], today: date) -> tuple[Number, ...]:
    """Count the records of each status, most first; those that wait for a birthday apart."""
    waiting = sum(waits_for_birthday(entry, today) for entry in entries)
    codes = Counter(e.central.code for e in entries if e.central is not None and not waits_for_birthday(e, today))
    numbers = [Number(str(count), code_words(code), code_tone(code)) for code, count in codes.most_common()]
    if waiting:
        numbers.append(Number(str(waiting), message("central.waits_17"), Tone.SOFT))
    return tuple(numbers)


# The small forms behind status, clocks and prints: a pause, the days of a file, prints, failed and second ones.

RECORD, ACTIVITY, EVERYWHERE = "record", "activity", "all"
CONDITIONS = ("baik", "rusak")


def pause_form(context: AppContext, activity_id: str, record_id: str) -> Form:
    """Return the form that stops the clocks of one record, of its activity, or all of them."""

    def load() -> tuple[FormField, ...]:
        reasons = Choice.each(PauseReason, "tenggat.reason_")
        scopes = Choice.each((ACTIVITY, RECORD, EVERYWHERE), "tenggat.scope_")
        now = moment_text(context.clock.local(context.clock.now()))
        return (
            FormField("note", message("tenggat.note"), hint=message("tenggat.note_hint")),
            FormField("reason", message("common.reason"), PauseReason.GANGGUAN_TEKNIS.value, choices=reasons),
            FormField("scope", message("tenggat.scope"), ACTIVITY, choices=scopes),
            FormField("began", message("tenggat.began"), now),
            FormField("ended", message("tenggat.ended"), hint=message("tenggat.ended_hint")),
        )

    def keep(values: Mapping[str, str]) -> object:
        scope, began = values["scope"], values["began"]
        now = moment_text(context.clock.local(context.clock.now()))
        return context.office.clocks.pause(
            PauseReason(values["reason"]),
            values["note"],
            activity_id if scope != EVERYWHERE else "",
            record_id if scope == RECORD else "",
            moment(values, "began", context.clock) if began.strip() != now else None,  # this minute has not ended yet
            moment(values, "ended", context.clock),
        )

    return Form(message("common.pause"), load, keep, message("tenggat.pause_hint"), message("tenggat.pause_keep"))


def facts_form(context: AppContext, record_id: str) -> Form:
    """Return the form of the two days that move a card's clocks: complete file, marriage before 17."""

    def target() -> str:
        return context.office.statuses.get(record_id).record.target_id

    def load() -> tuple[FormField, ...]:
        facts = context.office.clocks.facts(target())
        complete, married = (day_text(day) if day else "" for day in (facts.file_complete_on, facts.married_on))
        return (
            FormField("complete", message("tenggat.file_complete"), complete, message("tenggat.day_hint")),
            FormField("married", message("tenggat.married"), married, message("tenggat.day_hint")),
        )

    def keep(values: Mapping[str, str]) -> object:
        complete, married = (answer(values, name, optional(read_day)) for name in ("complete", "married"))
        return context.office.clocks.note_facts(target(), complete, married)

    return Form(message("tenggat.facts"), load, keep, message("tenggat.facts_hint"))


def print_form(context: AppContext, record_ids: str, number: str = "") -> Form:
    """Return the form that says that the official application printed; the ids stand beside each other.

    Where blanks are counted by numbers each card is asked for its own, with the next ones proposed; of one card
    `number` is what its chip told.
    """
    wanted = record_ids.split(SEPARATOR)

    def load() -> tuple[FormField, ...]:
        at = FormField("at", message("cetak.at"), hint=message("cetak.at_hint"))
        if not _is_counted(context):
            return (_batch(context), at)
        next_ones = (number,) if number else context.office.blanks.proposed(Document.KTP_EL, len(wanted))
        names = [context.office.statuses.get(record_id).record.masked_name for record_id in wanted]
        blanks = (
            FormField(record_id, message("blangko.number_of", name=name), text, message("blangko.hint_number"))
            for record_id, name, text in zip(wanted, names, (*next_ones, *[""] * len(wanted)), strict=False)
        )
        return (*blanks, _batch(context), at)

    def keep(values: Mapping[str, str]) -> object:
        at, numbers = moment(values, "at", context.clock), {each: values.get(each, "") for each in wanted}
        return context.office.printing.note_printed(wanted, values["batch"], at, numbers)

    title = message("cetak.note", count=len(wanted))
    return Form(title, load, keep, message("cetak.note_form_hint"), message("common.keep"))


def failure_form(context: AppContext, record_id: str) -> Form:
    """Return the form of a print that gave no card."""

    def load() -> tuple[FormField, ...]:
        why = FormField("why", message("cetak.why"), hint=message("cetak.why_failed_hint"))
        return (why, *_number(context), _batch(context))

    def keep(values: Mapping[str, str]) -> object:
        number = values.get("number", "")
        return context.office.printing.note_failed(record_id, values["why"], values["batch"], number)

    return Form(message("cetak.failed"), load, keep, message("cetak.failed_hint"), message("common.keep"))


def again_form(context: AppContext, card_id: str) -> Form:
    """Return the form of a second print of a document that is still at the dinas."""

    def load() -> tuple[FormField, ...]:
        conditions = Choice.each(CONDITIONS, "cetak.condition_")
        return (
            FormField("why", message("cetak.why"), hint=message("cetak.why_again_hint")),
            *_number(context),
            _batch(context),
            FormField("condition", message("cetak.condition"), CONDITIONS[0], choices=conditions),
        )

    def keep(values: Mapping[str, str]) -> object:
        why, batch, number = values["why"], values["batch"], values.get("number", "")
        return context.office.printing.print_again(card_id, why, batch, values["condition"], number)

    return Form(message("cetak.again"), load, keep, message("cetak.again_hint"), message("common.keep"))


def _is_counted(context: AppContext) -> bool:
    """Return whether each KTP-el that is printed takes a blank with a number."""
    return bool(context.office.blanks.stock(Document.KTP_EL))


def _number(context: AppContext) -> tuple[FormField, ...]:
    if not _is_counted(context):
        return ()
    proposed = "".join(context.office.blanks.proposed(Document.KTP_EL, 1))
    return (FormField("number", message("blangko.number"), proposed, message("blangko.hint_number")),)


def _batch(context: AppContext) -> FormField:
    key = "cetak.ribbon" if _is_counted(context) else "cetak.batch"
    return FormField("batch", message(key), hint=message(f"{key}_hint"))


# A status as SIAK shows it, typed by the office: what it means and whether it looks odd is said while typing.


class StatusNote:
    """Takes down one status; an odd one is kept, and said to be odd before and after."""

    def __init__(self, context: AppContext, navigator: Navigator, record_id: str) -> None:
        self._context, self._navigator, self._record_id = context, navigator, record_id
        self._statuses = context.office.statuses
        self._read: QueueEntry | None = None
        self._usual = ""  # the usual code that is typed or chosen
        self._odd: Mapping[str, str] = {}  # what was kept although it looks odd

    def form(self) -> WorkForm:
        """Return the form; who may not type statuses only reads it."""
        return WorkForm(
            message("status.note_title"),
            self._load,
            self._keep,
            go_on=self._go_on,
            adapt=self._adapt,
            around=self._around,
            about=lambda: "",
        )

    @property
    def _entry(self) -> QueueEntry:
        assert self._read is not None
        return self._read

    def _load(self) -> tuple[FormField, ...]:
        entry = self._read = self._statuses.get(self._record_id)
        usual = usual_next(entry.central.code if entry.central else "BIO_CAPTURED")
        choices = tuple(Choice(each.value, code_words(each.value)) for each in usual)
        now = moment_text(self._context.clock.local(self._context.clock.now()))
        hints = {"code": {}, "at": {"now": now}, "reason": {}}
        code, at, reason = (
            FormField(name, message(f"status.{name}"), self._odd.get(name, ""), message(f"status.{name}_hint", **said))
            for name, said in hints.items()
        )
        offered = FormField("usual", message("status.usual"), choices=choices, is_asked=bool(choices) and not self._odd)
        return self._adapt((code, offered, at, reason))

    def _adapt(self, fields: tuple[FormField, ...]) -> tuple[FormField, ...]:
        """Let a usual code that is chosen be typed, and one that is typed be chosen."""
        code, usual, *others = fields
        if usual.text not in ("", self._usual):
            code = replace(code, text=usual.text, problem="")
        known = _known(code.text)
        self._usual = known if known in {choice.name for choice in usual.choices} else ""
        return (code, replace(usual, text=self._usual), *others)

    def _keep(self, values: Mapping[str, str]) -> tuple[TypedStatus, Mapping[str, str]]:
        at = moment(values, "at", self._context.clock)
        return self._statuses.type_status(self._record_id, values["code"], at, values["reason"]), values

    def _go_on(self, navigator: Navigator, kept: tuple[TypedStatus, Mapping[str, str]]) -> None:
        typed, values = kept
        if typed.is_doubtful:
            self._odd = values
        else:
            navigator.back()

    def _around(self, filled: Filled) -> Around:
        entry, clock = self._entry, self._context.clock
        code, now = typed_code(filled.texts["code"]), clock.now()
        is_odd = looks_illegal(entry.statuses, CentralStatus(code, TYPED_FROM_SIAK, now))
        refused: Message = "" if self._context.user.may(Permission.TYPE_STATUS) else message("status.not_yours")
        history = history_of(entry.statuses, clock)
        side: list[Panel] = [Hint(_meaning(code), task_words(task_of(code, now, now)) if code else "")]
        if self._odd or is_odd:
            title = message("status.kept_odd") if self._odd else message("status.doubt_tag")
            side.insert(0, Hint(title, message("status.doubtful"), Tone.CAUTION))
        if history:
            side.append(History(message("status.before"), history))
        closed = message("status.is_kept") if self._odd else refused
        return Around(
            (enter(message("common.done"), self._navigator.back),)
            if self._odd
            else (enter(message("status.keep"), filled.keep, refused),),
            tuple(side),
            (Hint(closed, tone=Tone.CAUTION),) if closed else (),
            hint=f"{entry.record.masked_name} · {entry.record.masked_nik}",
            is_open=not closed,
        )


def _known(text: str) -> str:
    known = known_code(typed_code(text))
    return known.value if known else ""


def _meaning(code: str) -> Message:
    if not code:
        return message("status.note_hint")
    return code_words(code) if known_code(code) else message("status.unknown_code", code=code)


_MOST_GROUPS, _MOST_SAID = 6, 3  # what stands beside the list fits the smallest laptop
_TONES = {
    OfficeTask.PRINT: Tone.GOOD,
    OfficeTask.RESEND: Tone.BAD,
    OfficeTask.WAIT_FOR_AGE: Tone.SOFT,
    OfficeTask.ASK_MEANING: Tone.CAUTION,
}
_PART_TONES = {WorkPart.PRINT: Tone.GOOD, WorkPart.TROUBLE: Tone.BAD}


class StatusEntry(NamedTuple):
    """A record in the group of those with the same code and task."""

    group: WorkGroup
    line: WorkLine


class Read(NamedTuple):
    """What was read about the row under the cursor."""

    entry: QueueEntry
    news: News


class Statuses(OfficeList):
    """Lists what is to be done by code, the urgent first; nothing that the center said is changed here."""

    def __init__(self, context: AppContext, navigator: Navigator, printing: Printing, activity_id: str = "") -> None:
        super().__init__(context, navigator, activity_id)
        self._printing = printing

    def screen(self) -> ListScreen[StatusEntry]:
        """Return the list."""
        parts: tuple[Filter[StatusEntry], ...] = Filter.each(
            WorkPart, "status.part_", lambda e: part_of(e.group.task), _PART_TONES
        )
        return ListScreen(
            title=message("common.central_status"),
            heads=(
                Head.named(message("common.person"), lambda e: e.line.masked_name, lambda e: e.line.masked_nik, 172),
                Head(message("status.says"), _says, 244, lambda e: e.group.code),
                Head(message("common.remedy"), self._todo, 0, lambda e: e.line.days),
                Head.tagged(message("status.source"), _source, 140),
            ),
            load=self._load,
            name=lambda entry: entry.line.record_id,
            find=finding(self._office.statuses.find, lambda e: e.line.record_id),
            about=self._about,
            reads=frozenset({"record", "setting", CardCase.KIND, CardFacts.KIND}),
            filters=((ALL, *parts),),
            empty=nothing_yet("kirim.empty"),
            side=self._side,
            commands=self._commands,
        )

    def _load(self) -> Sequence[StatusEntry]:
        groups = self._office.statuses.worklist(self._of)
        return [StatusEntry(group, line) for group in groups for line in group.lines]

    def _about(self, entry: StatusEntry) -> Read:
        record_id = entry.line.record_id
        return Read(self._office.statuses.get(record_id), self._office.news.news(record_id))

    def _todo(self, entry: StatusEntry) -> FigureCell:
        central, days = entry.line.said, entry.line.days
        since: Message = message("status.silent_official" if _is_official(entry) else "status.silent", days=days)
        if central is not None:
            at = self._moment_text(central.observed_at)
            since = message("status.since", at=at, days=days) if days else at
        return FigureCell(_to_do(entry), since)

    def _side(self, listed: Listed[StatusEntry]) -> tuple[Panel, ...]:
        numbers = Numbers(message("status.groups"), _numbers(listed.everything))
        entry = listed.current
        if entry is None:
            return (numbers,)
        line, read = entry.line, listed.about
        news = read.news if isinstance(read, Read) else None
        told = (message("status.news", said=news.said, then=news.then),) if news else ()
        hint = Hint(_to_do(entry), told)
        if line.is_doubtful:
            hint = Hint(message("status.doubt_tag"), (message("status.doubtful"), *told), Tone.CAUTION)
        # The last thing said is known already; what was said before comes when it is read.
        said = read.entry.statuses if isinstance(read, Read) else tuple(filter(None, (line.said,)))
        history = history_of(said, self._context.clock, _MOST_SAID)
        name = f"{line.masked_name} · {line.masked_nik}"
        where = (Hint(message("field.outcome_direkam_resmi"), tone=Tone.SOFT),) if _is_official(entry) else ()
        return (hint, *where, *((History(name, history),) if history else ()), numbers)

    def _commands(self, listed: Listed[StatusEntry]) -> tuple[Command, ...]:
        at, opens, of = listed.current.line.record_id if listed.current else "", self._opens, self._of
        none: Message = "" if at else message("status.none")
        yours = self._refusal(Permission.TYPE_STATUS, "status.not_yours")
        refused = yours or none
        clocks, prints = message("tenggat.title"), message("cetak.title")
        text = listed.about.news.text if isinstance(listed.about, Read) else ""
        no_news: Message = "" if text else message("status.none")
        tell = brought_out(partial(self._slip, at), lambda paper: print_or_keep(self._printing, *paper))
        copy = Operation(work=lambda: None, told=lambda _: message("status.news_copied"), copies=text)
        return (
            Command("copy_news", message("common.copy_message"), Action.SEND_AGAIN, refused=no_news, runs=copy),
            Command("print_news", message("status.tell"), Action.ISSUE, refused=refused, runs=tell),
            opens("show_clocks", clocks, Action.CALENDAR, "", "clocks", activity_id=of, record_id=at),
            opens("import_statuses", message("siak.open"), Action.HAND_IN, yours, "import_statuses", activity_id=of),
            opens("show_by_nik", message("per_nik.title"), Action.PERSON_NOTES, "", "by_nik", activity_id=of),
            opens("show_prints", prints, Action.GROUP, "", "prints", activity_id=of),
            opens("accept", message("status.type"), Action.ACCEPT, refused, "status_note", record_id=at),
        )

    def _slip(self, record_id: str) -> Paper:
        return paper_of(self._context, self._office.news.slip(record_id))


def _says(entry: StatusEntry) -> FigureCell:
    line, central = entry.line, entry.line.said
    if central is not None and known_code(central.code) is None:  # verbatim, however long; a tag would be cut
        return FigureCell(central.code, message("status.unknown"))
    tag = code_tag(central)
    return tagged(tag._replace(tone=Tone.CAUTION) if line.is_doubtful else tag)


def _is_official(entry: StatusEntry) -> bool:
    return entry.line.line.standing.is_official


def _source(entry: StatusEntry) -> Tag | None:
    central = entry.line.said
    if _is_official(entry):  # only lists and people can tell of it; its history names them
        return Tag(message("field.perekaman_resmi"), Tone.SOFT)
    return Tag(central.source, Tone.CAUTION if central.source == TRIAL else Tone.NEUTRAL) if central else None


def _to_do(entry: StatusEntry) -> Message:
    if entry.group.task is OfficeTask.WAIT_FOR_AGE and entry.line.card_from is not None:
        return message("status.birthday", day=day_text(entry.line.card_from))
    return message("status.doubt_todo") if entry.line.is_doubtful else task_words(entry.group.task)


def _group_words(group: WorkGroup) -> Message:
    if group.task is OfficeTask.WAIT_FOR_AGE:
        return message("central.waits_17")
    if group.task is OfficeTask.RESEND:
        return message("status.stuck")
    if known_code(group.code) in TO_PRINT and group.task in (OfficeTask.HAND_OVER, OfficeTask.CLOSE):
        return message(f"status.printed_{group.task.value}")  # we printed; the center does not know yet
    return code_words(group.code) if group.code else message("central.none")


def _numbers(entries: Sequence[StatusEntry]) -> tuple[Number, ...]:
    """Count the records of each group, the urgent first; what does not fit is counted together."""
    groups = list({(entry.group.task, entry.group.code): entry.group for entry in entries}.values())
    tone = [_TONES.get(group.task, code_tone(group.code) if group.code else Tone.NEUTRAL) for group in groups]
    numbers = [Number(str(len(group.lines)), _group_words(group), tone[at]) for at, group in enumerate(groups)]
    if len(numbers) <= _MOST_GROUPS:
        return tuple(numbers)
    rest = sum(len(group.lines) for group in groups[_MOST_GROUPS - 1 :])
    return (*numbers[: _MOST_GROUPS - 1], Number(str(rest), message("status.others")))
