from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from support.app_context import ACTIVITY, TODAY
from support.clock import NOW
from support.sop_views import ROUND, over, sop_view, step_view

from fieldkit.domain.letters.letter import LetterKind, LetterState
from fieldkit.domain.people import Role
from fieldkit.domain.planning.outreach import OutreachCount
from fieldkit.domain.sop.profile import Declaration, Fulfilment, StandardTime, TimeUnit
from fieldkit.domain.sop.run import Filed, StepState
from fieldkit.domain.sop.standing import How, Lack, Missing, SopGlance, StepEnd, StepGlance
from fieldkit.services.planning import ActivityLine
from fieldkit.services.sop.view import (
    ActorView,
    InputView,
    NoteView,
    OutputView,
    PaperView,
    RoundView,
    StepView,
    Turn,
)
from ui.presenters.figures import StepMark
from ui.presenters.parts import Tone
from ui.presenters.planning.steps import (
    facts_of,
    lack_words,
    line_of,
    mark_of,
    now_words,
    progress_tag,
    sop_words,
    tag_of,
)
from ui.presenters.presenter import Message, message

HALF_HOUR = StandardTime("30 menit", 30, TimeUnit.MINUTES, 30)
WAITING = {"state": StepState.WAITING, "turn": Turn.OTHERS}
AT = "21-11-2026 02.00"


def facts(step: StepView) -> list[tuple[Message, Message, Tone]]:
    """Return head, words and tone of what is told of a step."""
    return [(fact.head, fact.words, fact.tone) for fact in facts_of(step, lambda at: at)]


def words(step: StepView) -> list[Message]:
    return [words for _, words, _ in facts(step)]


@pytest.mark.parametrize(
    ("step", "mark"),
    [
        (step_view(**WAITING), StepMark.PENDING),
        (step_view(), StepMark.CURRENT),
        (step_view(state=StepState.RUNNING), StepMark.CURRENT),
        (over(How.FULFILLED), StepMark.DONE),
        (over(How.INCOMPLETE), StepMark.INCOMPLETE),
        (over(How.DECLARED), StepMark.DECLARED),
        (over(How.SKIPPED), StepMark.EXCEPTED),
    ],
)
def test_the_sign_of_a_step_says_how_it_ended_else_how_far_it_is(step: StepView, mark: StepMark) -> None:
    assert mark_of(step) is mark


SLOW = {"minutes": 31, "standard": HALF_HOUR}


@pytest.mark.parametrize(
    ("step", "word", "tone"),
    [
        (step_view(), "yours", Tone.CAUTION),
        (step_view(turn=Turn.RECORD, state=StepState.RUNNING), "record", Tone.CAUTION),
        (over(How.SKIPPED), "skipped", Tone.NEUTRAL),
        (replace(over(How.DECLARED), **SLOW), "declared", Tone.CAUTION),
        (replace(over(How.INCOMPLETE), **SLOW), "incomplete", Tone.BAD),
        (step_view(turn=Turn.OTHERS, state=StepState.RUNNING, **SLOW), "running", Tone.SOFT),
        (replace(over(How.FULFILLED), **SLOW), "slow", Tone.BAD),
        (step_view(turn=Turn.OTHERS), "ready", Tone.SOFT),
    ],
)
def test_a_step_bears_the_word_that_matters_most(step: StepView, word: str, tone: Tone) -> None:
    tag = tag_of(step)
    assert tag is not None
    assert (tag.words, tag.tone) == (message(f"langkah.{word}"), tone)


@pytest.mark.parametrize("step", [step_view(**WAITING), over(How.FULFILLED)])
def test_a_step_that_waits_or_was_seen_bears_no_word(step: StepView) -> None:
    assert tag_of(step) is None


