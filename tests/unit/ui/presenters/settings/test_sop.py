from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.app_context import Kit
from support.plans import ADMIN
from support.settings import field, opened, wrong
from support.tasks import SameThread, Steps

from fieldkit.domain.errors import Problem
from fieldkit.domain.people import Role
from fieldkit.ports.documents import ProfilesRead
from fieldkit.services.sop.run_sop import RunSop
from ui.presenters.presenter import message
from ui.presenters.settings.kit import DOES, RECORDS, SopFilesSection
from ui.presenters.settings.settings import SettingsPresenter

SOP = "blitar_si_jaran_ijo"


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path, ADMIN)
    yield kit
    kit.store.close()


def ticked(presenter, name: str) -> list[str]:
    return [line.name for line in field(presenter, name).lines if line.is_on]


def roles(kit: Kit, no: int) -> tuple[tuple[Role, ...], tuple[Role, ...]]:
    step = next(step for step in kit.context.office.sop.actors(SOP) if step.no == no)
    return step.roles, step.recorded_by


def test_a_step_is_given_to_other_accounts(kit: Kit) -> None:
    presenter = opened(kit, "sop")
    presenter.point_line("sops", SOP)
    presenter.point_line("steps", "2")
    assert ticked(presenter, "part") == [DOES]
    for had in ticked(presenter, "roles"):
        presenter.tick_line("roles", had)
    presenter.accept()
    assert wrong(presenter) == "sop.nobody"
    presenter.tick_line("roles", "kabid")
    presenter.tick_line("roles", "kasi")
    presenter.accept()
    assert roles(kit, 2) == ((Role.KASI, Role.KABID), ())
    assert ticked(presenter, "roles") == ["kasi", "kabid"]


def test_what_an_outsider_does_is_recorded_by_the_chosen_accounts(kit: Kit) -> None:
    presenter = opened(kit, "sop")
    presenter.point_line("sops", SOP)
    presenter.point_line("steps", "2")
    presenter.tick_line("part", RECORDS)
    presenter.tick_line("part", DOES)
    assert ticked(presenter, "part") == [DOES]
    presenter.tick_line("part", RECORDS)
    presenter.tick_line("roles", "loket")
    presenter.point_line("steps", "3")
    tags = {line.name: line.tag for line in field(presenter, "steps").lines}
    assert tags["2"] is not None
    assert tags["3"] is None
    presenter.accept()
    done, recorded = roles(kit, 2)
    assert done == ()
    assert Role.LOKET in recorded


def test_one_step_without_anybody_keeps_all_others_back(kit: Kit) -> None:
    presenter = opened(kit, "sop")
    presenter.point_line("sops", SOP)
    before = kit.context.office.sop.actors(SOP)
    presenter.tick_line("roles", "operator_cetak")
    presenter.point_line("steps", "2")
    for had in ticked(presenter, "roles"):
        presenter.tick_line("roles", had)
    presenter.accept()
    assert wrong(presenter) == "sop.nobody"
    assert kit.context.office.sop.actors(SOP) == before


def test_mistakes_of_files_are_listed(kit: Kit) -> None:
    mistake = Problem("sop.file_missing", {"file": "x.yaml", "line": 4, "field": "nomor"})

    class OneFaulty:
        def read(self) -> ProfilesRead:
            return ProfilesRead((), (mistake,))

    presenter = opened(kit, "sop_files")
    assert field(presenter, "mistakes").facts == ((message("pengaturan.mistakes_none"), ""),)
    lines = field(presenter, "sops").lines
    assert [line.name for line in lines] == [profile.sop_id for profile in kit.context.office.sop.profiles()]
    section = SopFilesSection(kit.context)
    section.take(
        ((), tuple(RunSop(kit.context.office.units, OneFaulty(), kit.context.office.calendar).mistakes()), frozenset())
    )
    assert section.fields()[1].facts == ((message("pengaturan.mistake", no=1), mistake),)


@pytest.mark.parametrize("name", ["sop", "sop_files"])
def test_the_sop_under_the_cursor_can_be_read(kit: Kit, name: str) -> None:
    steps = Steps()
    presenter = SettingsPresenter(kit.context, SameThread(), steps)
    presenter.start()
    presenter.choose_section(name)
    presenter.point_line("sops", "grobogan_kk_wni")
    presenter.perform(next(each for each in presenter.state.bar.actions if each.name == "read_sop"))
    assert steps.taken == [("push", "sop_document", "grobogan_kk_wni")]
    presenter.choose_section("kit")
    assert "read_sop" not in [each.name for each in presenter.state.bar.actions]


def test_the_dinas_chooses_what_new_activities_are_offered(tmp_path: Path) -> None:
    with Kit(tmp_path, ADMIN) as kit:
        presenter = opened(kit, "sop_files")
        names = [line.name for line in field(presenter, "sops").lines if line.is_on]
        for name in names[1:]:
            presenter.tick_line("sops", name)
        presenter.accept()
        assert [sop.sop_id for sop in kit.context.office.sop.chosen()] == names[:1]
        assert len(kit.context.office.sop.profiles()) == len(names)  # what runs goes on
        presenter.tick_line("sops", names[0])
        presenter.accept()
        assert wrong(presenter) == "sop.none_chosen"
