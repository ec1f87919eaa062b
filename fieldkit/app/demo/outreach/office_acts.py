"""What people of the office do at their screens, from Beranda and back: plan, write, sign, take sarpras out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from fieldkit.app.demo.kit import LEAD, PETUGAS, PINS, STOREKEEPER
from fieldkit.app.demo.outreach.clerk import Clerk
from fieldkit.app.demo.outreach.stage import Stage
from fieldkit.app.demo.people import DISTRICT, REGION, VILLAGE
from fieldkit.app.demo.world import present_words
from fieldkit.domain.cards.card import CardCase, Receipt
from fieldkit.domain.letters.letter import LetterKind, LetterState
from fieldkit.domain.people import User
from fieldkit.domain.planning.outreach import TargetVerdict
from fieldkit.domain.sarpras import BLANKS, CheckIn, CheckOut
from fieldkit.domain.visits import Perekaman
from fieldkit.services.context.office import Office
from fieldkit.services.sop.view import StepView
from ui.presenters.form import FormPresenter
from ui.presenters.letters.letter import LetterPresenter
from ui.presenters.letters.letters import MISSING
from ui.presenters.letters.sign_letters import SignLettersPresenter
from ui.presenters.planning.plan import PlanPresenter
from ui.presenters.presenter import Presenter
from ui.presenters.sarpras.checklist import ChecklistPresenter, IzinPresenter
from ui.presenters.targets.import_targets import ImportTargetsPresenter

_USED_UP = 2  # of each consumable in a day of four people
_NOTHING: Mapping[str, str] = MappingProxyType({})


def begin_activity(
    stage: Stage, user: User, name: str, place: str, sop_id: str, ahead: type[Presenter[Any]] = PlanPresenter
) -> None:
    """Begin an activity of the office's own, with its SOP; `ahead` is the screen to which the form goes on."""
    clerk = stage.clerk
    clerk.sign_in_as(user)
    clerk.open_activities()
    clerk.do("new_plan")
    form = clerk.arrive(FormPresenter)
    clerk.fill(name, place)
    clerk.wait("names", lambda: form.state.fields[1].text == place)
    clerk.pick("sop", sop_id)
    if stage.perekaman is Perekaman.RESMI:
        clerk.pick("perekaman", stage.perekaman)
    clerk.shoot("kegiatan-baru")
    clerk.do("accept")
    clerk.arrive(ahead)
    clerk.activity_id = max(line.activity.activity_id for line in clerk.context.office.activities.everything())


def plan(clerk: Clerk) -> None:
    """Save the proposed days with a team, a kit and a car; the plan screen stands in front."""
    presenter = clerk.arrive(PlanPresenter)
    clerk.do("propose")
    clerk.tab_to("rencana.team")
    for person in (LEAD, PETUGAS):
        clerk.typist.press("Ctrl+A")
        clerk.typist.type(person.name)
        clerk.typist.press("Return")
        clerk.wait(person.name, partial(_is_in, presenter, person))
    clerk.shoot("jadwal")
    clerk.do("accept")
    clerk.wait("plan kept", lambda: clerk.context.office.planning.plan(clerk.activity_id) is not None)
    clerk.arrive(type(presenter))


def _is_in(presenter: PlanPresenter, person: User) -> bool:
    return any(line.words == person.name and line.is_on for line in presenter.state.team)


def open_letters(clerk: Clerk, user: User, no: int) -> None:
    """Let a user go to the letters of the activity, from the step that asks for them."""
    clerk.sign_in_as(user)
    clerk.open_step(no)
    clerk.do("show_letters")
    clerk.arrive_at("letters")


def write_letter(clerk: Clerk, kind: LetterKind, number: str, texts: Mapping[str, str] = _NOTHING) -> None:
    """Write a letter that the activity lacks and issue it; `texts` go into the fields with these names.

    The letters of the activity stand in front, before and after.
    """
    letters = clerk.arrive_at("letters")
    wanted = f"{MISSING}{kind.value}"
    rows = letters.state.rows
    clerk.press("Ctrl+Home")
    clerk.press("Down", [rows.row(at).name for at in range(rows.count)].index(wanted))
    clerk.typist.press("Return")
    clerk.arrive(LetterPresenter)
    clerk.fill_in(texts)
    issue(clerk, kind, number)
    clerk.typist.press("Esc")
    clerk.arrive_at("letters")
    clerk.wait("list", lambda: all(letters.state.rows.row(at).name != wanted for at in range(letters.state.rows.count)))


