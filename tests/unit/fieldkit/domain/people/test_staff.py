from __future__ import annotations

from fieldkit.domain.people.staff import Staff, nobody_has, qualified
from fieldkit.domain.things import Thing


def test_staff_is_found_by_name_nip_and_jabatan() -> None:
    siti = Staff("s1", "Siti Aminah", "19720524 199703 1 004", "Penata (III/c)", "Operator")
    assert isinstance(siti, Thing)
    assert siti.words == "Siti Aminah 19720524 199703 1 004 Operator"
    assert siti.activity_id == ""


def test_nothing_is_asked_of_a_crew_that_is_not_chosen_yet() -> None:
    able = Staff("s1", "Siti", qualifications=("Mampu  Mengoperasikan komputer",))
    asked = ("mampu mengoperasikan komputer", "Memahami SIAK")
    assert qualified([able], asked[0]) == (able,)
    assert nobody_has(asked, [able]) == ("Memahami SIAK",)
    assert nobody_has(asked, []) == ()
