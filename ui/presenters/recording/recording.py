"""The recording screen: one person, nine steps, any order. Every result is on disk before it is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from fieldkit.domain.errors import InputError, Problem
from fieldkit.domain.people import Permission
from fieldkit.domain.recording.capture import CAPTURED_AT, StepKind
from fieldkit.domain.recording.positions import Position
from fieldkit.domain.recording.session import CaptureSession, EndReason
from fieldkit.ports.delivery import Credential
from ui.presenters.presenter import Navigator
from ui.presenters.recording.biodata_form import BiodataForm
from ui.presenters.recording.panels import EndingPanel, ExceptionPanel, LeadPanel, Panel, number_of
from ui.presenters.recording.state import RecordingState, compose
from ui.presenters.recording.steps import StepsPresenter

# From a target to the screen on which its recording goes on.


def show_recording(navigator: Navigator, session: CaptureSession) -> None:
    """Open the notice of a session that has not heard it yet, else its recording."""
    screen = "recording" if session.notice is not None else "notice"
    navigator.push(screen, session_id=session.session_id)


_BIODATA, _EXCEPTION = "biodata.", "exception."  # the two forms of this screen, within its one draft


class RecordingPresenter(StepsPresenter):
    """What a person decides while recording: accept, exceptions, the team lead's word, stopping."""

    _witness = ""  # the last one: whoever stands by one exception mostly stands by the next
    _left_panel: Mapping[str, str] = {}  # what was chosen and typed in an exception panel that was closed again

    # --- what is typed

    def typed(self) -> Mapping[str, str]:
        """Return the biodata that nobody confirmed and the exception that nobody noted."""
        return {**self._typed_biodata, **{f"{_EXCEPTION}{name}": text for name, text in self._left_panel.items()}}

    def fill(self, fields: Mapping[str, str]) -> None:
        """Show biodata and exception as they were left; an exception brings its step and its panel with it."""
        if self._form is None:
            return
        self._form = self._form.filled(_part(fields, _BIODATA), self._context.tables)
        self._left_panel = _part(fields, _EXCEPTION)
        if isinstance(self.state.panel, ExceptionPanel):
            self._go(self._current)
            self.open_exception()
        elif self._typed_biodata:
            self._go(StepKind.BIODATA)
        elif self._left_panel.get("step") in set(CAPTURED_AT):
            self._go(StepKind(self._left_panel["step"]))
            self.open_exception()
        else:
            self._show_with()

    @property
    def _typed_biodata(self) -> Mapping[str, str]:
        changes = self._form.changes if self._form is not None else {}
        return {f"{_BIODATA}{name}": text for name, text in changes.items()}

    def accept(self) -> None:
        """Take what the step has and go on; the meaning of Enter wherever the screen is."""
        session, recording, panel = self._session, self._context.recording, self.state.panel
        if session is None or isinstance(panel, LeadPanel):  # there Enter belongs to the passphrase
            return
        if isinstance(panel, ExceptionPanel):
            self._note_exception(panel)
        elif panel is not None:
            self._end(panel)
        elif self._current is StepKind.BIODATA:
            self._confirm_biodata()
        elif self._current is StepKind.INDEX_VERIFICATION:
            if session.index_comparison is not None:
                self._advance(session)
            elif not self.state.is_capturing:
                self._decide(lambda: recording.verify_indexes(self._session_id), self._advance)
        elif session.step(self._current).is_closed:
            self._advance(session)
        elif self._is_signature() or not self.state.is_capturing:
            step = self._current
            self._decide(lambda: recording.accept(self._session_id, step), self._advance)

    # --- choosing in the panel that is open

    def choose(self, name: str) -> None:
        """Choose a reason, a team lead, or how to stop."""
        self._change(lambda panel: panel.choose(name))

    def choose_next(self, by: int) -> None:
        """Move the choice up (-1) or down (1)."""
        self._change(lambda panel: panel.next(by))

    def number(self, number: int) -> None:
        """Answer a number key, 1–10: choose in the open panel, or take a noted exception back."""
        if self.state.panel is not None:
            self._change(lambda panel: panel.at(number))
        else:
            among = CAPTURED_AT.get(self._current, ())
            for position in (each for each in among if number_of(each, among) == number):
                self.toggle_position(position)

    def _change(self, change: Callable[[Panel], Panel]) -> None:
        before = self.state.panel
        if before is None:
            return
        panel = change(before)
        self._show_with(panel=panel, problem=None)
        if isinstance(panel, ExceptionPanel) and isinstance(before, ExceptionPanel) and panel.typed != before.typed:
            self._left_panel = panel.typed
            self._edited()

    def _open(self, panel: Panel) -> None:
        self._devices.release()
        self._show_with(panel=panel, is_capturing=False, problem=None)

    # --- biodata

    def type_biodata(self, field: str, text: str) -> None:
        """Take a keystroke in the biodata form."""
        if self._form is not None:
            self._form = self._form.typed(field, text, self._context.tables)
            self._become(replace(self.state, form=self._form, problem=None))
            self._edited()

    def _confirm_biodata(self) -> None:
        assert self._form is not None
        try:
            biodata = self._form.read()
        except InputError as wrong:
            self._mark_field(wrong.problem, wrong.problem.field_name)
            return

        def confirmed(session: CaptureSession) -> None:
            self._form = BiodataForm.of(biodata, self._context.tables)
            self._advance(session)

        left = {name: text for name, text in self.typed().items() if not name.startswith(_BIODATA)}
        self._decide(lambda: self._context.recording.confirm_biodata(self._session_id, biodata), confirmed, left)

    def _mark_field(self, problem: Problem, field: str = "") -> None:
        assert self._form is not None
        self._form = self._form.failed(problem, field)
        self._become(replace(self.state, form=self._form))

    def _stopped(self, problem: Problem) -> None:
        before = self.state.problem
        super()._stopped(problem)
        if self._current is StepKind.BIODATA and self._form is not None and self._form.failed(problem).wrong_field:
            self._become(replace(self.state, problem=before))
            self._mark_field(problem)
        elif isinstance(lead := self.state.panel, LeadPanel):
            self._become(replace(self.state, problem=before, panel=lead.refused(problem)))

    # --- exceptions

    def open_exception(self) -> None:
        """Open the panel for this step; a step without exceptions stays as it is."""
        if self._session is None or self.state.panel is not None:
            return
        me = self._context.user.user_id
        colleagues = (p for p in self._door.sign().people if p.may(Permission.RECORD) and p.user_id != me)
        panel = ExceptionPanel.for_step(self._session, self._current, self._witness, colleagues)
        if panel is None:
            return
        is_left = self._left_panel.get("step") == panel.step.value
        self._become(replace(self.state, restored=self._drafting.words if is_left else ""))
        self._open(panel.filled(self._left_panel) if is_left else panel)

    def toggle_position(self, position: Position) -> None:
        """Choose a position in the panel, or take a noted exception back outside it."""
        if isinstance(panel := self.state.panel, ExceptionPanel):
            self._change(lambda _: panel.toggled(position))
        elif self._session is not None and self._current in CAPTURED_AT:
            step, recording = self._current, self._context.recording
            if position in self._session.step(step).excepted:
                take_back = lambda: recording.take_exception_back(self._session_id, step, position)  # noqa: E731
                self._decide(take_back, lambda _: self._go(step))

    def type_witness(self, name: str) -> None:
        """Take the witness as typed."""
        self._except(witness=name)

    def choose_second(self, user_id: str) -> None:
        """Choose the second attendant."""
        self._except(second=user_id)

    def choose_second_next(self, by: int) -> None:
        """Move the choice of the second attendant."""
        if isinstance(panel := self.state.panel, ExceptionPanel):
            self._change(lambda _: panel.with_next_second(by))

    def _except(self, **changes: Any) -> None:
        """Change what stands in the panel of an exception, where it is open."""
        if isinstance(panel := self.state.panel, ExceptionPanel):
            self._change(lambda _: replace(panel, **changes))

    def photograph(self) -> None:
        """Show live what the exception is about, then take the photo; nobody has to. Again takes another one."""
        panel = self.state.panel
        if not isinstance(panel, ExceptionPanel) or panel.is_photographing:
            return
        if panel.is_live and self._devices.is_busy:  # else the window was locked in between
            self._except(is_photographing=True)
            self._devices.take_photo()
        else:
            self._except(is_live=True)
            self._devices.photograph(self._photographed, self._not_photographed)

    def _photographed(self, jpeg: bytes) -> None:
        self._except(photo=jpeg, is_live=False, is_photographing=False)

    def _not_photographed(self, problem: Problem) -> None:
        self._except(is_live=False, is_photographing=False)
        self._become(replace(self.state, problem=problem))

    def _note_exception(self, panel: ExceptionPanel) -> None:
        """Note the exception, or let its second attendant sign first; the bar says what lacks."""
        if not panel.is_ready:
            return
        if panel.second:
            self._open(LeadPanel.to_sign(panel))
        else:
            self._mark(panel, lambda: None)

    def _mark(self, panel: ExceptionPanel, signing: Callable[[], Credential | None]) -> None:
        assert panel.reason is not None
        self._witness = panel.witness.strip()
        reason, positions = panel.reason, tuple(p for p in panel.positions if p in panel.chosen)
        recording, self._left_panel = self._context.recording, {}
        self._decide(
            lambda: recording.mark_exceptions(
                *(self._session_id, panel.step, positions, reason, panel.witness_name, signing(), panel.photo),
                panel.witness_nik,
            ),
            self._changed,
            self.typed(),
        )

    def _changed(self, session: CaptureSession) -> None:
        if session.step(self._current).is_closed:
            self._advance(session)
        else:
            self._go(self._current)

    # --- the team lead's word

    def ask_lead(self) -> None:
        """Open the panel for the team lead."""
        leads = self._door.leads()
        if leads and self.state.panel is None:
            self._open(LeadPanel.of(leads))

    def allow(self, passphrase: str) -> None:
        """Let the step pass, or note the exception, on the passphrase of who answers for it."""
        panel = self.state.panel
        if not isinstance(panel, LeadPanel):
            return
        if (exception := panel.exception) is not None:
            self._mark(exception, lambda: self._door.check_attendant(panel.chosen, passphrase))
            return
        step, recording = self._current, self._context.recording

        def let_pass() -> CaptureSession:
            lead = self._door.check_lead(panel.chosen, passphrase)
            return recording.allow_failure(self._session_id, step, lead)

        self._decide(let_pass, self._changed)

    # --- stopping

    def back(self) -> None:
        """Close an open panel; otherwise pause the recording and go back."""
        if isinstance(panel := self.state.panel, LeadPanel) and panel.exception is not None:
            self._open(panel.exception)
        elif panel is not None:
            self._go(self._current)
        elif self._session is None:
            self._navigator.back()
        else:
            self._leave(lambda: self._context.recording.suspend(self._session_id))

    def show_forms(self) -> None:
        """Show the official forms of the person; what was typed waits."""
        if self._session is not None:
            self._navigator.push("official_form", target_id=self._session.target_id)

    def postpone(self) -> None:
        """Ask how to stop: for now, or for good."""
        if self._session is not None and self.state.panel is None:
            self._open(EndingPanel())

    def _end(self, panel: EndingPanel) -> None:
        recording, session_id = self._context.recording, self._session_id
        if not panel.is_end:
            self._leave(lambda: recording.suspend(session_id))
        else:
            end = recording.refuse if panel.is_subjects_choice else recording.abandon
            self._leave(lambda: end(session_id, EndReason(panel.chosen)), {})

    def _leave(self, func: Callable[[], CaptureSession], left: Mapping[str, str] | None = None) -> None:
        self._devices.release()
        self._decide(func, lambda _: self._navigator.back(), left)

    # --- showing

    def _show_state(self, state: RecordingState) -> None:
        if self._session is not None:
            has_leads = bool(self._door.leads())
            state = compose(state, self._session, self._current, self._form, has_leads, self)
        self._become(state)


def _part(fields: Mapping[str, str], prefix: str) -> Mapping[str, str]:
    return {name.removeprefix(prefix): text for name, text in fields.items() if name.startswith(prefix)}
