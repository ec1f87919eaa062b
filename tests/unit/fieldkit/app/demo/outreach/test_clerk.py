"""What the clerk sees of a screen; the whole way is walked in tests/e2e."""

from __future__ import annotations

from fieldkit.app.demo.outreach.clerk import _offers
from ui.presenters.applications.one_application import OneApplicationState
from ui.presenters.figures import BigAction
from ui.presenters.home.home import HomeState
from ui.presenters.home.office import MoreState
from ui.presenters.parts import Bar
from ui.presenters.presenter import Command


def test_cards_and_bar_are_offered_and_the_bar_comes_first() -> None:
    card, bar = Command("send", "Kirim"), Command("send", "Kirim sekarang")
    other = Command("record", "Rekam")
    state = HomeState(actions=(BigAction(card, "", ""), BigAction(other, "", "")), bar=Bar(None, (bar,)))
    assert _offers(state) == {"send": bar, "record": other}


def test_what_stands_beside_the_content_is_offered_too() -> None:
    copy, courier = Command("copy_message", "Salin"), Command("courier", "Kurir")
    assert _offers(OneApplicationState(ways=(copy,))) == {"copy_message": copy}
    assert _offers(MoreState(ways=(BigAction(courier, "", ""),))) == {"courier": courier}
