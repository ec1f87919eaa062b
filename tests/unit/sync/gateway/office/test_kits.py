from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.gateway import Kit, enrolled_kit, receive
from support.office import Browser

from fieldkit.app.bootstrap.catalogue import strict_catalogue
from fieldkit.app.bootstrap.clock import WIB
from sync.gateway.admission import Admission
from sync.gateway.context import GatewayContext, Refusal
from sync.gateway.ledger import Ledger
from sync.gateway.office.kits import days_of
from sync.gateway.office.wording import Wording
from sync.gateway.tables import access_log, records, users
from sync.protocol.messages import Announcement


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
    assert (wrong.status_code, "Tidak ada yang diubah" in wrong.text) == (422, True)
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
