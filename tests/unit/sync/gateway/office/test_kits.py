from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.gateway import Kit, enrolled_kit, receive
from support.office import Browser

from fieldkit.app.bootstrap.catalogue import strict_catalogue
from fieldkit.app.bootstrap.clock import WIB
from fieldkit.domain.people import Role
from fieldkit.vault import certificates
from fieldkit.vault.certificates import make_csr
from sync.gateway.admission import Admission
from sync.gateway.certificates import certify_user
from sync.gateway.database import GatewayContext, Refusal
from sync.gateway.ledger import Ledger
from sync.gateway.office.kits import days_of
from sync.gateway.office.web import Wording
from sync.gateway.tables import access_log, records, users
from sync.protocol.messages import Announcement, UserRequest


def arrive(gateway_context: GatewayContext, kit: Kit) -> str:
    record_id, manifest, sealed, _ = kit.record(size=1000)
    Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
    receive(gateway_context, kit, record_id, sealed)
    return record_id


def test_days_follow_the_clock_of_the_dinas_and_go_back_by_fortnights(
    gateway_context: GatewayContext, kit: Kit
) -> None:
    clock = kit.clock
    clock.at = datetime(2026, 11, 1, 23, 30, tzinfo=WIB)
    first = arrive(gateway_context, kit)
    clock.advance(hours=1)  # the next day in Java, the same in Greenwich
    arrive(gateway_context, kit)
    arrive(gateway_context, kit)
    clock.advance(days=19)
    arrive(gateway_context, kit)
    with gateway_context.engine.begin() as connection:
        connection.execute(sa.update(records).where(records.c.record_id == first).values(verdict="invalid"))
        words = Wording(strict_catalogue("id"), "id", "WIB", clock.now())
        newest, has_older = days_of(connection, "kit-01", words, None)
        assert ([(each.day, each.received) for each in newest], has_older) == ([(date(2026, 11, 21), 1)], True)
        older, has_older = days_of(connection, "kit-01", words, newest[-1].day)
        assert days_of(connection, "kit-02", words, None) == ([], False)
    assert [(each.day.day, each.received, each.invalid, each.lost) for each in older] == [(2, 2, 0, 0), (1, 1, 1, 0)]
    assert not has_older