@pytest.mark.parametrize(
    ("turn", "changes", "told"),
    [
        (Turn.YOURS, {"waits_for": (1,)}, message("langkah.do_it")),
        (Turn.RECORD, {"waits_for": (1,)}, message("langkah.write_down", who="Petugas")),
        (Turn.WAITS, {"waits_for": (1, 2)}, message("langkah.waits", before="1, 2")),
        (Turn.OTHERS, {"waits_for": (1,), "doer": ""}, message("langkah.waits_only", before="1")),
        (Turn.OUTSIDE, {"waits_for": (1,), "doer": ""}, message("langkah.waits_only", before="1")),
        (Turn.OTHERS, {"waits_for": (1,)}, message("langkah.waits_others", who="Petugas", before="1")),
        (Turn.OUTSIDE, {"waits_for": (1,)}, message("langkah.waits_others", who="Petugas", before="1")),
        (Turn.OTHERS, {}, message("langkah.others", who="Petugas")),
        (Turn.OTHERS, {"doer": ""}, message("langkah.others", who="")),
        (Turn.OUTSIDE, {}, message("langkah.outside", who="Petugas")),
        (Turn.OUTSIDE, {"doer": ""}, message("langkah.outside", who="")),
        (Turn.ITSELF, {"waits_for": (1,)}, message("langkah.itself")),
        (Turn.OVER, {"how": How.SKIPPED}, message("langkah.over_skipped")),
    ],
)
def test_what_is_to_do_now_or_whose_turn_it_is(turn: Turn, changes: dict[str, object], told: Message) -> None:
    assert now_words(step_view(turn=turn, **changes)) == told


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"minutes": 0, "standard": HALF_HOUR}, message("langkah.minutes_of", real=0, standard="30 menit")),
        ({"minutes": 12, "standard": HALF_HOUR, "per": "orang"}, message("langkah.minutes", real=12)),
        ({"minutes": 0}, message("langkah.minutes", real=0)),
        ({"standard": HALF_HOUR, "per": "orang"}, message("langkah.standard_per", standard="30 menit", per="orang")),
        ({"standard": HALF_HOUR}, message("langkah.standard", standard="30 menit")),
        ({"per": "orang"}, ""),
        ({}, ""),
    ],
)
def test_the_time_of_a_step_stands_beside_its_standard(changes: dict[str, object], told: Message) -> None:
    step = step_view(doer="", **changes)
    assert line_of(step).details == ((told,) if told else ())
    assert facts(step) == ([(message("common.time"), told, Tone.NEUTRAL)] if told else [])


@pytest.mark.parametrize(
    ("ended", "told"),
    [
        ({"by": "Rina"}, message("langkah.by", who="Rina")),
        ({"by": "Rina", "outsider": "Kades"}, message("langkah.by_outsider", who="Kades", by="Rina")),
        ({}, ""),
        ({"by": "Rina", "ended_at": None}, ""),
    ],
)
def test_the_line_of_a_step_names_who_ended_it(ended: dict[str, object], told: Message) -> None:
    assert line_of(over(How.FULFILLED, **ended)).details == (("Petugas", told) if told else ("Petugas",))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"roles": (Role.LOKET,)}, [(message("langkah.done_by"), message("role.loket"), Tone.NEUTRAL)]),
        (
            {"roles": (Role.LOKET,), "is_outsider": True},
            [(message("langkah.recorded_by"), message("role.loket"), Tone.NEUTRAL)],
        ),
        (
            {"actors": (ActorView("Petugas", "pelaksana", 1, False), ActorView("Desa", "turut_hadir", 1, True))},
            [(message("langkah.beside"), "Desa (turut hadir)", Tone.NEUTRAL)],
        ),
        (
            {"varies_with": "jumlah_warga"},
            [(message("common.time"), message("langkah.varies", by="jumlah warga"), Tone.NEUTRAL)],
        ),
        (
            {"varies_with": "jumlah_warga", "minutes": 31, "standard": HALF_HOUR},
            [(message("common.time"), message("langkah.minutes_of", real=31, standard="30 menit"), Tone.BAD)],
        ),
        (
            {"inputs": (InputView("KK", True, False), InputView("Kalender", False, True))},
            [(message("langkah.inputs"), "KK", Tone.GOOD), ("", "Kalender", Tone.CAUTION)],
        ),
        (
            {
                "outputs": (
                    OutputView("Jadwal", False, (), ()),
                    OutputView(
                        "Surat",
                        True,
                        (),
                        (PaperView("1", LetterKind.SURAT_TUGAS, "Surat tugas", LetterState.DRAFT),),
                    ),
                )
            },
            [
                (message("common.results"), "Jadwal", Tone.NEUTRAL),
                ("", "Surat", Tone.GOOD),
                ("", message("langkah.paper_draft", title="Surat tugas"), Tone.SOFT),
            ],
        ),
        ({"lacks": (Lack(Missing.OUTPUT, "Jadwal"),)}, []),
        (
            {"notes": (NoteView(NOW, "Rina", "hujan"),), "remarks": ("Bawa genset",)},
            [
                (message("common.notes"), message("langkah.note_line", text="hujan", who="Rina", at=AT), Tone.SOFT),
                (message("langkah.remarks"), "Bawa genset", Tone.NEUTRAL),
            ],
        ),
    ],
)
def test_what_is_to_know_about_a_step_stands_in_groups(
    changes: dict[str, object], told: list[tuple[Message, Message, Tone]]
) -> None:
    assert facts(step_view(**changes)) == told


SAID = Declaration("Kades", "di luar program", NOW)
ENDED = message("langkah.ended_itself", at=AT)


