from __future__ import annotations

from dataclasses import replace

import pytest
from support.app_context import PENGURUS, PETUGAS
from support.cards_sent import LOKET
from support.counter import SITI, Counter, for_card
from support.drafts import filled, form_on, problem_of
from support.listing import Listing
from support.tasks import SameThread, Steps

from fieldkit.domain.applications import Applicant
from fieldkit.domain.notices import NoticeSettings
from fieldkit.domain.people import Role, User
from ui.presenters.applications.one_application import Notices, record_form, settings_form
from ui.presenters.lists import Facts, Photo
from ui.presenters.presenter import message
from ui.presenters.tasks import untold

ADMIN = User("u99", "Admin", Role.ADMIN_DINAS)
WHO = replace(SITI, phone="081234567890", email="siti@contoh.test")


SOP = "grobogan_becak_pintar"


@pytest.fixture
def at(counter: Counter) -> str:
    return counter.by(LOKET).register("a1", for_card(WHO, registration="BP-1")).thing_id


def opened(counter: Counter, at: str, user: User = LOKET) -> Listing:
    steps = Steps()
    return Listing(Notices(counter.context(user), steps, at).screen(), SameThread(), steps)


def test_whatsapp_goes_by_link_and_code_and_the_clerk_confirms(counter: Counter, at: str) -> None:
    listing = opened(counter, at)
    (photo,) = listing.panels(Photo)
    assert photo.picture.startswith(b"\x89PNG")
    assert any("https://wa.me/6281234567890?\u200btext=" in str(facts.words) for facts in listing.panels(Facts))
    assert listing.offered("mail").refused == message("told.not_ready")
    listing.press("accept")
    (row,) = opened(counter, at).rows
    assert row.cells[1].words == message("told.by_whatsapp")
    assert row.cells[3].tags[0].words == message("told.is_confirmed")


MAIL = NoticeSettings(smtp_host="127.0.0.1", smtp_port=9, sender="a@b.test")
BARE = replace(WHO, phone="", email="")


@pytest.mark.parametrize(
    ("who", "settings", "user", "refused"),
    [
        (WHO, NoticeSettings(), LOKET, {"mail": "told.not_ready", "accept": ""}),
        (WHO, MAIL, LOKET, {"confirm": "", "accept": ""}),
        (BARE, MAIL, LOKET, {"mail": "told.unknown", "accept": "told.no_phone"}),
        (WHO, MAIL, PENGURUS, dict.fromkeys(("mail", "accept", "record"), "counter.not_serving")),
        (BARE, NoticeSettings(), PENGURUS, dict.fromkeys(("mail", "accept", "record"), "counter.not_serving")),
    ],
    ids=["nothing set up", "everything set up", "no address", "not at the counter", "not at the counter, no address"],
)
def test_a_way_is_open_that_is_set_up_and_has_an_address(
    counter: Counter, who: Applicant, settings: NoticeSettings, user: User, refused: dict[str, str]
) -> None:
    at = counter.by(LOKET).register("a1", for_card(who, registration="BP-1")).thing_id
    counter.context(ADMIN).office.notices.set_up(settings)
    listing = opened(counter, at, user)
    assert {name: listing.offered(name).refused for name in refused} == {
        name: key and message(key) for name, key in refused.items()
    }
    is_mail = refused.get("confirm") == ""
    assert listing.offered("accept").words == message("told.mail" if is_mail else "told.confirm")


@pytest.mark.parametrize(
    ("who", "phone", "email", "pictures"),
    [
        (WHO, "081234567890", "siti@contoh.test", 1),
        (replace(WHO, phone=""), message("told.unknown"), "siti@contoh.test", 0),
        (replace(WHO, email=""), "081234567890", message("told.unknown"), 1),
    ],
)
def test_beside_the_list_stands_whom_the_message_reaches(
    counter: Counter, who: Applicant, phone: object, email: object, pictures: int
) -> None:
    at = counter.by(LOKET).register("a1", for_card(who, registration="BP-1")).thing_id
    listing = opened(counter, at)
    text = listing.panels(Facts)[0]
    assert [told for _, told in text.facts] == [phone, email]
    assert (len(listing.panels(Photo)), len(listing.panels(Facts))) == (pictures, 1 + pictures)
    assert listing.presenter.state.where == WHO.name


class Closed(SameThread):
    """A window that closes while something is sent: what was begun ends, and nobody hears of it."""

    is_closed = False

    def run(self, executor: str, func, done, failed) -> None:
        super().run(executor, func, untold if self.is_closed else done, failed)


def test_mail_that_was_sent_is_noted_though_the_window_closed_meanwhile(
    counter: Counter, at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    notices = counter.context(ADMIN).office.notices
    notices.set_up(MAIL)
    monkeypatch.setattr(type(notices), "send", lambda *_: None)
    steps, tasks = Steps(), Closed()
    listing = Listing(Notices(counter.context(LOKET), steps, at).screen(), tasks, steps)
    tasks.is_closed = True
    listing.press("accept")
    (row,) = opened(counter, at).rows
    assert row.cells[1].words == message("told.by_email")
    assert row.cells[3].tags[0].words == message("told.is_sent")


def test_mail_that_fails_is_said_and_kept_as_nothing(counter: Counter, at: str) -> None:
    counter.context(ADMIN).office.notices.set_up(MAIL)
    listing = opened(counter, at)
    listing.press("accept")
    assert listing.presenter.state.problem is not None
    assert listing.presenter.state.problem.code == "told.unreachable"
    assert opened(counter, at).rows == []


def test_another_way_is_noted_in_its_own_words(counter: Counter, at: str) -> None:
    listing = opened(counter, at)
    listing.press("record")
    assert listing.steps.taken == [("push", "notice_record", at)]
    filled(
        counter.context(LOKET), record_form(counter.context(LOKET), at), channel="telephone", wording="Sudah ditelepon"
    )
    (row,) = opened(counter, at).rows
    assert row.cells[2].words == "Sudah ditelepon"


def test_settings_are_the_admins_and_show_no_secret(counter: Counter, at: str) -> None:
    assert opened(counter, at, PETUGAS).offered("set_up").refused == message("told.not_admin")
    admin = counter.context(ADMIN)
    host = {"smtp_host": "surel.contoh.test", "sender": "a@b.test", "smtp_secret": "rahasia"}
    assert problem_of(filled(counter.context(ADMIN), settings_form(admin), smtp_port="0")) == "told.wrong_port"
    filled(counter.context(ADMIN), settings_form(admin), **host)
    again = form_on(admin, settings_form(admin), SameThread(), Steps())
    again.start()
    assert "rahasia" not in repr(again.state)
    assert admin.office.notices.settings().smtp_host == "surel.contoh.test"
    assert settings_form(counter.context(LOKET)).load() == ()
