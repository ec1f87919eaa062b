"""What a line of the unfinished says."""

from __future__ import annotations

import pytest
from support.app_context import Kit
from support.clock import NOW
from support.tasks import SameThread, Steps

from fieldkit.domain.errors import Problem
from fieldkit.domain.recording.capture import StepKind
from fieldkit.domain.typed import DraftName
from fieldkit.services.home import Left
from ui.presenters.figures import FigureCell
from ui.presenters.home.left_open import LeftOpen, go_on_with, line_of, missing_words
from ui.presenters.parts import Tag, Tone
from ui.presenters.presenter import Message, message
from ui.presenters.wording import step_words

STEPS = tuple(StepKind)
RECORDING = DraftName("recording", {"session_id": "s1"})


def left(*missing: StepKind, name: DraftName = RECORDING, who: str = "SIT•••", is_typed: bool = False) -> Left:
    return Left(name, who, NOW, "t1", missing, is_typed)


FORM, STRANGE = left(name=DraftName("visit")), left(name=DraftName("elsewhere"))


def tags(*steps: StepKind) -> tuple[Tag, ...]:
    return tuple(Tag(step_words(step), Tone.NEUTRAL) for step in steps)


@pytest.mark.parametrize(
    ("one", "column", "cell"),
    [
        (left(), 0, FigureCell("SIT•••", is_strong=True)),
        (left(who=""), 0, FigureCell("–", is_strong=True)),
        (left(), 1, FigureCell(message("isian.form.recording"))),
        (left(is_typed=True), 1, FigureCell(message("isian.form.recording"), message("isian.not_saved"))),
        (FORM, 1, FigureCell(message("isian.form.visit"))),
        (left(name=DraftName("visit"), is_typed=True), 1, FigureCell(message("isian.form.visit"))),
        (STRANGE, 1, FigureCell(message("common.form"))),
        (left(), 2, FigureCell(message("isian.not_sealed"))),
        (FORM, 2, FigureCell(message("isian.not_saved"))),
        (left(*STEPS[:3]), 2, FigureCell(tags=tags(*STEPS[:3]))),
        (
            left(*STEPS[:4]),
            2,
            FigureCell(tags=(*tags(*STEPS[:3]), Tag(message("common.more", count=1), Tone.NEUTRAL))),
        ),
        (left(), 3, FigureCell("21-11-2026 09.00")),
    ],
)
def test_a_row_says_who_what_and_what_is_missing(idle: Kit, one: Left, column: int, cell: FigureCell) -> None:
    assert LeftOpen(idle.context, Steps()).screen().heads[column].cell(one) == cell


@pytest.mark.parametrize(
    ("one", "told"),
    [
        (left(*STEPS[:2]), message("isian.steps_missing", count=2)),
        (left(), message("isian.not_sealed")),
        (FORM, message("isian.not_saved")),
        (left(STEPS[0], name=DraftName("visit")), message("isian.not_saved")),
    ],
)
def test_one_sentence_says_what_is_missing(one: Left, told: Message) -> None:
    assert missing_words(one) == told


@pytest.mark.parametrize("who", ["SIT•••", ""])
def test_a_line_leaves_out_who_is_not_known(who: str) -> None:
    told = line_of(left(who=who), lambda at: at)
    assert told == (*([who] if who else []), message("isian.form.recording"), message("isian.not_sealed"), told[-1])


def test_a_form_opens_and_a_recording_is_opened_in_the_store(idle: Kit) -> None:
    steps, problems = Steps(), list[Problem]()
    for one in (FORM, left()):
        go_on_with(one, idle.context, SameThread(), steps, problems.append)
    assert (steps.taken, [problem.code for problem in problems]) == ([("push", "visit")], ["store.not_found"])
    assert LeftOpen(idle.context, steps).screen().reads == {"session"}
