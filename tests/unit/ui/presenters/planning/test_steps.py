from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from support.activities import add_activity
from support.app_context import Kit
from support.sops import SMALL
from support.tasks import SameThread, Steps

from fieldkit.domain.sarpras import SarprasKind
from fieldkit.domain.sop.profile import Equipment, SopDocument, SopProfile, StandardTime, TimeUnit
from fieldkit.domain.typed import DraftName
from fieldkit.services.sop.view import ReadDocument, SopPage
from ui.presenters.form import Drafting
from ui.presenters.lists import Facts, Hint
from ui.presenters.parts import Stage, Tag, Tone
from ui.presenters.planning.steps import Fact, group, sop_document_form
from ui.presenters.presenter import Message, message
from ui.presenters.work_form import WorkFormPresenter

LAWS = ("UU 23/2006", "UU 24/2013")
PAPER = SopDocument(
    laws=LAWS,
    qualifications=("Memahami SIAK",),
    equipment=(Equipment("Mobil", SarprasKind.VEHICLE),),
    warnings=("Data rahasia",),
)


def opened(kit: Kit, activity_id: str = "", sop_id: str = "") -> WorkFormPresenter:
    tasks, form = SameThread(), sop_document_form(kit.context, activity_id, sop_id)
    presenter = WorkFormPresenter(form, tasks, Steps(), Drafting(kit.context, tasks, DraftName("sop_document")))
    presenter.start()
    return presenter


def panels(presenter: WorkFormPresenter) -> dict[str, Facts | Hint]:
    """Return what is shown, by the last word of the key of its head or by its literal head."""
    shown = (panel for panel in (*presenter.state.below, *presenter.state.side) if isinstance(panel, Facts | Hint))
    return {str(getattr(panel.title, "key", panel.title)).removeprefix("sop_dokumen."): panel for panel in shown}


def test_each_part_stands_below_its_head(sop_kit: Kit) -> None:
    add_activity(sop_kit, "y", replace(SMALL, document=PAPER))
    presenter = opened(sop_kit, "y")
    shown = panels(presenter)
    assert (presenter.state.stage, next(iter(shown))) == (Stage.CONTENT, SMALL.name)
    assert shown["laws"].words == LAWS
    nobody = message("sop_dokumen.nobody")
    wanted = Facts(
        message("sop_dokumen.qualifications"), (("Memahami SIAK", nobody),), tags=(Tag(nobody, Tone.CAUTION),)
    )
    assert shown["qualifications"] == wanted
    assert shown["equipment"].words == (message("sop_dokumen.goes_along", name="Mobil"),)
    assert shown["warnings"] == Hint(message("sop_dokumen.warnings"), "• Data rahasia", Tone.CAUTION)
    assert len(shown["steps"].words) == len(SMALL.steps)


def test_what_a_document_does_not_name_is_said(sop_kit: Kit) -> None:
    shown = panels(opened(sop_kit, "x"))
    none = [title for title, panel in shown.items() if panel.words == message("sop_dokumen.none")]
    names = ("qualifications", "equipment", "laws", "related", "warnings", "archiving", "serves", "sla")
    assert tuple(none) == names
    first = next(iter(shown.values()))
    assert message("sop_dokumen.approved_by", who="–") in first.words


def test_an_sop_is_read_without_an_activity_and_an_unknown_one_leaves_the_way_back(sop_kit: Kit) -> None:
    presenter = opened(sop_kit, sop_id="blitar_si_jaran_ijo")
    assert str(next(iter(panels(presenter)))).startswith("SOP SI JARAN IJO")
    presenter.accept()
    presenter = opened(sop_kit, sop_id="x")
    assert (presenter.state.stage, presenter.state.problem.code) == (Stage.ERROR, "sop.unknown")  # type: ignore[union-attr]


def page(
    profile: SopProfile = SMALL, people: tuple[tuple[str, ...], ...] = (), *, is_team: bool = True, **document: object
) -> SopPage:
    return SopPage(replace(profile, document=SopDocument(**document)), people, is_team)  # type: ignore[arg-type]


def said(key: str, **params: str) -> Message:
    return message(f"sop_dokumen.{key}", **params)


LACKING = {"people": ((),), "qualifications": ("SIAK",)}
ASKED = {"qualifications": ("SIAK", "Komputer"), "people": (("Rina", "Wahyu"), ("Agus",))}
WALKING = replace(SMALL.steps[0], actors=(), standard=None)
TIMED = replace(SMALL.steps[0], standard=StandardTime("1 hari", 450, TimeUnit.DAYS, 450))


@pytest.mark.parametrize(
    ("read", "head", "facts", "words", "tags"),
    [
        (page(heading="SOP PELAYANAN"), "SOP PELAYANAN", (), None, ()),
        (page(**LACKING), "qualifications", (("SIAK", said("nobody_team")),), "", (said("nobody_team"),)),
        (page(**LACKING, is_team=False), "qualifications", (("SIAK", said("nobody")),), "", (said("nobody"),)),
        (
            page(**ASKED),
            "qualifications",
            (("SIAK", said("have_it", names="Rina, Wahyu")), ("Komputer", said("have_it", names="Agus"))),
            "",
            (),
        ),
        (
            page(equipment=(Equipment("Mobil", SarprasKind.VEHICLE), Equipment("Meja"))),
            "equipment",
            (),
            (said("goes_along", name="Mobil"), "Meja"),
            (),
        ),
        (page(supplies=("Tisu",)), "supplies", (), ("Tisu",), ()),
        (
            page(replace(SMALL, steps=(WALKING, TIMED))),
            "steps",
            (),
            tuple(
                message("sop_dokumen.step", no=1, words="Mengajukan", who=who, standard=standard)
                for who, standard in (("–", "–"), ("Pemohon", "1 hari"))
            ),
            (),
        ),
        (
            page(approved_by="Kepala", made_on=date(2025, 1, 2), effective_on=date(2025, 2, 3)),
            SMALL.name,
            (),
            (
                said("about", number=SMALL.number, office=SMALL.office),
                said("approved_by", who="Kepala"),
                said("made_on", day="02-01-2025"),
                said("revised_on", day="–"),
                said("effective_on", day="03-02-2025"),
            ),
            (),
        ),
    ],
)
def test_a_document_is_told_with_what_it_names(
    idle: Kit,
    monkeypatch: pytest.MonkeyPatch,
    read: SopPage,
    head: str,
    facts: tuple[object, ...],
    words: object,
    tags: tuple[Message, ...],
) -> None:
    monkeypatch.setattr(ReadDocument, "page", lambda *_: read)
    shown = panels(opened(idle, sop_id="kecil"))[head]
    assert isinstance(shown, Facts)
    assert (shown.facts, tuple(tag.words for tag in shown.tags)) == (facts, tags)
    assert words is None or shown.words == words


def test_a_document_without_supplies_says_nothing_of_them(idle: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ReadDocument, "page", lambda *_: page())
    presenter = opened(idle, sop_id="kecil")
    assert "supplies" not in panels(presenter)
    assert presenter.reads == {"sop_run", "staff", "plan"}


def test_the_head_of_a_group_stands_above_its_first_fact_only() -> None:
    facts = group("langkah.inputs", (Fact(words, Tone.GOOD) for words in ("KTP", "KK")))
    assert [fact.head for fact in facts] == [message("langkah.inputs"), ""]
    assert [(fact.words, fact.tone) for fact in facts] == [("KTP", Tone.GOOD), ("KK", Tone.GOOD)]
    assert group("langkah.inputs", ()) == ()
