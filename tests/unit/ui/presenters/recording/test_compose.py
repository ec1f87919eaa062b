from __future__ import annotations

from dataclasses import replace

import pytest
from support.kept import biodata, session
from support.steps import attempt, good, mark

from fieldkit.app.bootstrap.catalogue import LANGUAGES, strict_catalogue
from fieldkit.domain.errors import Problem
from fieldkit.domain.recording.capture import CAPTURED_AT, StepKind
from fieldkit.domain.recording.positions import RIGHT_FOUR, THUMBS, ExceptionReason, Position
from fieldkit.domain.recording.record import IndexComparison
from fieldkit.domain.recording.session import CaptureSession, Phase
from fieldkit.formats.rules import load_tables
from fieldkit.ports.devices import LiveScore
from fieldkit.ports.recording import Hand, SlapSeen
from ui.presenters.figures import FingerMark, Guide
from ui.presenters.presenter import Action, CatalogMessage, Weight, message
from ui.presenters.recording.biodata_form import BiodataForm
from ui.presenters.recording.panels import EndingPanel, ExceptionPanel, LeadPanel
from ui.presenters.recording.state import RecordingState, compose

LOW = {Position.RIGHT_INDEX: 72, Position.RIGHT_MIDDLE: 31, Position.RIGHT_RING: 66, Position.RIGHT_LITTLE: 58}
PERSON = replace(session(), phase=Phase.CAPTURING, biodata=biodata())


class Idle:
    """Nobody."""

    def __getattr__(self, name: str) -> object:
        return lambda *_: None


def shown(
    person: CaptureSession = PERSON, step: StepKind = StepKind.RIGHT_FOUR, *, leads: bool = True, **live: object
) -> RecordingState:
    return compose(replace(RecordingState(), **live), person, step, None, leads, Idle())  # type: ignore[arg-type]


def tried(step: StepKind, *scores: dict[Position, int | None]) -> CaptureSession:
    after = PERSON.step(step)
    for number, one in enumerate(scores, 1):
        after = after.with_attempt(attempt(number, one))
    return PERSON._with_step(after)


def bar(state: RecordingState) -> dict[str, Weight]:
    return {action.name: action.weight for action in state.bar.actions}


@pytest.mark.parametrize(
    ("step", "live", "chips"),
    [
        (StepKind.RIGHT_FOUR, SlapSeen(4, Hand.RIGHT), [("rekam.on_the_glass", 4, 4)]),
        (StepKind.RIGHT_FOUR, SlapSeen(4, Hand.LEFT), [("rekam.on_the_glass", 4, 4), ("rekam.looks_like.left",)]),
        (StepKind.LEFT_FOUR, SlapSeen(4, Hand.RIGHT), [("rekam.on_the_glass", 4, 4), ("rekam.looks_like.right",)]),
        (StepKind.THUMBS, SlapSeen(1), [("rekam.on_the_glass", 1, 2)]),
        (StepKind.PHOTO, LiveScore(40, ("face.too_far", "face.flat")), [("face.too_far",)]),
        (StepKind.IRIS, LiveScore(70), []),
    ],
)
def test_what_lies_on_the_glass_is_said_while_it_lies_there(
    step: StepKind, live: SlapSeen | LiveScore, chips: list[tuple[str, int, int]]
) -> None:
    words = [message(key, seen=counts[0], asked=counts[1]) if counts else message(key) for key, *counts in chips]
    assert list(shown(step=step, live=live).chips) == words
    done = tried(step, dict.fromkeys(CAPTURED_AT[step], 80))
    assert shown(done, step, live=live).chips == ()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("step", list(StepKind))
def test_every_step_has_its_words_in_both_languages(language: str, step: StepKind) -> None:
    say = strict_catalogue(language).text
    for is_capturing in (False, True):
        state = shown(step=step, is_capturing=is_capturing)
        for words in (state.title, state.guidance, state.clock_note, *(s.words for s in state.steps)):
            assert isinstance(words, CatalogMessage)
            assert say(words.key, **words.params)


def test_who_is_recorded_stands_masked() -> None:
    assert shown().where == "Sul••• · 327501••••••••03"
    assert shown(session()).where == ""


def test_an_untried_step_asks_for_a_capture() -> None:
    assert bar(shown()) == {"postpone": Weight.PLAIN, "open_exception": Weight.SECOND, "capture": Weight.PRIMARY}
    busy = shown(is_capturing=True)
    assert busy.bar.actions[-1].refused == message("rekam.already_capturing")
    assert busy.guidance == message("rekam.capturing.right_four")


