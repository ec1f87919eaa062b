"""Formulir resmi: which official form of a person or an application to fill; it opens as a letter to print or keep."""

from __future__ import annotations

from collections.abc import Mapping

from fieldkit.domain.letters.letter import Letter, LetterKind
from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.typed import chosen
from fieldkit.services.context.app_context import AppContext
from ui.presenters.actions import Action
from ui.presenters.commands import Command, Weight
from ui.presenters.form import Form, FormField, closed_form
from ui.presenters.letters.letters import kind_words
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator, opens
from ui.presenters.parts import Choice
from ui.presenters.readers import answer


def form_choice(context: AppContext, target_id: str = "", application_id: str = "") -> Form:
    """Return the choice of a form for somebody on the list, or for an application."""
    forms, title = context.office.forms, message("common.official_forms")
    if not forms.offered():
        return closed_form(context, title, Permission.SERVE_KK, message("surat.not_yours"))

    def load() -> tuple[FormField, ...]:
        choices = tuple(Choice(kind.value, kind_words(kind)) for kind in forms.offered())
        return (FormField("form", message("common.form"), choices=choices),)

    def keep(values: Mapping[str, str]) -> Letter:
        kind = answer(values, "form", chosen(LetterKind))
        return forms.of_application(kind, application_id) if application_id else forms.of_target(kind, target_id)

    return Form(
        title,
        load,
        keep,
        message("surat.official_forms_hint"),
        message("surat.fill_form"),
        lambda navigator, letter: navigator.replace("letter", letter_id=letter.thing_id),
        wide={"form": 4},
    )


def forms_command(
    context: AppContext, navigator: Navigator, target_id: str, weight: Weight = Weight.PLAIN, none: Message = ""
) -> Command:
    """Return the command that opens the forms of a person; `none` says why there is nobody."""
    refused = none or ("" if context.office.forms.offered() else message("surat.not_yours"))
    runs = opens(navigator, "official_form", target_id=target_id)
    return Command("official_form", message("common.official_forms"), Action.FORMS, weight, refused, runs)
