"""The office that the admin sets up; the world around it is walked in tests/e2e."""

from __future__ import annotations

from pathlib import Path

from support.app_context import Kit

from fieldkit.app.demo.kit import ADMIN, HEAD
from fieldkit.app.demo.outreach.stage import _fill_store_room, _introduce_staff
from fieldkit.domain.sarpras import CRITICAL


def test_the_admin_can_set_up_everything_by_own_rights(tmp_path: Path) -> None:
    with Kit(tmp_path, ADMIN) as opened:
        office = opened.context.office
        head = _introduce_staff(office)
        assert office.staff.get(head).name == HEAD.name
        _fill_store_room(office)
        (kit,) = office.inventory.kits()
        kinds = {office.inventory.item(item).kind for item in kit.items}
        assert kinds >= CRITICAL
        assert all(kit.quantity_of(each.thing_id) < each.stock for each in office.inventory.consumables())
