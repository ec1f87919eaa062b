"""What devices signed, inside a container: each JWS without the sample beside it, the same header only once."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field

from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.detached_jws import Base64, DetachedJws, detach

_EXTENSION = ".jws"
_SAMPLES = (".fir", ".fac", ".iir")


class Detached(BaseModel):
    """How a JWS is put together again; the entry itself is `header.claims.signature`, the claims as plain JSON.

    `sample` names the entry whose base64 belongs to byte `at` of the claims, `header` the JWS with the same header when
    it stands there instead.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    sample: str
    at: int = Field(ge=0)
    alphabet: Base64
    header: str | None = None


def detach_signatures(entries: Mapping[str, bytes]) -> tuple[dict[str, bytes], dict[str, Detached]]:
    """Return the entries as a container stores them, and how each shortened one is put together.

    A JWS that does not hold the sample of its name, or in another encoding, stays whole.
    """
    stored, shortened, headers = dict(entries), dict[str, Detached](), dict[bytes, str]()
    for name, jws in sorted(entries.items()):
        stem = name.removesuffix(_EXTENSION)
        sample = next((f"{stem}{each}" for each in _SAMPLES if f"{stem}{each}" in entries), "")
        if not sample or (found := detach(jws, entries[sample])) is None:
            continue
        first = headers.setdefault(found.header, name)
        shortened[name] = Detached(
            sample=sample, at=found.at, alphabet=found.alphabet, header=None if first == name else first
        )
        stored[name] = b".".join((found.header if first == name else b"", found.claims, found.signature))
    return stored, shortened


def attach_signatures(
    stored: Mapping[str, bytes], shortened: Mapping[str, Detached], max_bytes: int
) -> dict[str, bytes]:
    """Return the entries with each JWS whole; that none was shortened otherwise is proven by `detach_signatures`.

    Raise `InputError`: `record.entries_differ`, or `record.too_large` (limit) before anything grows beyond the limit.
    """
    entries = dict(stored)
    size = sum(map(len, stored.values()))
    for name, how in shortened.items():
        if {how.sample, how.header or name} - stored.keys():
            raise InputError("record.entries_differ")
        size += len(stored[how.sample]) * 16 // 9  # base64 within base64
        if size > max_bytes:
            raise InputError("record.too_large", limit=max_bytes)
        header, _, rest = stored[name].partition(b".")
        claims, _, signature = rest.rpartition(b".")
        if how.header:
            header = stored[how.header].partition(b".")[0]
        entries[name] = DetachedJws(header, claims, signature, how.at, how.alphabet).attach(stored[how.sample])
    return entries
