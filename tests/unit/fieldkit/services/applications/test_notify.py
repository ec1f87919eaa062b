from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
from support.app_context import PETUGAS, Kit
from support.cards_sent import LOKET, follow_sop, sop, steps
from support.counter import CHILD, SCAN, SITI, Counter, for_card, for_kk
from support.letters import KASI, office

from fieldkit.domain.applications import ApplicationState, Parents, Requirement, Service
from fieldkit.domain.cards.card import Document
from fieldkit.domain.errors import InputError, RuleError, TransferError
from fieldkit.domain.letters.requirements import SupportingPaper
from fieldkit.domain.notices import Channel, NoticeSettings
from fieldkit.domain.people import Permission, Role, User
from fieldkit.domain.sop.profile import Branch, Fulfilment, SopActors, StepRoles
from fieldkit.domain.sop.run import SopRun, StepState, begin_run
from fieldkit.services.applications import notify
from fieldkit.services.applications.begin_application import Handed
from fieldkit.services.applications.notify import NotifyApplicants, applications_moved, demand_role

ADMIN = User("u99", "Admin", Role.ADMIN_DINAS)
SET = NoticeSettings(smtp_host="127.0.0.1", smtp_port=9, smtp_secret="rahasia", sender="loket@contoh.test")
WHO = replace(SITI, phone="081234567890", email="siti@contoh.test")


SOP = "grobogan_becak_pintar"


@pytest.fixture
def at(counter: Counter) -> str:
    at = counter.by(LOKET).register("a1", for_card(WHO, registration="BP-1")).thing_id
    counter.by(PETUGAS).send_back(at, "Foto KK buram")
    return at


def notices(counter: Counter) -> NotifyApplicants:
    return counter.kit.context.office.notices


def test_what_a_person_sent_is_kept_with_words_channel_moment_and_sender(counter: Counter, at: str) -> None:
    draft = notices(counter).draft(at)
    assert "Foto KK buram" in draft.wording
    assert draft.link.startswith("https://wa.me/6281234567890?text=")
    assert draft.qr.startswith(b"\x89PNG")
    kept = notices(counter).keep(draft, Channel.WHATSAPP)
    assert (kept.to, kept.by, kept.at, kept.is_sent) == (WHO.phone, PETUGAS.user_id, counter.kit.clock.at, False)
    assert kept.wording == draft.wording
    by_phone = notices(counter).keep(draft, Channel.TELEPHONE, "Sudah ditelepon, akan datang besok")
    told = notices(counter).draft(at).notices
    assert [each.thing_id for each in told] == [by_phone.thing_id, kept.thing_id]
    assert by_phone.wording == "Sudah ditelepon, akan datang besok"
    assert notices(counter).keep(draft, Channel.SMS, " ").wording == draft.wording
    other = counter.by(LOKET).register("a1", for_card(WHO, registration="BP-2")).thing_id
    assert notices(counter).draft(other).notices == ()


