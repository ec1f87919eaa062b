"""Grobogan at the counter: KK WNI (SOP-DKC.IP-01) and Becak Pintar (SOP-DKC.IP-22), each step at its own screen.

What an applicant or courier does is written down by staff; the steps complete themselves by what the screens keep.
"""

from __future__ import annotations

from collections.abc import Callable

from fieldkit.app.demo.kit import COUNTER, HEAD, KABID, KASI, PETUGAS, PRINTER
from fieldkit.app.demo.outreach.clerk import Clerk
from fieldkit.app.demo.outreach.field_acts import show_receipt, sign_for
from fieldkit.app.demo.outreach.files import write_export, write_page
from fieldkit.app.demo.outreach.office_acts import begin_activity, issue
from fieldkit.app.demo.outreach.stage import IN_GROBOGAN, Script, Stage
from fieldkit.domain.applications import PaperVerdict
from fieldkit.domain.cards.card import CardCase, CourierState, Document
from fieldkit.domain.letters.letter import LetterKind
from fieldkit.domain.letters.requirements import PAPERS, case_of
from fieldkit.domain.people import User
from fieldkit.services.applications.serve_applications import ApplicationView
from ui.presenters.applications.import_applications import ImportApplicationsPresenter
from ui.presenters.applications.one_application import OneApplicationPresenter
from ui.presenters.cards.handover import SHOWN, YES, HandoverPresenter
from ui.presenters.form import FormPresenter
from ui.presenters.letters.letter import LetterPresenter
from ui.presenters.lists import ListPresenter
from ui.presenters.planning.activities import ActivityPresenter
from ui.presenters.presenter import message

KK_SOP, BECAK_SOP = "grobogan_kk_wni", "grobogan_becak_pintar"


def _view(clerk: Clerk) -> ApplicationView:
    (view,) = clerk.context.office.applications.board(clerk.activity_id)
    return view


def _open(clerk: Clerk, user: User, no: int) -> OneApplicationPresenter:
    """Let a user open the one application of the activity."""
    clerk.open_screen(user, no, "applications")
    clerk.arrive_at("applications")
    clerk.shoot(f"permohonan-{no:02}")
    clerk.do("accept")
    return clerk.arrive(OneApplicationPresenter)


def _take_in(stage: Stage) -> None:
    """KK 1: somebody applies; staff take the application in with its papers and its formulir."""
    clerk, who = stage.clerk, stage.residents[0].biodata
    papers = case_of(Document.KK, "kk_elemen_data").needed
    begin_activity(stage, KASI, "KK WNI keluarga contoh", "Loket", KK_SOP, ActivityPresenter)
    clerk.open_screen(COUNTER, 1, "applications")
    clerk.arrive_at("applications")
    clerk.do("begin_new")
    form = clerk.arrive(FormPresenter)
    clerk.fill_in(
        {
            "counter.field_name": who.name,
            "common.nik": who.nik.digits,
            "counter.field_birth_date": f"{who.birth_date:%d-%m-%Y}",
            "counter.field_phone": "081200000001",
            "common.address": who.address.street,
            "counter.field_village": who.address.village,
            "counter.field_request": "Perubahan: elemen data",
            "common.reason": "Anak pindah sekolah",
        }
    )
    clerk.tab_to_words(PAPERS[papers[0]][0])
    for _ in papers:
        clerk.press("Space")
        clerk.press("Right")
    clerk.wait("papers", lambda: len(_papers(form)) == len(papers))
    clerk.shoot("permohonan-baru")
    clerk.do("accept")
    clerk.arrive(OneApplicationPresenter)
    clerk.shoot("permohonan-terdaftar")
    _write(clerk, "write_form", LetterKind.FORMULIR)
    clerk.demand_over(1)


def _papers(form: FormPresenter) -> tuple[str, ...]:
    return next(field.chosen for field in form.state.fields if field.name == "papers")


