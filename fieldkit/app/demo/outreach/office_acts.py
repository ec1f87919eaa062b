"""What people of the office do at their screens, from Beranda and back: plan, write, sign, take sarpras out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

from fieldkit.app.demo.kit import LEAD, PETUGAS, PINS, STOREKEEPER
from fieldkit.app.demo.outreach.clerk import Clerk
from fieldkit.app.demo.outreach.stage import Stage
from fieldkit.app.demo.world import present_words
from fieldkit.domain.letters.letter import LetterKind, LetterState
from fieldkit.domain.people.accounts import User
from fieldkit.domain.sarpras.checklist import CheckIn, CheckOut
from ui.presenters.form import FormPresenter
from ui.presenters.letters.letter import LetterPresenter
from ui.presenters.letters.letters import MISSING
from ui.presenters.letters.sign_letters import SignLettersPresenter
from ui.presenters.planning.plan import PlanPresenter
from ui.presenters.sarpras.checklist import ChecklistPresenter
from ui.presenters.sarpras.permission import IzinPresenter

_NOTHING: Mapping[str, str] = MappingProxyType({})


def begin_activity(clerk: Clerk, user: User, name: str, place: str, sop_id: str) -> None:
    """Begin an activity of the office's own, with its SOP."""
    clerk.sign_in_as(user)
    clerk.open_activities()
    clerk.do("new_plan")
    form = clerk.arrive(FormPresenter)
    clerk.fill(name, place)
    clerk.wait("names", lambda: form.state.fields[1].text == place)
    clerk.pick("sop", sop_id)
    clerk.shoot("kegiatan-baru")
    clerk.do("accept")
    clerk.arrive(PlanPresenter)
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