def test_kits_are_listed_page_by_page(admin: Browser, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.gateway.office.kits._PAGE", 2)
    for name in ("kit-03", "kit-01", "kit-02"):
        enrolled_kit(folder, admin.gateway_context, admin.clock, name)
    first = admin.get("/kits").text
    assert first.index("/office/kits/kit-01") < first.index("/office/kits/kit-02")
    assert "kit-03" not in first
    assert "/office/kits?after=kit-02" in first
    assert "kit-03" in admin.get("/kits?after=kit-02").text
    assert "kit-02" not in admin.get("/kits?from=kit-03").text
    assert "kit-01" in admin.get("/kits?from=").text


def test_one_kit_shows_its_state_and_the_look_is_written_down(admin: Browser, kit: Kit) -> None:
    arrive(admin.gateway_context, kit)
    page = admin.get("/kits/kit-01").text
    assert f"/office/kits/kit-01/days/{admin.clock.today()}" in page
    with admin.gateway_context.engine.begin() as connection:
        rows = connection.execute(sa.select(access_log.c.who, access_log.c.act, access_log.c.about)).all()
    assert rows[-1] == ("admin", "office.kit", "kit-01")
    for before in ("tomorrow", "0001-01-01"):
        assert admin.get(f"/kits/kit-01?before={before}").status_code == 404


def test_a_lost_kit_is_shut_out_by_its_typed_name_only(admin: Browser, kit: Kit) -> None:
    gateway_context = admin.gateway_context
    admin.get("/kits/kit-01/lost")
    wrong = admin.post("/kits/kit-01/lost", confirmation="kit-02")
    assert (wrong.status_code, "Tidak ada yang berubah" in wrong.text) == (422, True)
    assert kit.token(gateway_context)
    done = admin.post("/kits/kit-01/lost", confirmation=" kit-01 ")
    assert "Laptop kit-01 ditolak mulai sekarang." in done.text
    with pytest.raises(Refusal, match=r"auth\.kit_revoked"):
        kit.token(gateway_context)
    admin.get("/kits/kit-01/lost")
    assert admin.post("/kits/kit-01/lost", confirmation="kit-01").status_code == 200  # again: nothing more happens
    with gateway_context.engine.begin() as connection:
        acts = connection.scalars(sa.select(access_log.c.act)).all()
    assert acts.count("office.kit_lost") == 1


def test_a_person_on_a_kit_is_disabled_everywhere_the_certificate_counts(admin: Browser, kit: Kit) -> None:
    page = admin.get("/kits/kit-01/people").text
    assert 'aria-label="Nonaktifkan Admin"' in page
    assert "Nonaktif" in admin.post("/kits/kit-01/people", user_id="admin").text
    with admin.gateway_context.engine.begin() as connection:
        assert connection.scalar(sa.select(users.c.revoked_at)) == admin.clock.now()
    assert len(Admission(admin.gateway_context).configuration().revoked_serials) == 1
    admin.get("/kits/kit-01/people")
    assert admin.post("/kits/kit-01/people", user_id="admin").status_code == 404


def test_a_person_is_disabled_on_every_kit_at_once(admin: Browser, kit: Kit, folder: Path) -> None:
    assert "everywhere" not in admin.get("/kits/kit-01/people").text  # on no other kit
    enrolled_kit(folder, admin.gateway_context, admin.clock, "kit-02")
    assert 'aria-label="Nonaktifkan Admin di semua laptop"' in admin.get("/kits/kit-01/people").text
    done = admin.post("/kits/kit-01/people", user_id="admin", where="everywhere").text
    assert "Tiap laptop menolaknya" in done
    with admin.gateway_context.engine.begin() as connection:
        assert connection.scalars(sa.select(users.c.revoked_at)).all() == [admin.clock.now()] * 2
        noted = sa.select(access_log.c.about).filter_by(act="office.person_disabled")
        assert connection.scalar(noted) == "kit-01 kit-02 admin"
    admin.get("/kits/kit-01/people")
    assert admin.post("/kits/kit-01/people", user_id="admin", where="everywhere").status_code == 404


@pytest.mark.parametrize("path", ["/kits/kit-01/lost", "/kits/kit-01/people"])
def test_an_operator_changes_nothing(browser: Browser, kit: Kit, path: str) -> None:
    browser.sign_in_as("operator")
    browser.get("/kits")
    assert browser.post(path, confirmation="kit-01", user_id="admin").status_code == 403
    assert kit.token(browser.gateway_context)
    assert "/lost" not in browser.get("/kits/kit-01").text


def test_days_begin_at_midnight_and_are_those_of_one_kit(
    gateway_context: GatewayContext, kit: Kit, folder: Path
) -> None:
    clock = kit.clock
    other = enrolled_kit(folder, gateway_context, clock, "kit-02")
    clock.at = datetime(2026, 11, 21, 12, 0, tzinfo=WIB)
    words = Wording(strict_catalogue("id"), "id", "WIB", clock.now())
    last, second = words.begins(date(2026, 11, 21)), timedelta(seconds=1)
    fortnight = last - timedelta(days=13)
    times = [last, last + timedelta(days=1) - second, last + timedelta(days=1), fortnight, fortnight - second]
    ids = [arrive(gateway_context, kit) for _ in times]
    others = [arrive(gateway_context, other) for _ in range(2)]

    def told(before: date | None) -> tuple[list[tuple[date, int, int, int]], bool]:
        with gateway_context.reading() as connection:
            days, has_older = days_of(connection, kit.name, words, before)
        return [(each.day, each.received, each.invalid, each.lost) for each in days], has_older

    with gateway_context.engine.begin() as connection:
        for record_id, at in zip([*ids, *others], [*times, last, last - timedelta(days=99)], strict=True):
            connection.execute(sa.update(records).filter_by(record_id=record_id).values(received_at=at))
        connection.execute(sa.update(records).filter_by(record_id=ids[1]).values(lost_at=last))
        connection.execute(sa.update(records).filter_by(record_id=ids[3]).values(verdict="invalid"))
    today, first = last.date(), fortnight.date()
    assert told(None) == ([(today, 2, 0, 1), (first, 1, 1, 0)], True)
    assert told(today) == ([(first, 1, 1, 0), (first - timedelta(days=1), 1, 0, 0)], False)
    assert told(first) == ([(first - timedelta(days=1), 1, 0, 0)], False)
    assert told(first - timedelta(days=1)) == ([], False)


def test_the_list_says_of_each_kit_its_own(browser: Browser, kit: Kit, folder: Path) -> None:
    second, _third = (enrolled_kit(folder, browser.gateway_context, browser.clock, f"kit-0{n}") for n in (2, 3))
    browser.clock.advance(days=7)
    browser.sign_in_as("operator")
    kit.token(browser.gateway_context)
    arrive(browser.gateway_context, kit)
    Ledger(browser.gateway_context).announce(second.name, Announcement(manifests=(second.record(size=100)[1],)))

    def rows() -> list[list[str]]:
        """Return state, last contact, last record and what is awaited of each kit, in words."""
        page = browser.get("/kits").text
        cells = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in page.split("<tr>")[2:]]
        return [[re.sub("<[^>]+>", "", cell).strip() for cell in row] for row in cells]

    moment = Wording(strict_catalogue("id"), "id", "WIB", browser.clock.now()).moment(browser.clock.now())
    assert [row[1:4] for row in rows()] == [
        ["0 menit lalu", moment, "0"],
        ["Belum pernah", "–", "1 (0 menit)"],
        ["Belum pernah", "–", "0"],
    ]
    well, silent = rows()[0][0], "! Lama diam"
    assert [row[0] for row in rows()] == [well] * 3
    browser.clock.advance(seconds=1)
    assert [row[0] for row in rows()] == [well, silent, silent]