def _write(clerk: Clerk, intent: str, kind: LetterKind) -> None:
    """Write and issue a paper of the application in front, and come back to it."""
    presenter = clerk.arrive(OneApplicationPresenter)
    clerk.do(intent)
    clerk.arrive(LetterPresenter)
    issue(clerk, kind, "")
    clerk.typist.press("Esc")
    clerk.arrive(type(presenter))


def _act(no: int, user: User) -> Callable[[Stage], None]:
    """Do what the step asks for, with its one key."""

    def step(stage: Stage) -> None:
        clerk = stage.clerk
        _open(clerk, user, no)
        clerk.do("accept")
        clerk.demand_over(no)
        clerk.shoot(f"permohonan-langkah-{no:02}")

    return step


def _read_papers(stage: Stage, user: User) -> None:
    """Scan the papers that have no scan yet, and find each right."""
    clerk = stage.clerk
    _open(clerk, user, 2)
    clerk.do("accept")
    papers = clerk.arrive_at("application_papers")
    for place, paper in enumerate(_view(clerk).application.requirements):
        clerk.wait(paper.name, lambda at=place: papers.state.cursor == at)  # type: ignore[misc]
        if not paper.files:
            clerk.do("accept")
            clerk.arrive(FormPresenter)
            clerk.typist.type(str(write_page(stage.out / "berkas" / f"{place}.png", paper.name)))
            clerk.do("accept")
            clerk.arrive_at("application_papers")
        clerk.wait_for("begin_new")
        clerk.shoot(f"berkas-{place}")
        clerk.do("accept")
        clerk.wait("read", lambda at=place: _is_right(clerk, at))  # type: ignore[misc]
        if _view(clerk).application.unread:
            clerk.press("Down")
    presenter = clerk.arrive(OneApplicationPresenter)
    ready = message("counter.do_check")
    clerk.wait("all right", lambda: any(way.words == ready for way in presenter.state.ways))


def _is_right(clerk: Clerk, place: int) -> bool:
    return _view(clerk).application.requirements[place].verdict is PaperVerdict.RIGHT


def _check_papers(stage: Stage) -> None:
    """KK 2: the papers are right; the applicant gets the bukti pengambilan."""
    _read_papers(stage, COUNTER)
    stage.clerk.do("accept")
    stage.clerk.demand_over(2)
    stage.clerk.shoot("permohonan-langkah-02")
    _write(stage.clerk, "write_slip", LetterKind.BUKTI_PENGAMBILAN)


def _enter_family(stage: Stage) -> None:
    """KK 3: the family is entered from the form and submitted."""
    clerk, who = stage.clerk, stage.residents[0].biodata
    _open(clerk, PETUGAS, 3)
    clerk.do("accept")
    clerk.arrive_at("family")
    clerk.do("accept")
    clerk.arrive(FormPresenter)
    _code(clerk, "biodata.field.sex", "sex", who.sex.value)
    clerk.fill_in({"biodata.field.birth_place": who.birth_place})
    codes = ("marital_status", "religion", "education", "occupation", "blood_type")
    for name in codes:
        _code(clerk, f"biodata.field.{name}", name, str(int(getattr(who, name))))
    clerk.fill_in({"family.field_father": "SUPARNO", "family.field_mother": who.mother_name or "SUMINAH"})
    clerk.shoot("kk-anggota")
    clerk.do("accept")
    clerk.arrive_at("family")
    clerk.do("open_home")
    clerk.arrive(FormPresenter)
    clerk.fill_in({f"biodata.field.{name}": getattr(who.address, name) for name in ("rt", "rw", "district")})
    clerk.do("accept")
    clerk.arrive_at("family")
    clerk.wait("home", lambda: _home_is_known(clerk))
    clerk.shoot("kk-keluarga")
    clerk.do("accept")
    clerk.demand_over(3)
    clerk.arrive(OneApplicationPresenter)


def _code(clerk: Clerk, label: str, name: str, code: str) -> None:
    form = clerk.arrive(FormPresenter)
    if any(field.name == name and field.text == code for field in form.state.fields):
        return
    if name not in ("sex", "marital_status"):
        clerk.tab_to(label)
    clerk.pick(name, code)


