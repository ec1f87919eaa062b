from __future__ import annotations

from pathlib import Path

import pytest
from support.app_context import PETUGAS, Kit
from support.clock import NOW
from support.plans import ADMIN

from fieldkit.domain.errors import RuleError
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


def test_nobody_else_trusts(tmp_path: Path) -> None:
    with Kit(tmp_path, PETUGAS) as kit:
        for act in (lambda: kit.context.set_up.providers.trust(CA), lambda: kit.context.set_up.providers.distrust("A")):
            with pytest.raises(RuleError, match=r"role\.not_yours"):
                act()
        assert not (tmp_path / "trust").exists()
