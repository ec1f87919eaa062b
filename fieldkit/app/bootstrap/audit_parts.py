"""Builds the audit: who else knows something of the log, and which files of the home it watches."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.kit_settings import KitSettings
from fieldkit.ports.manifests import Manifests
from fieldkit.ports.sealed_files import SealedFiles
from fieldkit.ports.store import Store
from fieldkit.ports.vault import Signer
from fieldkit.services.delivery.check_audit import AuditTools, CheckAudit
from fieldkit.services.unit_of_work import UnitsOfWork
from fieldkit.vault.jws import JwsVerifier
from fieldkit.vault.keyslots import KeySlotFile
from fieldkit.vault.slot_certificates import uncertified


def audit_of(
    home: Home,
    slots: KeySlotFile,
    settings: KitSettings,
    store: Store,
    units: UnitsOfWork,
    sealed: SealedFiles,
    manifests: Manifests,
    signer: Signer,
) -> CheckAudit:
    """Return the audit of a kit that is open."""
    verifier = JwsVerifier.of_certificate(settings.kit_certificate)

    def uncertified_slots() -> Iterator[str]:
        return uncertified(slots, [settings.ca_certificate], units.clock.now())

    tools = AuditTools(sealed, manifests, signer, verifier, lambda: watched_files(home), uncertified_slots)
    return CheckAudit(store, units, tools)


def watched_files(home: Home) -> Mapping[str, str]:
    """Return the digests of the trust roots, SOP files and own capture policy of a home, by their path within it."""
    found = sorted([*home.trust.glob("*.pem"), *(home.path / "sop").glob("*.yaml")])
    found += [home.policy] if home.policy else []
    return {path.relative_to(home.path).as_posix(): _digest(path) for path in found}


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return "unreadable"  # is another file than the one that was noted
