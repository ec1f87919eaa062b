from __future__ import annotations

from dataclasses import replace

import pytest
from support.app_context import PETUGAS
from support.cards_sent import LOKET
from support.counter import SITI, Counter, for_card
from support.drafts import filled, form_on, problem_of
from support.listing import Listing
from support.tasks import SameThread, Steps

from fieldkit.domain.people.accounts import Role, User
from ui.presenters.applications.notice_forms import record_form, settings_form
from ui.presenters.applications.notices import Notices
from ui.presenters.messages import message

ADMIN = User("u99", "Admin", Role.ADMIN_DINAS)
WHO = replace(SITI, phone="081234567890", email="siti@contoh.test")


SOP = "grobogan_becak_pintar"


@pytest.fixture
def at(counter: Counter) -> str:
    return counter.by(LOKET).register("a1", for_card(WHO, registration="BP-1")).thing_id


def opened(counter: Counter, at: str, user: User = LOKET) -> Listing:
    steps = Steps()
    return Listing(Notices(counter.context(user), steps, at).screen(), SameThread(), steps)


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
