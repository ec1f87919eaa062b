from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from support.activities import add_activity
from support.app_context import Kit
from support.plans import KASI, STAFF, furnish, plan
from support.sops import SMALL

from fieldkit.domain.errors import RuleError
from fieldkit.domain.people import Staff
from fieldkit.domain.planning.outreach import Plan
from fieldkit.domain.sop.profile import SopDocument
from fieldkit.services.sop.view import profile_of

ASKS = SopDocument(laws=("UU 24/2013",), qualifications=("Mampu  mengoperasikan komputer", "Memahami SIAK"))
SOP = replace(SMALL, document=ASKS)


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path, KASI)
    furnish(kit)
    add_activity(kit, "x", SOP)
    with kit.store.write() as unit:
        for person in (STAFF[1], STAFF[3]):
            unit.repository(Staff).save(replace(person, qualifications=("mampu mengoperasikan Komputer",)))
    yield kit
    kit.store.close()


def test_without_a_team_the_whole_staff_is_looked_through(kit: Kit) -> None:
    page = kit.context.office.sop_documents.page("x")
    assert (page.profile, page.is_team) == (SOP, False)
    assert page.people == (("Rina Wulandari", "Wahyu Utomo"), ())


def test_of_a_plan_only_its_team_counts(kit: Kit) -> None:
    with kit.store.write() as unit:
        unit.repository(Plan).save(plan("x", date(2026, 12, 3)))
    page = kit.context.office.sop_documents.page("x")
    assert (page.people, page.is_team) == ((("Rina Wulandari",), ()), True)


def test_an_sop_is_read_by_its_id_too_and_an_unknown_one_is_refused(kit: Kit) -> None:
    documents = kit.context.office.sop_documents
    assert documents.page("", "grobogan_kk_wni").profile.number == "SOP-DKC.IP-01"
    with pytest.raises(RuleError, match=r"sop\.unknown"):
        documents.page("", "tidak_ada")


def test_each_qualification_of_any_sop_is_named_once(kit: Kit) -> None:
    found = kit.context.office.sop_documents.qualifications()
    assert found.count("Mampu mengoperasikan komputer") == 1
    assert list(found) == sorted(found, key=str.casefold)


def test_an_activity_without_sop_follows_none(kit: Kit) -> None:
    with kit.store.read() as unit:
        assert (profile_of(unit, "a1"), profile_of(unit, ""), profile_of(unit, "x")) == (None, None, SOP)


def test_a_plan_without_a_team_leaves_the_whole_staff(kit: Kit) -> None:
    with kit.store.write() as unit:
        unit.repository(Plan).save(replace(plan("x", date(2026, 12, 3)), team=()))
    page = kit.context.office.sop_documents.page("x", "grobogan_kk_wni")
    assert (page.profile, page.is_team) == (SOP, False)
    assert page.people == (("Rina Wulandari", "Wahyu Utomo"), ())
