"""The forms of an application's papers: the scans of one, and what is wrong with one."""

from __future__ import annotations

from functools import partial

from fieldkit.domain.applications import PaperVerdict
from fieldkit.domain.typed import path_of
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.devices.take_photo import PAPER_PX
from fieldkit.services.targets.read_scans import PDF
from fieldkit.services.targets.register_request import Scan, scan_of
from ui.presenters.form import Beside, Form, FormField
from ui.presenters.messages import message
from ui.presenters.readers import Values, answer, papers
from ui.presenters.targets.request_forms import drawn


def scan_form(context: AppContext, application_id: str, place: int) -> Form:
    """Return the form that takes the scans of one paper."""
    kept, applications = context.office.application_papers, context.office.applications

    def load() -> tuple[FormField, ...]:
        name = applications.get(application_id).requirements[place].name
        return (FormField("file", name, hint=message("papers.file_hint"), is_paper=True, is_many=True),)

    return Form(
        message("papers.scan_title"),
        load,
        lambda values: kept.scan(application_id, place, read_scans(context, values)),
        message("papers.scan_hint"),
        message("papers.scan_keep"),
    )


def wrong_form(context: AppContext, application_id: str, place: int) -> Form:
    """Return the form that asks what is wrong with a paper."""
    judge = context.office.application_papers.judge

    def load() -> tuple[FormField, ...]:
        reason = context.office.applications.get(application_id).requirements[place].reason
        return (FormField("reason", message("papers.reason"), reason, hint=message("papers.reason_hint")),)

    return Form(
        message("papers.wrong_title"),
        load,
        lambda values: judge(application_id, place, PaperVerdict.WRONG, values["reason"]),
        message("counter.ask_send_back_hint"),
        beside=Beside(lambda: context.office.application_papers.files(application_id, place), partial(drawn, context)),
    )


def read_scans(context: AppContext, values: Values, name: str = "file") -> tuple[Scan, ...]:
    """Read the papers of a field; a photo loses what cameras hide in it. Raise `InputError`."""
    return answer(values, name, lambda _text: tuple(scan_from(context, *each) for each in papers(values, name)))


def scan_from(context: AppContext, name: str, content: bytes) -> Scan:
    """Return a file as a scan. Raise `InputError` for what is neither a PDF nor a picture."""
    scan = scan_of(name, content)
    if scan.media_type == PDF:
        return scan
    return Scan(f"{path_of(name).stem}.jpg", "image/jpeg", context.pictures.photo(content, PAPER_PX))
