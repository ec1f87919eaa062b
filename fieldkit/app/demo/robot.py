"""A scripted petugas: looks at what a screen shows, presses the key that a person would press, and waits."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from fieldkit.app.bootstrap.kit import DEMO_PASSPHRASE
from fieldkit.app.demo.kit import LEAD, PETUGAS, PINS, DeviceTime, Hands
from fieldkit.app.demo.people import Resident
from fieldkit.domain.recording.capture import CAPTURED_AT, StepKind
from fieldkit.domain.recording.positions import ExceptionReason, Position
from ui.presenters.figures import FingerMark
from ui.presenters.home.home import HomePresenter
from ui.presenters.home.sign_in import SignInPresenter
from ui.presenters.presenter import Presenter, Weight
from ui.presenters.recording.biodata_form import values_of
from ui.presenters.recording.exception_ink import ExceptionInkPresenter
from ui.presenters.recording.panels import ExceptionPanel, LeadPanel, NoticePresenter, number_of
from ui.presenters.recording.recording import RecordingPresenter
from ui.presenters.recording.review import ReviewPresenter, ShipmentPresenter, SlipPresenter
from ui.presenters.recording.state import RecordingState
from ui.views.window.window import Application
from ui.widgets.preview import LivePreview

_PATIENCE_S = 30.0
_WITNESS = "Pak RT Demo"
_SENDS = 40
_SEES_NOTHING_S = 8.0
_PRESSES = 3
_TRIES_OF_WORN = 2
P = TypeVar("P", bound=Presenter[Any])


class Robot(Hands):
    """Walks through a recording day. Raise `KnownError("demo.stuck")` where a screen does not come."""

    def __init__(self, application: Application, pictures: Path, spent: DeviceTime) -> None:
        super().__init__(application, pictures)
        self.spent = spent
        self.documents: list[Path] = []
        self.seal_seconds = 0.0
        self._pressed_again = 0  # where a machine under load had not begun yet

    @property
    def keystrokes(self) -> int:
        """Return how many keys were pressed so far, without those that only a slow machine asked for."""
        return super().keystrokes - self._pressed_again

    # --- the way

    def sign_in(self) -> None:
        """Pick the petugas and type the PIN."""
        presenter = self.arrive(SignInPresenter)
        self.shoot("masuk")
        self.press_until("Down", lambda: presenter.state.chosen == PETUGAS.user_id)
        self.typist.type(PINS[PETUGAS.user_id])
        self.typist.press("Return")
        self.arrive(HomePresenter)
        self.shoot("beranda")

    def record(self, resident: Resident) -> tuple[str, list[str]]:
        """Record one resident, from Beranda or the list to the list; return record id and excepted positions."""
        if self.application.screen != "targets":
            self.arrive(HomePresenter)
            self.typist.press("1")
        targets = self.arrive_at("targets")
        self.shoot("sasaran")
        self.wait("targets", lambda: bool(targets.state.rows.count))
        self.typist.press("Return")
        told = self.record_in_front(resident)
        self.typist.press("Return")
        self.arrive_at("targets")
        return told

    def record_in_front(self, resident: Resident) -> tuple[str, list[str]]:
        """Record a resident from the notice to the slip; return the record id and the excepted positions."""
        self.arrive(NoticePresenter)
        self.shoot("pemberitahuan")
        self.typist.press("Return")
        recording = self.arrive(RecordingPresenter)
        self.wait("biodata", lambda: recording.state.form is not None)
        self.shoot("perekaman-biodata")
        self._confirm_biodata(recording, resident)
        while self.front() is recording:
            self._work_on_step(recording, resident)
        review = self.arrive(ReviewPresenter)
        self._let_witnesses_sign(review)
        exceptions = [
            finger.position.value
            for finger in (*review.state.fingers, *review.state.eyes)
            if finger.mark is FingerMark.EXCEPTED
        ]
        return self._seal(), exceptions

    def _let_witnesses_sign(self, review: ReviewPresenter) -> None:
        """Give the pad to whoever saw an exception, as long as the review asks for it."""
        self.wait("review", lambda: bool(review.state.checks))
        if not any(action.name == "take_ink" for action in review.state.bar.actions):
            return
        self.typist.press("Return")
        signing = self.arrive(ExceptionInkPresenter)
        while self.front() is signing:
            self.wait(
                "who signs", lambda: self.front() is not signing or bool(signing.state.people or signing.state.ink)
            )
            if self.front() is signing:
                self.shoot("tanda-tangan-pengecualian")
                self._go_on_from(signing)
        self.arrive(ReviewPresenter)
        self.wait("signed exceptions", lambda: review.state.bar.actions[-1].name == "accept")

    def _go_on_from(self, signing: ExceptionInkPresenter) -> None:
        """Press Enter and wait until the screen asks for something else."""
        before = signing.state
        self.typist.press("Return")
        self.wait(
            "the next signature",
            lambda: (
                self.front() is not signing or (signing.state.signer, signing.state.ink) != (before.signer, before.ink)
            ),
        )

    def _confirm_biodata(self, recording: RecordingPresenter, resident: Resident) -> None:
        """Type in from the KK what the target list left open, field by field as the form asks for it."""
        answered = ""
        self.typist.press("Return")
        while not self._has_left(recording, StepKind.BIODATA):
            wrong = recording.state.form.wrong_field if recording.state.form else ""
            if wrong in ("", answered):
                self.typist.wait_until(lambda: False, 0.01)
                continue
            self.typist.press("Ctrl+A")
            self.typist.type(values_of(resident.biodata)[wrong])
            self.typist.press("Return")
            answered = wrong

    def _seal(self) -> str:
        self.shoot("tinjau")
        self.typist.type(PINS[PETUGAS.user_id])
        begun = time.monotonic()
        self.typist.press("Return")
        self.arrive(SlipPresenter)
        self.seal_seconds += time.monotonic() - begun
        self.shoot("bukti")
        record_id = list(self.context.fresh_papers)[-1]
        self._keep_papers(record_id)
        return record_id

    def _keep_papers(self, record_id: str) -> None:
        folder = self.pictures.parent / "papers"
        folder.mkdir(exist_ok=True)
        for paper in self.context.fresh_papers[record_id]:
            path = folder / f"{record_id}-{paper.letter}.pdf"
            path.write_bytes(paper.pdf)
            self.documents.append(path)

    # --- one step of a recording

    def _work_on_step(self, recording: RecordingPresenter, resident: Resident) -> None:
        state = recording.state
        kind = state.current
        if kind not in CAPTURED_AT:
            self.shoot(f"perekaman-{kind.value}")
            if any(action.name == "capture" for action in state.bar.actions):
                self._compare_indexes(recording)
            self.typist.press("Return")
        else:
            self._capture_step(recording, resident, kind)
        self.wait(f"after {kind.value}", lambda: self._has_left(recording, kind))

    def _compare_indexes(self, recording: RecordingPresenter) -> None:
        open_words = recording.state.index_title
        self.typist.press("Space")
        self.wait("comparison", lambda: recording.state.index_title != open_words and not recording.state.is_capturing)
        self.shoot("perekaman-dibandingkan")

    def _has_left(self, recording: RecordingPresenter, kind: StepKind) -> bool:
        return self.front() is not recording or recording.state.current is not kind

    def _capture_step(self, recording: RecordingPresenter, resident: Resident, kind: StepKind) -> None:
        hopeless = {p: r for p, r in resident.hopeless.items() if p in CAPTURED_AT[kind]}
        for reason in sorted(set(hopeless.values())):
            self._note_exceptions(recording, [p for p, r in hopeless.items() if r is reason], reason)
        for attempt in range(1, 5):
            if self._has_left(recording, kind):
                return
            self._take(recording, kind, attempt)
            if may_accept(recording.state):
                self.typist.press("Return")
                return
            worn = [p for p in CAPTURED_AT[kind] if p in resident.worn]
            if worn and attempt >= _TRIES_OF_WORN:
                self.shoot(f"perekaman-{kind.value}-kurang")
                self._note_exceptions(recording, worn, ExceptionReason.WORN)
        if not self._has_left(recording, kind):
            self._ask_lead(recording, kind)

    def _ask_lead(self, recording: RecordingPresenter, kind: StepKind) -> None:
        """Let the team lead allow what four attempts could not get, as the policy says; the best print goes along."""
        self.typist.press("K")
        self.wait("team lead's panel", lambda: isinstance(recording.state.panel, LeadPanel))
        self.press_until(
            "Down", lambda: isinstance(lead := recording.state.panel, LeadPanel) and lead.chosen == LEAD.user_id
        )
        self.shoot(f"ketua-tim-{kind.value}")
        self.typist.type(DEMO_PASSPHRASE.format(pin=PINS[LEAD.user_id]))
        self.typist.press("Return")
        self.wait("the team lead's word", lambda: self._has_left(recording, kind) or recording.state.panel is None)
        if not self._has_left(recording, kind):
            self.typist.press("Return")

    def _take(self, recording: RecordingPresenter, kind: StepKind, attempt: int) -> None:
        """Press the capture key, unless the pad takes the signature by itself, and wait for the result."""
        before = attempt - 1
        if kind not in (StepKind.SIGNATURE, StepKind.CONFIRMATION):
            self.shoot(f"perekaman-{kind.value}-langsung", settle_s=_SEES_NOTHING_S, until=self._live())
            key = "Space" if attempt == 1 else "R"
            # As a person would, who sees that nothing began or that the device did not answer: a machine under load.
            for press in range(_PRESSES):
                if press:
                    self.typist.press(key)
                    self._pressed_again += 1
                with self.spent.counted():  # it begins by itself, once the person has come to rest
                    self.typist.wait_until(
                        lambda: recording.state.is_capturing or recording.state.attempts_made > before, _SEES_NOTHING_S
                    )
                self.typist.wait_until(lambda: not recording.state.is_capturing, _PATIENCE_S)
                if recording.state.attempts_made > before:
                    break
        self.wait(
            f"capture of {kind.value}",
            lambda: recording.state.attempts_made > before and not recording.state.is_capturing,
        )
        self.shoot(f"perekaman-{kind.value}")

    def _live(self) -> Callable[[], bool]:
        """Return what tells whether each live picture of this screen has come; looked for once, they take a while."""
        previews = self.application.shell.findChildren(LivePreview)
        return lambda: all(each.has_picture for each in previews if each.isVisible())

    def _note_exceptions(
        self, recording: RecordingPresenter, positions: list[Position], reason: ExceptionReason
    ) -> None:
        self.typist.press("X")
        self.wait("exception panel", lambda: isinstance(recording.state.panel, ExceptionPanel))
        panel = recording.state.panel
        assert isinstance(panel, ExceptionPanel)
        for position in panel.positions:
            if (position in positions) != (position in panel.chosen):
                self.typist.press(str(number_of(position, panel.positions) % 10))
        names = [choice.name for choice in panel.reasons]
        self._choose_reason(names.index(reason.value))
        if not panel.witness:
            self.typist.press("Tab")
            self.typist.type(_WITNESS)
        self.shoot(f"pengecualian-{panel.step.value}")
        self.typist.press("Return")
        self.wait("noted exception", lambda: recording.state.panel is None)

    def _choose_reason(self, index: int) -> None:
        for _ in range(index + 1):
            self.typist.press("Down")

    # --- sending

    def open_queue(self) -> None:
        """Go to the queue."""
        if self.application.screen == "targets":
            self.press_until("Esc", lambda: isinstance(self.front(), HomePresenter))
        self.arrive(HomePresenter)
        self.typist.press("3")
        self.arrive_at("queue")
        self.shoot("antrean")

    def send_once(self) -> None:
        """Press send and wait until the run ended, however it ended."""
        sending = self.application.program.signed_in().sending
        runs = sending.runs
        self.typist.press("Return")
        self.wait("end of a run", lambda: sending.runs > runs and not sending.is_running)
        self.shoot("kirim")

    def send_until(self, is_done: Callable[[], bool]) -> None:
        """Send again and again until something is so; failed tries wait for their time, as in the field."""
        for _ in range(_SENDS):
            if is_done():
                return
            self.send_once()
            self.typist.wait_until(lambda: False, 0.3)
        self.fail("everything is sent")

    def make_shipment(self) -> None:
        """Look at the berita acara of the delivery and keep it."""
        self.typist.press("B")
        self.arrive(ShipmentPresenter)
        self.shoot("ba-pengiriman")
        path = self.pictures.parent / "papers" / "ba_pengiriman.pdf"
        path.write_bytes(self.context.papers.shipment(self.context.delivery.queue().entries).pdf)
        self.documents.append(path)
        self.typist.press("Esc")
        self.arrive_at("queue")

    def look_at_statuses(self) -> None:
        """Look at the central statuses and come back to Beranda."""
        self.press_until("Esc", lambda: isinstance(self.front(), HomePresenter))
        self.arrive(HomePresenter)
        self.shoot("beranda-sesudah", settle_s=0.5)  # Beranda reads the day anew when it comes to the front
        self.typist.press("9")
        self.arrive_at("statuses")
        self.shoot("status")
        self.typist.press("Esc")
        self.arrive(HomePresenter)


def may_accept(state: RecordingState) -> bool:
    """Return whether the screen offers Enter as the next thing to do."""
    return any(a.name == "accept" and not a.refused and a.weight is Weight.PRIMARY for a in state.bar.actions)
