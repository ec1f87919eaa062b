"""Providers of devices: whose certificates the dinas believes. The drivers read them when somebody signs in."""

from __future__ import annotations

from collections.abc import Sequence

from fieldkit.domain.people.accounts import Permission
from fieldkit.ports.trusted_providers import Provider, TrustedProviders
from fieldkit.services.unit_of_work import UnitsOfWork


class KeepProviders:
    """The keeper of the profile adds and takes away; each act is logged with the fingerprint."""

    def __init__(self, units: UnitsOfWork, providers: TrustedProviders) -> None:
        self._units, self._providers = units, providers

    def listed(self) -> Sequence[Provider]:
        """Return whom this kit trusts."""
        return self._providers.listed()

    def look(self, content: bytes) -> Sequence[Provider]:
        """Return whose certificates a file holds; nobody is trusted by it. Raise `InputError`."""
        return self._providers.look(content)

    def trust(self, content: bytes) -> Sequence[Provider]:
        """Trust the certificates of a file. Raise `InputError`, `RuleError`."""
        self._units.demand(Permission.KEEP_PROFILE)
        added = self._providers.add(content)
        with self._units.write(Permission.KEEP_PROFILE) as work:
            for provider in added:
                work.note("provider_trusted", provider.fingerprint.replace(":", "")[:32], name=provider.name)
        return added

    def distrust(self, fingerprint: str) -> None:
        """Trust a certificate no longer. Raise `RuleError`."""
        self._units.demand(Permission.KEEP_PROFILE)
        self._providers.remove(fingerprint)
        with self._units.write(Permission.KEEP_PROFILE) as work:
            work.note("provider_distrusted", fingerprint.replace(":", "")[:32])
