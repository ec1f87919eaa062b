from __future__ import annotations

from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from support.clock import true_clock
from support.onward import OtherSide

from fieldkit.domain.errors import InputError, KnownError
from fieldkit.vault.certificates import new_private_key
from fieldkit.vault.device_trust import JwsSigner
from sync.gateway.onward import folder
from sync.gateway.onward.folder import GROUP, Destination, FolderHandOver, adapter_for
from sync.gateway.onward.osia import OsiaAbis, OsiaEnrollment


def destination(to: str, name: str = "") -> Destination:
    return Destination(to, name, true_clock(), JwsSigner(new_private_key(), "g"))


def own(destination: Destination) -> OtherSide:
    return OtherSide(name=destination.name or "own")


def known(_destination: Destination) -> OtherSide:
    raise KnownError("onward.away", to="own")


def broken(_destination: Destination) -> OtherSide:
    raise ZeroDivisionError


def test_a_folder_is_named_by_its_path(tmp_path: Path) -> None:
    made = adapter_for(destination(f"folder:{tmp_path}"))
    assert isinstance(made, FolderHandOver)
    assert made.name == "folder"
    assert adapter_for(destination(f"folder:{tmp_path}", "SIAK Kab. Uji")).name == "SIAK Kab. Uji"


def test_an_osia_server_is_named_by_its_interface_and_address() -> None:
    for kind, made in (("osia", OsiaEnrollment), ("abis", OsiaAbis)):
        adapter = adapter_for(destination(f"{kind}:https://pusat.example/api"))
        assert isinstance(adapter, made)
        assert adapter.name == "pusat.example"
        adapter.close()


@pytest.mark.parametrize("to", ["folder:", "", "ftp://x", "dinas"])
def test_a_way_that_nobody_knows_is_refused(to: str) -> None:
    with pytest.raises(InputError) as caught:
        adapter_for(destination(to))
    assert caught.value.code == "onward.no_such_way"


@pytest.mark.parametrize(("function", "code"), [("known", "onward.away"), ("broken", "onward.adapter_broken")])
def test_an_adapter_of_the_dinas_is_found_and_its_failure_named(
    monkeypatch: pytest.MonkeyPatch, function: str, code: str
) -> None:
    found = [EntryPoint(name, f"{__name__}:{name}", GROUP) for name in ("own", "known", "broken")]
    monkeypatch.setattr(folder, "entry_points", lambda group: [entry for entry in found if entry.group == group])
    monkeypatch.setattr(EntryPoint, "load", lambda self: globals()[self.name])
    assert adapter_for(destination("own", "SIAK")).name == "SIAK"
    with pytest.raises(KnownError) as caught:
        adapter_for(destination(function))
    assert caught.value.code == code
