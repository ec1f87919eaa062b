from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.app_context import KETUA, Kit
from support.sops import small_run

from fieldkit.domain.people import Permission, Role
from fieldkit.domain.sop.profile import Fulfilment, SopActors, StepRoles
from fieldkit.domain.sop.run import SopRun
from fieldkit.domain.sop.standing import SopGlance, glance_of
from fieldkit.services.sop.run_sop import fulfil, glance_again, keep_run


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path, KETUA)
    with kit.context.office.units.write(Permission.VISIT) as work:
        keep_run(work, small_run(), "sop_begun")
    yield kit
    kit.store.close()


def kept(kit: Kit) -> tuple[SopRun, SopGlance]:
    with kit.context.office.units.read() as unit:
        return unit.repository(SopRun).get("a1"), unit.repository(SopGlance).get("a1")


def test_lists_see_what_the_run_says_after_every_act(kit: Kit) -> None:
    run, glance = kept(kit)
    assert glance == glance_of(run)
    with kit.context.office.units.write(Permission.VISIT) as work:
        fulfil(work, "a1", Fulfilment.REQUEST_RECEIVED, "surat-1")
    run, glance = kept(kit)
    assert (glance.done, glance) == (1, glance_of(run))


def test_the_glance_leaves_no_event(kit: Kit) -> None:
    with kit.context.office.units.read() as unit:
        assert [event.kind for event in unit.events.of("a1")] == ["sop_begun"]


def test_other_actors_show_without_anything_being_done(kit: Kit) -> None:
    with kit.context.office.units.write(Permission.VISIT) as work:
        work.unit.repository(SopActors).save(SopActors("kecil", (StepRoles(1, (Role.ADMIN_DINAS,)),)))
        glance_again(work, work.unit.repository(SopRun).get("a1"))
    assert kept(kit)[1].turn_of(Role.ADMIN_DINAS) is not None