@pytest.mark.parametrize(
    ("one", "told"),
    [
        (ROUND, []),
        (replace(ROUND, opened_because="berubah"), [message("langkah.again", reason="berubah")]),
        (replace(ROUND, started_at=NOW), [message("langkah.began", at=AT)]),
        (replace(ROUND, started_at=NOW, ended_at=NOW), [ENDED]),
        (replace(ROUND, reason="lisan", branch="lengkap", is_early=True, declared=SAID), []),
        (replace(ROUND, ended_at=NOW, by="Rina"), [message("langkah.ended", at=AT, who="Rina")]),
        (
            replace(ROUND, ended_at=NOW, by="Rina", outsider="Kades"),
            [message("langkah.ended_outside", at=AT, who="Kades", by="Rina")],
        ),
        (
            replace(ROUND, ended_at=NOW, by="Rina", outsider="Kades", state=StepState.SKIPPED),
            [message("langkah.skipped_at", at=AT, who="Rina")],
        ),
        (replace(ROUND, ended_at=NOW, reason="lisan"), [ENDED, message("langkah.reason", reason="lisan")]),
        (replace(ROUND, ended_at=NOW, branch="lengkap"), [ENDED, message("langkah.decided", branch="lengkap")]),
        (replace(ROUND, ended_at=NOW, is_early=True), [ENDED, message("langkah.early")]),
        (
            replace(ROUND, ended_at=NOW, files=(Filed("f1", "foto.jpg", "image/jpeg"),)),
            [ENDED, message("langkah.file", name="foto.jpg")],
        ),
        (
            replace(ROUND, ended_at=NOW, declared=replace(SAID, letter="005/7"), facts=(Fulfilment.RECORDED,)),
            [
                ENDED,
                message("langkah.said_who", who="Kades"),
                message("langkah.said_why", why="di luar program"),
                message("langkah.said_letter", number="005/7"),
                message("langkah.seen_later"),
            ],
        ),
        (
            replace(ROUND, ended_at=NOW, declared=SAID, reason=SAID.why),
            [ENDED, message("langkah.reason", reason=SAID.why), message("langkah.said_who", who="Kades")],
        ),
    ],
)
def test_each_time_through_a_step_is_told(one: RoundView, told: list[Message]) -> None:
    step = step_view(rounds=(one,))
    assert words(step) == told
    assert [head for head, _, _ in facts(step)] == [message("langkah.happened"), *[""] * (len(told) - 1)][: len(told)]


def test_of_a_step_that_is_over_how_that_came_stands_first_and_then_what_is_missing() -> None:
    lacks = (Lack(Missing.FACT, facts=("recorded", "sent")), Lack(Missing.UNSENT, count=2))
    step = replace(over(How.DECLARED), lacks=lacks, inputs=(InputView("KK", True, False),))
    told = [ENDED, message("langkah.fact_recorded"), message("langkah.lack_unsent", name="", count=2), "KK"]
    assert words(step) == told
    assert lack_words(Lack(Missing.OUTPUT, "Jadwal")) == message("langkah.lack_output", name="Jadwal", count=0)
    assert words(replace(step, turn=Turn.OTHERS)) == ["KK", ENDED]


def test_steps_that_are_over_on_somebodys_word_are_counted_apart() -> None:
    seen = {"name": "Kecil", "number": "SOP-01", "done": 1, "total": 2}
    assert sop_words(sop_view(over(How.FULFILLED), step_view())) == message("langkah.sop", **seen)
    said = sop_view(over(How.DECLARED), step_view())
    assert sop_words(said) == message("langkah.sop_by_word", **seen, count=1)


TURN = StepGlance(1, "Mengajukan", "Pemohon", StepState.READY)
GLANCE = SopGlance("x", "x", "kecil", "Kecil", 6, 6, ())
LINE = ActivityLine(ACTIVITY, (TODAY,), OutreachCount(7, 7, 0, 0, 0, 0, None), GLANCE, None)
PAST = TODAY - timedelta(days=1)


@pytest.mark.parametrize(
    ("line", "tag", "tone"),
    [
        (replace(LINE, mine=TURN), "common.your_turn", Tone.CAUTION),
        (replace(LINE, glance=replace(GLANCE, done=5), days=(PAST,)), "kegiatan.tag_late", Tone.BAD),
        (replace(LINE, glance=replace(GLANCE, done=5)), "kegiatan.tag_under_way", Tone.SOFT),
        (replace(LINE, glance=replace(GLANCE, done=0)), "kegiatan.tag_not_begun", Tone.NEUTRAL),
        (replace(LINE, days=(PAST,)), "kegiatan.tag_finished", Tone.GOOD),
        (
            replace(LINE, glance=replace(GLANCE, ends=(StepEnd(1, "x", How.SKIPPED),))),
            "kegiatan.tag_declared",
            Tone.CAUTION,
        ),
        (replace(LINE, glance=replace(GLANCE, is_sarpras_out=True)), "kegiatan.tag_left_open", Tone.BAD),
    ],
)
def test_an_activity_shows_first_the_users_turn_then_its_lateness(line: ActivityLine, tag: str, tone: Tone) -> None:
    shown = progress_tag(line, TODAY)
    assert (shown.words, shown.tone) == (message(tag), tone)