def issue(clerk: Clerk, kind: LetterKind, number: str) -> None:
    """Issue the letter in front under the number that the office gave it."""
    letter = clerk.arrive(LetterPresenter)
    clerk.wait("pages", lambda: bool(letter.state.pages))
    clerk.do("ask_issue")
    clerk.typist.type(number)
    clerk.typist.press("Return")
    clerk.wait(f"{kind.value} issued", lambda: _is_issued(clerk, kind))
    clerk.arrive(LetterPresenter)
    clerk.shoot(f"surat-{kind.value}")


def _is_issued(clerk: Clerk, kind: LetterKind) -> bool:
    return any(
        each.letter is kind and each.state in (LetterState.ISSUED, LetterState.WAITING)
        for each in clerk.context.office.letters.of(clerk.activity_id)
    )


def sign_letters(clerk: Clerk, user: User, no: int, passphrase: str) -> None:
    """Sign every letter that waits, typing the passphrase for each."""
    clerk.open_screen(user, no, "sign_letters")
    presenter = clerk.arrive(SignLettersPresenter)
    while waiting := len(clerk.context.office.signing.waiting()):
        clerk.shoot("tte")
        clerk.do("accept")
        clerk.typist.type(passphrase)
        clerk.typist.press("Return")
        clerk.wait("signature", partial(_waits_less, clerk, waiting))
        clerk.arrive(type(presenter))
    clerk.shoot("tte-selesai")


def check_out(stage: Stage) -> None:
    """Fill the list by the self-test and by hand, let the pengurus barang allow it, leave."""
    clerk = stage.clerk
    presenter = clerk.arrive(ChecklistPresenter)
    clerk.do("test")
    clerk.wait("self-test", lambda: not presenter.is_testing)
    _answer_lines(clerk, partial(_list, clerk))
    _let_sign(stage)
    clerk.arrive(ChecklistPresenter)
    clerk.wait_for("accept")
    clerk.shoot("sarpras-keluar")
    clerk.do("accept")
    clerk.wait("kit is out", lambda: _list(clerk).is_out)
    clerk.wait_for("print_paper")
    clerk.shoot("sarpras-di-luar")
    clerk.do("print_paper")
    clerk.arrive(LetterPresenter)
    issue(clerk, LetterKind.BA_SARPRAS, "205")


def check_in(stage: Stage, user: User, no: int) -> None:
    """Take everything back as it went out: complete, good and clean."""
    clerk = stage.clerk
    clerk.open_screen(user, no, "check_in")
    clerk.arrive(ChecklistPresenter)
    clerk.do("test")
    presenter = clerk.arrive(ChecklistPresenter)
    clerk.wait("self-test", lambda: not presenter.is_testing)
    _answer_lines(clerk, partial(_returned, clerk))
    _count_back(clerk)
    _let_sign(stage)
    clerk.arrive(ChecklistPresenter)
    clerk.wait_for("accept")
    clerk.shoot("sarpras-kembali")
    clerk.do("accept")
    clerk.wait("kit is back", lambda: _returned(clerk).is_closed)
    clerk.wait_for("print_paper")
    clerk.shoot("sarpras-di-gudang")
    clerk.do("print_paper")
    clerk.arrive(LetterPresenter)
    issue(clerk, LetterKind.BA_PENGEMBALIAN, "207")


def _let_sign(stage: Stage) -> None:
    """Let the pengurus barang type the passphrase and sign on the pad."""
    clerk = stage.clerk
    clerk.do("izin")
    izin = clerk.arrive(IzinPresenter)
    names = [person.name for person in izin.state.people]
    for _ in range(names.index(STOREKEEPER.user_id) - names.index(izin.state.chosen)):
        clerk.typist.press("Down")
    clerk.typist.type(PINS[STOREKEEPER.user_id])
    clerk.typist.press("Return")
    clerk.wait("keeper", lambda: bool(izin.state.signer))
    stage.world.devices.say(*present_words("7", "red", ()))
    stage.world.devices.say("sign")
    clerk.wait("ink", lambda: izin.state.ink is not None)
    clerk.shoot("sarpras-izin")
    clerk.do("accept")


def _answer_lines(clerk: Clerk, read: Callable[[], CheckOut | CheckIn]) -> None:
    """Say of each line that all is well, one after the other."""
    while any(not line.is_answered for line in read().checklist.lines):
        before = read()
        clerk.typist.press("Space")
        clerk.wait("line", partial(_differs, read, before))


def _count_back(clerk: Clerk) -> None:
    """Count what comes back: every blank that is left, of the rest what nobody used."""
    before = _returned(clerk).checklist
    clerk.press("Ctrl+Home")
    clerk.press("Down", len(before.lines))
    for line in before.counts:
        count = line.most if line.consumable_id == BLANKS else max(0, line.most - _USED_UP)
        clerk.typist.type(str(count))
        clerk.wait(line.name, partial(_is_counted, clerk, line.consumable_id, count))
        clerk.press("Down")


