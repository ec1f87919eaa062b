from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.app_context import TARGETS, Kit
from support.recording import Recording, RecordingKit
from support.room import Keys, make_keys
from support.tasks import SameThread, Steps, refuse_writes_by_run


@pytest.fixture(autouse=True)
def what_is_run_only_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_writes_by_run(monkeypatch)


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path)
    kit.plan(*TARGETS)
    yield kit
    kit.store.close()


@pytest.fixture(scope="module")
def idle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kit]:
    """A kit in which nothing happens, for the tables of what is only shown: one for all of a file."""
    with Kit(tmp_path_factory.mktemp("idle")) as kit:
        yield kit


@pytest.fixture
def tasks() -> SameThread:
    return SameThread()


@pytest.fixture
def steps() -> Steps:
    return Steps()


@pytest.fixture(scope="session")
def seal_keys() -> Keys:
    return make_keys()


@pytest.fixture
def context_kit(tmp_path: Path, seal_keys: Keys) -> Iterator[RecordingKit]:
    """A kit with scripted devices and an open recording."""
    kit = RecordingKit(tmp_path, seal_keys)
    yield kit
    kit.close()


@pytest.fixture
def recording(context_kit: RecordingKit, tasks: SameThread) -> Recording:
    return Recording(context_kit, tasks)