def _home_is_known(clerk: Clerk) -> bool:
    family = _view(clerk).application.family
    return family is not None and bool(family.address.district)


def _approve(no: int) -> Callable[[Stage], None]:
    """Approve, and note that it was signed."""

    def step(stage: Stage) -> None:
        clerk = stage.clerk
        presenter = _open(clerk, HEAD, no)
        clerk.do("accept")
        clerk.wait("approved", lambda: _view(clerk).application.state.value == "disetujui")
        clerk.wait("TTE asked", lambda: presenter.state.tag is not None and bool(presenter.state.ways))
        clerk.wait_for("show_sign")
        clerk.do("accept")
        clerk.arrive(FormPresenter)
        page = write_page(stage.out / "berkas" / "tte.png", "Dokumen ber-TTE")
        clerk.fill_in({"counter.field_siak_number": "SIAK-2026-000117", "counter.siak_scan": str(page)})
        clerk.shoot("permohonan-tte")
        clerk.do("accept")
        clerk.demand_over(no)
        clerk.arrive(OneApplicationPresenter)

    return step


def _print(no: int) -> Callable[[Stage], None]:
    """Note that the official application printed the document."""

    def step(stage: Stage) -> None:
        clerk = stage.clerk
        _open(clerk, PRINTER, no)
        clerk.do("accept")
        clerk.arrive(FormPresenter)
        clerk.fill_in({"counter.field_batch": "BLK-0117"})
        clerk.shoot("permohonan-cetak")
        clerk.do("accept")
        clerk.demand_over(no)
        clerk.arrive(OneApplicationPresenter)

    return step


def _hand_over(stage: Stage) -> None:
    """KK 8: the KTP-el is shown, the KK handed over, the tanda terima written."""
    clerk = stage.clerk
    _open(clerk, COUNTER, 8)
    clerk.do("accept")
    handover = clerk.arrive(HandoverPresenter)
    clerk.fill_in({"distribusi.proof.person": "KTP-el"})
    clerk.tab_to("distribusi.not_yet")
    clerk.press("Left")
    clerk.press("Space")
    clerk.wait("KTP-el shown", lambda: any(f.name == SHOWN and f.text == YES for f in handover.state.fields))
    clerk.shoot("serah-terima-ktp-el")
    sign_for(stage, "serah-terima-tanda-tangan")
    clerk.demand_over(8)
    show_receipt(clerk)
    clerk.do("accept")
    clerk.arrive(OneApplicationPresenter)
    clerk.shoot("permohonan-selesai")


def _take_in_becak(stage: Stage) -> None:
    """Becak Pintar 1: what came by the app is taken out of its export with the attachments, nothing is typed."""
    clerk, number = stage.clerk, "BP-2026-0001"
    export = write_export(stage.out / "ekspor", number, stage.residents[0].biodata)
    begin_activity(stage, KASI, f"Becak Pintar {number}", "Loket", BECAK_SOP, ActivityPresenter)
    clerk.open_screen(COUNTER, 1, "applications")
    clerk.arrive_at("applications")
    clerk.do("import")
    presenter = clerk.arrive(ImportApplicationsPresenter)
    clerk.typist.type(str(export))
    clerk.do("accept")
    clerk.wait("export read", lambda: presenter.state.rows.count == 1)
    clerk.shoot("permohonan-dari-aplikasi")
    clerk.do("accept")
    clerk.arrive_at("applications")
    clerk.demand_over(1)


