from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from support.clock import HandClock
from support.gateway import Kit

from fieldkit.domain.errors import KnownError
from fieldkit.storage.home_lock import HomeLock
from sync.gateway import provision
from sync.gateway.context import GatewayContext
from sync.gateway.fence import moved_to, put_up
from sync.gateway.operations import move as module
from sync.gateway.operations import restore as restoring
from sync.gateway.operations.move import move, take_back
from sync.gateway.operations.restore import Target
from sync.gateway.scrub import Scrub
from tests.unit.sync.gateway.operations.conftest import Arrive


def test_the_new_one_has_everything_and_the_old_one_is_not_served(
    gateway_context: GatewayContext, folder: Path, tmp_path: Path, arrive: Arrive, clock: HandClock, kit: Kit
) -> None:
    arrive(), arrive()
    done = move(gateway_context, folder, tmp_path / "b", Target(tmp_path / "new"), pytest.fail)  # alone, it waits not
    assert (done.receipts, done.objects) == (2, 2)
    new = provision.open_gateway(tmp_path / "new", clock)
    assert (Scrub(new).run().checked, moved_to(new.engine)) == (2, "")
    assert kit.token(new)
    new.engine.dispose()
    with pytest.raises(KnownError) as refused:
        provision.open_gateway(folder, clock)
    assert refused.value.code == "gateway.moved"
    with pytest.raises(KnownError) as there:
        take_back(gateway_context, folder)
    assert there.value.code == "gateway.moved"


@pytest.mark.parametrize(
    ("database", "acts"), [("postgresql", ["copied", "fenced", "waited", "copied"]), ("sqlite", ["fenced", "copied"])]
)
def test_a_server_is_copied_before_the_fence_and_again_once_its_workers_have_seen_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, clock: HandClock, database: str, acts: list[str]
) -> None:
    done: list[str] = []
    whole = SimpleNamespace(made=SimpleNamespace(statement=SimpleNamespace(missing=())), opened="opened")
    monkeypatch.setattr(module, "make_backup", lambda *_: done.append("copied") or whole)
    monkeypatch.setattr(module, "put_up", lambda *_: done.append("fenced"))
    monkeypatch.setattr(module, "_written", lambda _: ())
    center = SimpleNamespace(engine=SimpleNamespace(dialect=SimpleNamespace(name=database)), clock=clock)
    opened = module._backed_up(center, tmp_path, tmp_path, Target(tmp_path), lambda _: done.append("waited"))
    assert opened == "opened"
    assert done == acts


@pytest.mark.days
def test_one_that_died_can_be_taken_back_or_begun_again(
    gateway_context: GatewayContext,
    folder: Path,
    tmp_path: Path,
    arrive: Arrive,
    clock: HandClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    arrive()

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(module, "put_back", die)
        with pytest.raises(KeyboardInterrupt):
            move(gateway_context, folder, tmp_path / "b", Target(tmp_path / "new"))
    assert moved_to(gateway_context.engine) == str(tmp_path / "new")
    take_back(gateway_context, folder)
    assert not (folder / "moving.json").exists()
    provision.open_gateway(folder, clock).engine.dispose()
    with pytest.raises(KnownError) as never:
        take_back(gateway_context, folder)
    assert never.value.code == "gateway.not_moved"
    clock.advance(seconds=1)
    assert move(gateway_context, folder, tmp_path / "b", Target(tmp_path / "new")).receipts == 1


@pytest.mark.days
@pytest.mark.parametrize("last", ["_fill_objects", "_put_files", "ended"])
def test_one_that_was_killed_goes_on_with_its_backup(
    gateway_context: GatewayContext,
    folder: Path,
    tmp_path: Path,
    arrive: Arrive,
    clock: HandClock,
    monkeypatch: pytest.MonkeyPatch,
    last: str,
) -> None:
    arrive()
    target = Target(tmp_path / "new")

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(restoring, last, die)
        with pytest.raises(KeyboardInterrupt):
            move(gateway_context, folder, tmp_path / "b", target)
    assert (folder / "moving.json").stat().st_mode & 0o777 == 0o600
    clock.advance(seconds=1)
    assert move(gateway_context, folder, tmp_path / "b", target).receipts == 1
    assert len(list((tmp_path / "b" / "backups").iterdir())) == 1
    assert not [*folder.glob("moving*"), *target.folder.glob("restoring*")]
    provision.open_gateway(target.folder, clock).engine.dispose()


def test_one_that_is_served_or_written_to_is_not_moved(
    gateway_context: GatewayContext,
    folder: Path,
    tmp_path: Path,
    arrive: Arrive,
    clock: HandClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    serving = HomeLock(folder / "serving.lock")
    another = tmp_path / "another"
    another.mkdir()
    (another / "gateway.json").write_text("{}")
    for target, code in ((tmp_path / "new", "gateway.served_already"), (folder, "gateway.exists")):
        with pytest.raises(KnownError) as refused:
            move(gateway_context, folder, tmp_path / "b", Target(target))
        assert refused.value.code == code
    serving.release()
    with pytest.raises(KnownError) as there:
        move(gateway_context, folder, tmp_path / "b", Target(another))
    assert there.value.code == "gateway.exists"
    clock.advance(seconds=1)
    make = module.make_backup

    def busy(*given: object) -> object:
        made = make(*given)  # type: ignore[arg-type]
        arrive()
        return made

    monkeypatch.setattr(module, "make_backup", busy)
    with pytest.raises(KnownError) as written:
        move(gateway_context, folder, tmp_path / "b", Target(tmp_path / "new"))
    assert written.value.code == "gateway.written_meanwhile"
    assert not (tmp_path / "new").exists()


@pytest.mark.days
@pytest.mark.parametrize("changed", ["written", "fence", "target"])
def test_a_backup_that_fits_no_more_is_made_anew(
    gateway_context: GatewayContext,
    folder: Path,
    tmp_path: Path,
    arrive: Arrive,
    clock: HandClock,
    monkeypatch: pytest.MonkeyPatch,
    changed: str,
) -> None:
    """Somebody wrote since, the fence names another place, or it goes elsewhere now."""
    arrive()

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(module, "put_back", die)
        with pytest.raises(KeyboardInterrupt):
            move(gateway_context, folder, tmp_path / "b", Target(tmp_path / "new"))
    if changed == "written":
        arrive()
    if changed == "fence":
        put_up(gateway_context.engine, str(tmp_path / "elsewhere"), clock.now())
    place = tmp_path / ("other" if changed == "target" else "new")
    clock.advance(seconds=1)
    done = move(gateway_context, folder, tmp_path / "b", Target(place))
    assert (done.receipts, moved_to(gateway_context.engine)) == (2 if changed == "written" else 1, str(place))
    assert len(list((tmp_path / "b" / "backups").iterdir())) == 2


def test_a_gateway_that_lacks_objects_is_not_moved(
    gateway_context: GatewayContext, folder: Path, tmp_path: Path, arrive: Arrive
) -> None:
    (_, gone), _ = arrive(), arrive()
    provision.sealed_path(folder, gone).unlink()
    with pytest.raises(KnownError) as refused:
        move(gateway_context, folder, tmp_path / "b", Target(tmp_path / "new"))
    assert refused.value.code == "gateway.backup_incomplete"
    assert not (tmp_path / "new").exists()
