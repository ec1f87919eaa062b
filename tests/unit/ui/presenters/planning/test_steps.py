from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from support.activities import add_activity
from support.app_context import KETUA, Kit
from support.sops import SMALL, act
from support.tasks import SameThread, Steps

from fieldkit.domain.people import Role, User
from fieldkit.domain.sarpras import SarprasKind
from fieldkit.domain.sop.profile import Equipment, SopDocument, SopProfile, StandardTime, TimeUnit
from fieldkit.domain.typed import DraftName
from fieldkit.services.sop.view import ReadDocument, SopPage, StepView
from ui.presenters.figures import StepMark
from ui.presenters.form import Drafting
from ui.presenters.lists import Facts, Hint
from ui.presenters.parts import Stage, Tag, Tone
from ui.presenters.planning.steps import Fact, facts_of, group, line_of, now_words, sop_document_form, tag_of
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


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path, KETUA)
    add_activity(kit, "x", SMALL)
    yield kit
    kit.store.close()


def step(kit: Kit, no: int) -> StepView:
    view = kit.context.office.sop.view("x")
    assert view is not None
    return view.steps[no - 1]


def go(kit: Kit, up_to: int) -> None:
    for no in range(1, up_to):
        kit.context.office.sop.skip("x", no, "lisan")


def told(kit: Kit, no: int) -> list[object]:
    return [fact.words for fact in facts_of(step(kit, no), kit.clock.local)]


def test_whose_turn_it_is_in_words(kit: Kit) -> None:
    assert now_words(step(kit, 1)) == message("langkah.outside", who="Pemohon")
    assert now_words(step(kit, 2)) == message("langkah.waits_others", who="Kasi", before="1")
    assert now_words(step(kit, 4)) == message("langkah.waits", before="1, 2")
    assert now_words(step(kit, 6)) == message("langkah.itself")
    go(kit, 3)
    assert now_words(step(kit, 3)) == message("langkah.others", who="Kasi")
    assert now_words(step(kit, 4)) == message("langkah.do_it")
    assert tag_of(step(kit, 4)).words == message("langkah.yours")
    assert now_words(step(kit, 1)) == message("langkah.over_skipped")
    assert line_of(step(kit, 1)).mark is StepMark.EXCEPTED


def test_real_time_stands_beside_the_standard_and_slowness_is_bad(kit: Kit) -> None:
    go(kit, 5)
    sop = kit.context.office.sop
    sop.start("x", 5)
    assert tag_of(step(kit, 5)).words == message("langkah.yours")
    kit.clock.at += timedelta(minutes=50)
    sop.declare("x", 5, act(kit.clock.now()))
    line = line_of(step(kit, 5))
    assert line.details == (
        "Petugas",
        message("langkah.minutes_of", real=50, standard="30 menit"),
        message("langkah.by", who=KETUA.name),
    )
    assert (line.tag.words, line.tag.tone) == (message("langkah.declared"), Tone.CAUTION)


def test_everything_that_happened_is_told(kit: Kit) -> None:
    go(kit, 4)
    sop = kit.context.office.sop
    sop.note("x", 3, "kalender menyusul")
    sop.repeat("x", 3, "jadwal berubah")
    words = told(kit, 3)
    assert message("langkah.reason", reason="lisan") in words
    assert message("langkah.again", reason="jadwal berubah") in words
    assert "Kalender" in words
    assert any(getattr(each, "key", "") == "langkah.note_line" for each in words)
    assert any(getattr(each, "key", "") == "langkah.skipped_at" for each in words)
    tones = {fact.words: fact.tone for fact in facts_of(step(kit, 3), kit.clock.local) if isinstance(fact.words, str)}
    assert tones["Kalender"] is Tone.CAUTION


def test_who_writes_down_for_an_outsider_is_said(kit: Kit) -> None:
    first = facts_of(step(kit, 1), kit.clock.local)[0]
    assert (first.head, first.words) == (message("langkah.recorded_by"), message("role.loket"))
    assert User("x", "x", Role.LOKET).role in step(kit, 1).roles
