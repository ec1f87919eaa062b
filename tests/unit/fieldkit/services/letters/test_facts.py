"""What a letter is composed of, with everything there and with nothing there."""

from __future__ import annotations

from pathlib import Path

from support.app_context import Kit
from support.letters import AT, HEAD, KADIS, KASI, MONDAY, PLAN, REQUEST, TEAM, office

from fieldkit.domain.people.staff import Staff
from fieldkit.services.letters.facts import Known, gather


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
