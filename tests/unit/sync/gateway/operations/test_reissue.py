from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from support.clock import HandClock
from support.gateway import Kit
from support.onward import sealed_record

from fieldkit.domain.errors import InputError
from fieldkit.vault.age import parse_identities
from fieldkit.vault.certificates import hosts_of, valid_until
from fieldkit.vault.identity_file import close_by_passphrase
from fieldkit.vault.keys import certificates_from_pem, fingerprint
from fieldkit.vault.sealing import SealOpener
from sync.gateway import provision
from sync.gateway.context import GatewayContext
from sync.gateway.operations.reissue import reissue_authority, reissue_opener, reissue_tls


def certificate(folder: Path, name: str) -> bytes:
    return certificates_from_pem((folder / f"{name}.pem").read_text())[0]


def test_the_server_gets_other_names_and_keeps_its_key(folder: Path, clock: HandClock) -> None:
    key = (folder / "tls.key.pem").read_bytes()
    clock.advance(days=100)
    until = reissue_tls(folder, ["gateway.example", "10.1.2.3"], clock)
    assert hosts_of(certificate(folder, "tls")) == ["gateway.example", "10.1.2.3"]
    assert until == valid_until(certificate(folder, "tls")) == clock.now() + timedelta(days=730)
    reissue_tls(folder, (), clock)
    assert hosts_of(certificate(folder, "tls")) == ["gateway.example", "10.1.2.3"]
    assert (folder / "tls.key.pem").read_bytes() == key
    for hosts, place, code in ((["a b"], folder, "gateway.bad_host"), ([], folder / "none", "gateway.not_here")):
        with pytest.raises(InputError) as refused:
            reissue_tls(place, hosts, clock)
        assert refused.value.code == code


def test_a_longer_authority_leaves_what_it_issued_good(
    folder: Path, gateway_context: GatewayContext, clock: HandClock, kit: Kit
) -> None:
    _, sealed, _ = sealed_record(gateway_context, kit, "3315014107900001")
    at = clock.now()
    before = fingerprint(certificate(folder, "ca"))
    clock.advance(days=365 * 2)
    until, told = reissue_authority(folder, clock)
    assert until == clock.now() + timedelta(days=365 * 20)
    assert told == fingerprint(certificate(folder, "ca")) != before
    # A record that was sealed long before opens with the new certificate alone.
    identities = parse_identities((folder / "opener.identity").read_text())
    assert SealOpener(identities, [certificate(folder, "ca")]).open(sealed, at)
    provision.open_gateway(folder, clock).engine.dispose()


@pytest.mark.parametrize("is_apart", [False, True])
def test_a_new_opener_is_who_is_sealed_to_and_the_old_one_opens_the_old(
    folder: Path, tmp_path: Path, clock: HandClock, is_apart: bool
) -> None:
    before = json.loads((folder / "gateway.json").read_text())["recipients"]
    out = tmp_path / "opener.identity" if is_apart else None
    place = reissue_opener(folder, out)
    assert place.stat().st_mode & 0o777 == 0o600
    recipients = json.loads((folder / "gateway.json").read_text())["recipients"]
    known = [str(identity.recipient) for identity in parse_identities(place.read_text())]
    assert (recipients[0] == before[0], recipients[1]) == (False, before[1])
    assert known == ([recipients[0]] if is_apart else [before[0], recipients[0]])
    opened = provision.open_gateway(folder, clock)
    assert opened.configuration.age_recipients == tuple(recipients)
    opened.engine.dispose()
    if is_apart:
        with pytest.raises(InputError):
            reissue_opener(folder, out)
    with pytest.raises(InputError):
        reissue_opener(tmp_path / "none", None)


def test_a_locked_key_takes_no_second_one_and_nobody_is_sealed_to_it(folder: Path) -> None:
    place, settings = folder / "opener.identity", (folder / "gateway.json").read_bytes()
    locked = close_by_passphrase(place.read_bytes(), "x", log_n=4)
    place.write_bytes(locked)
    with pytest.raises(InputError) as refused:
        reissue_opener(folder, None)
    assert refused.value.code == "vault.identity_locked"
    assert (place.read_bytes(), (folder / "gateway.json").read_bytes()) == (locked, settings)


def test_where_the_old_key_was_taken_away_the_new_one_stands_alone(folder: Path) -> None:
    (folder / "opener.identity").unlink()
    place = reissue_opener(folder, None)
    recipients = json.loads((folder / "gateway.json").read_text())["recipients"]
    assert [str(each.recipient) for each in parse_identities(place.read_text())] == recipients[:1]