class Sent:
    """A `Messenger` that keeps what it was handed."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str, str]] = []

    def mail(self, settings: NoticeSettings, to: str, subject: str, text: str) -> None:
        self.told.append((to, subject, text))

    def qr(self, link: str) -> bytes:
        return b""


@pytest.mark.parametrize(
    ("channel", "to", "handed"),
    [
        (Channel.EMAIL, WHO.email, (WHO.email, "Permohonan BP-1")),
        (Channel.WHATSAPP, WHO.phone, None),
        (Channel.SMS, WHO.phone, None),
        (Channel.TELEPHONE, WHO.phone, None),
        (Channel.IN_PERSON, WHO.phone, None),
    ],
)
def test_a_mail_goes_to_the_address_and_all_else_to_the_number(
    counter: Counter, at: str, channel: Channel, to: str, handed: tuple[str, str] | None
) -> None:
    counter.by(ADMIN)
    notices(counter).set_up(SET)
    counter.by(PETUGAS)
    office, sent = counter.kit.context.office, Sent()
    telling = NotifyApplicants(office.units, office.letterhead, sent)
    draft = telling.draft(at)
    with nullcontext() if handed else pytest.raises(RuleError, match=r"told\.not_set_up"):
        telling.send(draft, channel)
    assert sent.told == ([(*handed, draft.wording)] if handed else [])
    kept = telling.keep(draft, channel)
    assert (kept.to, kept.is_sent) == (to, handed is not None)


def test_nothing_is_sent_before_it_is_set_up_and_a_failure_keeps_nothing(counter: Counter, at: str) -> None:
    with pytest.raises(RuleError, match=r"told\.not_set_up"):
        notices(counter).send(notices(counter).draft(at), Channel.EMAIL)
    counter.by(ADMIN)
    notices(counter).set_up(SET)
    counter.by(PETUGAS)
    with pytest.raises(TransferError, match=r"told\.unreachable"):
        notices(counter).send(notices(counter).draft(at), Channel.EMAIL)
    assert notices(counter).draft(at).notices == ()


def test_somebody_without_an_address_is_told_another_way(counter: Counter) -> None:
    counter.by(ADMIN)
    notices(counter).set_up(SET)
    nobody = replace(SITI, phone="")
    at = counter.by(LOKET).register("a1", for_card(nobody, registration="BP-2")).thing_id
    draft = notices(counter).draft(at)
    assert (draft.link, draft.qr) == ("", b"")
    with pytest.raises(InputError, match=r"told\.no_address"):
        notices(counter).send(draft, Channel.EMAIL)


def test_secrets_are_written_by_the_admin_and_never_shown(counter: Counter) -> None:
    counter.by(LOKET)
    with pytest.raises(RuleError, match=r"role\.not_yours"):
        notices(counter).set_up(SET)
    counter.by(ADMIN)
    with pytest.raises(InputError, match=r"told\.wrong_port"):
        notices(counter).set_up(replace(SET, smtp_port=0))
    notices(counter).set_up(SET)
    assert notices(counter).settings() == replace(SET, smtp_secret="")
    notices(counter).set_up(replace(SET, smtp_secret="", smtp_host="surel.contoh.test"))
    at = counter.by(LOKET).register("a1", for_card(WHO, registration="BP-3")).thing_id
    assert notices(counter).draft(at).settings.smtp_secret == "rahasia"
    counter.by(ADMIN)
    notices(counter).set_up(replace(SET, smtp_secret="baru"))
    notices(counter).set_up(replace(SET, smtp_secret=""))
    assert notices(counter).draft(at).settings.smtp_secret == "baru"
    with counter.kit.store.read() as unit:
        lines = [event.line() for event in unit.events.of("notices")]
    assert len(lines) == 4
    assert not any(secret in line for line in lines for secret in ("rahasia", "baru"))


def test_the_webhook_of_an_older_version_is_passed_over(counter: Counter) -> None:
    with counter.kit.store.write() as unit:
        unit.settings.put(
            "notices", {"sender": "loket@contoh.test", "webhook": "https://b.test/", "webhook_secret": "x"}
        )
    assert notices(counter).settings() == NoticeSettings(sender="loket@contoh.test")


def test_the_log_tells_no_words_and_no_number(counter: Counter, at: str) -> None:
    kept = notices(counter).keep(notices(counter).draft(at), Channel.WHATSAPP)
    with counter.kit.store.read() as unit:
        lines = "".join(event.line() for event in unit.events.of(kept.thing_id))
    assert "applicant_told" in lines
    assert not [word for word in ("buram", WHO.phone, "SITI") if word in lines]


def test_the_notice_of_the_sop_is_sent_when_everybody_who_applied_was_told(
    counter: Counter, at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, Fulfilment]] = []
    monkeypatch.setattr(notify, "fulfil", lambda _work, at, fact, _evidence: told.append((at, fact)))
    other, gone = (counter.by(LOKET).register("a1", for_card(WHO)).thing_id for _ in range(2))
    counter.by(LOKET).withdraw(gone, "batal")
    notices(counter).keep(notices(counter).draft(at), Channel.WHATSAPP)
    assert Fulfilment.NOTICE_SENT not in dict(told).values()
    notices(counter).keep(notices(counter).draft(other), Channel.TELEPHONE, "Sudah ditelepon")
    assert told.count(("a1", Fulfilment.NOTICE_SENT)) == 1


def test_without_an_sop_the_usual_accounts_do_each_step(tmp_path: Path) -> None:
    kit = Kit(tmp_path, PETUGAS)
    kit.plan()
    application = kit.context.office.applications.register("a1", for_kk())
    with kit.context.office.units.write(Permission.SERVE_KK) as work:
        demand_role(work, application, ApplicationState.DIINPUT)
        with pytest.raises(RuleError, match=r"application\.not_yours"):
            demand_role(work, application, ApplicationState.DIPERIKSA)
    kit.store.close()


def test_a_dinas_may_give_a_step_to_others(tmp_path: Path) -> None:
    counter = Counter(tmp_path, "grobogan_kk_wni")
    application = counter.by(LOKET).register("a1", for_kk()).thing_id
    with counter.kit.store.write() as unit:
        unit.repository(SopActors).save(SopActors("grobogan_kk_wni", (StepRoles(2, (Role.KASI,)),)))
    with pytest.raises(RuleError, match=r"application\.not_yours"):
        counter.by(LOKET).check(application)
    assert counter.by(KASI).check(application).state is ApplicationState.DIPERIKSA
    counter.close()


def test_an_sop_hears_nothing_of_steps_that_the_service_does_not_have(tmp_path: Path) -> None:
    counter = Counter(tmp_path, "grobogan_kk_wni")
    application = counter.by(LOKET).register("a1", for_card()).thing_id
    counter.by(LOKET).check(application)
    counter.by(KASI).verify(application)
    assert steps(counter.kit)[3] is not StepState.DONE
    counter.close()


def test_an_activity_without_applications_is_told_nothing(tmp_path: Path) -> None:
    kit = Kit(tmp_path, PETUGAS)
    kit.plan()
    follow_sop(kit, "grobogan_kk_wni")
    with kit.context.office.units.write(Permission.SERVE_KK) as work:
        applications_moved(work, "a1")
    assert steps(kit)[1] is StepState.READY
    kit.store.close()


def test_photos_are_taken_when_everybody_who_waits_has_one(tmp_path: Path) -> None:
    counter = Counter(tmp_path, "kia_di_sekolah")
    child = replace(CHILD, parents=Parents(mother="SITI AMINAH"))
    handed = Handed(Service.SOP, Document.KIA, child, (Requirement.of(SupportingPaper.PHOTO),))
    first, second = (counter.by(LOKET).register("a1", handed).thing_id for _ in range(2))
    counter.kit.context.office.application_papers.scan(first, 0, [SCAN])
    assert steps(counter.kit)[5] is not StepState.DONE
    counter.by(LOKET).withdraw(second, "pindah sekolah")
    assert steps(counter.kit)[5] is StepState.DONE
    counter.close()


@pytest.mark.parametrize(
    ("sop_id", "branches", "rounds"),
    [
        ("", (), 0),
        ("blitar_si_jaran_ijo", (), 1),  # its SOP knows no check
        ("grobogan_becak_pintar", (("lengkap", 3), ("kurang", 1)), 2),
        ("grobogan_becak_pintar", (("lengkap", 3), ("periksa lagi", 2), ("kurang", 1)), 2),
        ("grobogan_becak_pintar", (("lengkap", 3),), 1),
    ],
)
def test_sending_back_takes_the_way_to_the_applicant_where_the_sop_has_one(
    tmp_path: Path, sop_id: str, branches: tuple[tuple[str, int], ...], rounds: int
) -> None:
    with office(tmp_path, PETUGAS) as kit:
        if sop_id:
            profile = sop(sop_id)
            ways = tuple(Branch(when, "", to) for when, to in branches)
            changed = tuple(replace(step, branches=ways) if step.no == 2 else step for step in profile.steps)
            with kit.store.write() as unit:
                unit.repository(SopRun).save(begin_run(replace(profile, steps=changed), "a1", "u1", kit.clock.now()))
        applications = kit.context.office.applications
        back = applications.send_back(applications.register("a1", for_card()).thing_id, "foto buram")
        with kit.store.read() as unit:
            run = unit.repository(SopRun).find("a1")
    assert back.state is ApplicationState.PERLU_DILENGKAPI
    assert (len(run.of(1).rounds) if run else 0) == rounds
