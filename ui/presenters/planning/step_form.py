"""The small forms of the activity screen: which fields each has, and what is done with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from fieldkit.domain.sop.profile import SopProfile
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.sop.view import StepView
from ui.presenters.form import FormField
from ui.presenters.messages import message
from ui.presenters.parts import Choice
from ui.presenters.planning.sop_figures import FormKind, StepForm

_CHOSEN = "chosen"  # in a draft, beside the names of fields
_EVERY = "*"  # all that can be ticked


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


def form_of(kind: FormKind, step: StepView) -> StepForm:
    """Return an empty form."""
    fields: tuple[FormField, ...] = ()
    choices: tuple[Choice, ...] = ()
    match kind:
        case FormKind.TICK:
            wanted = [each.name for each in step.inputs if each.may_tick]
            every = (Choice(_EVERY, message("langkah.tick_all")),) if len(wanted) > 1 else ()
            choices = (*every, *(Choice(name, name) for name in wanted))
        case FormKind.NOTE:
            fields = (FormField("text", message("langkah.field_note")),)
        case FormKind.SKIP | FormKind.REPEAT:
            fields = (FormField("reason", message("langkah.field_reason")),)
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
        case FormKind.TICK:
            every = tuple(choice.name for choice in form.choices if choice.name != _EVERY)
            sop.tick(activity_id, no, *(every if form.chosen == _EVERY else (form.chosen,)))
        case FormKind.NOTE:
            sop.note(activity_id, no, form.text("text"))
        case FormKind.SKIP:
            sop.skip(activity_id, no, reason)
        case FormKind.REPEAT:
            sop.repeat(activity_id, no, reason)
