"""New certificates and keys of the data center itself, and what of the kits' runs out.

The TLS certificate may change at any time: kits pin the authority. Its new certificate goes down to them as a bundle,
for they know its key. A new key of the opener reaches a kit with its next slip (`gateway enrol-code --again`, `fieldkit
readmit`), and only then: who rules the gateway must not choose to whom kits seal.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from fieldkit.domain.errors import InputError
from fieldkit.ports.clock import Clock
from fieldkit.ports.vault import SigningKey
from fieldkit.vault import age, keys
from fieldkit.vault.certificates import certify_tls, hosts_of, renew_ca, valid_until
from fieldkit.vault.durable import write_durably
from fieldkit.vault.identity_file import open_identities
from sync.gateway.provision import CA, OPENER_IDENTITY, SETTINGS, TLS, is_host, read_key


def reissue_tls(folder: Path, hosts: Sequence[str], clock: Clock) -> datetime:
    """Certify the key of the TLS server anew, for these hosts or, without any, for the same; return its end.

    Raise `InputError`, `OSError`. A gateway that runs takes it at its next start.
    """
    for host in hosts:
        if not is_host(host):
            raise InputError("gateway.bad_host", host=host)
    authority, tls = _key(folder, CA), _key(folder, TLS)
    named = list(hosts) or hosts_of(tls.certificate_der)
    certificate = certify_tls(authority, tls.private_der, named, clock.now())
    # The key stays, so one file is replaced as a whole: the pair always fits.
    write_durably(folder / f"{TLS}.pem", keys.certificates_to_pem(certificate).encode("ascii"))
    return valid_until(certificate)


def reissue_authority(folder: Path, clock: Clock) -> tuple[datetime, str]:
    """Certify the authority's own key anew; return its end and its new fingerprint.

    What it issued stays good: name and key are the same. Raise `InputError`, `OSError`.
    """
    certificate = renew_ca(_key(folder, CA), clock.now())
    write_durably(folder / f"{CA}.pem", keys.certificates_to_pem(certificate).encode("ascii"))
    return valid_until(certificate), keys.fingerprint(certificate)


def reissue_opener(folder: Path, out: Path | None) -> Path:
    """Make a new identity that kits seal to after their next slip; return its file.

    Without `out` it is added to the one beside the gateway, which goes on opening what was sealed before. The recovery
    recipient stays. Raise `InputError` when `out` exists or the file beside the gateway is locked, `OSError`.
    """
    settings_file = folder / SETTINGS
    try:
        settings = json.loads(settings_file.read_text("utf-8"))
    except FileNotFoundError as error:
        raise InputError("gateway.not_here", folder=str(folder)) from error
    identity = age.generate_identity()
    text = f"# public key: {identity.recipient}\n{identity.secret_text}\n"
    place = out or folder / OPENER_IDENTITY
    if out is not None and out.exists():
        raise InputError("gateway.out_taken", path=str(out))
    if place.exists():
        open_identities(place)  # what is locked takes no second key
        text = place.read_text("ascii") + text
    write_durably(place, text.encode("ascii"))
    # First the key, then who seals to it: nothing may be sealed to a key that nobody has.
    settings["recipients"] = [str(identity.recipient), *settings["recipients"][1:]]
    write_durably(settings_file, (json.dumps(settings, indent=2, ensure_ascii=False) + "\n").encode())
    return place


def _key(folder: Path, name: str) -> SigningKey:
    try:
        return read_key(folder, name)
    except FileNotFoundError as error:
        raise InputError("gateway.not_here", folder=str(folder)) from error
