from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from support.gateway import Kit, enrolled_kit
from support.office import Browser

from fieldkit.domain.office_bundles import BundleKind
from sync.gateway.admission import Admission
from sync.gateway.down.publishing import Addressed, Publishing
from sync.gateway.down.tables import kit_standings


def tell(browser: Browser, kit: str, version: int, refused: int = 0, code: str = "") -> None:
    said = {"kit": kit, "kind": "policy", "name": "", "version": version, "refused": refused, "code": code}
    with browser.gateway_context.engine.begin() as connection:
        connection.execute(sa.delete(kit_standings).filter_by(kit=kit))
        connection.execute(sa.insert(kit_standings).values(**said, told_at=browser.clock.now()))


def test_each_bundle_says_which_kit_goes_by_which_version(admin: Browser, kit: Kit, folder: Path) -> None:
    assert "Belum ada yang dikirim" in admin.get("/bundles").text
    assert admin.get("/bundles/policy").status_code == 404
    enrolled_kit(folder, admin.gateway_context, admin.clock, "kit-02")
    publishing = Publishing(admin.gateway_context)
    for content in (b"one", b"two"):
        publishing.publish(BundleKind.POLICY, "", content, Addressed())
    publishing.publish(BundleKind.SOP, "kia", b"kia", Addressed(("kit-02",)))
    page = admin.get("/bundles").text
    assert page.count("Belum semua") == 2
    assert "0 dari 1 laptop" in page  # the SOP is for one of them
    tell(admin, "kit-01", 2)
    tell(admin, "kit-02", 1, refused=2, code="rules.policy")
    page = admin.get("/bundles").text
    assert ("1 dari 2 laptop" in page, "Ditolak 1 laptop" in page) == (True, True)
    one = admin.get("/bundles/policy").text
    assert (one.count("✓</span> Dipakai"), "Aturan mutu … tidak dapat dipakai: … kesalahan." in one) == (1, True)
    assert "kit-01" not in admin.get("/bundles/sop?name=kia").text
    assert admin.get("/bundles/weather").status_code == 404
    tell(admin, "kit-02", 2)
    assert "Di semua laptop" in admin.get("/bundles").text


def test_kits_of_a_bundle_are_listed_page_by_page(
    admin: Browser, kit: Kit, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.gateway.office.web.ROWS", 1)
    enrolled_kit(folder, admin.gateway_context, admin.clock, "kit-02")
    Publishing(admin.gateway_context).publish(BundleKind.SOP, "kia", b"kia", Addressed())
    first, second = (admin.get(f"/bundles/sop?name=kia&page={number}").text for number in (0, 1))
    assert ("kit-01" in first, "kit-02" in first, "/office/bundles/sop?name=kia&amp;page=1" in first) == (
        True,
        False,
        True,
    )
    assert ("kit-01" in second, "kit-02" in second) == (False, True)


def test_a_page_is_of_its_bundle_and_of_kits_that_count(admin: Browser, kit: Kit, folder: Path) -> None:
    gateway_context, publishing = admin.gateway_context, Publishing(admin.gateway_context)
    for name in ("kit-02", "kit-03", "kit-04"):
        enrolled_kit(folder, gateway_context, admin.clock, name)
    publishing.publish(BundleKind.SOP, "kia", b"kia", Addressed(("kit-01", "kit-04")))
    publishing.publish(BundleKind.SOP, "kk", b"kk", Addressed(("kit-02",)))
    publishing.publish(BundleKind.TABLES, "kia", b"tables", Addressed(("kit-03",)))
    Admission(gateway_context).revoke_kit("kit-04")
    shown = {
        path: [name for name in ("kit-01", "kit-02", "kit-03", "kit-04") if name in admin.get(f"/bundles/{path}").text]
        for path in ("sop?name=kia", "sop?name=kk", "tables?name=kia", "sop?name=kia&page=1")
    }
    assert shown == {
        "sop?name=kia": ["kit-01"],
        "sop?name=kk": ["kit-02"],
        "tables?name=kia": ["kit-03"],
        "sop?name=kia&page=1": [],
    }
    statuses = [admin.get(path).status_code for path in ("/bundles/weather?page=1", "/bundles/sop?name=kib")]
    assert statuses == [404, 404]


@pytest.mark.parametrize(
    ("refused", "code", "is_told"), [(1, "rules.policy", False), (2, "rules.policy", True), (2, "", False)]
)
def test_a_refusal_is_of_the_newest_version(admin: Browser, kit: Kit, refused: int, code: str, is_told: bool) -> None:
    for content in (b"one", b"two"):
        Publishing(admin.gateway_context).publish(BundleKind.POLICY, "", content, Addressed())
    tell(admin, "kit-01", 0, refused=refused, code=code)
    assert ("Ditolak 1 laptop" in admin.get("/bundles").text) is is_told
