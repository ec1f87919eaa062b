from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from support.gateway import Kit
from support.office import Browser

from fieldkit.domain.people import Role, slip_in
from fieldkit.vault import certificates
from fieldkit.vault.certificates import make_csr
from sync.gateway.admission import Admission
from sync.gateway.office import slips
from sync.gateway.office.slips import qr_code
from sync.gateway.tables import access_log, enrol_codes
from sync.protocol.messages import Enrolment, UserRequest

URL = "https://127.0.0.1:8443"


def code_on(page: str) -> str:
    found = re.search(r"[A-Z2-7]{4}(-[A-Z2-7]{4}){4}", page)
    assert found is not None
    return found[0]


def test_a_slip_lets_the_named_kit_in(admin: Browser) -> None:
    assert 'value="https://gateway.test"' in admin.get("/slips").text
    page = admin.post("/slips", kind="new", kit="kit-09", admin="rina", url=URL).text
    assert (URL in page, "<svg" in page, "style=" in page) == (True, True, False)
    key = certificates.new_private_key()
    rina = UserRequest(user_id="rina", name="Rina", role=Role.ADMIN_DINAS, csr=make_csr(certificates.new_private_key()))
    enrolment = Enrolment(code=code_on(page), kit_csr=make_csr(key), admin=rina)
    assert Admission(admin.gateway_context).enrol(enrolment).kit == "kit-09"


def test_its_qr_code_names_kit_and_admin(admin: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    monkeypatch.setattr(slips, "qr_code", lambda text, title: drawn.append(text) or qr_code(text, title))
    admin.get("/slips")
    page = admin.post("/slips", kind="new", kit="kit-09", admin="rina", url=URL).text
    (found,) = map(slip_in, drawn)
    assert (found.url, found.code, found.kit, found.admin) == (URL, code_on(page), "kit-09", "rina")
    assert found.is_whole


def test_open_slips_are_listed_without_their_codes(admin: Browser) -> None:
    admin.get("/slips")
    code = code_on(admin.post("/slips", kind="new", kit="kit-09", admin="rina", url=URL).text)
    page = admin.get("/slips").text
    assert ("kit-09" in page, code in page) == (True, False)
    with admin.gateway_context.engine.begin() as connection:
        acts = connection.scalars(sa.select(access_log.c.act)).all()
        connection.execute(sa.update(enrol_codes).values(used_by_csr="0" * 64))
    assert "office.slip" in acts
    assert "kit-09" not in admin.get("/slips").text
    for left, is_open in ((timedelta(seconds=1), True), (timedelta(0), False)):
        with admin.gateway_context.engine.begin() as connection:
            values = {"used_by_csr": None, "expires_at": admin.clock.now() + left}
            connection.execute(sa.update(enrol_codes).values(values))
        assert ("kit-09" in admin.get("/slips").text) is is_open


@pytest.mark.parametrize(
    ("kind", "kit_name", "admin_id", "url"),
    [
        ("new", "kit-01", "rina", URL),  # known already
        ("again", "kit-77", "rina", URL),  # not known
        ("new", "kit 09", "rina", URL),
        ("new", "kit-09", "dua kata", URL),
        ("new", "kit-09", "Rina", URL),  # no kit takes it
        ("new", "kit-09", "rina", "http://gateway.example"),
    ],
)
def test_what_cannot_be_is_told_and_stays_typed(
    admin: Browser, kit: Kit, kind: str, kit_name: str, admin_id: str, url: str
) -> None:
    admin.get("/slips")
    answer = admin.post("/slips", kind=kind, kit=kit_name, admin=admin_id, url=url)
    assert (answer.status_code, 'role="alert"' in answer.text) == (422, True)
    for typed in (kit_name, admin_id, url):
        assert f'value="{typed}"' in answer.text
    assert f'value="{kind}" checked' in answer.text


@pytest.mark.parametrize("kind", ["new", "again"])
def test_an_address_that_the_certificate_does_not_name_is_told_at_its_field(admin: Browser, kind: str) -> None:
    admin.get("/slips")
    kit_id = "kit-01" if kind == "again" else "kit-09"
    answer = admin.post("/slips", kind=kind, kit=kit_id, admin="rina", url="https://pusat.example:8443")
    assert answer.status_code == 422
    told = re.search(
        r'<input id="url"[^>]*aria-describedby="url-wrong"[^>]*>\s*<div id="url-wrong">(.*?)</div>', answer.text
    )
    assert told is not None
    assert ("pusat.example" in told[1], "127.0.0.1" in told[1]) == (True, True)
    assert answer.text.count('role="alert"') == 1
    assert "kit-09" not in admin.get("/slips").text


def test_a_known_kit_is_offered_to_come_back(admin: Browser, kit: Kit) -> None:
    page = admin.get("/slips?kit=kit-01").text
    assert ('value="again" checked' in page, 'value="kit-01"' in page) == (True, True)
    assert 'value="new" checked' in admin.get("/slips").text
    assert code_on(admin.post("/slips", kind="again", kit="kit-01", admin="admin", url=URL).text)


def test_the_title_of_a_code_is_text() -> None:
    drawn = str(qr_code("x", "<b>&"))
    assert "<b>" not in drawn
    assert html.escape("<b>&") in drawn
