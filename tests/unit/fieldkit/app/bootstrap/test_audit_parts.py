from __future__ import annotations

from pathlib import Path

import pytest
from support.homes import ADMIN, CLOCK, Nobody, Office, opened, record
from support.room import PETUGAS

from fieldkit.app.bootstrap.audit_parts import watched_files
from fieldkit.app.bootstrap.home import Home
from fieldkit.domain.delivery.anchors import AnchorSource
from fieldkit.vault.certificates import create_ca
from fieldkit.vault.keys import certificates_to_pem

OWN_ROOT = certificates_to_pem(create_ca("Siapa saja", CLOCK.now()).certificate_der)


@pytest.fixture
def home(office: Office, tmp_path: Path) -> Home:
    return office.kit(tmp_path / "kit", PETUGAS)


@pytest.mark.days
def test_a_day_of_work_leaves_nothing_unnoted(home: Home) -> None:
    with opened(home) as context:
        record(context)
        assert context.delivery.send(Nobody(), Nobody()).stopped_by is None
        assert context.audit.report().faults == ()
    with opened(home) as context:
        report = context.audit.report()
        assert report.faults == ()
        assert report.proven_to is not None
        with context.audit._store.read() as unit:
            assert AnchorSource.KIT in {anchor.source for anchor in unit.anchors.all()}  # signed at sign-out


def test_a_trust_root_that_appears_is_told_at_sign_in(home: Home) -> None:
    with opened(home) as context:
        assert context.to_tell == []
    (home.trust / "own.pem").write_text(OWN_ROOT)
    (home.path / "sop").mkdir()
    (home.path / "sop" / "ours.yaml").write_text("id: ours")
    (home.path / "policy.yaml").write_text("name: Blitar\n")
    assert sorted(watched_files(home)) == ["policy.yaml", "sop/ours.yaml", "trust/own.pem"]
    with opened(home) as context:
        (told,) = context.to_tell
        assert (told.code, told.params["files"]) == ("audit.files_changed", "policy.yaml, sop/ours.yaml, trust/own.pem")


@pytest.mark.days
def test_a_provider_that_the_admin_trusts_in_the_program_is_no_change_from_outside(home: Home) -> None:
    with opened(home, ADMIN) as context:
        (provider,) = context.set_up.providers.trust(OWN_ROOT.encode())
    with opened(home, ADMIN) as context:
        assert (context.to_tell, context.audit.report().faults) == ([], ())
        (home.trust / "thief.pem").write_text(OWN_ROOT)
        context.set_up.providers.trust(create_ca("Lain", CLOCK.now()).certificate_der)  # brings nobody else in
    with opened(home, ADMIN) as context:
        assert [told.params["files"] for told in context.to_tell] == ["trust/thief.pem"]
        (home.trust / "thief.pem").unlink()
        context.set_up.providers.distrust(provider.fingerprint)
    with opened(home, ADMIN) as context:
        assert (context.to_tell, context.audit.report().faults) == ([], ())
