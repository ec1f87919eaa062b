"""An SOP to read: its number and days, the law, whom and what it asks for, its warnings, its steps."""

from __future__ import annotations

from datetime import date

from fieldkit.domain.people.staff import Staff
from fieldkit.domain.planning.plan import Plan
from fieldkit.domain.sop.document import SopDocument
from fieldkit.domain.sop.profile import SopProfile, SopStep
from fieldkit.domain.sop.run import SopRun
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.sop.read_document import SopPage
from ui.presenters.amounts import day_text
from ui.presenters.form import FormField
from ui.presenters.lists import Facts, Hint, Panel
from ui.presenters.messages import Message, message
from ui.presenters.parts import Tag, Tone
from ui.presenters.work_form import Around, Filled, WorkForm


def sop_document_form(context: AppContext, activity_id: str, sop_id: str) -> WorkForm:
    """Return the SOP of an activity, or with `activity_id` "" the one with `sop_id`; nothing is asked."""
    read: list[SopPage] = []

    def load() -> tuple[FormField, ...]:
        read[:] = [context.office.sop_documents.page(activity_id, sop_id)]
        return ()

    def around(_filled: Filled) -> Around:
        profile, document = read[0].profile, read[0].profile.document
        warned = "\n".join(f"• {line}" for line in document.warnings)
        title = message("sop_dokumen.warnings")
        side: tuple[Panel, ...] = (
            _group("laws", document.laws),
            _group("related", document.related),
            Hint(title, warned, Tone.CAUTION) if warned else _group("warnings", ()),
            _group("archiving", document.archiving),
            _group("serves", profile.serves),
            _group("sla", tuple(each.words for each in profile.sla)),
        )
        steps = _group("steps", tuple(map(_step, profile.steps)))
        below = (_head(profile), _people(read[0]), *_things(document), steps)
        return Around((), side, below, message("sop_dokumen.where"))

    reads = frozenset({SopRun.KIND, Staff.KIND, Plan.KIND})
    return WorkForm("", load, lambda _values: None, around=around, about=lambda: "", reads=reads)


def _group(name: str, lines: tuple[Message, ...]) -> Facts:
    """Return lines below their head; a group without any says that the document names none."""
    return Facts(message(f"sop_dokumen.{name}"), (), lines or message("sop_dokumen.none"))


def _head(profile: SopProfile) -> Facts:
    document = profile.document
    days = (("made", document.made_on), ("revised", document.revised_on), ("effective", document.effective_on))
    about = message("sop_dokumen.about", number=profile.number, office=profile.office)
    by = message("sop_dokumen.approved_by", who=document.approved_by or "–")
    told = (by, *(message(f"sop_dokumen.{name}_on", day=_day(on)) for name, on in days))
    return Facts(document.heading or profile.name, (), (about, *told))


def _day(on: date | None) -> str:
    return day_text(on) if on else "–"


def _people(page: SopPage) -> Facts:
    wanted = page.profile.document.qualifications
    if not wanted:
        return _group("qualifications", ())
    nobody = message("sop_dokumen.nobody_team" if page.is_team else "sop_dokumen.nobody")
    have = [message("sop_dokumen.have_it", names=", ".join(names)) if names else nobody for names in page.people]
    tags = () if all(page.people) else (Tag(nobody, Tone.CAUTION),)
    return Facts(message("sop_dokumen.qualifications"), tuple(zip(wanted, have, strict=True)), tags=tags)


def _things(document: SopDocument) -> tuple[Facts, ...]:
    def line(name: str, *, goes_along: bool) -> Message:
        return message("sop_dokumen.goes_along", name=name) if goes_along else name

    things = tuple(line(each.name, goes_along=each.kind is not None) for each in document.equipment)
    return (_group("equipment", things), *((_group("supplies", document.supplies),) if document.supplies else ()))


def _step(step: SopStep) -> Message:
    who = step.doer.column if step.doer else "–"
    standard = step.standard.words if step.standard else "–"
    return message("sop_dokumen.step", no=step.no, words=step.words, who=who, standard=standard)
