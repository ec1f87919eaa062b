from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from support.services import postgres_programs

ROOT = Path(__file__).parents[4]
SCRIPT = ROOT / "packaging" / "gateway" / "province.py"


@pytest.fixture(scope="module")
def province() -> ModuleType:
    spec = importlib.util.spec_from_file_location("province", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # a dataclass looks its module up
    before = list(sys.path)
    spec.loader.exec_module(module)
    sys.path[:] = before
    return module


def test_a_child_is_ended_and_folders_are_removed(province: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        province, "_FIELDKIT", (sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)")
    )
    with province._folder("test") as made, province._child() as child:
        assert Path(made).is_dir()
        assert child.stdout.readline() == "up\n"
    assert child.returncode is not None
    assert not Path(made).exists()


def test_told_to_end_it_ends_in_order(province: ModuleType) -> None:
    with pytest.raises(KeyboardInterrupt):
        province._interrupt(15, None)


@pytest.mark.days
def test_a_province_starts_takes_opens_and_ends_with_all_its_children() -> None:
    pytest.importorskip("moto", reason="moto is not installed")
    postgres_programs()  # skips where there is none
    marked = {**os.environ, "FIELDKIT_OF_THIS_TEST": str(os.getpid()), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(SCRIPT), "--records", "2", "--pause", "0.2", "--port", "0"]
    done = subprocess.run(command, capture_output=True, text=True, env=marked, check=False)
    assert done.returncode == 0, done.stderr
    assert "sent 6, waiting to be opened" in done.stdout
    assert done.stdout.endswith("ended\n")
    assert re.search(r"^office page    https://127\.0\.0\.1:\d+/office$", done.stdout, re.MULTILINE)
    for name in ("user         admin", r"passphrase   \S{12,}", r"TOTP         [A-Z2-7]{16,}    \(now \d{6}\)"):
        assert re.search(rf"^  {name}$", done.stdout, re.MULTILINE), name
    mark = f"FIELDKIT_OF_THIS_TEST={os.getpid()}".encode()
    left = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (process / "environ").read_bytes():
                left.append((process / "cmdline").read_bytes())
        except OSError:
            continue
    assert left == []