def test_a_low_score_asks_to_repeat_and_a_good_one_to_accept() -> None:
    low = shown(tried(StepKind.RIGHT_FOUR, LOW))
    assert bar(low)["capture"] is Weight.PRIMARY
    assert low.bar.actions[-1].refused == message("rekam.not_enough")
    fine = shown(tried(StepKind.RIGHT_FOUR, LOW, {Position.RIGHT_MIDDLE: 60}))
    assert bar(fine)["accept"] is Weight.PRIMARY
    assert fine.guidance == message("rekam.may_accept")
    assert fine.waiting == message("rekam.taken")


def test_the_lead_is_asked_only_when_attempts_are_spent_and_there_is_one() -> None:
    spent = tried(StepKind.RIGHT_FOUR, LOW, LOW, LOW, LOW)
    assert "ask_lead" in bar(shown(spent))
    assert "ask_lead" not in bar(shown(spent, leads=False))
    assert "ask_lead" not in bar(shown(tried(StepKind.RIGHT_FOUR, LOW, LOW, LOW)))


Bar = list[tuple[str, Action, Weight, str]]
BUSY, WANTING = "rekam.already_capturing", "rekam.not_enough"
POSTPONE = ("postpone", Action.POSTPONE, Weight.PLAIN, "")
EXCEPT = ("open_exception", Action.EXCEPTION, Weight.SECOND, "")


def whole_bar(state: RecordingState) -> Bar:
    return [
        (each.name, each.act, each.weight, getattr(each.refused, "key", each.refused)) for each in state.bar.actions
    ]


GOOD = dict.fromkeys(RIGHT_FOUR, 80)


@pytest.mark.parametrize(
    ("step", "tries", "is_capturing", "actions"),
    [
        (StepKind.RIGHT_FOUR, [], False, [EXCEPT, ("capture", Action.CAPTURE, Weight.PRIMARY, "")]),
        (StepKind.RIGHT_FOUR, [], True, [EXCEPT, ("capture", Action.CAPTURE, Weight.PRIMARY, BUSY)]),
        (StepKind.PHOTO, [], False, [("capture", Action.CAPTURE, Weight.PRIMARY, "")]),
        (StepKind.SIGNATURE, [], False, [EXCEPT, ("capture", Action.REPEAT, Weight.PRIMARY, "")]),
        (StepKind.SIGNATURE, [], True, [EXCEPT, ("capture", Action.REPEAT, Weight.PRIMARY, "")]),
        (
            StepKind.RIGHT_FOUR,
            [LOW],
            False,
            [
                *(EXCEPT, ("capture", Action.REPEAT, Weight.PRIMARY, "")),
                ("accept", Action.ACCEPT, Weight.SECOND, WANTING),
            ],
        ),
        (
            StepKind.RIGHT_FOUR,
            [GOOD],
            False,
            [*(EXCEPT, ("capture", Action.REPEAT, Weight.SECOND, "")), ("accept", Action.ACCEPT, Weight.PRIMARY, "")],
        ),
        (
            StepKind.RIGHT_FOUR,
            [GOOD],
            True,
            [
                *(EXCEPT, ("capture", Action.REPEAT, Weight.SECOND, BUSY)),
                ("accept", Action.ACCEPT, Weight.PRIMARY, BUSY),
            ],
        ),
        (
            StepKind.RIGHT_FOUR,
            [LOW] * 4,
            False,
            [
                *(EXCEPT, ("ask_lead", Action.LEAD, Weight.SECOND, "")),
                *(("capture", Action.REPEAT, Weight.PRIMARY, ""), ("accept", Action.ACCEPT, Weight.SECOND, WANTING)),
            ],
        ),
        (
            StepKind.RIGHT_FOUR,
            [LOW, LOW, LOW, GOOD],
            False,
            [*(EXCEPT, ("capture", Action.REPEAT, Weight.SECOND, "")), ("accept", Action.ACCEPT, Weight.PRIMARY, "")],
        ),
    ],
)
def test_the_bar_of_a_step_offers_what_is_next(
    step: StepKind, tries: list[dict[Position, int | None]], is_capturing: bool, actions: Bar
) -> None:
    assert whole_bar(shown(tried(step, *tries), step, is_capturing=is_capturing)) == [POSTPONE, *actions]


RIGHT_DONE = PERSON._with_step(
    PERSON.step(StepKind.RIGHT_FOUR).with_attempt(good(StepKind.RIGHT_FOUR)).accepted(PERSON.policy)
)
MATCHED = replace(RIGHT_DONE, index_comparison=IndexComparison.MATCHED)
GO_ON = ("accept", Action.ACCEPT, Weight.PRIMARY, "")


