from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from support.kept import sealed
from support.recording import LEAD_PASSPHRASE, PIN, RecordingKit
from support.room import LEAD, PETUGAS, STORES
from support.tasks import SameThread, Steps

from fieldkit.domain.errors import StoreError
from fieldkit.domain.planning.outreach import ModePerekaman
from fieldkit.domain.recording.capture import StepKind
from fieldkit.domain.recording.positions import FINGERS
from fieldkit.domain.recording.session import Phase
from fieldkit.ports.devices import CaptureResult
from fieldkit.ports.recording import SamePerson
from ui.presenters.parts import Progress, Stage, Tag, Tone
from ui.presenters.presenter import message
from ui.presenters.recording.review import ReviewPresenter
from ui.presenters.tasks import COMPUTE, STORE

Intent = Callable[[ReviewPresenter], None]
INTENTS: dict[str, Intent] = {
    "accept": lambda screen: screen.accept(),
    "pin": lambda screen: screen.type_pin("1"),
    "ink": lambda screen: screen.take_ink(),
    "lead": lambda screen: screen.ask_lead(),
    "choose": lambda screen: screen.choose("bagus"),
    "next": lambda screen: screen.choose_next(1),
    "allow": lambda screen: screen.allow(LEAD_PASSPHRASE),
    "postpone": lambda screen: screen.postpone(),
}


class Review:
    """The presenter over a kit, with the records that were sent at once."""

    def __init__(self, kit: RecordingKit, tasks: SameThread | None = None) -> None:
        self.way, self.sent = Steps(), 0
        self.presenter = ReviewPresenter(
            kit.context, kit.door, tasks or SameThread(), self.way, kit.session_id, self._send
        )
        self.presenter.start()

    def _send(self) -> None:
        self.sent += 1

    @property
    def offered(self) -> list[str]:
        return [command.name for command in self.presenter.state.bar.actions]


@pytest.fixture
def complete(context_kit: RecordingKit) -> RecordingKit:
    who = context_kit.context.visits.target("target-1").biodata
    context_kit.room.complete(context_kit.context.recording.confirm_biodata(context_kit.session_id, who))
    return context_kit


@pytest.fixture
def known(complete: RecordingKit) -> RecordingKit:
    """A complete recording of somebody whose fingers are in another record."""
    with complete.room.store.write() as unit:
        other = sealed(7)
        unit.records.add(other)
        unit.finger_templates.keep(other.record_id, b"templates")
    complete.finder.same = [SamePerson("record-7", FINGERS[:6], 18.2)]
    return complete


def test_before_the_review_is_read_nothing_can_be_done_but_to_leave(complete: RecordingKit) -> None:
    tasks = SameThread(STORE)
    review = Review(complete, tasks)
    for name, intent in INTENTS.items():
        intent(review.presenter)
        state = review.presenter.state
        assert (state.stage, state.pin, state.lead, review.way.taken) == (Stage.LOADING, "", None, []), name
    review.presenter.back()
    assert review.way.taken == [("back",)]
    tasks.release(STORE)
    assert complete.on_disk().phase is Phase.REVIEWING


def test_while_fingers_are_compared_nothing_else_begins(known: RecordingKit) -> None:
    tasks = SameThread(COMPUTE)
    review = Review(known, tasks)
    review.presenter.ask_lead()
    assert review.presenter.state.lead is None, "nobody was found yet"
    review.presenter.type_pin(PIN)
    review.presenter.accept()
    for name, intent in {**INTENTS, "back": lambda screen: screen.back()}.items():
        intent(review.presenter)
        state = review.presenter.state
        assert (state.stage, state.pin, state.lead, review.way.taken) == (Stage.BUSY, PIN, None, []), name
    tasks.release(COMPUTE)
    assert (review.presenter.state.stage, review.presenter.state.progress) == (Stage.CONTENT, None)
    assert known.on_disk().phase is Phase.REVIEWING


def test_the_second_person_is_asked_only_about_somebody_found_and_not_allowed_yet(known: RecordingKit) -> None:
    review = Review(known)
    assert review.offered == ["postpone", "ask_lead", "accept"]
    review.presenter.ask_lead()
    assert review.offered == ["lead_says"]
    review.presenter.take_ink()
    assert review.way.taken == [], "what is typed now is the passphrase"
    review.presenter.allow(LEAD_PASSPHRASE)
    assert review.offered == ["postpone", "accept"]
    review.presenter.ask_lead()
    review.presenter.allow("salah")
    assert (review.presenter.state.lead, review.presenter.state.problem) == (None, None)


def test_one_of_several_leads_is_chosen(known: RecordingKit) -> None:
    known.door.people = (PETUGAS, LEAD, replace(LEAD, user_id="second"))
    presenter, chosen = Review(known).presenter, list[str]()
    presenter.ask_lead()
    for act in (lambda: presenter.choose("second"), lambda: presenter.choose_next(-1)):
        act()
        assert presenter.state.lead is not None
        chosen.append(presenter.state.lead.chosen)
    assert chosen == ["second", LEAD.user_id]


