from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.app_context import PETUGAS, Kit
from support.clock import NOW
from support.plans import ADMIN

from fieldkit.app.bootstrap.provider_folder import ProviderFolder
from fieldkit.domain.delivery.audit import FILES
from fieldkit.domain.errors import RuleError
from fieldkit.services.devices.keep_providers import KeepProviders
from fieldkit.vault.certificates import create_ca

CA = create_ca("Penyedia", NOW).certificate_der


def test_trust_is_given_and_taken_by_the_admin_and_logged(tmp_path: Path) -> None:
    with Kit(tmp_path, ADMIN) as kit:
        providers = kit.context.set_up.providers
        (found,) = providers.look(CA)
        assert list(providers.listed()) == []
        assert providers.trust(CA) == [found]
        providers.distrust(found.fingerprint)
        assert list(providers.listed()) == []
        with kit.store.read() as unit:
            events = unit.events.of(found.fingerprint.replace(":", "")[:32])
        assert [event.kind for event in events] == ["provider_trusted", "provider_distrusted"]


def test_what_an_act_changes_among_the_watched_files_is_noted_with_it(tmp_path: Path) -> None:
    """So that the next sign-in takes it for no change from outside; what stays as it is, is not named."""

    def files() -> dict[str, str]:
        return {"sop/x.yaml": "1", **{f"trust/{file.name}": "2" for file in (tmp_path / "trust").glob("*")}}

    def noted() -> list[dict[str, str]]:
        with kit.store.read() as unit:
            told = [json.loads(event.payload)["kept"] for event in unit.events.of(FILES)]
        return [kept for kept in told if not kept or any(key.startswith("file/") for key in kept)]

    with Kit(tmp_path, ADMIN) as kit:
        keeping = KeepProviders(kit.context.office.units, ProviderFolder(kit.trust), files)
        (found,) = keeping.trust(CA)
        (name,) = (file.name for file in kit.trust.glob("*"))
        assert noted() == [{f"file/trust/{name}": "2"}]
        keeping.distrust(found.fingerprint)
        assert noted()[1:] == [{f"file/trust/{name}": ""}]
        KeepProviders(kit.context.office.units, ProviderFolder(kit.trust), dict).trust(CA)
        assert len(noted()) == 2


def test_nobody_else_trusts(tmp_path: Path) -> None:
    with Kit(tmp_path, PETUGAS) as kit:
        for act in (lambda: kit.context.set_up.providers.trust(CA), lambda: kit.context.set_up.providers.distrust("A")):
            with pytest.raises(RuleError, match=r"role\.not_yours"):
                act()
        assert not (tmp_path / "trust").exists()
        (found,) = kit.context_of(ADMIN).set_up.providers.trust(CA)
        with pytest.raises(RuleError, match=r"role\.not_yours"):
            kit.context.set_up.providers.distrust(found.fingerprint)
        assert list(kit.context.set_up.providers.listed()) == [found]
