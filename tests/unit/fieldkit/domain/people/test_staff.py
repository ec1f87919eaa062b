from __future__ import annotations

from fieldkit.domain.people.staff import Staff
from fieldkit.domain.things import Thing


def test_staff_is_found_by_name_nip_and_jabatan() -> None:
    siti = Staff("s1", "Siti Aminah", "19720524 199703 1 004", "Penata (III/c)", "Operator")
    assert isinstance(siti, Thing)
    assert siti.words == "Siti Aminah 19720524 199703 1 004 Operator"
    assert siti.activity_id == ""
