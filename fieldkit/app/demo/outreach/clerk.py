"""A scripted member of the dinas: signs in under the name that a step asks for and works its screens by keyboard."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from fieldkit.app.demo.kit import PINS, Hands
from fieldkit.domain.people import User
from fieldkit.domain.sop.run import StepState
from fieldkit.services.sop.view import SopView
from ui.presenters.figures import BigAction
from ui.presenters.form import FormPresenter, Pick
from ui.presenters.home.home import HomePresenter
from ui.presenters.home.office import MorePresenter
from ui.presenters.home.sign_in import SignInPresenter
from ui.presenters.lists import ListPresenter
from ui.presenters.parts import ViewState
from ui.presenters.planning.activities import ActivityPresenter
from ui.presenters.presenter import Command, Message, message
from ui.views.window.window import Application


class Clerk(Hands):
    """Whoever is needed next. Raise `KnownError("demo.stuck")` where a screen does not come."""

    def __init__(self, application: Application, pictures: Path) -> None:
        super().__init__(application, pictures)
        self.activity_id = ""  # the activity that the walk is about, once there is one
        self.signed_in: list[str] = []
        self._who: User | None = None

    def sign_in_as(self, user: User) -> None:
        """Let this user sit down, and leave them on Beranda."""
        if self._who == user:
            self.press_until("Esc", lambda: isinstance(self.front(), HomePresenter))
            self.arrive(HomePresenter)
            return
        if self._who is not None:
            self.typist.press("F10")
        presenter = self.arrive(SignInPresenter)
        self._choose(presenter, user)
        self.typist.type(PINS[user.user_id])
        self.typist.press("Return")
        self.arrive(HomePresenter)
        self._who = user
        self.signed_in.append(user.name)
        self.shoot(f"beranda-{user.user_id}")

    def _choose(self, presenter: SignInPresenter, user: User) -> None:
        names = [person.name for person in presenter.state.people]
        way = names.index(user.user_id) - names.index(presenter.state.chosen)
        for _ in range(abs(way)):
            self.typist.press("Down" if way > 0 else "Up")
        self.wait(user.name, lambda: presenter.state.chosen == user.user_id)

    def count(self, other: Hands) -> None:
        """Count what another pair of hands did at this window."""
        self.typist.keystrokes += other.keystrokes
        self.screenshots += other.screenshots
        self.picture_seconds += other.picture_seconds

    def shoot(self, name: str, settle_s: float = 0.15, until: Callable[[], bool] = lambda: False) -> None:
        """Take a picture once what was read stands on the screen."""
        super().shoot(name, settle_s, until)

    def do(self, intent: str) -> None:
        """Press the key of what the screen offers under this intent, once it is offered."""
        self.wait_for(intent)
        act = _offers(self.front().state)[intent].act
        assert act is not None
        self.typist.press(act.key)

    def wait_for(self, intent: str) -> None:
        """Wait until the screen offers this intent and does not refuse it."""

        def is_offered() -> bool:
            action = _offers(self.front().state).get(intent)
            return action is not None and action.act is not None and not action.refused

        self.wait(intent, is_offered)

    def fill(self, *texts: str) -> None:
        """Type into one field after the other, in place of what stands there."""
        for place, text in enumerate(texts):
            if place:
                self.typist.press("Tab")
            self.typist.press("Ctrl+A")
            self.typist.type(text)

    def press(self, key: str, times: int = 1) -> None:
        """Press a key so many times."""
        for _ in range(times):
            self.typist.press(key)

    def tab_to(self, key: str) -> None:
        """Press Tab until the part of the screen with this name has the keyboard."""
        self.tab_to_words(message(key))

    def tab_to_words(self, words: Message) -> None:
        """Press Tab until what is called so has the keyboard."""
        name = self.application.theming.say(words)
        for _ in range(40):
            if self.typist.focused.accessibleName() == name:
                return
            self.typist.press("Tab")
        self.fail(name)

    def fill_in(self, texts: Mapping[str, str]) -> None:
        """Type into the fields with these names, in the order of the form."""
        for key, text in texts.items():
            self.tab_to(key)
            self.typist.press("Ctrl+A")
            self.typist.type(text)

    def pick(self, name: str, choice: str) -> None:
        """Walk from the first choice of a form's field to another, or type its words, and take it."""
        form = self.arrive(FormPresenter)
        field = next(field for field in form.state.fields if field.name == name)
        names = [each.name for each in field.choices]
        if field.pick is Pick.TYPED:
            self.tab_to_words(field.label)
            self.typist.press("Ctrl+A")
            self.typist.type(self.application.theming.say(field.choices[names.index(choice)].words))
            self.typist.press("Return")
        else:
            first = next((each for each in field.choices if each.name in field.chosen), field.choices[0])
            self.tab_to_words(first.words)
            for _ in range(names.index(choice) - names.index(first.name)):
                self.typist.press("Right")
            self.typist.press("Space")
        self.wait(choice, lambda: any(f.name == name and choice in f.chosen for f in form.state.fields))

    def open_activities(self) -> ListPresenter[Any]:
        """Go from Beranda to the list of activities."""
        self.do("show_activities")
        activities = self.arrive_at("activities")
        self.shoot("kegiatan")
        return activities

    def go(self, screen: str) -> None:
        """Go from the activity to where the step under the cursor is done."""
        panel = self.arrive(ActivityPresenter).state.panel
        assert panel is not None
        wanted = message(f"langkah.to_{screen}")
        self.do(next(way.name for way in panel.ways if way.words == wanted))

    def open_step(self, no: int) -> ActivityPresenter:
        """Go from Beranda to a step of the activity."""
        activities = self.open_activities()
        self.wait("activities", lambda: bool(activities.state.rows.count))
        self.typist.press("Return")
        activity = self.arrive(ActivityPresenter)
        while activity.state.cursor != no:
            self.typist.press("Down" if activity.state.cursor < no else "Up")
        self.shoot(f"langkah-{no:02}")
        self._tick(activity)
        return activity

    def tick(self, user: User, no: int) -> None:
        """Let a user say that everything is there that a step needs and the program does not know of."""
        self.sign_in_as(user)
        self.open_step(no)

    def _tick(self, activity: ActivityPresenter) -> None:
        if "tick" in _offers(activity.state):
            self.do("tick")
            self.arrive(FormPresenter)
            self.do("accept")  # all of them stand first
            self.arrive(ActivityPresenter)
            self.wait("ticked", lambda: "tick" not in _offers(activity.state))

    def write_down(self, user: User, no: int, who: str, why: str, evidence: Path) -> None:
        """Let a user declare what somebody without an account did."""
        self.sign_in_as(user)
        self.open_step(no)
        self.do("to_write_down")
        self.arrive(FormPresenter)
        self.fill_in({"common.name": who, "langkah.field_why": why, "langkah.field_file": str(evidence)})
        self.shoot(f"langkah-{no:02}-pihak-luar")
        self.do("accept")
        self.arrive(ActivityPresenter)
        self.demand_over(no)

    def open_screen(self, user: User, no: int | None, screen: str) -> None:
        """Let a user go to where a step is done, or there from Beranda for a step that names nobody."""
        self.sign_in_as(user)
        if no is None:
            self.do("show_more")
            self.arrive(MorePresenter)
            self.shoot("semua-layar")
            self.do(screen)
        else:
            self.open_step(no)
            self.go(screen)

    def demand_over(self, no: int) -> None:
        """Wait until a step is over: what was done completes it by itself."""
        self.wait(f"step {no} over", lambda: self.is_over(no))

    def is_over(self, no: int) -> bool:
        """Return whether a step is done or skipped."""
        step = next(step for step in self.sop().steps if step.no == no)
        return step.state in (StepState.DONE, StepState.SKIPPED)

    def sop(self) -> SopView:
        """Return how far the activity's SOP is."""
        view = self.context.office.sop.view(self.activity_id)
        assert view is not None
        return view

    def save_papers(self, folder: Path) -> list[Path]:
        """Write the issued letters of the activity out of the archive, signed where they are."""
        folder.mkdir(parents=True, exist_ok=True)
        letters = self.context.office.letters
        saved = []
        for place, letter in enumerate(letters.of(self.activity_id), 1):
            if letter.pdf:
                saved.append(folder / f"{place:02}-{letter.letter.value}.pdf")
                saved[-1].write_bytes(letters.paper(letter.thing_id).pdf)
        return saved


def _offers(state: ViewState) -> Mapping[str, Command]:
    """Return everything that a screen offers by key: its bar, and what stands on its cards and panels."""
    panel = getattr(state, "panel", None)
    ways = panel.ways if panel is not None else getattr(state, "ways", ())
    cards = (*getattr(state, "actions", ()), *ways)
    offered = (card.action if isinstance(card, BigAction) else card for card in cards)
    return {action.name: action for action in (*offered, *state.keyed, *state.bar.actions)}
