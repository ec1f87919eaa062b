from __future__ import annotations

from pathlib import Path

import pytest
from support.clock import true_clock

from fieldkit.app.bootstrap.onward import onward_step, seal_opener
from fieldkit.domain.errors import InputError
from fieldkit.ports.onward import OnwardState
from sync.gateway import provision


def test_the_step_stands_on_the_key_beside_the_gateway(tmp_path: Path) -> None:
    folder, clock = tmp_path / "gateway", true_clock()
    provision.init(folder, {"dinas": "Dinas Uji"}, ["127.0.0.1"], clock)
    context = provision.open_gateway(folder, clock)
    report = onward_step(context, folder, None, f"folder:{tmp_path / 'out'}", "").run_once()
    assert report.settled.get(OnwardState.HANDED_OVER, 0) == 0
    (folder / "opener.identity").unlink()
    with pytest.raises(InputError) as caught:
        seal_opener(context, folder, None)
    assert caught.value.code == "cli.unreadable"
    context.engine.dispose()
