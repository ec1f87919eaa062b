"""The head of the dinas disposes; nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.app_context import ACTIVITY, KETUA, Kit

from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.people import Role, User
from fieldkit.domain.sop.profile import Fulfilment
from fieldkit.domain.targets.requests import Applicant, Harapan, Sifat, SuratPermohonan
from fieldkit.services.targets import register_request

KEPALA = User("u9", "Retno Palupi", Role.KEPALA_DINAS)


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path, KEPALA)
    with kit.store.write() as unit:
        unit.activities.save(ACTIVITY)
        day = kit.clock.today()
        unit.repository(SuratPermohonan).save(
            SuratPermohonan("r1", "a1", Applicant.PEMERINTAH_DESA, "Desa", "1", day, day, "hal", "J", "K", "", 3, "")
        )
    yield kit
    kit.store.close()


def test_a_disposisi_is_kept_and_a_second_one_takes_its_place(kit: Kit) -> None:
    dispositions = kit.context.office.dispositions
    assert dispositions.of("r1") is None
    roles, wishes = (Role.KABID, Role.KABID), (Harapan.PROSES_LEBIH_LANJUT,)
    first = dispositions.dispose("r1", Sifat.SEGERA, roles, wishes, " segera dijadwalkan ")
    assert (first.forwarded_to, first.note, first.disposed_by) == ((Role.KABID,), "segera dijadwalkan", "u9")
    second = dispositions.dispose("r1", Sifat.BIASA, (Role.KASI,), ())
    assert dispositions.of("r1") == second
    assert second.thing_id == first.thing_id
    with kit.store.read() as unit:
        assert [event.kind for event in unit.events.of(first.thing_id)] == ["disposed", "disposed_again"]


def test_somebody_must_get_it(kit: Kit) -> None:
    with pytest.raises(InputError, match=r"dispose\.no_role"):
        kit.context.office.dispositions.dispose("r1", Sifat.SEGERA, (), ())


def test_nobody_else_disposes(tmp_path: Path) -> None:
    kit = Kit(tmp_path, replace(KETUA))
    with pytest.raises(RuleError, match=r"role\.not_yours"):
        kit.context.office.dispositions.dispose("r1", Sifat.SEGERA, (Role.KABID,), ())
    kit.store.close()


def test_each_request_of_an_activity_has_its_own_and_the_sop_hears_of_both(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[tuple[str, Fulfilment, str]] = []
    monkeypatch.setattr(register_request, "fulfil", lambda _work, at, fact, thing: heard.append((at, fact, thing)))
    dispositions = kit.context.office.dispositions
    with kit.store.write() as unit:
        requests = unit.repository(SuratPermohonan)
        requests.save(replace(requests.get("r1"), thing_id="r2"))
    first = dispositions.dispose("r1", Sifat.SEGERA, (Role.KABID,), ())
    assert dispositions.of("r2") is None
    second = dispositions.dispose("r2", Sifat.SEGERA, (Role.KABID,), ())
    assert (dispositions.of("r1"), dispositions.of("r2")) == (first, second)
    assert first.thing_id != second.thing_id
    assert heard == [("a1", Fulfilment.DISPOSED, each.thing_id) for each in (first, second)]
