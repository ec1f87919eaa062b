"""An SOP to read: its number and days, the law, whom and what it asks for, its warnings, its steps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from fieldkit.domain.errors import Problem
from fieldkit.domain.people.staff import Staff
from fieldkit.domain.planning.plan import Plan
from fieldkit.domain.sop.document import SopDocument
from fieldkit.domain.sop.profile import SopProfile, SopStep
from fieldkit.domain.sop.run import SopRun
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.sop.read_document import SopPage
from ui.presenters.amounts import day_text
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator
from ui.presenters.parts import Bar, Stage, Tone, ViewState
from ui.presenters.planning.sop_figures import Fact
from ui.presenters.presenter import Presenter
from ui.presenters.tasks import STORE, Tasks
from ui.presenters.ways_out import leave, unread


@dataclass(frozen=True, slots=True, kw_only=True)
class SopDocumentState(ViewState):
    """Two columns of facts in groups: what it is and asks for, and what it rests on."""

    title: str = ""
    subtitle: Message = ""
    left: tuple[Fact, ...] = ()
    right: tuple[Fact, ...] = ()


class SopDocumentPresenter(Presenter[SopDocumentState]):
    """Shows the SOP of an activity, or with `activity_id` "" the one with `sop_id`; nothing is changed here."""

    def __init__(self, context: AppContext, tasks: Tasks, navigator: Navigator, activity_id: str, sop_id: str) -> None:
        super().__init__(SopDocumentState(stage=Stage.LOADING, bar=Bar(leave(self.back))))
        self._context, self._tasks, self._navigator = context, tasks, navigator
        self._activity_id, self._sop_id = activity_id, sop_id

    @property
    def reads(self) -> frozenset[str]:
        """Return what the page shows besides the file of the SOP."""
        return frozenset({SopRun.KIND, Staff.KIND, Plan.KIND})

    def start(self) -> None:
        """Read the page."""
        page = self._context.office.sop_documents.page
        self._tasks.run(STORE, lambda: page(self._activity_id, self._sop_id), self._loaded, self._failed)

    refresh = start

    def back(self) -> None:
        """Leave."""
        self._navigator.back()

    def _loaded(self, page: SopPage) -> None:
        profile = page.profile
        self._become(
            replace(
                self.state,
                stage=Stage.CONTENT,
                where=message("sop_dokumen.where"),
                problem=None,
                retry=None,
                title=profile.document.heading or profile.name,
                subtitle=message("sop_dokumen.about", number=profile.number, office=profile.office),
                left=(*_head(profile), *_people(page), *_things(profile.document), *_steps(profile)),
                right=(
                    *_group("laws", profile.document.laws),
                    *_group("related", profile.document.related),
                    *_group("warnings", profile.document.warnings, Tone.CAUTION),
                    *_group("archiving", profile.document.archiving),
                    *_group("serves", profile.serves),
                    *_group("sla", tuple(each.words for each in profile.sla)),
                ),
            )
        )

    def _failed(self, problem: Problem) -> None:
        self._become(unread(self.state, problem, self))


def _group(name: str, lines: tuple[Message, ...], tone: Tone = Tone.NEUTRAL) -> tuple[Fact, ...]:
    """Return lines below their head; a group without any says that the document names none."""
    head = message(f"sop_dokumen.{name}")
    if not lines:
        return (Fact(message("sop_dokumen.none"), Tone.NEUTRAL, head),)
    return tuple(Fact(words, tone, head if at == 0 else "") for at, words in enumerate(lines))


def _head(profile: SopProfile) -> tuple[Fact, ...]:
    document = profile.document
    days = (("made", document.made_on), ("revised", document.revised_on), ("effective", document.effective_on))
    return _group(
        "approval",
        (
            message("sop_dokumen.approved_by", who=document.approved_by or "–"),
            *(message(f"sop_dokumen.{name}_on", day=_day(on)) for name, on in days),
        ),
    )


def _day(on: date | None) -> str:
    return day_text(on) if on else "–"


def _people(page: SopPage) -> tuple[Fact, ...]:
    wanted = page.profile.document.qualifications
    if not wanted:
        return _group("qualifications", ())
    nobody = message("sop_dokumen.nobody_team" if page.is_team else "sop_dokumen.nobody")
    facts: list[Fact] = []
    for words, names in zip(wanted, page.people, strict=True):
        head = "" if facts else message("sop_dokumen.qualifications")
        facts.append(Fact(words, Tone.GOOD if names else Tone.CAUTION, head))
        facts.append(Fact(message("sop_dokumen.have_it", names=", ".join(names)) if names else nobody, Tone.SOFT))
    return tuple(facts)


def _things(document: SopDocument) -> tuple[Fact, ...]:
    def line(name: str, *, goes_along: bool) -> Message:
        return message("sop_dokumen.goes_along", name=name) if goes_along else name

    things = tuple(line(each.name, goes_along=each.kind is not None) for each in document.equipment)
    return (*_group("equipment", things), *(_group("supplies", document.supplies) if document.supplies else ()))


def _steps(profile: SopProfile) -> tuple[Fact, ...]:
    def line(step: SopStep) -> Message:
        who = step.doer.column if step.doer else "–"
        standard = step.standard.words if step.standard else "–"
        return message("sop_dokumen.step", no=step.no, words=step.words, who=who, standard=standard)

    return _group("steps", tuple(map(line, profile.steps)))