def test_where_nobody_was_found_or_nobody_else_is_there_no_second_person_is_asked(known: RecordingKit) -> None:
    known.door.people = (PETUGAS,)
    alone = Review(known)
    assert alone.offered == ["postpone", "accept"]
    alone.presenter.ask_lead()
    known.door.people, known.finder.same = (PETUGAS, LEAD), []
    nobody = Review(known)
    nobody.presenter.ask_lead()
    assert alone.presenter.state.lead is nobody.presenter.state.lead is None


@pytest.mark.parametrize(("pin", "is_enough"), [("", False), ("27084", False), (PIN, True), (f"{PIN}7", True)])
def test_a_pin_has_six_digits(complete: RecordingKit, pin: str, is_enough: bool) -> None:
    review = Review(complete)
    review.presenter.type_pin(pin)
    refused = review.presenter.state.bar.actions[-1].refused
    assert refused == ("" if is_enough else message("tinjau.pin_first"))
    review.presenter.accept()
    assert (complete.on_disk().phase is Phase.SEALED) is is_enough
    assert review.presenter.state.pin_problem is None, "a PIN that is typed in part is no try"


def test_what_was_wrong_with_a_pin_stands_there_until_another_is_typed(complete: RecordingKit) -> None:
    review = Review(complete)
    review.presenter.type_pin("000000")
    review.presenter.accept()
    review.presenter.type_pin("")  # the boxes emptied
    assert review.presenter.state.pin_problem is not None
    review.presenter.type_pin("2")
    assert review.presenter.state.pin_problem is None


def test_who_may_not_send_leaves_it_to_the_office(complete: RecordingKit) -> None:
    with complete.room.store.write() as unit:
        unit.activities.save(replace(unit.activities.get("act-1"), mode=ModePerekaman.DARING))
    complete.context = replace(complete.context, user=STORES)
    review = Review(complete)
    review.presenter.type_pin(PIN)
    review.presenter.accept()
    assert (complete.on_disk().phase, review.sent) == (Phase.SEALED, 0)


@pytest.mark.parametrize(
    ("refused", "leave", "way"),
    [
        ("leave_review", lambda screen: screen.back(), ("back",)),
        ("suspend", lambda screen: screen.postpone(), ("restart", "home")),
    ],
)
def test_who_cannot_leave_is_told_why_and_may_try_again(
    complete: RecordingKit, monkeypatch: pytest.MonkeyPatch, refused: str, leave: Intent, way: tuple[str, ...]
) -> None:
    def full(*_: object) -> None:
        raise StoreError("store.disk_full")

    review = Review(complete)
    monkeypatch.setattr(complete.context.recording, refused, full)
    leave(review.presenter)
    assert review.presenter.state.problem is not None
    assert (review.presenter.state.problem.code, review.way.taken) == ("store.disk_full", [])
    monkeypatch.undo()
    complete.context.recording.review(complete.session_id)
    leave(review.presenter)
    assert review.way.taken == [way]


def test_a_photo_that_never_came_is_shown_as_failed(context_kit: RecordingKit) -> None:
    run, sid = context_kit.context.recording, context_kit.session_id
    session = run.confirm_biodata(sid, context_kit.context.visits.target("target-1").biodata)
    portrait = session.step(StepKind.PHOTO).wanted
    for _ in range(4):
        run.keep_attempt(sid, StepKind.PHOTO, "Camera 1", portrait, CaptureResult(()))
    run.allow_failure(sid, StepKind.PHOTO, context_kit.room.keys.credential(LEAD))
    context_kit.room.complete(run.find(sid))
    state = Review(context_kit).presenter.state
    assert (state.photo, state.photo_tag) == (None, Tag(message("common.photo"), Tone.BAD))


def test_a_comparison_of_before_that_ends_late_lets_the_seal_go_on(complete: RecordingKit) -> None:
    tasks = SameThread(COMPUTE)
    review = Review(complete, tasks)
    review.presenter.start()  # the screen came back, and compares once more
    tasks._held[COMPUTE].pop(0)()
    tasks.hold(STORE)
    review.presenter.type_pin(PIN)
    review.presenter.accept()
    tasks.release(COMPUTE)
    state = review.presenter.state
    assert (state.stage, state.progress) == (Stage.BUSY, Progress(message("tinjau.sealing")))
    tasks.release(STORE)
    assert complete.on_disk().phase is Phase.SEALED


def test_the_time_of_work_runs_while_the_review_is_in_front(complete: RecordingKit) -> None:
    tasks = SameThread()
    review = Review(complete, tasks)
    running = [timer for timer in tasks.timers if not timer.is_stopped]
    review.presenter.stop()
    assert (len(running), [timer.is_stopped for timer in running]) == (1, [True])
