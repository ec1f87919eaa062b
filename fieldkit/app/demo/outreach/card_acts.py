"""What people do with cards at their screens: note prints, write the BA, plan stops, hand over against a receipt."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from fieldkit.app.demo.kit import PRINTER
from fieldkit.app.demo.outreach.clerk import Clerk
from fieldkit.app.demo.outreach.office_acts import issue
from fieldkit.app.demo.outreach.stage import Stage
from fieldkit.app.demo.people import DISTRICT, VILLAGE
from fieldkit.app.demo.world import present_words
from fieldkit.domain.cards.card import CardCase, Place
from fieldkit.domain.letters.letter import LetterKind
from fieldkit.domain.people.accounts import User
from ui.presenters.cards.handover import HandoverPresenter, Phase
from ui.presenters.form import FormPresenter
from ui.presenters.letters.letter import LetterPresenter
from ui.presenters.list_presenter import ListPresenter


def note_prints(clerk: Clerk, no: int | None) -> None:
    """Note that the official application printed whatever waits."""
    clerk.open_screen(PRINTER, no, "prints")
    prints = clerk.arrive_at("prints")
    clerk.wait("cards to print", lambda: bool(prints.state.rows.count))
    clerk.press("Ctrl+A")
    clerk.shoot("cetak")
    clerk.do("note")
    clerk.arrive(FormPresenter)
    clerk.fill_in({"cetak.batch": "BLK-0117"})
    clerk.do("accept")
    clerk.arrive_at("prints")
    clerk.wait("printed", lambda: bool(clerk.context.office.handover.all(clerk.activity_id)))
    clerk.shoot("cetak-tercatat")


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who takes documents for an office."""

    name: str
    jabatan: str
    office: str


def write_ba(clerk: Clerk, user: User, no: int | None, receiver: Receiver, number: str) -> None:
    """Write and issue the BA serah terima of everything that is printed."""
    _choose_all(clerk, user, no)
    clerk.do("write_ba")
    clerk.arrive(FormPresenter)
    clerk.fill_in(
        {
            "distribusi.field.ba_receiver": receiver.name,
            "common.position": receiver.jabatan,
            "distribusi.field.office": receiver.office,
        }
    )
    clerk.do("accept")
    clerk.arrive(LetterPresenter)
    issue(clerk, LetterKind.BA_SERAH_TERIMA, number)


def plan_stops(clerk: Clerk, user: User, no: int) -> None:
    """Write down when the cards go to the desa, and who brings them."""
    clerk.open_screen(user, no, "distribution_plan")
    plan = clerk.arrive_at("distribution_plan")
    clerk.do("add")
    clerk.arrive(FormPresenter)
    clerk.fill_in(
        {
            "common.place": f"Balai Desa {VILLAGE.title()}",
            "distribusi.field.by": "Petugas loket",
        }
    )
    clerk.do("accept")
    clerk.arrive_at("distribution_plan")
    clerk.wait("stop", lambda: bool(plan.state.rows.count))
    clerk.shoot("jadwal-distribusi")


def hand_on(stage: Stage, user: User, no: int, to: Place, receiver: str) -> None:
    """Hand everything over to an office; its official signs on the pad."""
    clerk = stage.clerk
    _choose_all(clerk, user, no)
    clerk.do("accept")
    handover = clerk.arrive(HandoverPresenter)
    chosen = next((field for field in handover.state.fields if field.name == "to"), None)
    if chosen is not None and chosen.text != to.value:
        names = [choice.name for choice in chosen.choices]
        clerk.tab_to_words(next(choice.words for choice in chosen.choices if choice.name == chosen.text))
        way = names.index(to.value) - names.index(chosen.text)
        clerk.press("Right" if way > 0 else "Left", abs(way))
        clerk.press("Space")
        clerk.wait("place", lambda: any(f.name == "to" and f.text == to.value for f in handover.state.fields))
    clerk.fill_in({"distribusi.receiver.office": receiver, "common.position": _OFFICIAL[to]})
    sign_for(stage, f"serah-terima-{to.value}")
    clerk.demand_over(no)
    clerk.do("accept")
    clerk.arrive_at("distribution")


def hand_to_person(stage: Stage, user: User, no: int | None) -> None:
    """Hand each card to its person, against a signature on the pad."""
    clerk = stage.clerk
    clerk.open_screen(user, no, "distribution")
    distribution = clerk.arrive_at("distribution")
    while waiting := _waiting(clerk):
        clerk.wait("cards that wait", partial(_shows, distribution, waiting))
        clerk.do("accept")
        clerk.arrive(HandoverPresenter)
        clerk.fill_in({"distribusi.proof.person": "KTP-el lama"})
        sign_for(stage, "serah-terima-warga")
        show_receipt(clerk)
        clerk.do("accept")
        clerk.arrive_at("distribution")
    clerk.shoot("distribusi-selesai")


def sign_for(stage: Stage, name: str) -> HandoverPresenter:
    """Let the receiver sign on the pad; the receipt is kept and the screen says so."""
    clerk = stage.clerk
    handover = clerk.arrive(HandoverPresenter)
    clerk.do("accept")
    clerk.wait("signing", lambda: handover.state.phase is Phase.SIGN)
    stage.world.devices.say(*present_words("7", "red", ()))
    stage.world.devices.say("sign")
    clerk.wait_for("accept")
    clerk.shoot(name)
    clerk.do("accept")
    clerk.wait("receipt kept", lambda: handover.state.phase is Phase.DONE)
    return handover


def show_receipt(clerk: Clerk) -> None:
    """Show the tanda terima of what was just handed over, and come back."""
    clerk.do("print_paper")
    letter = clerk.arrive(LetterPresenter)
    clerk.wait("pages", lambda: bool(letter.state.pages))
    clerk.shoot("surat-tanda_terima")
    clerk.typist.press("Esc")
    clerk.arrive(HandoverPresenter)


def _choose_all(clerk: Clerk, user: User, no: int | None) -> None:
    clerk.open_screen(user, no, "distribution")
    distribution = clerk.arrive_at("distribution")
    clerk.wait("cards", lambda: bool(distribution.state.rows.count))
    clerk.press("Ctrl+A")
    clerk.shoot(f"distribusi-{no or 'beranda'}")


def _shows(distribution: ListPresenter[CardCase], count: int) -> bool:
    return distribution.state.rows.count == count


def _waiting(clerk: Clerk) -> int:
    return sum(card.receipt is None for card in clerk.context.office.handover.all(clerk.activity_id))


_OFFICIAL = {Place.KECAMATAN: f"Kasi Pelayanan Kecamatan {DISTRICT.title()}", Place.DESA: "Sekretaris desa"}