@pytest.mark.parametrize(
    ("person", "has_matcher", "is_capturing", "title", "actions"),
    [
        (RIGHT_DONE, False, False, "no_matcher", [GO_ON]),
        (MATCHED, False, False, "no_matcher", [GO_ON]),
        (PERSON, True, False, "no_finger", [GO_ON]),
        (
            RIGHT_DONE,
            True,
            False,
            "open",
            [("accept", Action.NOTE, Weight.SECOND, ""), ("capture", Action.CAPTURE, Weight.PRIMARY, "")],
        ),
        (
            RIGHT_DONE,
            True,
            True,
            "open",
            [("accept", Action.NOTE, Weight.SECOND, BUSY), ("capture", Action.CAPTURE, Weight.PRIMARY, BUSY)],
        ),
        (MATCHED, True, False, "matched", [("capture", Action.REPEAT, Weight.SECOND, ""), GO_ON]),
        (
            MATCHED,
            True,
            True,
            "matched",
            [("capture", Action.REPEAT, Weight.SECOND, BUSY), ("accept", Action.ACCEPT, Weight.PRIMARY, BUSY)],
        ),
    ],
)
def test_the_comparison_says_how_it_stands_and_what_can_be_done(
    person: CaptureSession, has_matcher: bool, is_capturing: bool, title: str, actions: Bar
) -> None:
    state = shown(person, StepKind.INDEX_VERIFICATION, has_matcher=has_matcher, is_capturing=is_capturing)
    assert whole_bar(state) == [POSTPONE, *actions]
    assert (state.index_title, state.index_hint) == (
        message(f"rekam.index.{title}"),
        message(f"rekam.index.{title}_why"),
    )
    guidance = "rekam.comparing" if is_capturing else "rekam.guide.index_verification"
    assert (state.guidance, state.form) == (message(guidance), None)


def test_the_biodata_have_a_form_and_no_fingers() -> None:
    form = BiodataForm.of(biodata(), load_tables())
    state = compose(RecordingState(), PERSON, StepKind.BIODATA, form, True, Idle())  # type: ignore[arg-type]
    assert (state.form, state.fingers, state.rows, state.index_title, state.index_hint) == (form, (), (), "", "")
    assert whole_bar(state) == [
        ("postpone", Action.PAUSE, Weight.PLAIN, ""),
        ("official_form", Action.FORMS, Weight.PLAIN, ""),
        GO_ON,
    ]
    assert compose(RecordingState(), PERSON, StepKind.PHOTO, form, True, Idle()).form is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("step", "scores", "chips"),
    [
        (StepKind.RIGHT_FOUR, {**LOW, Position.RIGHT_LITTLE: None}, (message("rekam.seen", seen=3, asked=4),)),
        (StepKind.THUMBS, dict.fromkeys(THUMBS, 20), (message("rekam.seen", seen=2, asked=2),)),
        (StepKind.PHOTO, {Position.PORTRAIT: 20}, ()),
    ],
)
def test_how_many_came_is_said_where_several_were_asked_for(
    step: StepKind, scores: dict[Position, int | None], chips: tuple[object, ...]
) -> None:
    state = shown(tried(step, scores), step)
    assert (state.chips, state.attempts_made) == (chips, 1)
    assert state.attempts_note == message("rekam.attempts_left", left=3)
    assert (shown(step=step).chips, shown(step=step).attempts_note) == ((), "")


@pytest.mark.parametrize(
    ("person", "is_capturing", "words"),
    [
        (PERSON, False, "ui.preview.waiting"),
        (tried(StepKind.RIGHT_FOUR, GOOD), False, "rekam.taken"),
        (tried(StepKind.RIGHT_FOUR, GOOD), True, "ui.preview.waiting"),
        (RIGHT_DONE, False, "rekam.taken"),
        (RIGHT_DONE, True, "ui.preview.waiting"),
    ],
)
def test_what_is_taken_is_said_in_the_place_of_the_picture(
    person: CaptureSession, is_capturing: bool, words: str
) -> None:
    assert shown(person, is_capturing=is_capturing).waiting == message(words)


def test_a_closed_step_leads_on_or_repeats() -> None:
    step = PERSON.step(StepKind.RIGHT_FOUR).with_attempt(good(StepKind.RIGHT_FOUR)).accepted(PERSON.policy)
    state = shown(PERSON._with_step(step))
    assert bar(state) == {"postpone": Weight.PLAIN, "capture": Weight.SECOND, "accept": Weight.PRIMARY}
    assert state.guidance == message("rekam.closed")
    assert state.attempts_note == ""


