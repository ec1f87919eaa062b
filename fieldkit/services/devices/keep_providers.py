"""Providers of devices: whose certificates the dinas believes. The drivers read them when somebody signs in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from fieldkit.domain.delivery.audit import FILE, FILES, STATE_KEPT
from fieldkit.domain.people.accounts import Permission
from fieldkit.ports.trusted_providers import Provider, TrustedProviders
from fieldkit.services.unit_of_work import UnitOfWork, UnitsOfWork


class KeepProviders:
    """The keeper of the profile adds and takes away; each act is logged with the fingerprint.

    `files` returns the digests of the files that the audit watches, by their path within the home: what an act changes
    among them is noted with it, so that at the next sign-in nobody takes it for a change from outside.
    """

    def __init__(
        self, units: UnitsOfWork, providers: TrustedProviders, files: Callable[[], Mapping[str, str]] = dict
    ) -> None:
        self._units, self._providers, self._files = units, providers, files

    def listed(self) -> Sequence[Provider]:
        """Return whom this kit trusts."""
        return self._providers.listed()

    def look(self, content: bytes) -> Sequence[Provider]:
        """Return whose certificates a file holds; nobody is trusted by it. Raise `InputError`."""
        return self._providers.look(content)

    def trust(self, content: bytes) -> Sequence[Provider]:
        """Trust the certificates of a file. Raise `InputError`, `RuleError`."""
        self._units.demand(Permission.KEEP_PROFILE)
        before = self._files()
        added = self._providers.add(content)
        with self._noting(before) as work:
            for provider in added:
                work.note("provider_trusted", provider.fingerprint.replace(":", "")[:32], name=provider.name)
        return added

    def distrust(self, fingerprint: str) -> None:
        """Trust a certificate no longer. Raise `RuleError`."""
        self._units.demand(Permission.KEEP_PROFILE)
        before = self._files()
        self._providers.remove(fingerprint)
        with self._noting(before) as work:
            work.note("provider_distrusted", fingerprint.replace(":", "")[:32])

    @contextmanager
    def _noting(self, before: Mapping[str, str]) -> Iterator[UnitOfWork]:
        """Write down what becomes of the files too, only of those that are otherwise than before."""
        after = self._files()
        changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
        with self._units.write(Permission.KEEP_PROFILE) as work:
            yield work
            if changed:
                kept = {f"{FILE}/{name}": after.get(name, "") for name in sorted(changed)}
                work.unit.events.append(STATE_KEPT, FILES, {"kept": kept}, work.user.user_id, work.at)
