"""The small forms behind status, clocks and prints: a pause, the days of a file, prints, failed and second ones."""

from __future__ import annotations

from collections.abc import Mapping

from fieldkit.domain.documents import Document
from fieldkit.domain.sop.profile import PauseReason
from fieldkit.domain.typed import optional, read_day
from fieldkit.services.context.app_context import AppContext
from ui.presenters.amounts import day_text, moment_text
from ui.presenters.form import SEPARATOR, Form, FormField
from ui.presenters.messages import message
from ui.presenters.parts import Choice
from ui.presenters.readers import answer, moment

RECORD, ACTIVITY, ALL = "record", "activity", "all"
CONDITIONS = ("baik", "rusak")


def pause_form(context: AppContext, activity_id: str, record_id: str) -> Form:
    """Return the form that stops the clocks of one record, of its activity, or all of them."""

    def load() -> tuple[FormField, ...]:
        reasons = Choice.each(PauseReason, "tenggat.reason_")
        scopes = Choice.each((ACTIVITY, RECORD, ALL), "tenggat.scope_")
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
            activity_id if scope != ALL else "",
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
