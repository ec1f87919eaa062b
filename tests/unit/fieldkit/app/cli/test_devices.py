from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.commands import fieldkit, refused

from drivers.simulators.bench import SimulatedKit
from drivers.simulators.stage import Fault
from drivers.simulators.subject import Condition, Presentation, SyntheticSubject
from fieldkit.domain.recording.positions import EYES, FINGERS, RIGHT_FOUR, THUMBS, Position
from fieldkit.formats.finger import decode_finger_record
from fieldkit.formats.iris import decode_iris_record


@pytest.fixture(scope="module")
def bench() -> Iterator[SimulatedKit]:
    with SimulatedKit() as made:
        yield made


@pytest.fixture
def kit(bench: SimulatedKit) -> SimulatedKit:
    bench.present(SyntheticSubject(3))
    return bench


def of_fingers(kit: SimulatedKit, out: Path) -> tuple[object, ...]:
    return ("capture", "fingers", "--url", kit.addresses.finger_url, "--trust", kit.addresses.trust_pem, "--out", out)


def of_irises(kit: SimulatedKit, out: Path) -> tuple[object, ...]:
    return ("capture", "iris", "--url", kit.addresses.iris_url, "--trust", kit.addresses.trust_pem, "--out", out)


@pytest.mark.days
def test_ten_fingers_are_captured_and_written(kit: SimulatedKit, tmp_path: Path) -> None:
    said = fieldkit(*of_fingers(kit, tmp_path / "out"), "--json")
    assert (said.code, said.err) == (0, "")
    report = said.json
    assert json.loads((tmp_path / "out" / "capture.json").read_text()) == report
    assert [sample["position"] for sample in report["samples"]] == list(FINGERS)
    assert len(report["last_hash"]) == 64
    for sample in report["samples"]:
        assert decode_finger_record(Path(sample["record"]).read_bytes()).position == sample["position"]
        assert Path(sample["picture"]).read_bytes().startswith(b"\xff\xd8")
        assert Path(sample["signature"]).read_text().count(".") == 2
        assert sample["chain_hash"]


@pytest.mark.days
def test_the_chain_goes_on_from_the_fingers_to_the_irises(kit: SimulatedKit, tmp_path: Path) -> None:
    first = fieldkit(*of_fingers(kit, tmp_path / "fingers"), "--position", "RIGHT_INDEX", "--json").json
    assert [sample["position"] for sample in first["samples"]] == ["RIGHT_INDEX"]
    assert first["links"][-1]["chain_hash"] == first["last_hash"]
    said = fieldkit(*of_irises(kit, tmp_path / "eyes"), "--previous-hash", first["last_hash"], "--json")
    assert (said.code, [sample["position"] for sample in said.json["samples"]]) == (0, list(EYES))
    assert said.json["last_hash"] != first["last_hash"]
    assert decode_iris_record(Path(said.json["samples"][0]["record"]).read_bytes()).position is Position.EYE_RIGHT


@pytest.mark.days
def test_an_exception_is_told_to_the_device(bench: SimulatedKit, tmp_path: Path) -> None:
    bench.present(SyntheticSubject(4, conditions={Position.LEFT_THUMB: Condition.MISSING}))
    said = fieldkit(*of_fingers(bench, tmp_path), "--exception", "LEFT_THUMB", "--json")
    assert (said.code, said.json["exceptions"]) == (0, ["LEFT_THUMB"])
    assert "LEFT_THUMB" not in [sample["position"] for sample in said.json["samples"]]
    assert len(said.json["samples"]) == 9


@pytest.mark.days
def test_results_for_people(kit: SimulatedKit, tmp_path: Path) -> None:
    said = fieldkit(*of_irises(kit, tmp_path), lang="en")
    assert (said.code, said.out) == (0, f"2 samples saved in {tmp_path}; 0 did not come.\n")


class Trips(SyntheticSubject):
    """Somebody over whose left hand the answer goes wrong."""

    kit: SimulatedKit

    def presentation(self, position: Position, attempt: int) -> Presentation | None:
        if position is Position.LEFT_INDEX:
            self.kit.stage._faults[Fault.WRONG_SIGNATURE] = 1  # the stage holds its lock while it looks at somebody
        return super().presentation(position, attempt)