def test_a_pad_waits_by_itself_so_signing_can_only_be_begun_anew() -> None:
    state = shown(step=StepKind.SIGNATURE, is_capturing=True)
    assert [(a.name, a.act, a.refused) for a in state.bar.actions][-1] == ("capture", Action.REPEAT, "")


def test_panels_have_bars_of_their_own() -> None:
    panel = ExceptionPanel.for_step(PERSON, StepKind.RIGHT_FOUR, "Pak RT", ())
    assert panel is not None
    assert shown(panel=panel).bar.actions[-1].refused == message("rekam.exception_no_position")
    full = replace(panel, chosen=frozenset(panel.positions), reason=ExceptionReason.WORN, witness="Pak RT")
    wanting = shown(panel=replace(full, needs_photo=True)).bar.actions[-1]
    assert wanting.refused == message("rekam.exception_no_photo")
    ready = replace(panel, chosen=frozenset({Position.RIGHT_RING}), reason=ExceptionReason.WORN)
    assert [action.refused for action in shown(panel=ready).bar.actions] == ["", ""]
    busy = shown(panel=replace(ready, is_photographing=True)).bar.actions[0]
    assert (busy.words, busy.refused) == (message("rekam.photo_exception"), message("rekam.already_capturing"))
    taken = shown(panel=replace(ready, photo=b"jpeg")).bar.actions[0]
    live = shown(panel=replace(ready, photo=b"jpeg", is_live=True)).bar.actions[0]
    assert (taken.words, live.words) == (message("rekam.photo_again"), message("sarpras.take_photo"))
    assert bar(shown(panel=LeadPanel((), ""))) == {"lead_says": Weight.PRIMARY}
    for step in (StepKind.RIGHT_FOUR, StepKind.BIODATA):
        assert shown(step=step, panel=EndingPanel()).bar.actions[0].words == message("rekam.put_off")
    assert shown(panel=EndingPanel(chosen="declined")).bar.actions[0].words == message("rekam.end_and_erase")


def test_the_preview_says_why_there_is_no_picture() -> None:
    away = Problem("device.none.fingerprint")
    assert shown(is_away=True, trouble=away).waiting == away
    assert shown(trouble=away).waiting == message("ui.preview.waiting")
    assert shown(is_away=True).waiting == message("ui.preview.waiting")


def test_guides_belong_to_faces_and_eyes() -> None:
    guides = {step: shown(step=step).guide for step in StepKind}
    assert guides.pop(StepKind.PHOTO) is Guide.FACE
    assert guides.pop(StepKind.IRIS) is Guide.EYES
    assert set(guides.values()) == {Guide.NONE}


def test_the_last_step_says_plainly_what_is_noted() -> None:
    right = PERSON.step(StepKind.RIGHT_FOUR).with_attempt(good(StepKind.RIGHT_FOUR)).accepted(PERSON.policy)
    person = PERSON._with_step(right)
    excepted = person.step(StepKind.LEFT_FOUR).with_exception(mark(Position.LEFT_INDEX, ExceptionReason.STIFF))
    person = person._with_step(excepted)
    state = shown(person, StepKind.INDEX_VERIFICATION)
    marks = {f.position: f.mark for f in state.fingers}
    assert marks[Position.RIGHT_INDEX] is FingerMark.WANTED
    assert marks[Position.LEFT_INDEX] is FingerMark.EXCEPTED
    assert marks[Position.RIGHT_RING] is FingerMark.PENDING
    assert [row.tag.words for row in state.rows] == [message("common.not_noted_yet")] * 2
    assert state.bar.actions[-1].words == message("rekam.note_not_compared")
    noted = shown(replace(person, index_comparison=IndexComparison.NOT_COMPARED), StepKind.INDEX_VERIFICATION)
    assert [row.tag.words for row in noted.rows] == [message("comparison.not_compared")] * 2
    assert noted.bar.actions[-1].words == message("act.next")
    matched = shown(replace(person, index_comparison=IndexComparison.MATCHED), StepKind.INDEX_VERIFICATION)
    # The left one is stiff and was never recorded.
    assert [row.tag.words for row in matched.rows] == [
        message("comparison.matched"),
        message("comparison.not_compared"),
    ]
    assert StepKind.INDEX_VERIFICATION not in CAPTURED_AT