def test_a_full_last_page_has_no_next_and_a_name_is_where_it_begins(
    admin: Browser, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.gateway.office.kits._PAGE", 2)
    for name in ("kit-01", "kit-02"):
        enrolled_kit(folder, admin.gateway_context, admin.clock, name)
    shown = {
        query: [
            name for name in ("kit-01", "kit-02") if f'href="/office/kits/{name}"' in admin.get(f"/kits{query}").text
        ]
        for query in ("", "?from=kit-02", "?after=kit-01", "?after=kit-02")
    }
    assert shown == {
        "": ["kit-01", "kit-02"],
        "?from=kit-02": ["kit-02"],
        "?after=kit-01": ["kit-02"],
        "?after=kit-02": [],
    }
    assert "after=" not in admin.get("/kits").text


def test_what_is_wrong_with_one_kit_is_not_said_of_another(browser: Browser, kit: Kit, folder: Path) -> None:
    gateway_context = browser.gateway_context
    other = enrolled_kit(folder, gateway_context, browser.clock, "kit-02")
    arrive(gateway_context, kit)
    browser.clock.advance(days=20)
    arrive(gateway_context, kit)
    made = [arrive(gateway_context, other)]
    other.sequence = 0
    manifests = [other.record(size=100)[1]]  # a fork
    other.sequence = 5
    manifests.append(other.record(size=100)[1])  # behind a gap
    Ledger(gateway_context).announce(other.name, Announcement(manifests=tuple(manifests)))
    with gateway_context.engine.begin() as connection:
        connection.execute(sa.update(records).where(records.c.record_id == made[0]).values(lost_at=browser.clock.now()))
    browser.clock.advance(days=2)
    browser.sign_in_as("operator")
    for name, told, links, has_older in (
        ("kit-01", ["2", "2", "0", "0"], 0, True),
        ("kit-02", ["3", "0", "2 · paling lama 2 hari", "1"], 2, False),
    ):
        page = browser.get(f"/kits/{name}").text
        facts = re.findall(r"<dd[^>]*>(.*?)</dd>", page)
        assert [re.sub("<[^>]+>", "", fact).strip() for fact in facts[4:8]] == told
        assert (
            page.count('<a href="/office/chains">') - browser.get("/kits").text.count('<a href="/office/chains">')
            == links
        )
        assert ("?before=" in page) is has_older
    assert "?before=" not in browser.get(f"/kits/kit-01?before={browser.clock.today() - timedelta(days=10)}").text
    enrolled_kit(folder, gateway_context, browser.clock, "kit-03")
    assert browser.get("/kits/kit-03").status_code == 200


def test_people_are_those_of_the_kit(admin: Browser, kit: Kit, folder: Path) -> None:
    gateway_context = admin.gateway_context
    enrolled_kit(folder, gateway_context, admin.clock, "kit-02")
    dewi = UserRequest(user_id="dewi", name="Dewi", role=Role.LOKET, csr=make_csr(certificates.new_private_key()))
    with gateway_context.engine.begin() as connection:
        certify_user(gateway_context, connection, "kit-02", dewi)
    assert "Dewi" not in admin.get("/kits/kit-01/people").text
    with gateway_context.reading() as connection:
        assert connection.scalars(sa.select(access_log.c.act)).all()[-1] == "office.people"
    assert "everywhere" in admin.get("/kits/kit-01/people").text
    admin.post("/kits/kit-01/people", user_id="admin")
    with gateway_context.reading() as connection:
        revoked = connection.execute(
            sa.select(users.c.kit, users.c.user_id).where(users.c.revoked_at.is_not(None))
        ).all()
    assert revoked == [("kit-01", "admin")]
    assert "everywhere" in admin.get("/kits/kit-01/people").text
    assert "everywhere" not in admin.get("/kits/kit-02/people").text
    for path in ("/kits/nobody", "/kits/nobody/lost", "/kits/nobody/people"):
        assert admin.get(path).status_code == 404
