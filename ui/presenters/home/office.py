"""Beranda of the office: everything that waits for the signed-in user, one key away."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from fieldkit.domain.delivery import OfficeTask
from fieldkit.domain.office_bundles import OfferedProgram
from fieldkit.domain.people import Permission, User
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.context.set_up import SetUpStep
from fieldkit.services.home import Duties, Left
from fieldkit.services.planning import ActivityLine
from ui.presenters.amounts import day_text, moment_text
from ui.presenters.figures import BigAction, Column, FigureCell, Number, Row
from ui.presenters.home.left_open import form_words
from ui.presenters.operating import OperatingPresenter
from ui.presenters.parts import Bar, Stage, Tag, Tone, ViewState, leave
from ui.presenters.people.accounts import SCREENS, set_up_words
from ui.presenters.planning.steps import params_of, progress_tag, screens_of
from ui.presenters.presenter import CHOICES, Action, Command, Message, Navigator, Opens, message, opens
from ui.presenters.tasks import STORE, Tasks

# Semua layar: every screen that has no key of its own on Beranda, one digit away, with what waits there.

_FIELD = ("visits", "trip", "recap", "aid")  # of the activity of the day
_OFFICE = ("prints", "clocks", "courier", "devices")
_PRINT = ("prints", "blanks", "printing_day", "courier")  # of who prints; clocks and devices stand elsewhere
_ALL = ("distribution", "applications", "reports", "exchange", "conflicts", "settings")


def ways_of(user: User) -> tuple[str, ...]:
    """Return the screens of a role that need no activity."""
    may = user.may
    return (*(() if may(Permission.RECORD) else _PRINT if may(Permission.PRINT_CARDS) else _OFFICE), *_ALL)


@dataclass(frozen=True, slots=True)
class Waits:
    """What is counted beside the ways."""

    tasks: Mapping[OfficeTask, int]
    conflicts: int


NOTHING_WAITS = Waits({}, 0)


def read_waits(context: AppContext) -> Waits:
    """Read the counts that the user's role has something to do with."""
    user, office = context.user, context.office
    counts = any(map(user.may, (Permission.PRINT_CARDS, Permission.TYPE_STATUS, Permission.HAND_OVER)))
    return Waits(office.statuses.tasks() if counts else {}, office.conflicts.count())


@dataclass(frozen=True, slots=True, kw_only=True)
class MoreState(ViewState):
    """The ways in the order of their digits; the intent of each is its screen."""

    ways: tuple[BigAction, ...] = ()


class MorePresenter(OperatingPresenter[MoreState]):
    """Leads on; `activity_id` is the activity of the day, "" in the office."""

    def __init__(self, context: AppContext, tasks: Tasks, navigator: Navigator, activity_id: str) -> None:
        super().__init__(MoreState(stage=Stage.LOADING, bar=Bar(leave(self.back))), tasks)
        self._context, self._navigator, self._activity_id = context, navigator, activity_id

    def start(self) -> None:
        """Read what waits."""
        self._tasks.run(STORE, lambda: read_waits(self._context), self._loaded, self._failed)

    def _loaded(self, waits: Waits) -> None:
        mine = (*(_FIELD if self._activity_id else ()), *ways_of(self._context.user))
        ways = tuple(_way(screen, act, waits, self._to(screen)) for screen, act in zip(mine, CHOICES, strict=False))
        self._become(replace(self.state, stage=Stage.CONTENT, where=message("act.more"), ways=ways))

    def _to(self, screen: str) -> Opens:
        takes_activity = screen in (*_FIELD, "reports", "distribution", "applications", "printing_day")
        params = {"activity_id": self._activity_id} if takes_activity and self._activity_id else {}
        return opens(self._navigator, screen, **params)


def _way(screen: str, act: Action, waits: Waits, go: Callable[[], None]) -> BigAction:
    action = Command(screen, message(f"semua.{screen}"), act, runs=go)
    waiting = {
        "prints": waits.tasks.get(OfficeTask.PRINT, 0),
        "distribution": waits.tasks.get(OfficeTask.HAND_OVER, 0),
        "conflicts": waits.conflicts,
    }.get(screen, 0)
    headline: Message = message("common.waiting", count=waiting) if waiting else ""
    tone = Tone.BAD if waiting and screen == "conflicts" else Tone.CAUTION if waiting else Tone.NEUTRAL
    return BigAction(action, message(f"semua.{screen}_line"), headline, tone)


COLUMNS = (
    Column(message("beranda.what")),
    Column(message("common.activity"), 380),
    Column(message("common.day"), 132),
    Column(message("common.state"), 176),
)


_T = OfficeTask
STUCK = (_T.DELETE_AND_RECORD_AGAIN, _T.ASK_DELETION, _T.ASK_RESEND, _T.RESEND, _T.ASK_MEANING)
_COUNTED = (
    ("to_print", Permission.PRINT_CARDS, (_T.PRINT,), "prints"),
    ("to_follow", Permission.TYPE_STATUS, STUCK, "status_work"),
    ("to_hand_over", Permission.HAND_OVER, (_T.HAND_OVER,), "distribution"),
)
_MINE = Tag(message("common.your_turn"), Tone.CAUTION)
_MOST_OVERDUE = 20  # all of them stand in Kegiatan


