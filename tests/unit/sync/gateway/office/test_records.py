from __future__ import annotations

import hashlib
import hmac

import pytest
import sqlalchemy as sa
from support.gateway import Kit, open_plainly, receive
from support.office import Browser

from sync.gateway.ledger import Ledger, NikRule
from sync.gateway.office.records import kind_of
from sync.gateway.opener import Opener
from sync.gateway.tables import access_log, onward, records
from sync.protocol.messages import Announcement

NIK = "3315014107900001"


@pytest.fixture
def made(admin: Browser, kit: Kit) -> list[str]:
    """Two records with their verdicts and one that is only announced."""
    ids = []
    for number in range(3):
        record_id, manifest, sealed, _ = kit.record(size=1000, nik=NIK if number == 0 else f"33150141079000{number}0")
        Ledger(admin.gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
        if number < 2:
            receive(admin.gateway_context, kit, record_id, sealed)
        ids.append(record_id)
        kit.clock.advance(seconds=1)
    Opener(admin.gateway_context, open_plainly, NikRule()).run_pending()
    return ids


def log(browser: Browser) -> list[tuple[str, str]]:
    with browser.gateway_context.engine.begin() as connection:
        query = sa.select(access_log.c.act, access_log.c.about).order_by(access_log.c.number)
        return [(row.act, row.about) for row in connection.execute(query)]


def test_a_day_lists_its_records_without_names_and_is_written_down(
    admin: Browser, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    day = admin.clock.today()
    page = admin.get(f"/kits/kit-01/days/{day}").text
    assert (made[0] in page, made[1] in page, made[2] in page) == (True, True, False)
    assert log(admin)[-1] == ("records.list", f"kit-01 {day}")
    assert f"/{made[0]}" not in page  # never in an address
    monkeypatch.setattr("sync.gateway.office.records._PAGE", 1)
    first = admin.get(f"/kits/kit-01/days/{day}").text
    after = first.split('name="after" value="')[1].split('"')[0]
    second = admin.post(f"/kits/kit-01/days/{day}", after=after).text
    assert {record for record in made if record in first + second} == set(made[:2])
    for path, status in (("/kits/kit-01/days/2026-02-30", 404), ("/kits/kit-01/days/2001-01-01", 200)):
        assert admin.get(path).status_code == status
    for odd in ("0001-01-01", "9999-12-31"):
        assert admin.get(f"/kits/kit-01/days/{odd}").status_code == 404
    for after in ("nonsense", f"0001-01-01T00:00:00+14:00|{made[0]}|kit-01"):
        assert admin.post(f"/kits/kit-01/days/{day}", after=after).status_code == 404


@pytest.mark.parametrize("by", ["whole", "beginning", "capitals", "nik", "external"])
def test_a_record_is_found_by_every_number_that_somebody_brings(admin: Browser, made: list[str], by: str) -> None:
    first = made[0]
    with admin.gateway_context.engine.begin() as connection:
        way = {"state": "acknowledged", "transaction_id": "t", "external_id": "EXT-77", "target": "siak"}
        at = admin.clock.now()
        connection.execute(sa.insert(onward).values(kit="kit-01", record_id=first, queued_at=at, next_try_at=at, **way))
    typed = {
        "whole": first,
        "beginning": first[:10],
        "capitals": f" {first.upper()} ",
        "nik": NIK,
        "external": "EXT-77",
    }[by]
    admin.get("/search")
    answer = admin.post("/search", number=typed)
    assert (first in answer.text, "Siap cetak (PRR)" in answer.text) == (True, True)
    assert made[1] not in answer.text
    assert answer.url.query in ("", b"")
    act, about = log(admin)[-1]
    assert (act.startswith("records.find_"), about) == (True, first)
    assert NIK not in str(log(admin))


def test_a_record_on_its_way_is_told_as_such(admin: Browser, made: list[str]) -> None:
    admin.get("/search")
    answer = admin.post("/search", number=made[2][:8]).text
    assert "rekamannya belum diterima" in answer
    assert log(admin)[-1] == ("records.find_record", made[2])


@pytest.mark.parametrize(
    ("number", "status", "says"),
    [("ab", 422, "tidak terbaca"), ("", 422, "tidak terbaca"), ("ffffffff", 200, "Tidak ada rekaman")],
)
def test_what_is_not_found_is_told_and_the_try_written_down(
    admin: Browser, number: str, status: int, says: str
) -> None:
    admin.get("/search")
    answer = admin.post("/search", number=number)
    assert (answer.status_code, says in answer.text) == (status, True)
    assert (("records.find_record", "-") in log(admin)) is (status == 200)


def test_statuses_come_newest_first_and_by_code(
    admin: Browser, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = admin.get("/statuses").text
    rows = page[page.index("<tbody>") :]
    assert rows.index(made[1][:8]) < rows.index(made[0][:8])
    only = admin.get("/statuses?code=DUPLICATE_RECORD&before=x").text
    assert "Belum ada status." in only
    monkeypatch.setattr("sync.gateway.office.records._PAGE", 1)
    first = admin.get("/statuses").text
    assert "before=4" in first
    assert made[0][:8] in admin.get("/statuses?before=3").text


def test_the_nik_is_looked_for_as_the_opener_wrote_it(admin: Browser, made: list[str]) -> None:
    mac = hmac.new(admin.gateway_context.nik_key, NIK.encode(), hashlib.sha256).hexdigest()
    with admin.gateway_context.engine.begin() as connection:
        assert connection.scalar(sa.select(records.c.record_id).where(records.c.nik_mac == mac)) == made[0]
    assert [kind_of(text) for text in (NIK, made[0], "EXT-1", "x", "a\0b\0c")] == ["nik", "record", "external", "", ""]


def test_the_statuses_of_one_code_are_looked_at_and_noted(
    admin: Browser, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.gateway.office.records._PAGE", 4)
    assert "before=" not in admin.get("/statuses").text  # there are four
    assert log(admin)[-1] == ("office.statuses", "")
    page = admin.get("/statuses?code=PRINT_READY_RECORD").text
    assert '<option value="PRINT_READY_RECORD" selected>' in page
    assert page.count('action="/office/search"') == 2
    assert log(admin)[-1] == ("office.statuses", "PRINT_READY_RECORD")
    page = admin.get("/statuses?code=NONSENSE").text
    assert (page.count('action="/office/search"'), "selected" in page, "NONSENSE" in page) == (4, False, False)
    assert log(admin)[-1] == ("office.statuses", "")
    for before, shown in (("3", 2), ("9" * 18, 4), ("9" * 19, 4), ("9" * 30, 4), ("\u0663", 4), ("x", 4)):
        assert admin.get(f"/statuses?before={before}").text.count('action="/office/search"') == shown, before


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("3" * 16, "nik"),
        ("0123abcd", "record"),
        ("0123ABCD-01 23", "record"),
        ("a" * 33, "external"),
        ("wxyz", "external"),
        ("wxy", ""),
        ("w" * 64, "external"),
        ("w" * 65, ""),
        ("wx\nyz", ""),
    ],
)
def test_a_number_says_what_it_is(number: str, kind: str) -> None:
    assert kind_of(number) == kind
