"""Mulai: a laptop that is no kit yet becomes one, without a terminal: language, slip of the office, first admin.

What was begun is kept after each step, so that a kill goes on where it was. A passphrase stands in its field only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from fieldkit.domain.errors import InputError, Problem
from fieldkit.domain.people import Slip
from fieldkit.ports.devices import PreviewSink
from fieldkit.ports.first_start import Begun, FirstStart, NewAdmin, Step, Strength
from ui.presenters.cancellable_task import CancellableTask, FirstFrame
from ui.presenters.form import FormField, FormState, Wrong
from ui.presenters.parts import Bar, Choice, Progress, Stage, leave, unread
from ui.presenters.presenter import Action, Command, Message, Presenter, Weight, enter, message
from ui.presenters.tasks import COMPUTE, STORE, Tasks, device_executor
from ui.presenters.viewfinder import Sight

LANGUAGE, SLIP, URL, CODE, FINGERPRINT = "language", "slip", "url", "code", "fingerprint"
USER, NAME, NEW, AGAIN, PIN = "user_id", "name", "new", "again", "pin"
FACTOR, LATER, NOW = "factor", "later", "now"  # a second factor is set up at the first sign-in, or not yet
_CAMERA = device_executor("camera")
_STEPS = tuple(Step)
_PLACES: Mapping[str, str] = {
    "awal.no_slip_there": SLIP,
    "cli.unreadable": SLIP,
    "awal.no_url": URL,
    "awal.no_code": CODE,
    "awal.no_fingerprint": FINGERPRINT,
    "awal.no_name": NAME,
    "account.differs": AGAIN,
    "sync.ca_fingerprint": FINGERPRINT,
    "sync.address_wrong": URL,
    "sync.unreachable": URL,
    "sync.name_unknown": URL,
    "sync.name_not_certified": URL,
    "sync.enrol_code_wrong": CODE,
    "sync.enrol_code_expired": CODE,
    "sync.enrol_admin_differs": USER,
}
_OF_THE_SLIP = frozenset({SLIP, URL, CODE, FINGERPRINT})


class FirstStartPresenter(Presenter[FormState]):
    """Enter goes on, Esc goes back. `speak` changes the language at once; `decided` hears whether a kit was made."""

    def __init__(
        self,
        first: FirstStart,
        tasks: Tasks,
        frames: Callable[[], PreviewSink],
        language: str,
        speak: Callable[[str], None],
        decided: Callable[[bool], None],
        ways_back: Callable[[], None],
    ) -> None:
        """`frames` is asked for where the camera shows what it sees, `language` is spoken now.

        `ways_back` leads to what may bring a kit back.
        """
        super().__init__(FormState(stage=Stage.LOADING, bar=Bar(leave(self.back))))
        self._first, self._tasks, self._frames, self._speak = first, tasks, frames, speak
        self._decided, self._ways_back = decided, ways_back
        self._camera = CancellableTask(tasks)
        self._begun = self._kept = Begun()
        self._is_read = False
        self._texts: dict[str, str] = {LANGUAGE: language}
        self._strength = Strength(0)
        self._refused: tuple[str, Message] = ("", "")  # the field that is marked until somebody types

    def start(self) -> None:
        """Go on where an earlier start was left."""
        if not self._is_read:
            self._tasks.run(STORE, self._first.left, self._go_on, self._unread)

    refresh = start

    def stop(self) -> None:
        """Let go of the camera."""
        self._camera.release()

    def settle(self) -> None:
        """Keep what was typed, but for the passphrase."""
        if self._is_read and self.state.stage is Stage.CONTENT:
            self._keep()

    def type(self, name: str, text: str) -> None:
        """Take a keystroke, or a choice."""
        if self.state.stage is not Stage.CONTENT:
            return
        self._texts[name] = text
        self._refused = ("", "")
        if name == LANGUAGE:
            self._speak(text)
        if name in (NEW, NAME, USER):
            self._judge()
        self._render()

    def accept(self) -> None:
        """Go on to the next step."""
        if self.state.photo is not None or self.state.stage is not Stage.CONTENT:
            return
        match self._begun.step:
            case Step.LANGUAGE:
                self._enter_step(Step.OFFICE)
            case Step.OFFICE:
                self._find()
            case Step.ADMIN:
                self._enrol()

    def back(self) -> None:
        """Put the camera away, else go a step back; from the first one the program is closed."""
        if self.state.stage is Stage.BUSY:
            return
        at = _STEPS.index(self._begun.step)
        if self.state.photo is not None:
            self._camera.release()
            self._render(SLIP)
        elif at:
            self._enter_step(_STEPS[at - 1])
        else:
            self._decided(False)

    def scan(self) -> None:
        """Look for the QR code of the slip through the camera."""
        if self.state.stage is not Stage.CONTENT:
            return
        again = Command("scan", message("awal.scan_again"), Action.REFRESH, Weight.PRIMARY, runs=self.scan)

        def see(sight: Sight) -> None:
            bar = Bar(leave(self.back), (again,) if sight.away else ())
            self._become(replace(self.state, photo=sight, bar=bar, problem=None))

        frames = FirstFrame(
            self._frames(), lambda: self._tasks.post(lambda: see(Sight(is_live=True)) if self._camera.is_busy else None)
        )
        see(Sight())
        self._camera.run(
            _CAMERA,
            lambda cancel: self._first.scan(frames, cancel),
            lambda slip: self._take(slip) if slip is not None else None,
            lambda problem: see(Sight(away=problem)),
        )

    # --- the steps

    def _go_on(self, begun: Begun) -> None:
        self._begun = self._kept = begun
        self._is_read, slip = True, begun.slip
        self._texts |= {URL: slip.url, CODE: slip.code, FINGERPRINT: slip.ca_fingerprint}
        self._texts |= {USER: begun.admin or slip.admin, NAME: begun.name}
        self._enter_step(begun.step)

    def _enter_step(self, step: Step) -> None:
        self._begun, self._refused = replace(self._begun, step=step), ("", "")
        self._render({Step.LANGUAGE: LANGUAGE, Step.OFFICE: SLIP, Step.ADMIN: NAME if self._text(USER) else USER}[step])
        self._keep()

    def _keep(self) -> None:
        begun = self._begun = Begun(
            *(self._begun.step, self._text(LANGUAGE), self._slip(), self._text(USER), self._text(NAME))
        )
        if begun != self._kept:
            self._kept = begun
            self._tasks.write(lambda: self._first.keep(begun), self._not_kept)  # even when the window closes now

    def _not_kept(self, problem: Problem) -> None:
        self._become(replace(self.state, problem=problem))

    def _find(self) -> None:
        typed, pasted = self._slip(), self._text(SLIP).strip()

        def found() -> Slip:
            slip = self._first.read(pasted) if pasted else typed
            for part, code in ((slip.url, "url"), (slip.code, "code"), (slip.ca_fingerprint, "fingerprint")):
                if not part:
                    raise InputError(f"awal.no_{code}")
            self._tasks.post(lambda: self._remember(slip))
            self._first.find(slip)
            return slip

        self._busy(message("awal.finding"))
        self._tasks.run(STORE, found, lambda _: self._enter_step(Step.ADMIN), self._failed)

    def _take(self, slip: Slip) -> None:
        self._remember(slip)
        self._render(URL)
        self.accept()

    def _remember(self, slip: Slip) -> None:
        """Put what was read into its fields, so that it can be seen and mended."""
        self._texts |= {SLIP: "", URL: slip.url, CODE: slip.code, FINGERPRINT: slip.ca_fingerprint}
        self._begun = replace(self._begun, slip=slip)
        if slip.admin:
            self._texts[USER] = slip.admin

    def _enrol(self) -> None:
        slip, again = self._slip(), self._texts.get(AGAIN, "")
        wants_code = self._text(FACTOR) == NOW
        admin = NewAdmin(self._text(USER), self._text(NAME), self._texts.get(NEW, ""), self._text(PIN), wants_code)

        def enrolled() -> None:
            if not admin.name:
                raise InputError("awal.no_name")
            if admin.passphrase != again:
                raise InputError("account.differs")
            self._first.enrol(slip, admin)

        self._busy(message("awal.enrolling"))
        self._tasks.run(STORE, enrolled, lambda _: self._decided(True), self._failed)

    def _judge(self) -> None:
        passphrase, names = self._texts.get(NEW, ""), (self._text(NAME), self._text(USER))

        def judged(strength: Strength) -> None:
            if passphrase == self._texts.get(NEW, ""):  # the newest only
                self._strength = strength
                self._become(replace(self.state, fields=self._fields()))

        self._tasks.run(COMPUTE, lambda: self._first.strength(passphrase, names), judged, self._failed)

    # --- what is shown

    def _render(self, keyboard: str = "") -> None:
        step = self._begun.step
        at = _STEPS.index(step) + 1
        self._become(
            replace(
                self.state,
                stage=Stage.CONTENT,
                title=message(f"awal.title_{step.value}", at=at, of=len(_STEPS)),
                hint=message(f"awal.hint_{step.value}"),
                fields=self._fields(),
                bar=Bar(self._leaving(), self._commands()),
                progress=None,
                problem=None,
                photo=None,
                wrong=Wrong(keyboard) if keyboard else self.state.wrong,
            )
        )

    def _leaving(self) -> Command:
        way = leave(self.back)
        return replace(way, words=message("common.close")) if self._begun.step is Step.LANGUAGE else way

    def _commands(self) -> tuple[Command, ...]:
        step = self._begun.step
        go = enter(message(f"awal.go_{step.value}"), self.accept)
        language = Command("language", message("act.language"), Action.LANGUAGE, Weight.PLAIN, runs=Action.LANGUAGE)
        ways = Command("ways_back", message("common.restore_kit"), Action.WAYS_BACK, Weight.PLAIN, runs=self._ways_back)
        scan = Command("scan", message("awal.scan"), Action.ADD, runs=self.scan)
        return {
            Step.LANGUAGE: (ways, go),
            Step.OFFICE: (language, ways, scan, go),
            Step.ADMIN: (language, go),
        }[step]

    def _fields(self) -> tuple[FormField, ...]:
        place, problem = self._refused
        return tuple(replace(field, problem=problem) if field.name == place else field for field in self._asked())

    def _asked(self) -> tuple[FormField, ...]:
        match self._begun.step:
            case Step.LANGUAGE:
                choices = Choice.each(("id", "en"), "awal.language_")
                return (FormField(LANGUAGE, message("awal.language"), self._text(LANGUAGE), choices=choices),)
            case Step.OFFICE:
                slip = replace(self._field(SLIP, hint=message("awal.slip_hint")), is_file=True)
                return (slip, *map(self._field, (URL, CODE, FINGERPRINT)))
            case Step.ADMIN:
                new = self._texts.get(NEW, "")
                label = message(f"awal.new_{self._strength.score}") if new else message("common.passphrase")
                weak = self._strength.problem if len(new) >= 8 else None  # shorter is not typed to its end yet
                passphrase = replace(self._field(NEW, hint=message("awal.new_hint")), label=label, problem=weak or "")
                again, pin = self._field(AGAIN), self._field(PIN, hint=message("awal.pin_hint"))
                secrets = (replace(field, is_secret=True) for field in (passphrase, again, pin))
                factor = replace(self._field(FACTOR), choices=Choice.each((LATER, NOW), "awal.factor_"))
                named = (self._field(USER, hint=message("awal.user_id_hint")), self._field(NAME))
                return (*named, *secrets, replace(factor, text=self._text(FACTOR) or LATER))

    def _field(self, name: str, hint: Message = "") -> FormField:
        return FormField(name, message(f"awal.{name}"), self._texts.get(name, ""), hint)

    def _text(self, name: str) -> str:
        return self._texts.get(name, "").strip()

    def _slip(self) -> Slip:
        url, code, fingerprint = map(self._text, (URL, CODE, FINGERPRINT))
        return replace(self._begun.slip, url=url, code=code, ca_fingerprint=fingerprint)

    def _busy(self, words: Message) -> None:
        self._refused = ("", "")
        self._become(replace(self.state, stage=Stage.BUSY, progress=Progress(words), problem=None, wrong=None))

    def _failed(self, problem: Problem) -> None:
        place = problem.field_name or _PLACES.get(problem.code, "")
        step = Step.OFFICE if place in _OF_THE_SLIP else self._begun.step
        self._begun = replace(self._begun, step=step)
        self._refused = (place, problem)
        self._render(place)
        if not place:
            self._become(replace(self.state, problem=problem))

    def _unread(self, problem: Problem) -> None:
        self._become(unread(self.state, problem, self))