@pytest.mark.days
def test_the_slap_before_a_broken_one_is_written_and_the_break_is_told(tmp_path: Path) -> None:
    person = Trips(3)
    with SimulatedKit() as person.kit:
        person.kit.present(person)
        said = fieldkit(*of_fingers(person.kit, tmp_path), "--json")
    assert said.code == 3
    assert [sample["position"] for sample in said.json["samples"]] == list(RIGHT_FOUR)
    assert all(Path(sample["record"]).exists() for sample in said.json["samples"])
    assert said.json["stopped_by"] == said.problem
    assert {missing["position"] for missing in said.json["missing"]} == set(FINGERS) - set(RIGHT_FOUR)


@pytest.mark.days
@pytest.mark.parametrize("fault", [Fault.WRONG_SIGNATURE, Fault.BROKEN_CHAIN, Fault.WRONG_TRANSACTION])
def test_a_tampered_answer_is_refused_and_nothing_is_written(kit: SimulatedKit, tmp_path: Path, fault: Fault) -> None:
    codes = set()
    for lang in ("id", "en"):
        kit.arm(fault)
        said = fieldkit(*of_irises(kit, tmp_path / "out"), lang=lang)
        assert said.code == 3
        codes.add(said.problem)
    assert len(codes) == 1
    assert codes.pop().startswith("device.")
    assert not (tmp_path / "out").exists()


def test_without_trust_nothing_is_believed(kit: SimulatedKit, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    words = ("capture", "iris", "--url", kit.addresses.iris_url, "--out", tmp_path / "out")
    code, problem = refused(*words, "--trust", empty)
    assert (code, problem.startswith("device.")) == (3, True)
    assert refused(*words, "--trust", tmp_path / "not there") == (2, "cli.usage")
    assert not (tmp_path / "out").exists()


@pytest.mark.days
def test_what_stays_too_poor_is_named_and_no_success(bench: SimulatedKit, tmp_path: Path) -> None:
    worn = dict.fromkeys(THUMBS, Condition.WORN)
    bench.present(SyntheticSubject(3, conditions=worn))
    only = [word for position in THUMBS for word in ("--position", position.value)]
    said = fieldkit(*of_fingers(bench, tmp_path / "out"), *only, "--json")
    assert (said.code, said.json["poor"], len(said.json["samples"])) == (3, [p.value for p in THUMBS], 2)


def test_nobody_is_there(bench: SimulatedKit, tmp_path: Path) -> None:
    bench.present(None)
    code, problem = refused(*of_irises(bench, tmp_path / "out"), "--timeout", "0.5")
    assert (code, problem.startswith("device.")) == (3, True)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "not an address", "ftp://127.0.0.1"])
def test_an_address_where_no_device_is(tmp_path: Path, url: str) -> None:
    code, problem = refused("capture", "fingers", "--url", url, "--out", tmp_path / "out")
    assert (code, problem.startswith("device.")) == (3, True)


def test_wrong_use(tmp_path: Path) -> None:
    words = ("capture", "iris", "--out", tmp_path / "out")
    assert refused(*words, "--position", "LEFT_THUMB") == (2, "cli.position_elsewhere")
    assert refused(*words, "--exception", "LEFT_THUMB") == (2, "cli.position_elsewhere")
    assert refused(*words, "--driver", "magic") == (2, "cli.unknown_driver")
    assert refused(*words, "--previous-hash", "AB") == (2, "cli.previous_hash")
    assert refused(*words, "--timeout", "0") == (2, "cli.usage")
    assert refused(*words, "--position", "EYE_LEFT", "--exception", "EYE_LEFT") == (2, "cli.nothing_to_capture")


@pytest.mark.days
def test_a_place_that_cannot_be_written_is_named(kit: SimulatedKit, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert refused(*of_irises(kit, tmp_path / "file" / "out")) == (3, "stick.failed")


@pytest.mark.days
def test_devices_are_listed(kit: SimulatedKit, tmp_path: Path) -> None:
    said = fieldkit("devices", "--json", "--home", tmp_path)
    assert (said.code, said.err) == (0, "")
    addresses = {line["address"] for line in said.json if line["driver"] == "sbi"}
    assert {kit.addresses.finger_url, kit.addresses.iris_url} <= {address.rstrip("/") for address in addresses}
    for line in said.json:
        assert line["kind"]
        assert line["state"]
    for lang in ("id", "en"):
        assert kit.addresses.finger_url in fieldkit("devices", "--home", tmp_path, lang=lang).out


def test_a_mistake_in_the_file_of_devices_is_told(tmp_path: Path) -> None:
    (tmp_path / "devices.toml").write_text("[topas]")
    assert refused("devices", home=tmp_path)[1] == "devices_file.unknown_driver"
