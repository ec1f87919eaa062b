from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from support.clock import true_clock
from support.commands import fieldkit, refused
from support.gateway import Kit

from sync.gateway import provision
from sync.gateway.ledger import Ledger
from sync.gateway.tables import records
from sync.protocol.messages import Announcement
from tests.unit.sync.gateway.conftest import enrolled


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    provision.init(tmp_path / "gateway", {"dinas": "Dinas Uji"}, ["127.0.0.1"], true_clock())
    return tmp_path / "gateway"


@pytest.fixture
def stick(tmp_path: Path, folder: Path) -> Path:
    """A stick with two records of a kit that is gone."""
    clock = true_clock()
    gateway_context = provision.open_gateway(folder, clock)
    kit: Kit = enrolled(folder, gateway_context, clock, "kit-01")
    gateway_context.engine.dispose()
    for _ in range(2):
        record_id, manifest, sealed, _ = kit.record(size=4000)
        place = tmp_path / "stick" / "rescue"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{record_id}.age").write_bytes(sealed)
        (place / f"{record_id}.manifest").write_text(manifest + "\n")
    return tmp_path / "stick"


def test_a_stick_is_taken_checked_and_told(folder: Path, stick: Path) -> None:
    done = fieldkit("gateway", "ingest", "--dir", folder, "--from", stick, "--json")
    assert (done.code, len(done.json["taken"]), done.json["refused"]) == (0, 2, [])
    assert len(list(stick.rglob("*.receipt"))) == 2
    report = fieldkit("gateway", "verify", "--dir", folder, "--json")
    assert (report.code, report.json["checked"], report.json["lost"]) == (0, 2, [])
    state = fieldkit("gateway", "ready", "--dir", folder, "--json")
    assert (state.code, state.json["is_ready"], state.json["waiting"]) == (0, True, 2)
    for words in (("verify",), ("ready",), ("ingest", "--from", stick)):
        assert fieldkit("gateway", *words, "--dir", folder).out != ""


@pytest.mark.parametrize("lang", ["id", "en"])
def test_a_lost_object_is_named_with_a_way_on(folder: Path, stick: Path, lang: str) -> None:
    fieldkit("gateway", "ingest", "--dir", folder, "--from", stick)
    stored = sorted(path for path in (folder / "objects" / "sealed").rglob("*") if path.is_file())
    stored[0].unlink()
    said = fieldkit("gateway", "verify", "--dir", folder, lang=lang)
    assert (said.code, said.problem) == (3, "gateway.objects_lost")
    assert "kit-01" in said.out
    assert refused("gateway", "ready", "--dir", folder) == (3, "gateway.not_ready")
    again = fieldkit("gateway", "ingest", "--dir", folder, "--from", stick, "--json")
    assert [len(again.json[name]) for name in ("taken", "held")] == [1, 1]
    assert fieldkit("gateway", "verify", "--dir", folder).code == 0


def test_a_refused_file_and_a_set_aside_record_are_named(folder: Path, stick: Path) -> None:
    damaged = next(stick.rglob("*.age"))
    damaged.write_bytes(b"!" + damaged.read_bytes()[1:])
    said = fieldkit("gateway", "ingest", "--dir", folder, "--from", stick, lang="en")
    assert (said.code, said.problem) == (3, "gateway.ingest_refused")
    assert f"rescue/{damaged.stem}.manifest: refused (record.damaged)" in said.out
    newer = "This record was sealed by a newer program than the one that opens it here. [record.newer]"
    for error, said_of_it in (("Boom", "Boom"), ("record.newer", newer)):
        gateway_context = provision.open_gateway(folder, true_clock())
        with gateway_context.engine.begin() as connection:
            values = {"set_aside_at": true_clock().now(), "set_aside_error": error, "tries": 2}
            connection.execute(sa.update(records).values(**values))
        gateway_context.engine.dispose()
        state = fieldkit("gateway", "ready", "--dir", folder, lang="en")
        assert (state.code, state.problem) == (3, "gateway.not_ready")
        assert f"set aside after 2 tries ({said_of_it})" in state.out


def test_a_folder_that_is_not_there_is_told(folder: Path, tmp_path: Path) -> None:
    assert refused("gateway", "ingest", "--dir", folder, "--from", tmp_path / "no") == (2, "gateway.no_such_folder")
    assert refused("gateway", "verify", "--dir", tmp_path / "no") == (2, "gateway.not_here")
    stranger = tmp_path / "empty"
    stranger.mkdir()
    assert fieldkit("gateway", "ingest", "--dir", folder, "--from", stranger).code == 0


def test_records_that_never_come_are_told_until_somebody_says_why(folder: Path) -> None:
    clock = true_clock()
    clock.advance(days=-2)
    gateway_context = provision.open_gateway(folder, clock)
    kit: Kit = enrolled(folder, gateway_context, clock, "kit-01")
    kit.sequence = 2
    Ledger(gateway_context).announce(kit.name, Announcement(manifests=(kit.record(size=100)[1],)))
    gateway_context.engine.dispose()
    (gap,) = fieldkit("gateway", "ready", "--dir", folder, "--json").json["missing"]
    assert (gap["kit"], gap["chain"], gap["first"], gap["last"]) == ("kit-01", "c1", 1, 2)
    assert "c1" in fieldkit("gateway", "ready", "--dir", folder).out
    place = ("--dir", folder, "--kit", "kit-01", "--chain", "c1")
    command = ("gateway", "explain-gap", *place, "--why", "laptop terbakar")
    assert refused(*command, "--first", "2") == (2, "gateway.no_gap")
    assert fieldkit(*command, "--first", "1").code == 0
    state = fieldkit("gateway", "ready", "--dir", folder)
    assert (state.code, "laptop terbakar" in state.out) == (0, True)
    log = fieldkit("gateway", "records", "log", "--dir", folder)
    assert "gaps.explain" in log.out
