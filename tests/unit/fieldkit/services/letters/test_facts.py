"""What a letter is composed of, with everything there and with nothing there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support.app_context import Kit
from support.applied import APPLICATION
from support.clock import NOW
from support.letters import AT, HEAD, KADIS, KASI, MONDAY, PLAN, REQUEST, TEAM, office

from fieldkit.domain.applications import Application, ApplicationState
from fieldkit.domain.cards.card import Distribution, Place, Stop
from fieldkit.domain.errors import StoreError
from fieldkit.domain.letters.letter import Letter, LetterKind, LetterState
from fieldkit.domain.people.accounts import Role
from fieldkit.domain.people.staff import Staff
from fieldkit.domain.planning.plan import Plan
from fieldkit.domain.targets.requests import Disposisi, Sifat, SuratPermohonan
from fieldkit.domain.visits import Trip, Visit
from fieldkit.services.letters.facts import Known, activity_of, gather

STOP = Stop(MONDAY, Place.DESA, "Balai desa", "Rina")


def known(kit: Kit, activity_id: str) -> Known:
    head = kit.context.office.letterhead.read()
    with kit.store.read() as unit:
        return gather(unit, activity_id, head, kit.context.user, kit.clock, {"hal": "Ke {place}", "l": ["{sender}"]})


def test_everything_that_is_there_is_found(tmp_path: Path) -> None:
    kit = office(tmp_path)
    found = known(kit, AT)
    kit.close()
    assert (found.request, found.plan, found.head, found.chief) == (REQUEST, PLAN, HEAD, KADIS)
    assert found.team == TEAM
    assert found.days == (MONDAY,)
    assert len(found.targets) == 7
    assert found.signer()["jabatan"] == HEAD.jabatan
    assert found.me()["name"] == KASI.name
    assert found.propose("hal") == "Ke Desa Jimbe"
    assert found.propose("l") == ["Pemerintah Desa Jimbe"]
    assert found.propose("none") == ""


def test_whoever_signed_in_is_known_by_rank_and_post_also_outside_the_team(tmp_path: Path) -> None:
    kit = office(tmp_path)
    mine = Staff("s9", KASI.name, "198001172005011003", "Penata Tingkat I (III/d)", "Kepala Seksi", KASI.user_id)
    with kit.store.write() as unit:
        unit.repository(Staff).save(mine)
    assert known(kit, AT).me()["jabatan"] == "Kepala Seksi"
    assert known(kit, "").me()["nip"] == mine.nip
    kit.close()


def test_nothing_is_no_error(tmp_path: Path) -> None:
    for activity_id in ("", "stranger"):
        with Kit(tmp_path / (activity_id or "none")) as kit:
            found = known(kit, activity_id)
        assert (found.activity, found.request, found.plan, found.team, found.targets) == (None, None, None, (), ())
        assert found.days == ()
        assert found.hours == found.place == ""
        assert found.signer() == {"name": "", "nip": "", "pangkat": "", "jabatan": "Kepala Dinas"}


def letter(name: str, kind: LetterKind, state: LetterState = LetterState.ISSUED, activity_id: str = AT) -> Letter:
    return Letter(name, activity_id, kind, name, name, {}, "u1", NOW, state)


def test_the_latest_letter_of_a_kind_counts_unless_it_is_void(tmp_path: Path) -> None:
    kit = office(tmp_path)
    with kit.store.write() as unit:
        for each in (
            letter("b1", LetterKind.SURAT_BALASAN),
            letter("b2", LetterKind.SURAT_BALASAN),
            letter("b3", LetterKind.SURAT_BALASAN, LetterState.VOID),
            letter("s1", LetterKind.SPPD, LetterState.VOID),
            letter("b4", LetterKind.SURAT_BALASAN, activity_id=""),
        ):
            unit.repository(Letter).save(each)
    found = known(kit, AT)
    assert (found.reply and found.reply.thing_id, found.travel_order) == ("b2", None)
    assert known(kit, "").reply is None
    kit.close()


def test_only_who_is_there_and_what_counts_is_found(tmp_path: Path) -> None:
    kit = office(tmp_path)
    treasurer = Staff("s8", "Dewi", jabatan="BENDAHARA Pengeluaran")
    withdrawn = replace(APPLICATION, thing_id="p2", activity_id=AT, state=ApplicationState.DITARIK)
    with kit.store.write() as unit:
        unit.repository(Plan).save(replace(PLAN, team=("s1", "gone", "s3")))
        unit.repository(Distribution).save(Distribution(AT, AT, (STOP,), "u1", NOW))
        for each in (replace(APPLICATION, activity_id=AT), withdrawn):
            unit.repository(Application).save(each)
        unit.repository(Application).save(replace(APPLICATION, thing_id="p3", activity_id=""))
    found = known(kit, AT)
    assert found.team == (TEAM[0], TEAM[2])
    assert (found.treasurer, found.stops) == (None, (STOP,))
    assert [each.thing_id for each in found.applications] == ["p1"]
    assert found.count is not None
    nowhere = known(kit, "")
    assert (nowhere.count, nowhere.applications, nowhere.stops, nowhere.targets) == (None, (), (), ())
    with kit.store.write() as unit:
        unit.repository(Staff).save(treasurer)
        unit.save_user(replace(KADIS, role=Role.KABID))
    assert (known(kit, AT).treasurer, known(kit, AT).chief) == (treasurer, None)
    kit.close()


def test_what_belongs_to_no_activity_or_to_one_that_is_not_here_is_not_taken_for_its_own(tmp_path: Path) -> None:
    decided = Disposisi("d1", "", "r9", Sifat.BIASA, (), (), "", "u1", NOW)
    with office(tmp_path) as kit:
        with kit.store.write() as unit:
            unit.repository(SuratPermohonan).save(replace(REQUEST, thing_id="r9", activity_id=""))
            unit.repository(Disposisi).save(decided)
            unit.repository(Visit).save(Visit("v1", "stranger", "t-1", "u1", NOW))
            unit.repository(Trip).save(Trip("p1", "stranger", "u1"))
            unit.repository(Application).save(replace(APPLICATION, thing_id="p4", activity_id="stranger"))
        nowhere, stranger = known(kit, ""), known(kit, "stranger")
        with kit.store.write() as unit:
            unit.repository(Disposisi).save(replace(decided, activity_id=AT))
            unit.repository(Visit).save(Visit("v1", AT, "t-1", "u1", NOW))
            unit.repository(Trip).save(Trip("p1", AT, "u1"))
        found = known(kit, AT)
    assert (nowhere.request, nowhere.disposisi) == (None, None)
    assert (stranger.visits, stranger.trips, stranger.applications) == ((), (), ())
    assert (found.disposisi and found.disposisi.thing_id, len(found.visits), len(found.trips)) == ("d1", 1, 1)


def test_a_store_that_fails_is_not_an_activity_that_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with office(tmp_path) as kit, kit.store.read() as unit:

        def fail(_activity_id: str) -> None:
            raise StoreError("store.damaged")

        assert activity_of(unit, "stranger") is None
        monkeypatch.setattr(unit.activities, "get", fail)
        with pytest.raises(StoreError, match=r"store\.damaged"):
            activity_of(unit, AT)
