"""The small forms behind status, clocks and prints: a pause, the days of a file, prints, failed and second ones."""

from __future__ import annotations

from collections.abc import Mapping

from fieldkit.domain.cards.sla import PauseReason
from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.typed import optional, read_day
from fieldkit.services.context.desk import Desk
from ui.presenters.amounts import day_text, moment_text
from ui.presenters.form import SEPARATOR, Form, FormField
from ui.presenters.parts import Choice
from ui.presenters.readers import answer, moment
from ui.presenters.words import phrase

RECORD, ACTIVITY, ALL = "record", "activity", "all"
CONDITIONS = ("baik", "rusak")


def pause_form(desk: Desk, activity_id: str, record_id: str) -> Form:
    """Return the form that stops the clocks of one record, of its activity, or all of them."""

    def load() -> tuple[FormField, ...]:
        reasons = tuple(Choice(each.value, phrase(f"tenggat.reason_{each.value}")) for each in PauseReason)
        scopes = tuple(Choice(each, phrase(f"tenggat.scope_{each}")) for each in (ACTIVITY, RECORD, ALL))
        now = moment_text(desk.clock.local(desk.clock.now()))
        return (
            FormField("note", phrase("tenggat.note"), hint=phrase("tenggat.note_hint")),
            FormField("reason", phrase("tenggat.reason"), PauseReason.GANGGUAN_TEKNIS.value, choices=reasons),
            FormField("scope", phrase("tenggat.scope"), ACTIVITY, choices=scopes),
            FormField("began", phrase("tenggat.began"), now),
            FormField("ended", phrase("tenggat.ended"), hint=phrase("tenggat.ended_hint")),
        )

    def keep(values: Mapping[str, str]) -> object:
        scope, began = values["scope"], values["began"]
        now = moment_text(desk.clock.local(desk.clock.now()))
        return desk.office.clocks.pause(
            PauseReason(values["reason"]),
            values["note"],
            activity_id if scope != ALL else "",
            record_id if scope == RECORD else "",
            moment(values, "began", desk.clock) if began.strip() != now else None,  # this minute has not ended yet
            moment(values, "ended", desk.clock),
        )

    return Form(phrase("tenggat.pause"), load, keep, phrase("tenggat.pause_hint"), phrase("tenggat.pause_keep"))


def facts_form(desk: Desk, record_id: str) -> Form:
    """Return the form of the two days that move a card's clocks: complete file, marriage before 17."""

    def target() -> str:
        return desk.office.statuses.get(record_id).record.target_id

    def load() -> tuple[FormField, ...]:
        facts = desk.office.clocks.facts(target())
        complete, married = (day_text(day) if day else "" for day in (facts.file_complete_on, facts.married_on))
        return (
            FormField("complete", phrase("tenggat.file_complete"), complete, phrase("tenggat.day_hint")),
            FormField("married", phrase("tenggat.married"), married, phrase("tenggat.day_hint")),
        )

    def keep(values: Mapping[str, str]) -> object:
        desk.office.acts.demand(Permission.REGISTER)
        complete, married = (answer(values, name, optional(read_day)) for name in ("complete", "married"))
        return desk.office.clocks.note_facts(target(), complete, married)

    return Form(phrase("tenggat.facts"), load, keep, phrase("tenggat.facts_hint"))


def print_form(desk: Desk, record_ids: str) -> Form:
    """Return the form that says that the official application printed; the ids stand beside each other."""
    wanted = record_ids.split(SEPARATOR)

    def load() -> tuple[FormField, ...]:
        return (
            FormField("batch", phrase("cetak.batch"), hint=phrase("cetak.batch_hint")),
            FormField("at", phrase("cetak.at"), hint=phrase("cetak.at_hint")),
        )

    def keep(values: Mapping[str, str]) -> object:
        at = moment(values, "at", desk.clock)
        return desk.office.printing.note_printed(wanted, values["batch"], at)

    title = phrase("cetak.note", count=len(wanted))
    return Form(title, load, keep, phrase("cetak.note_form_hint"), phrase("cetak.keep"))


def failure_form(desk: Desk, record_id: str) -> Form:
    """Return the form of a print that gave no card."""

    def load() -> tuple[FormField, ...]:
        return (
            FormField("why", phrase("cetak.why"), hint=phrase("cetak.why_failed_hint")),
            FormField("batch", phrase("cetak.batch"), hint=phrase("cetak.batch_hint")),
        )

    def keep(values: Mapping[str, str]) -> object:
        return desk.office.printing.note_failed(record_id, values["why"], values["batch"])

    return Form(phrase("cetak.failed"), load, keep, phrase("cetak.failed_hint"), phrase("cetak.keep"))


def again_form(desk: Desk, card_id: str) -> Form:
    """Return the form of a second print of a document that is still at the dinas."""

    def load() -> tuple[FormField, ...]:
        conditions = tuple(Choice(each, phrase(f"cetak.condition_{each}")) for each in CONDITIONS)
        return (
            FormField("why", phrase("cetak.why"), hint=phrase("cetak.why_again_hint")),
            FormField("batch", phrase("cetak.batch"), hint=phrase("cetak.batch_hint")),
            FormField("condition", phrase("cetak.condition"), CONDITIONS[0], choices=conditions),
        )

    def keep(values: Mapping[str, str]) -> object:
        return desk.office.printing.print_again(card_id, values["why"], values["batch"], values["condition"])

    return Form(phrase("cetak.again"), load, keep, phrase("cetak.again_hint"), phrase("cetak.keep"))
