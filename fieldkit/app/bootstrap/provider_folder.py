"""The folder `trust` of a home: one file per certificate of a provider of devices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from fieldkit.domain.errors import InputError, KnownError
from fieldkit.ports.trusted_providers import Provider
from fieldkit.storage.reserve import with_room
from fieldkit.vault import keys
from fieldkit.vault.certificates import valid_until
from fieldkit.vault.durable import sync_folder, write_durably

_MOST_BYTES = 1_000_000


class ProviderFolder:
    """Implements `TrustedProviders`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def listed(self) -> Sequence[Provider]:
        """Read every file; one that is damaged trusts nobody."""
        return sorted({_provider(der) for _, der in self._kept()}, key=lambda each: each.name.casefold())

    def look(self, content: bytes) -> Sequence[Provider]:
        """Read the certificates of a file."""
        return [_provider(der) for der in _certificates(content)]

    def add(self, content: bytes) -> Sequence[Provider]:
        """Write each certificate into a file of its own, named by its fingerprint."""
        self._folder.mkdir(exist_ok=True, mode=0o700)
        found = _certificates(content)
        for der in found:
            name = keys.fingerprint(der).replace(":", "").lower()[:32]
            _write(self._folder / f"{name}.pem", keys.certificates_to_pem(der))
        return [_provider(der) for der in found]

    def remove(self, fingerprint: str) -> None:
        """Take it out of whatever file it stands in; others in that file stay."""
        touched = {path for path, der in self._kept() if keys.fingerprint(der) == fingerprint}
        for path in touched:
            rest = [der for other, der in self._kept() if other == path and keys.fingerprint(der) != fingerprint]
            if rest:
                _write(path, keys.certificates_to_pem(*rest))
            else:
                path.unlink()
        if touched:
            sync_folder(self._folder)

    def _kept(self) -> Iterator[tuple[Path, bytes]]:
        for path in sorted(self._folder.glob("*.pem")):
            with suppress(OSError, ValueError, KnownError):
                for der in keys.certificates_from_pem(path.read_text("ascii")):
                    yield path, der


def _write(path: Path, pem: str) -> None:
    with_room(path, lambda: write_durably(path, pem.encode()))


def _certificates(content: bytes) -> tuple[bytes, ...]:
    refusal = InputError("trust.not_a_certificate").at("provider")
    if len(content) > _MOST_BYTES:
        raise refusal
    try:
        found = keys.certificates_from_pem(content.decode("ascii")) if b"-----BEGIN" in content else (content,)
        for der in found:
            keys.load_certificate(der)
    except (ValueError, KnownError) as error:
        raise refusal from error
    if not found:
        raise refusal
    return found


def _provider(der: bytes) -> Provider:
    subject = keys.load_certificate(der).subject.rfc4514_string()
    name = next((part[3:] for part in subject.split(",") if part.startswith("CN=")), subject)
    return Provider(name or subject, keys.fingerprint(der), valid_until(der))
