"""The small forms of the activity screen: which fields each has, and what is done with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from fieldkit.domain.errors import InputError
from fieldkit.domain.sop.profile import SopProfile
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.sop.read_evidence import read_evidence
from fieldkit.services.sop.run_sop import EvidenceFile, OutsiderAct
from fieldkit.services.sop.view import StepView
from ui.presenters.amounts import moment_text
from ui.presenters.form import FormField
from ui.presenters.messages import message
from ui.presenters.parts import Choice
from ui.presenters.planning.sop_figures import FormKind, StepForm
from ui.presenters.readers import moments

_CHOSEN = "chosen"  # in a draft, beside the names of fields


def begin_form(profiles: tuple[SopProfile, ...], chosen: str) -> StepForm:
    """Return the choice of the SOP that an activity follows."""
    choices = tuple(Choice(p.sop_id, p.title, p.office.title()) for p in profiles)
    known = chosen if chosen in {choice.name for choice in choices} else ""
    return StepForm(
        FormKind.BEGIN,
        message("langkah.form_begin"),
        message("langkah.form_begin_hint"),
        choices=choices,
        chosen=known or (choices[0].name if choices else ""),
    )


def form_of(kind: FormKind, step: StepView, now: datetime) -> StepForm:
    """Return an empty form; `now` is local."""
    fields: tuple[FormField, ...] = ()
    choices: tuple[Choice, ...] = ()
    match kind:
        case FormKind.TICK:
            choices = tuple(Choice(each.name, each.name) for each in step.inputs if each.may_tick)
        case FormKind.NOTE:
            fields = (FormField("text", message("langkah.field_note")),)
        case FormKind.OUTSIDER:
            fields = (
                FormField("name", message("langkah.field_name"), hint=step.doer),
                FormField("at", message("langkah.field_at"), moment_text(now)),
                FormField("file", message("langkah.field_file"), hint=message("langkah.field_file_hint")),
            )
        case FormKind.OVERRIDE | FormKind.SKIP | FormKind.REPEAT:
            fields = (FormField("reason", message("langkah.field_reason")),)
    if kind in (FormKind.DECIDE, FormKind.OUTSIDER, FormKind.OVERRIDE):
        choices = tuple(Choice(branch.when, branch.when, branch.then) for branch in step.branches)
    title, hint = message(f"langkah.form_{kind.value}", no=step.no), message(f"langkah.form_{kind.value}_hint")
    return StepForm(kind, title, hint, fields, choices, choices[0].name if choices else "")


def typed(form: StepForm, name: str, text: str) -> StepForm:
    """Return the form with what was typed into a field."""
    return replace(form, fields=tuple(replace(f, text=text) if f.name == name else f for f in form.fields))


def unkept(left: Mapping[str, str], form: StepForm, blank: StepForm, no: int) -> Mapping[str, str]:
    """Return a draft with what stands in a form of step `no` otherwise than in the blank one, in place of its own."""
    mine = f"{no}.{form.kind.value}."
    texts = {field.name: field.text for field in form.fields if field.text != blank.text(field.name)}
    if form.chosen != blank.chosen:
        texts[_CHOSEN] = form.chosen
    others = {name: text for name, text in left.items() if not name.startswith(mine)}
    return {**others, **{f"{mine}{name}": text for name, text in texts.items()}}


def with_left(blank: StepForm, no: int, left: Mapping[str, str]) -> StepForm:
    """Return a form of step `no` with what a draft has for it; what can no longer be chosen is passed over."""
    mine = f"{no}.{blank.kind.value}."
    fields = tuple(replace(field, text=left.get(f"{mine}{field.name}", field.text)) for field in blank.fields)
    chosen = left.get(f"{mine}{_CHOSEN}", "")
    known = chosen if chosen in {choice.name for choice in blank.choices} else blank.chosen
    return replace(blank, fields=fields, chosen=known)


def left_of(left: Mapping[str, str]) -> Iterator[tuple[int, FormKind]]:
    """Yield the steps and the forms of theirs that a draft has something for."""
    for name in left:
        no, _, rest = name.partition(".")
        kind = rest.partition(".")[0]
        if no.isdigit() and kind in set(FormKind):
            yield int(no), FormKind(kind)


def next_choice(form: StepForm, step: int) -> StepForm:
    """Return the form with the choice that many lines further down."""
    names = [choice.name for choice in form.choices]
    if not names:
        return form
    at = names.index(form.chosen) + step if form.chosen in names else 0
    return replace(form, chosen=names[max(0, min(len(names) - 1, at))])


def do_form(context: AppContext, activity_id: str, no: int, form: StepForm) -> None:
    """Do what a filled form says. Raise `KnownError`."""
    sop, reason = context.office.sop, form.text("reason")
    match form.kind:
        case FormKind.BEGIN:
            sop.begin(activity_id, form.chosen)
        case FormKind.DECIDE:
            sop.complete(activity_id, no, form.chosen)
        case FormKind.TICK:
            sop.tick(activity_id, no, form.chosen)
        case FormKind.NOTE:
            sop.note(activity_id, no, form.text("text"))
        case FormKind.SKIP:
            sop.skip(activity_id, no, reason)
        case FormKind.REPEAT:
            sop.repeat(activity_id, no, reason)
        case FormKind.OVERRIDE:
            if not reason.strip():
                raise InputError("sop.reason_needed", step=no)
            sop.complete(activity_id, no, form.chosen, reason)
        case FormKind.OUTSIDER:
            act = OutsiderAct(
                form.text("name"), moments(context.clock)(form.text("at")), _files(context, form.text("file"))
            )
            sop.record_outsider(activity_id, no, act, form.chosen)


def _files(context: AppContext, path: str) -> tuple[EvidenceFile, ...]:
    return (read_evidence(path, context.pictures),) if path.strip() else ()