def _is_counted(clerk: Clerk, consumable_id: str, count: int) -> bool:
    return any(
        line.consumable_id == consumable_id and line.count == count for line in _returned(clerk).checklist.counts
    )


def _returned(clerk: Clerk) -> CheckIn:
    found = clerk.context.office.sarpras.back.current(clerk.activity_id)
    assert found is not None
    return found


def _list(clerk: Clerk) -> CheckOut:
    found = clerk.context.office.sarpras.out.current(clerk.activity_id)
    assert found is not None
    return found


def _differs(read: Callable[[], CheckOut | CheckIn], before: CheckOut | CheckIn) -> bool:
    return read() != before


def _waits_less(clerk: Clerk, before: int) -> bool:
    return len(clerk.context.office.signing.waiting()) < before


# What people without an account did in a walk, as staff wrote it down, each with its evidence: no program sees it.


@dataclass(frozen=True, slots=True)
class OutsiderAct:
    """One act. `evidence` is a number of a letter, an id of what is kept, or who was spoken with; never empty."""

    act: str
    who: str
    evidence: str


def acts_of(office: Office, activity_id: str) -> list[OutsiderAct]:
    """Return the acts of outsiders in an activity, in the order of docs/sop.md, each once."""
    told = [
        *_asked(office, activity_id),
        *_took_the_reply(office, activity_id),
        *_agreed(office, activity_id),
        *(act for card in office.handover.all(activity_id) for act in _took_documents(card)),
        *_helped(office, activity_id),
    ]
    return list(dict.fromkeys(each for each in told if each.evidence))


def _asked(office: Office, activity_id: str) -> Iterator[OutsiderAct]:
    for request in office.requests.of(activity_id):
        yield OutsiderAct("asks", request.sender, request.number)


def _took_the_reply(office: Office, activity_id: str) -> Iterator[OutsiderAct]:
    for letter in office.letters.of(activity_id):
        if letter.letter is LetterKind.TANDA_TERIMA_SURAT and letter.state is LetterState.ISSUED:
            yield OutsiderAct("takes the reply", str(letter.fields["receiver"]), letter.number or letter.provisional)


def _agreed(office: Office, activity_id: str) -> Iterator[OutsiderAct]:
    for trip in office.trips.of(activity_id):
        if trip.coordination is not None:
            yield OutsiderAct("agrees on the place", trip.coordination.name, trip.coordination.agreed)


def _took_documents(card: CardCase) -> Iterator[OutsiderAct]:
    for handing in card.handings:
        if handing.receipt is not None and handing.receipt is not card.receipt:
            yield _took(f"takes over for the {handing.to.value}", handing.receipt)
    if card.courier is not None and card.courier.taken is not None:
        yield _took("takes along as courier", card.courier.taken)
    if card.receipt is not None:
        yield _took("takes the document", card.receipt)


def _took(act: str, receipt: Receipt) -> OutsiderAct:
    return OutsiderAct(act, receipt.receiver, receipt.attachment_id)


def _helped(office: Office, activity_id: str) -> Iterator[OutsiderAct]:
    for line in office.aid.overview(activity_id).lines:
        for act in line.aid.acts if line.aid is not None else ():
            if act.who:
                yield OutsiderAct(f"aid {act.state.value}", act.who, act.paper or ", ".join(act.files))


# What a walk through an SOP came to, for people and for programs.


@dataclass(frozen=True, slots=True)
class ClockTold:
    """One deadline as the program reads it."""

    rule: str
    due_at: str  # ISO 8601, "" while nothing started it
    state: str


@dataclass(frozen=True, slots=True)
class StepTold:
    """How one step ended. `facts` were heard, `outputs` are there, `missing` is what is not.

    Times are ISO 8601 on the clock of the dinas; `minutes` count from its turn where nobody said when it began ("").
    """

    number: int
    how: str
    facts: tuple[str, ...]
    outputs: tuple[str, ...]
    missing: tuple[str, ...]
    began_at: str
    ended_at: str
    minutes: int | None

    @classmethod
    def of(cls, step: StepView, local: Callable[[datetime], datetime]) -> StepTold:
        """Return what a screen shows of a step, for programs."""
        facts = tuple(fact.value for fact in step.now.facts)
        outputs = tuple(each.name for each in step.outputs if each.is_there)
        began, ended = (
            local(at).isoformat(timespec="seconds") if at else "" for at in (step.now.started_at, step.now.ended_at)
        )
        return cls(step.no, step.how.value, facts, outputs, step.missing, began, ended, step.minutes)


