"""An office in the middle of its work, where no screen is empty, and the same office on its first day."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from support.activities import add_activity
from support.aided import follow_up
from support.apart import noted_apart
from support.app_context import KETUA, PENGURUS, PETUGAS, TARGETS, TODAY, Kit, OpenDoor
from support.counter_office import KK_AT, serve
from support.field_office import go_out
from support.followed import PRINTED, READY, STRANGE, follow, keep_ledger, take_numbers
from support.handed import distributed, stop
from support.letters import AT, KADIS, KASI, office
from support.reported import report_month
from support.sarpras import KIT_ID, SIGNATURE, THINGS, fill, stock_inventory
from support.signing import PKCS12_PASSPHRASE, office_of, office_pkcs12, waiting_letter
from support.tasks import SameThread

from fieldkit.app.bootstrap.sop_profiles import own_profiles
from fieldkit.domain.letters.letter import LetterKind
from fieldkit.domain.people import Role, User
from fieldkit.domain.planning.outreach import TargetVerdict
from fieldkit.domain.sarpras import CRITICAL, Condition, SarprasItem, SarprasKit
from fieldkit.ports.devices import DeviceKind
from fieldkit.services.context.app_context import AppContext
from ui.presenters.presenter import Navigator
from ui.presenters.tasks import Tasks, device_executor
from ui.runtime.navigation import Factory
from ui.runtime.theme import ThemeContext
from ui.views.office import office_factories
from ui.views.page_parts import PageParts

PEOPLE: Mapping[Role, User] = {
    user.role: user
    for user in (
        *(PETUGAS, KETUA, PENGURUS, KASI, KADIS),
        User("u10", "Nur Aini", Role.LOKET),
        User("u11", "Hendra Wijaya", Role.KABID),
        User("u12", "Teguh Raharjo", Role.OPERATOR_CETAK),
        User("u8", "Sigit Purnomo", Role.ADMIN_DINAS),
    )
}
SECOND_KIT = "kit-8"
VILLAGES = ("Jimbe", "Plumpungrejo", "Dawuhan", "Suruhwadang", "Panggungduwet", "Sumberjati", "Rejowinangun")


class Paperless:
    """A `Printing` of a laptop without a printer."""

    def printer(self) -> str:
        return ""

    def print_pages(self, pages: object) -> None:
        pass

    def save(self, name: str, _content: bytes) -> str:
        return name

    def receipt_printer(self) -> str:
        return ""

    def print_receipt(self, receipt: object) -> None:
        pass


@dataclass(frozen=True)
class WholeOffice:
    """A kit with everything in it; `letters` are ids by what the letter stands for."""

    kit: Kit
    letters: Mapping[str, str]
    applications: Mapping[str, str]  # ids by how far they came
    out: str  # the open list of what leaves
    back: str  # the open list of what comes back
    signed_pdf: bytes
    noted_twice: str  # a visit that two laptops changed

    def params(self, screen: str) -> dict[str, str]:
        """Return what a screen of the office is opened with."""
        out = {"way": "out", "list_id": self.out, "item_id": "i1"}
        asked = {"application_id": self.applications["new"]}
        known = {
            "letter": {"letter_id": self.letters["draft"]},
            "letter_ink": {"letter_id": self.letters["issued"]},
            "verify_letter": {"letter_id": self.letters["signed"]},
            "check_in": {"activity_id": "a2"},
            "request": {"activity_id": ""},
            "item_history": {"item_id": "i1"},
            "reports": {},
            "aid_step": {"activity_id": AT, "keys": "t1 pkh"},
            **{name: {"record_id": STRANGE} for name in ("status_note", "card_facts", "print_failed")},
            "nik_status": {"target_ids": "t1"},
            "clock_pause": {"activity_id": AT, "record_id": STRANGE},
            "print_note": {"record_ids": READY},
            "print_again": {"card_id": PRINTED},
            "blanks.revoke": {"entry_id": ""},
            "sarpras_repair": {"item_id": "i1"},
            "conflict": {"kind": "visit", "thing_id": self.noted_twice},
            "applications": {"activity_id": KK_AT},
            **dict.fromkeys(("application", "application_papers", "family", "family_home", "notices"), asked),
            "notice_record": asked,
            **{name: {**asked, "place": "0"} for name in ("paper_scan", "paper_wrong", "family_member")},
            "application_form": {**asked, "act": "send_back"},
            "handover": {"card_ids": "card-005"},
            **{name: {"card_ids": "card-005 card-006"} for name in ("handover_ba", "handover_failed")},
            "staff_person": {"staff_id": ""},
            **{name: {"user_id": KETUA.user_id} for name in ("account_again", "account_end")},
            "declare": {"activity_id": AT, "step": "1"},
            "step_form": {"activity_id": AT, "step": "1", "act": "note"},
            "sarpras_item": {"thing_id": "i1"},
            "sarpras_consumable": {"thing_id": "c1"},
            "sarpras_kit": {"thing_id": KIT_ID},
            **dict.fromkeys(("sarpras_kits", "sarpras_izin", "sarpras_photo", "sarpras_note", "sarpras_reason"), out),
        }
        return known.get(screen, {"activity_id": AT, "target_id": "t1"})

    def door(self, context: AppContext) -> OpenDoor:
        """Return the door of a context; everybody has an account."""
        return OpenDoor(context, tuple(PEOPLE.values()))

    def factories(
        self, context: Callable[[], AppContext], tasks: Tasks, navigator: Navigator, theming: ThemeContext
    ) -> dict[str, Factory]:
        """Return the screens of the office as the program builds them, for somebody."""
        return office_factories(PageParts(self.door(context()), tasks, navigator, theming, Paperless(), context))


def idle_executors() -> SameThread:
    """Return executors without threads on which nobody signs."""
    return SameThread(device_executor(DeviceKind.SIGNATURE_PAD.value))


def settle_people(kit: Kit) -> None:
    """Give every role its account."""
    with kit.store.write() as unit:
        for person in PEOPLE.values():
            unit.save_user(person)


def whole_office(folder: Path) -> WholeOffice:
    """Return an office where every list has lines. The caller closes the store."""
    kit = office(folder)
    settle_people(kit)
    _begin_activities(kit)
    letters, signed = _write_letters(kit)
    out, back = _fetch_sarpras(kit)
    kit.context.office.verification.judge(AT, dict.fromkeys(("t2", "t3"), TargetVerdict.TERVERIFIKASI))
    kit.context.office.verification.judge(AT, dict.fromkeys(("t6",), TargetVerdict.PINDAH))
    go_out(kit, AT)
    follow(kit)
    keep_ledger(kit)
    distributed(kit)
    take_numbers(kit, AT)
    follow_up(kit)
    kit.context.office.handover.plan_distribution(AT, [stop(kit, n, f"Balai Desa {VILLAGES[n]}") for n in range(4)])
    served = serve(kit, PEOPLE)
    return WholeOffice(kit, letters, served, out, back, signed, noted_apart(kit, folder, AT))


def _begin_activities(kit: Kit) -> None:
    profiles = own_profiles()
    kit.context.office.sop.begin(AT, "blitar_si_jaran_ijo")
    for number, village in enumerate(VILLAGES):
        profile = profiles[number % len(profiles)]
        add_activity(kit, f"Desa {village}", profile, TODAY + timedelta(days=2 * number), done=number % 5)
    add_activity(kit, "a2", profiles[0], date(2026, 11, 20), done=4)
    report_month(kit, f"Desa {VILLAGES[0]}")


def _write_letters(kit: Kit) -> tuple[dict[str, str], bytes]:
    letters, admin = kit.context.office.letters, office_of(kit, PEOPLE[Role.ADMIN_DINAS])
    draft = letters.draft(LetterKind.SURAT_TUGAS, AT)
    issued = letters.issue(letters.draft(LetterKind.SPPD, AT).thing_id, "094")
    void = letters.issue(letters.draft(LetterKind.JADWAL, AT).thing_id, "12")
    letters.void(void.thing_id, "Hari berubah")
    admin.signing_setup.set_certificate(office_pkcs12(kit.clock)[0], PKCS12_PASSPHRASE)
    signed = waiting_letter(kit, "470/1186/409.110/2026")
    head = office_of(kit, KADIS).signing
    head.sign(signed.thing_id, PKCS12_PASSPHRASE)
    waiting = [waiting_letter(kit, f"470/{number}/409.110/2026") for number in (1187, 1188, 1189)]
    named = {"draft": draft, "issued": issued, "void": void, "signed": signed, "waiting": waiting[0]}
    return {name: letter.thing_id for name, letter in named.items()}, head.pdf(signed.thing_id)


def _fetch_sarpras(kit: Kit) -> tuple[str, str]:
    """Fill half the list of what leaves, and half of that of another kit that comes back with records unsent."""
    stock_inventory(kit)
    _stock_second_kit(kit)
    lists = kit.context_of(KETUA).office.sarpras
    gone = fill(lists.out, lists.out.begin("a2", (SECOND_KIT,)))
    lists.out.measure(gone.thing_id)
    lists.out.allow(gone.thing_id, PENGURUS, SIGNATURE)
    lists.out.close(gone.thing_id)
    kit.seal(1, TARGETS[0], timedelta(days=3))
    back = lists.back.begin("a2")
    fill(lists.back, back, but=("j7", "j8"))
    lists.back.answer(back.thing_id, "j3", Condition.RUSAK_RINGAN)
    lists.back.note(back.thing_id, "j3", "Kaki tripod longgar.")
    out = lists.out.begin(AT, (KIT_ID,))
    fill(lists.out, out, but=("i5", "i6", "i7", "i8"))
    return out.thing_id, back.thing_id


def _stock_second_kit(kit: Kit) -> None:
    things = [(f"j{place}", *thing[1:]) for place, thing in enumerate(THINGS, 1)]
    with kit.store.write() as unit:
        for thing_id, kind, name, serial, spares in things:
            item = SarprasItem(thing_id, kind, name, serial and f"{serial}-B", "", spares, kind in CRITICAL)
            unit.repository(SarprasItem).save(item)
        unit.repository(SarprasKit).save(SarprasKit(SECOND_KIT, "Kit 08", tuple(thing[0] for thing in things)))
