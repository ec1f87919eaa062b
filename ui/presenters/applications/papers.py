"""Berkas permohonan: each paper against the list of what is needed; scanned, looked at, right or wrong."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from fieldkit.domain.applications import Application, PaperVerdict, Requirement
from fieldkit.domain.typed import path_of
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.devices.take_photo import PAPER_PX
from fieldkit.services.targets.read_scans import PDF, ScanPages
from fieldkit.services.targets.register_request import Scan, scan_of
from ui.presenters.actions import Action
from ui.presenters.applications.applications import ApplicationList
from ui.presenters.commands import Command, Operation, enter
from ui.presenters.figures import Cell, tagged
from ui.presenters.form import Beside, Form, FormField
from ui.presenters.lists import Facts, Head, Listed, ListScreen, Panel, Photo, nothing_yet
from ui.presenters.messages import Message, message
from ui.presenters.parts import Tag, Tone
from ui.presenters.readers import Values, answer, papers
from ui.presenters.targets.request_forms import drawn

_SHOWN = 2  # files and pages beside the list; all of them stand beside the form that asks what is wrong


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper and its place on the list of what is needed."""

    place: int
    paper: Requirement


class ApplicationPapers(ApplicationList):
    """Who takes in scans the papers, who checks reads them."""

    def screen(self) -> ListScreen[Paper]:
        """Return the list, in the order of what is needed."""
        return ListScreen(
            title=message("papers.title"),
            heads=(
                Head(message("papers.paper"), lambda each: Cell(each.paper.name, is_strong=True)),
                Head(message("papers.files"), _files, 130),
                Head(message("common.check"), _verdict, 250),
            ),
            load=lambda: [Paper(*each) for each in enumerate(self._read().application.requirements)],
            name=lambda each: str(each.place),
            text=lambda each: each.paper.name,
            about=self._drawn,
            reads=frozenset({Application.KIND}),
            empty=nothing_yet("papers.none"),
            side=_side,
            commands=self._commands,
            hint=message("papers.search"),
            where=self._where,
            begins_at=lambda each: each.paper.verdict is not PaperVerdict.RIGHT,
        )

    def _drawn(self, each: Paper) -> ScanPages:
        files = self._office.application_papers.files(self._id, each.place)
        return self._office.scans.draw(files[:_SHOWN])

    def _commands(self, listed: Listed[Paper]) -> tuple[Command, ...]:
        current, opens = listed.current, self._opens
        if current is None:
            return ()
        view, paper, at = self._view, current.paper, {"application_id": self._id, "place": str(current.place)}
        checked: Message = "" if view.takes_papers_of(self._context.user.role) else message("papers.not_open")
        judging = checked or self._others(view)
        say_right = Operation(
            work=partial(self._office.application_papers.judge, self._id, current.place, PaperVerdict.RIGHT),
            told=lambda _kept: message("papers.right_told", paper=paper.name),
            done=self._next,
        )
        if not paper.files:  # Enter does what comes next
            return (opens("accept", message("papers.scan"), Action.ACCEPT, checked, "paper_scan", **at),)
        return (
            opens("begin_new", message("papers.scan"), Action.NEW, checked, "paper_scan", **at),
            opens("say_wrong", message("papers.wrong"), Action.SET_ASIDE, judging, "paper_wrong", **at),
            enter(message("papers.right"), say_right, judging),
        )

    def _next(self, kept: Application) -> None:
        if not kept.unread:
            self._navigator.back()


def _files(each: Paper) -> Cell:
    count = len(each.paper.files)
    if count:
        return Cell(message("papers.count", count=count))
    return Cell(message("papers.brought" if each.paper.is_there else "papers.missing"))


def _verdict(each: Paper) -> Cell:
    if each.paper.verdict is PaperVerdict.RIGHT:
        return tagged(Tag(message("papers.right"), Tone.GOOD))
    if each.paper.verdict is PaperVerdict.WRONG:
        return Cell(each.paper.reason, tags=(Tag(message("papers.is_wrong"), Tone.BAD),))
    return tagged(Tag(message("common.not_checked"), Tone.CAUTION))


def _side(listed: Listed[Paper]) -> tuple[Panel, ...]:
    current, shown = listed.current, listed.about
    if current is None or not isinstance(shown, ScanPages):
        return ()
    if not current.paper.files:
        return (Facts(current.paper.name, words=message("papers.scan_first")),)
    pictures = tuple(Photo(current.paper.name, page) for page in shown.pages[:_SHOWN])
    has_more = len(shown.pages) > _SHOWN or len(current.paper.files) > _SHOWN
    words: Message = message("papers.more") if has_more else ""
    if shown.unreadable:
        words = message("request.scan_unreadable", names=", ".join(shown.unreadable))
    return (*pictures, Facts(message("papers.count", count=len(current.paper.files)), words=words))


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