@dataclass(slots=True)
class SopReport:
    """One SOP. `seconds` is the walk itself on the machine, from the first sign-in."""

    sop_id: str
    steps_total: int = 0
    steps_done: int = 0
    standard_minutes: int = 0
    seconds: float = 0.0
    keystrokes: int = 0
    documents: list[Path] = field(default_factory=list)
    screenshots: list[Path] = field(default_factory=list)
    sla: list[ClockTold] = field(default_factory=list)
    signed_in: list[str] = field(default_factory=list)  # names of those who did something, in order
    steps: list[StepTold] = field(default_factory=list)
    outsiders: list[OutsiderAct] = field(default_factory=list)
    planned_on: list[str] = field(default_factory=list)  # days, ISO 8601; none for the counter

    def as_json(self) -> dict[str, Any]:
        """Return the report for programs."""
        return {
            "id": self.sop_id,
            "steps_total": self.steps_total,
            "steps_done": self.steps_done,
            "documents": [str(path) for path in self.documents],
            "standard_minutes": self.standard_minutes,
            "seconds": round(self.seconds, 1),
            "sla": [{"rule": c.rule, "due_at": c.due_at, "state": c.state} for c in self.sla],
            "screenshots": [str(path) for path in self.screenshots],
            "keystrokes": self.keystrokes,
            "signed_in": self.signed_in,
            "outsiders": [asdict(act) for act in self.outsiders],
            "planned_on": self.planned_on,
            "steps": [asdict(step) for step in self.steps],
        }


# What staff does with requests and target lists at their screens.


def register_request(stage: Stage, user: User, sop_id: str, scan: Path) -> None:
    """Register the letter of a desa and begin an activity for it."""
    clerk = stage.clerk
    clerk.sign_in_as(user)
    clerk.open_activities()
    clerk.do("new_request")
    form = clerk.arrive(FormPresenter)
    clerk.wait("fields", lambda: bool(form.state.fields))
    clerk.fill_in(
        {
            "request.sender": f"Pemerintah Desa {VILLAGE.title()}",
            "request.number": "470/12/2026",
            "request.targets": str(len(stage.residents)),
            "request.village": VILLAGE.title(),
            "request.district": DISTRICT.title(),
            "request.region": REGION,
            "request.contact": "Sekretaris desa (contoh)",
            "request.agenda": "A-77",
            "request.scans": str(scan),
        }
    )
    clerk.pick("sop", sop_id)
    if stage.perekaman is Perekaman.RESMI:
        clerk.pick("perekaman", stage.perekaman)
    clerk.shoot("permohonan")
    clerk.do("accept")
    clerk.wait("request kept", lambda: bool(clerk.context.office.activities.everything()))
    clerk.activity_id = max(line.activity.activity_id for line in clerk.context.office.activities.everything())


def dispose(clerk: Clerk, user: User, no: int, note: str) -> None:
    """Write the disposisi of the request."""
    clerk.open_screen(user, no, "disposition")
    form = clerk.arrive(FormPresenter)
    clerk.wait("fields", lambda: bool(form.state.fields))
    clerk.fill_in({"common.note": note})
    clerk.shoot("disposisi")
    clerk.do("accept")


def import_targets(clerk: Clerk, user: User, no: int, file: Path) -> None:
    """Import a target list from the step that asks for it."""
    clerk.open_screen(user, no, "import_targets")
    presenter = clerk.arrive(ImportTargetsPresenter)
    clerk.typist.type(str(file))
    clerk.do("accept")
    clerk.wait("rows", lambda: bool(presenter.state.rows.count))
    clerk.shoot("impor")
    clerk.do("accept")
    clerk.wait("targets", lambda: bool(clerk.context.visits.targets(clerk.activity_id)))
    clerk.shoot("impor-selesai")


def verify_targets(clerk: Clerk, user: User, no: int) -> None:
    """Say of everybody on the list that they were found in SIAK as written."""
    clerk.open_screen(user, no, "verify_targets")
    presenter = clerk.arrive_at("verify_targets")
    clerk.wait("rows", lambda: bool(presenter.state.rows.count))
    clerk.shoot("verifikasi")
    clerk.press("Ctrl+A")
    clerk.do("verify")
    clerk.wait("verdicts", lambda: not _unchecked(clerk))
    clerk.shoot("verifikasi-selesai")


def _unchecked(clerk: Clerk) -> int:
    return clerk.context.office.verification.tally(clerk.activity_id).get(TargetVerdict.BELUM_DICEK, 0)
