from __future__ import annotations


def test_every_screen_has_a_factory(window) -> None:
    window.sign_in()
    names = set(window.shell.navigation._factories)
    assert {"sign_in", "home", "targets", "notice", "slip", "queue", "shipment", "statuses", "devices"} <= names