@dataclass(frozen=True, slots=True)
class Duty:
    """A line with where it leads."""

    row: Row
    screen: str
    params: Mapping[str, str]


def duties_of(found: Duties, today: date, waits: Waits = NOTHING_WAITS, user: User | None = None) -> tuple[Duty, ...]:
    """Return what waits: what is asked of this user by name first, then records and cards, then steps by their day.

    Leaders see below them what others leave undone, the oldest first.
    """
    special: list[Duty] = []
    if waits.conflicts:
        words = message("beranda.conflicts_wait", count=waits.conflicts)
        special.append(Duty(_row("conflicts", words, message("beranda.conflicts_safe")), "conflicts", {}))
    if found.to_sign:
        words = message("beranda.to_sign", count=found.to_sign)
        special.append(Duty(_row("sign", words, message("beranda.to_sign_line")), "sign_letters", {}))
    for each in found.to_dispose:
        row = _row(f"dispose-{each.thing_id}", message("beranda.to_dispose"), each.sender, day_text(each.received_on))
        special.append(Duty(row, "disposition", {"activity_id": each.activity_id}))
    for kit, place in found.to_allow:
        row = _row(f"allow-{kit.thing_id}", message("beranda.to_allow"), place or ", ".join(kit.kit_names))
        special.append(Duty(row, "check_out", {"activity_id": kit.activity_id}))
    for name, permission, tasks, screen in _COUNTED:
        count = sum(waits.tasks.get(task, 0) for task in tasks)
        if count and user is not None and user.may(permission):
            row = _row(name, message(f"beranda.{name}", count=count), message(f"beranda.{name}_line"))
            special.append(Duty(row, screen, {}))
    turns = (_turn(line, today) for line in found.turns)
    return (*special, *turns, *(_overdue(line, today) for line in found.overdue[:_MOST_OVERDUE]))


def duties_left(found: Sequence[Left], local: Callable[[datetime], datetime]) -> tuple[Duty, ...]:
    """Return what the user typed and did not accept, latest first."""
    return tuple(
        Duty(
            _row(left.name.text, message("beranda.left_typed"), form_words(left), moment_text(local(left.at))),
            left.name.screen,
            left.name.about,
        )
        for left in found
        if not left.is_recording
    )


def duties_of_set_up(missing: Sequence[SetUpStep]) -> tuple[Duty, ...]:
    """Return what this kit still lacks since its enrolment, each line leading to where it is done."""
    # A sheet is printed before its code is asked for: its line leads to the checklist, the others straight on.
    ways = {step: ("set_up", {}) if step is SetUpStep.SHEET else SCREENS[step] for step in missing}
    title, tag = message("persiapan.title"), Tag(message("common.missing"), Tone.CAUTION)

    def row(step: SetUpStep) -> Row:
        why = message(f"persiapan.why_{step.value}")
        return _row(f"set_up-{step.value}", set_up_words(step), title, detail=why, tag=tag)

    return tuple(Duty(row(step), *ways[step]) for step in missing)


def duty_of_program(offered: OfferedProgram) -> Duty:
    """Return the line of a later version of the program; the admin installs it outside."""
    words = message("beranda.program", version=offered.version)
    return Duty(_row("program", words, offered.file, detail=message("beranda.program_line")), "settings", {})


def duty_of_ending(words: Message, about: Message) -> Duty:
    """Return the line of the certificate that ends first; sending renews it."""
    return Duty(_row("certificate", words, about), "queue", {})


def office_numbers(found: Duties, waiting: int, conflicts: int = 0) -> tuple[Number, ...]:
    """Return the numbers of the office; that of the conflicts only where there are some."""
    differing = (Number(str(conflicts), message("beranda.conflicts"), Tone.BAD),) if conflicts else ()
    return (
        Number(str(waiting), message("beranda.mine"), Tone.CAUTION if waiting else Tone.GOOD),
        Number(str(found.unfinished), message("beranda.unfinished")),
        Number(str(found.late), message("beranda.late"), Tone.BAD if found.late else Tone.NEUTRAL),
        *differing,
    )


def _turn(line: ActivityLine, today: date) -> Duty:
    step, activity = line.mine, line.activity
    assert step is not None
    screens = screens_of(step.wanted)
    screen = screens[0] if screens else "activity"
    which, no = FigureCell(activity.name, activity.place), message("common.step", no=step.no)
    row = _row(activity.activity_id, step.words, which, day_text(line.days[0]), no, progress_tag(line, today))
    return Duty(row, screen, params_of(screen, activity.activity_id))


def _overdue(line: ActivityLine, today: date) -> Duty:
    activity, next_step = line.activity, line.glance.next if line.glance is not None else None
    waits = message("beranda.waits_for", who=next_step.column, step=next_step.words) if next_step is not None else ""
    name, day = f"late-{activity.activity_id}", day_text(line.days[-1])
    row = _row(name, activity.name, waits, day, activity.place, progress_tag(line, today))
    return Duty(row, "activity", {"activity_id": activity.activity_id})


def _row(
    name: str, words: Message, about: Message | FigureCell, day: str = "", detail: Message = "", tag: Tag = _MINE
) -> Row:
    which = about if isinstance(about, FigureCell) else FigureCell(about)
    return Row(name, (FigureCell(words, detail, is_strong=True), which, FigureCell(day), FigureCell(tags=(tag,))))
