from __future__ import annotations

from pathlib import Path

from support.app_context import PETUGAS, Kit
from support.laptop_check import PresetCheck
from support.settings import field, opened

from fieldkit.domain.errors import Problem
from fieldkit.ports.laptop import Finding
from ui.presenters.parts import Tone
from ui.presenters.presenter import message


def test_what_stops_work_stands_first_and_the_cursor_tells_the_remedy(tmp_path: Path) -> None:
    kit = Kit(tmp_path, PETUGAS)
    presenter = opened(kit, "periksa")
    lines = field(presenter, "findings").lines
    assert [line.words.key for line in lines] == [
        "doctor.store_file", "doctor.clock", "doctor.devices", "doctor.disk",
    ]  # fmt: skip
    assert [line.tag.tone for line in lines] == [Tone.BAD, Tone.CAUTION, Tone.CAUTION, Tone.GOOD]
    assert field(presenter, "findings").label == message("common.to_look_at", count=3)
    assert field(presenter, "remedy").problem == Problem("doctor.store_damaged")
    presenter.point_line("findings", lines[2].name)
    assert field(presenter, "remedy").problem == Problem("device.pcsc.no_service")
    assert field(presenter, "remedy").note == ""
    presenter.point_line("findings", lines[3].name)
    assert (field(presenter, "remedy").problem, field(presenter, "remedy").note) == (None, "77.2 GB")
    kit.store.close()


def test_the_file_for_the_office_is_saved_where_somebody_says(tmp_path: Path) -> None:
    kit = Kit(tmp_path, PETUGAS)
    presenter = opened(kit, "periksa")
    presenter.accept()
    assert field(presenter, "place").problem == Problem("diagnosis.where", {}, kit_recovery(), "place")
    presenter.type_field("place", "/media/stick")
    presenter.accept()
    assert kit.context.laptop.asked[-1] == "/media/stick"
    assert presenter.state.toast is not None
    assert presenter.state.toast.words.params["file"] == "/media/stick/diagnosa-20261121-0900.zip"
    kit.store.close()


def kit_recovery() -> object:
    from fieldkit.domain.errors import Recovery

    return Recovery.CORRECT_INPUT


def test_a_laptop_without_faults_says_so(tmp_path: Path) -> None:
    kit = Kit(tmp_path, PETUGAS)
    kit.context.laptop.found = (Finding("swap", is_checked=False), Finding("battery"))
    assert isinstance(kit.context.laptop, PresetCheck)
    presenter = opened(kit, "periksa")
    assert field(presenter, "findings").label == message("pengaturan.no_findings")
    swap, battery = field(presenter, "findings").lines
    assert [line.tag.words for line in (swap, battery) if line.tag] == [
        message("pengaturan.finding_unchecked"),
        message("pengaturan.finding_good"),
    ]
    presenter.point_line("findings", battery.name)
    assert field(presenter, "remedy").note == message("pengaturan.finding_fine")
    kit.store.close()
