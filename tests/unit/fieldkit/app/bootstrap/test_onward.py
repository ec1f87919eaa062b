from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.clock import true_clock
from support.gateway import enrolled_kit
from support.onward import valid_record

from fieldkit.app.bootstrap.onward import Way, onward_step
from fieldkit.domain.errors import InputError
from fieldkit.ports.delivery import OnwardState
from sync.gateway import provision
from sync.gateway.opening.process import machine_at, take_out
from sync.gateway.provision import Places


def test_a_machine_that_only_opens_hands_on_without_a_signature(tmp_path: Path) -> None:
    folder, clock = tmp_path / "gateway", true_clock()
    provision.init(folder, {"dinas": "Dinas Uji"}, ["127.0.0.1"], clock)
    context = provision.open_gateway(folder, clock)
    kit = enrolled_kit(folder, context, clock, "kit-01")
    apart = tmp_path / "apart"
    take_out(folder, apart)
    places = Places(f"sqlite:///{folder / 'gateway.sqlite3'}", (folder / "objects").as_uri())
    for number, home in enumerate((folder, apart), 1):
        valid_record(folder, context, kit)
        machine = machine_at(home, folder / "opener.identity", str, clock, places)
        step = onward_step(machine, home, Way(f"folder:{tmp_path / 'out'}", "SIAK"))
        assert step.run_once().settled == {OnwardState.HANDED_OVER: 1}
        step.close()
        machine.engine.dispose()
        place = tmp_path / "out" / f"batch-00000{number}"
        assert (place / "manifest.jws").exists() is (home is folder)
        assert len(json.loads((place / "manifest.json").read_bytes())["records"]) == 1
    with pytest.raises(InputError):
        onward_step(machine, folder, Way("nowhere"))
    context.engine.dispose()