def _check_becak(stage: Stage) -> None:
    """Becak Pintar 2: back to the applicant with the reason, completed, and right the second time."""
    clerk = stage.clerk
    presenter = _open(clerk, PETUGAS, 2)
    clerk.do("send_back")
    clerk.arrive(FormPresenter)
    clerk.fill_in({"common.reason": "Foto KK buram, mohon kirim ulang"})
    clerk.shoot("permohonan-alasan")
    clerk.do("accept")
    clerk.arrive(type(presenter))
    clerk.wait_for("copy_message")
    clerk.do("copy_message")
    clerk.shoot("permohonan-dikembalikan")
    clerk.do("show_notices")
    notices = clerk.arrive_at("notices")
    clerk.do("accept")
    clerk.wait("notice kept", lambda: notices.state.rows.count == 1)
    clerk.shoot("pemberitahuan")
    clerk.typist.press("Esc")
    clerk.arrive(type(presenter))
    clerk.wait_for("copy_message")
    clerk.do("accept")
    clerk.demand_over(1)
    clerk.tick(COUNTER, 1)
    _read_papers(stage, PETUGAS)
    clerk.do("accept")
    clerk.demand_over(2)


def _print_and_count(stage: Stage) -> None:
    """Becak Pintar 5: the print, and the rekapitulasi of what was printed."""
    clerk = stage.clerk
    _print(5)(stage)
    clerk.typist.press("Esc")
    clerk.arrive_at("applications")
    clerk.wait_for("write_recap")
    clerk.do("write_recap")
    clerk.arrive(LetterPresenter)
    issue(clerk, LetterKind.REKAPITULASI, "470")
    clerk.typist.press("Esc")
    clerk.arrive_at("applications")


def _tell_courier(stage: Stage) -> None:
    """Becak Pintar 6: the document is put aside, the message for the couriers copied."""
    clerk = stage.clerk
    clerk.open_screen(PRINTER, 6, "courier")
    courier = clerk.arrive_at("courier")
    clerk.do("accept")
    clerk.wait("ready", lambda: _said(courier, "distribusi.step.give"))
    clerk.shoot("kurir-pesan")
    clerk.do("copy_message")
    clerk.demand_over(6)


def _carry(stage: Stage) -> None:
    """Becak Pintar 7: the courier signs for it, goes to the door, brings the receipt; staff write it down."""
    clerk = stage.clerk
    clerk.open_screen(COUNTER, 7, "courier")
    clerk.arrive_at("courier")
    clerk.do("accept")
    clerk.arrive(HandoverPresenter)
    clerk.fill_in({"distribusi.receiver.courier": "Joko (contoh)"})
    sign_for(stage, "kurir-tanda-terima-1")
    clerk.do("accept")
    courier = clerk.arrive_at("courier")
    clerk.wait("taken", lambda: _said(courier, "distribusi.step.went"))
    clerk.do("accept")
    clerk.wait("went", lambda: _courier_state(clerk) is CourierState.DIANTAR)
    clerk.wait("under way", lambda: _said(courier, "distribusi.step.deliver"))
    clerk.shoot("kurir-diantar")
    clerk.do("accept")
    clerk.arrive(HandoverPresenter)
    photo = write_page(stage.out / "berkas" / "pintu.png", "Foto serah terima")
    clerk.fill_in({"distribusi.door": "Rumah pemohon", "distribusi.door_photo": str(photo)})
    clerk.shoot("kurir-di-pintu")
    sign_for(stage, "kurir-tanda-terima-2")
    clerk.demand_over(7)
    show_receipt(clerk)


def _said(courier: ListPresenter[CardCase], key: str) -> bool:
    return any(action.words == message(key) for action in courier.state.bar.actions)


def _courier_state(clerk: Clerk) -> CourierState | None:
    card = _view(clerk).card
    return card.courier.state if card is not None and card.courier is not None else None


KK = Script(
    KK_SOP,
    IN_GROBOGAN,
    {
        1: _take_in,
        2: _check_papers,
        3: _enter_family,
        4: _act(4, KABID),
        5: _approve(5),
        6: _print(6),
        7: _act(7, COUNTER),
        8: _hand_over,
    },
    records=False,
)
BECAK = Script(
    BECAK_SOP,
    IN_GROBOGAN,
    {
        1: _take_in_becak,
        2: _check_becak,
        3: _act(3, KASI),
        4: _approve(4),
        5: _print_and_count,
        6: _tell_courier,
        7: _carry,
    },
    records=False,
)
