from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace

import pytest
from support.app_context import PETUGAS
from support.cards_sent import LOKET
from support.counter import SITI, Counter, for_card

from fieldkit.domain.errors import InputError, RuleError, TransferError
from fieldkit.domain.notices import Channel, NoticeSettings
from fieldkit.domain.people.accounts import Role, User
from fieldkit.domain.sop.fulfilment import Fulfilment
from fieldkit.services.applications import notify
from fieldkit.services.applications.notify import NotifyApplicants

ADMIN = User("u99", "Admin", Role.ADMIN_DINAS)
SET = NoticeSettings(
    smtp_host="127.0.0.1", smtp_port=9, smtp_secret="rahasia", sender="loket@contoh.test", webhook="http://127.0.0.1:9/"
)
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

    def post(self, settings: NoticeSettings, to: str, registration: str, text: str) -> None:
        self.told.append((to, registration, text))

    def qr(self, link: str) -> bytes:
        return b""


@pytest.mark.parametrize(
    ("channel", "to", "handed"),
    [
        (Channel.EMAIL, WHO.email, (WHO.email, "Permohonan BP-1")),
        (Channel.WEBHOOK, WHO.phone, (WHO.phone, "BP-1")),
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
    for channel in (Channel.EMAIL, Channel.WEBHOOK):
        with pytest.raises(TransferError, match=r"told\.unreachable"):
            notices(counter).send(notices(counter).draft(at), channel)
    assert notices(counter).draft(at).notices == ()


def test_somebody_without_an_address_is_told_another_way(counter: Counter) -> None:
    counter.by(ADMIN)
    notices(counter).set_up(SET)
    nobody = replace(SITI, phone="")
    at = counter.by(LOKET).register("a1", for_card(nobody, registration="BP-2")).thing_id
    draft = notices(counter).draft(at)
    assert (draft.link, draft.qr) == ("", b"")
    for channel in (Channel.EMAIL, Channel.WEBHOOK):
        with pytest.raises(InputError, match=r"told\.no_address"):
            notices(counter).send(draft, channel)


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
    notices(counter).set_up(replace(SET, smtp_secret="baru", webhook_secret="kunci"))
    notices(counter).set_up(replace(SET, smtp_secret=""))
    kept = notices(counter).draft(at).settings
    assert (kept.smtp_secret, kept.webhook_secret) == ("baru", "kunci")
    with counter.kit.store.read() as unit:
        lines = [event.line() for event in unit.events.of("notices")]
    assert len(lines) == 4
    assert not any(secret in line for line in lines for secret in ("rahasia", "baru", "kunci"))


def test_the_log_tells_no_words_and_no_number(counter: Counter, at: str) -> None:
    kept = notices(counter).keep(notices(counter).draft(at), Channel.WHATSAPP)
    with counter.kit.store.read() as unit:
        lines = "".join(event.line() for event in unit.events.of(kept.thing_id))
    assert "applicant_told" in lines
    assert not [word for word in ("buram", WHO.phone, "SITI") if word in lines]


def test_the_notice_of_the_sop_is_sent_when_everybody_who_applied_was_told(
    counter: Counter, at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts: list[tuple[str, Fulfilment]] = []
    monkeypatch.setattr(notify, "fulfil", lambda _work, at, fact, _evidence: facts.append((at, fact)))
    other, gone = (counter.by(LOKET).register("a1", for_card(WHO)).thing_id for _ in range(2))
    counter.by(LOKET).withdraw(gone, "batal")
    notices(counter).keep(notices(counter).draft(at), Channel.WHATSAPP)
    assert facts == []
    notices(counter).keep(notices(counter).draft(other), Channel.TELEPHONE, "Sudah ditelepon")
    assert facts == [("a1", Fulfilment.NOTICE_SENT)]
