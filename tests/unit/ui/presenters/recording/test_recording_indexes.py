"""The index fingers given again, and what their comparison leaves to people."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.recording import Recording, RecordingKit
from support.room import Keys
from support.tasks import SameThread

from fieldkit.domain.recording.capture import Sample, StepKind
from fieldkit.domain.recording.positions import Position
from fieldkit.domain.recording.record import IndexComparison
from fieldkit.ports.devices import NotConnectedError
from fieldkit.ports.recording import Match, MatchVerdict
from ui.presenters.parts import Tone
from ui.presenters.presenter import Action, Weight, message


class Told:
    """A matcher that says what the test told it."""

    def __init__(self) -> None:
        self.verdict = MatchVerdict.SAME
        self.prepared: list[Position] = []
        self.compared: list[tuple[Position, Position]] = []

    def prepare(self, reference: Sample) -> None:
        self.prepared.append(reference.position)

    def compare(self, reference: Sample, probe: Sample) -> Match:
        self.compared.append((reference.position, probe.position))
        return Match(self.verdict, 9.0, "told", "1")


@pytest.fixture
def matcher() -> Told:
    return Told()


@pytest.fixture
def comparing(tmp_path: Path, seal_keys: Keys, tasks: SameThread, matcher: Told) -> Iterator[Recording]:
    """A recording on a kit with a matcher, at the verification; both index fingers are recorded."""
    kit = RecordingKit(tmp_path, seal_keys, matcher=matcher)
    recording = Recording(kit, tasks)
    for kind in (StepKind.RIGHT_FOUR, StepKind.LEFT_FOUR):
        recording.go_to(kind)
        recording.presenter.capture()
        recording.presenter.accept()
    recording.go_to(StepKind.INDEX_VERIFICATION)
    yield recording
    kit.close()


def test_both_index_fingers_are_asked_for_and_compared(comparing: Recording, matcher: Told) -> None:
    assert comparing.state.index_title == message("rekam.index.open")
    assert [a.name for a in comparing.state.bar.actions] == ["postpone", "accept", "capture"]
    comparing.presenter.capture()
    asked = [request.positions for request in comparing.kit.fingers.requests[-2:]]
    assert asked == [(Position.RIGHT_INDEX,), (Position.LEFT_INDEX,)]
    assert matcher.prepared == [Position.RIGHT_INDEX, Position.LEFT_INDEX] * 2  # as each came, and the kept ones
    assert matcher.compared == [(Position.RIGHT_INDEX,) * 2, (Position.LEFT_INDEX,) * 2]
    assert comparing.kit.on_disk().index_comparison is IndexComparison.MATCHED
    assert comparing.current is StepKind.INDEX_VERIFICATION, "people read it before they go on"
    assert {row.tag.tone for row in comparing.state.rows} == {Tone.GOOD}


@pytest.mark.parametrize(
    ("verdict", "noted", "tone"),
    [
        (MatchVerdict.DIFFERENT, IndexComparison.DOUBTED, Tone.CAUTION),
        (MatchVerdict.UNCLEAR, IndexComparison.NOT_COMPARABLE, Tone.CAUTION),
    ],
)
def test_no_result_stops_the_recording(
    comparing: Recording, matcher: Told, verdict: MatchVerdict, noted: IndexComparison, tone: Tone
) -> None:
    matcher.verdict = verdict
    comparing.presenter.capture()
    assert {row.tag.tone for row in comparing.state.rows} == {tone}
    assert comparing.state.index_title == message(f"rekam.index.{noted.name.lower()}")
    assert comparing.actions() == {Action.POSTPONE: "", Action.REPEAT: "", Action.ACCEPT: ""}
    comparing.presenter.accept()
    assert comparing.current is not StepKind.INDEX_VERIFICATION
    assert comparing.kit.on_disk().index_comparison is noted


def test_a_comparison_can_be_repeated(comparing: Recording, matcher: Told) -> None:
    matcher.verdict = MatchVerdict.DIFFERENT
    comparing.presenter.capture()
    matcher.verdict = MatchVerdict.SAME
    comparing.presenter.capture()
    assert comparing.kit.on_disk().index_comparison is IndexComparison.MATCHED


def test_a_person_decides_after_two_touches_that_they_do_not_match(comparing: Recording, matcher: Told) -> None:
    matcher.verdict = MatchVerdict.DIFFERENT
    comparing.presenter.capture()
    offered = {command.act: command.weight for command in comparing.state.bar.actions}
    assert offered == {Action.POSTPONE: Weight.PLAIN, Action.REPEAT: Weight.PRIMARY, Action.ACCEPT: Weight.SECOND}
    comparing.presenter.capture()
    assert comparing.state.index_title == message("rekam.index.doubted_twice")
    assert comparing.actions() == {Action.POSTPONE: "", Action.NOTE: "", Action.REPEAT: "", Action.ACCEPT: ""}
    next(command for command in comparing.state.bar.actions if command.act is Action.NOTE).runs()
    assert comparing.kit.on_disk().index_comparison is IndexComparison.NOT_MATCHED
    assert comparing.state.index_title == message("rekam.index.not_matched")
    assert {row.tag.tone for row in comparing.state.rows} == {Tone.BAD}
    assert comparing.actions() == {Action.POSTPONE: "", Action.REPEAT: "", Action.ACCEPT: ""}


def test_people_may_go_on_without_comparing_but_not_by_enter(comparing: Recording, matcher: Told) -> None:
    assert comparing.actions() == {Action.POSTPONE: "", Action.NOTE: "", Action.CAPTURE: ""}
    comparing.presenter.accept()
    assert comparing.kit.on_disk().index_comparison is IndexComparison.NOT_COMPARED
    assert not matcher.compared


def test_a_reader_that_is_away_says_so_and_the_step_stays(comparing: Recording) -> None:
    comparing.kit.fingers.script = [NotConnectedError("device.none.fingerprint")]
    comparing.presenter.capture()
    assert comparing.state.problem is not None
    assert not comparing.state.is_capturing
    assert comparing.kit.on_disk().index_comparison is None
    comparing.presenter.capture()
    assert comparing.kit.on_disk().index_comparison is IndexComparison.MATCHED


def test_without_a_matcher_there_is_nothing_to_press(recording: Recording) -> None:
    recording.go_to(StepKind.INDEX_VERIFICATION)
    recording.presenter.capture()
    assert not recording.state.is_capturing
    assert recording.state.index_title == message("rekam.index.no_matcher")
    assert [a.name for a in recording.state.bar.actions] == ["postpone", "accept"]
