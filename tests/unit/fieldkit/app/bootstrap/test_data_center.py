from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from support.homes import CLOCK

from fieldkit.app.bootstrap.data_center import serve_gateway
from fieldkit.domain.errors import InputError
from sync.gateway import provision

CHILD = """
import sys
from pathlib import Path
from fieldkit.app.bootstrap.data_center import serve_gateway
serve_gateway(Path(sys.argv[1]), "127.0.0.1", 0, lambda url: print(url, flush=True))
"""


def test_a_folder_without_a_gateway_is_not_served(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        serve_gateway(tmp_path, "127.0.0.1", 0, print)
    assert caught.value.code == "gateway.not_here"


@pytest.mark.days
def test_it_serves_until_it_is_told_to_stop(tmp_path: Path) -> None:
    provision.init(tmp_path / "gateway", {"dinas": "Dinas Uji"}, ["127.0.0.1"], CLOCK)
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, str(tmp_path / "gateway")], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().startswith("https://127.0.0.1:")
        finally:
            process.terminate()
        assert process.wait() == 0
