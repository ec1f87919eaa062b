"""Goes by what the office sends: staged, checked, applied in one transaction; what fails leaves the former standing.

A bundle is staged before it is looked at, so that a stop of the program in between loses nothing: the next run or
sign-in ends what was begun.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.office_bundles import BundleKind, BundleStanding, OfficeBundle
from fieldkit.ports.clock import Clock
from fieldkit.ports.store import Store, Unit
from fieldkit.services.office_bundles.office_words import CONTENT, KEPT, STANDINGS, standings_in

_STAGED = "office.staged"
_ACTOR = "office"

# What a checked content does within the transaction that makes the kit go by it.
Applying = Callable[[Unit, OfficeBundle], None]
# Raises `KnownError` for a content that this program cannot go by.
Check = Callable[[bytes], Applying]


@dataclass(frozen=True, slots=True)
class OfficeTools:
    """Who we are, whom we believe, how a closed content is opened, and how each kind is checked."""

    kit_id: str
    gateway: str
    unseal: Callable[[bytes], bytes]
    checks: Mapping[BundleKind, Check]


class TakeBundles:
    """Implements `OfficeBundles` over the store."""

    def __init__(self, store: Store, tools: OfficeTools, clock: Clock) -> None:
        self._store, self._tools, self._clock = store, tools, clock

    def standings(self) -> Sequence[BundleStanding]:
        """Return where this kit is with each stream."""
        with self._store.read() as unit:
            return standings_in(unit)

    def finish(self) -> BundleStanding | None:
        """End what a stop of the program left half done; None when nothing was left. Raise `StoreError`."""
        with self._store.read() as unit:
            staged = unit.settings.get(_STAGED)
        if not staged:
            return None
        return self._apply(_bundle_of(staged["bundle"]), base64.b64decode(staged["content"]))

    def take(self, bundle: OfficeBundle, content: bytes) -> BundleStanding | None:
        """Check a bundle whose signature holds and go by it, or keep the former and say why in the standing.

        None when this kit goes by that very version already. Raise `InputError` `office.older`, `office.for_others`,
        `office.damaged` for what is never taken, `StoreError`.
        """
        if bundle.gateway != self._tools.gateway or (bundle.kits and self._tools.kit_id not in bundle.kits):
            raise InputError("office.for_others")
        if (len(content), sha256(content).hexdigest()) != (bundle.size_bytes, bundle.sha256):
            raise InputError("office.damaged")
        with self._store.write() as unit:
            known = {standing.stream: standing for standing in standings_in(unit)}.get(bundle.stream)
            if known is not None and bundle.version < known.version:
                raise InputError("office.older", version=bundle.version, ours=known.version)
            if known is not None and bundle.version == known.version:
                return None
            unit.settings.put(_STAGED, {"bundle": _as_value(bundle), "content": base64.b64encode(content).decode()})
        return self._apply(bundle, content)

    def _apply(self, bundle: OfficeBundle, content: bytes) -> BundleStanding:
        try:
            plain = self._tools.unseal(content) if bundle.is_sealed else content
            apply = self._tools.checks[bundle.kind](plain)
            with self._store.write() as unit:
                apply(unit, bundle)
                if bundle.kind in KEPT:
                    unit.settings.put(f"{CONTENT}{bundle.stream}", plain.decode("utf-8-sig"))
                return self._note(unit, bundle, "")
        except (InputError, RuleError) as error:  # a full disk says nothing about the bundle: it stays staged
            with self._store.write() as unit:
                return self._note(unit, bundle, error.code)

    def _note(self, unit: Unit, bundle: OfficeBundle, code: str) -> BundleStanding:
        """Keep how it ended, together with what was applied."""
        now = self._clock.now()
        former = {each.stream: each for each in standings_in(unit)}.get(bundle.stream)
        former = former or BundleStanding(bundle.kind, bundle.name)
        standing = (
            BundleStanding(
                bundle.kind, bundle.name, former.version, former.made_at, former.applied_at, bundle.version, code
            )
            if code
            else BundleStanding(bundle.kind, bundle.name, bundle.version, bundle.made_at, now)
        )
        kept: dict[str, Any] = dict(unit.settings.get(STANDINGS) or {})
        kept[bundle.stream] = {
            "version": standing.version,
            "made_at": standing.made_at.isoformat() if standing.made_at else None,
            "applied_at": standing.applied_at.isoformat() if standing.applied_at else None,
            "refused": standing.refused,
            "code": standing.code,
        }
        unit.settings.put(STANDINGS, kept)
        unit.settings.put(_STAGED, None)
        said = {"version": bundle.version, "sha256": bundle.sha256, "code": code}
        unit.events.append("office_refused" if code else "office_applied", bundle.stream, said, _ACTOR, now)
        return standing


def _as_value(bundle: OfficeBundle) -> dict[str, Any]:
    said = {name: getattr(bundle, name) for name in bundle.__slots__}
    return {**said, "kind": bundle.kind.value, "made_at": bundle.made_at.isoformat(), "kits": list(bundle.kits)}


def _bundle_of(value: Mapping[str, Any]) -> OfficeBundle:
    return OfficeBundle(
        **{
            **value,
            "kind": BundleKind(value["kind"]),
            "made_at": datetime.fromisoformat(value["made_at"]),
            "kits": tuple(value["kits"]),
        }
    )
