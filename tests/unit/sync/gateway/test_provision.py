from __future__ import annotations

import json
import stat
from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest
from support.clock import HandClock

from fieldkit.domain.errors import InputError
from fieldkit.vault import keys
from fieldkit.vault.age import Recipient, decrypt, encrypt, parse_identities
from sync.gateway import provision


def test_secrets_are_for_the_owner_only(folder: Path) -> None:
    secret = {"ca.key.pem", "tls.key.pem", "receipt.key.pem", "opener.identity", "recovery.identity", "nik.key"}
    assert secret <= {path.name for path in folder.iterdir()}
    for name in secret:
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600


def test_each_identity_opens_what_is_sealed_for_the_recipients(folder: Path, clock: HandClock) -> None:
    gateway_context = provision.open_gateway(folder, clock)
    gateway_context.engine.dispose()
    sealed = encrypt(b"record", [Recipient.parse(text) for text in gateway_context.configuration.age_recipients])
    for name in ("opener.identity", "recovery.identity"):
        assert decrypt(sealed, parse_identities((folder / name).read_text())) == b"record"


def test_a_second_init_harms_nothing(folder: Path, clock: HandClock) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    with pytest.raises(InputError) as caught:
        provision.init(folder, {"dinas": "Lain"}, ["localhost"], clock)
    assert caught.value.code == "gateway.exists"
    assert before == {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_an_init_that_died_half_way_can_be_done_again(folder: Path, clock: HandClock) -> None:
    (folder / "gateway.json").unlink()
    made = provision.init(folder, {"dinas": "Dinas Uji"}, ["localhost"], clock)
    gateway_context = provision.open_gateway(folder, clock)
    gateway_context.engine.dispose()
    assert keys.fingerprint(gateway_context.authority.certificate_der) == made.ca_fingerprint


@pytest.mark.parametrize(
    ("profile", "hosts"), [({}, ["localhost"]), ({"dinas": " "}, ["localhost"]), ({"dinas": "D"}, [])]
)
def test_an_incomplete_profile_is_refused(
    tmp_path: Path, clock: HandClock, profile: dict[str, str], hosts: list[str]
) -> None:
    with pytest.raises(InputError):
        provision.init(tmp_path / "g", profile, hosts, clock)


def test_a_folder_without_or_with_a_damaged_gateway_says_so(folder: Path, tmp_path: Path, clock: HandClock) -> None:
    with pytest.raises(InputError) as nothing:
        provision.open_gateway(tmp_path, clock)
    assert nothing.value.code == "gateway.not_here"
    (folder / "gateway.json").write_text("{}")
    with pytest.raises(InputError) as damaged:
        provision.open_gateway(folder, clock)
    assert damaged.value.code == "gateway.folder_damaged"


def test_limits_may_stand_in_the_settings(folder: Path, clock: HandClock) -> None:
    settings = json.loads((folder / "gateway.json").read_text())
    assert "limits" not in settings  # what nobody changed follows the program
    for limits, expected in (({}, 30), ({"body_silence": 5}, 5), ({"body_silence": "PT90S"}, 90)):
        (folder / "gateway.json").write_text(json.dumps({**settings, "limits": limits}))
        gateway_context = provision.open_gateway(folder, clock)
        gateway_context.engine.dispose()
        assert gateway_context.limits.body_silence == timedelta(seconds=expected)
        assert gateway_context.limits.connections == 2048


def test_a_slip_has_what_a_kit_needs(folder: Path, clock: HandClock) -> None:
    slip = provision.enrol_code(folder, "https://pusat:8443", "kit-05", "admin", clock)
    assert slip.url == "https://pusat:8443"
    assert len(slip.code.replace("-", "")) == 20
    assert len(slip.ca_fingerprint.split(":")) == 32
    with pytest.raises(InputError):
        provision.enrol_code(folder, "https://pusat:8443", "kit/05", "admin", clock)


def test_a_kit_that_does_not_exist_cannot_be_revoked(folder: Path, clock: HandClock) -> None:
    with pytest.raises(InputError):
        provision.revoke_kit(folder, "kit-01", clock)


def test_sealed_files_lie_by_their_digest(folder: Path) -> None:
    assert provision.sealed_path(folder, "ab" + "0" * 62).parent == folder / "objects" / "sealed" / "ab" / "00"


def test_tls_files_are_where_the_server_looks(folder: Path) -> None:
    assert all(path.is_file() for path in provision.tls_files(folder))


@pytest.mark.parametrize(("penunggalan", "source"), [("none", "Dinas Uji"), ("trial", "uji coba")])
def test_penunggalan_is_tried_here_only_when_asked_for(
    tmp_path: Path, clock: HandClock, penunggalan: Literal["none", "trial"], source: str
) -> None:
    provision.init(tmp_path / "g", {"dinas": "Dinas Uji"}, ["localhost"], clock, penunggalan)
    assert provision.serving(tmp_path / "g").penunggalan.found_valid.source == source


def test_a_gateway_of_before_says_nothing_of_penunggalan(folder: Path) -> None:
    settings = json.loads((folder / "gateway.json").read_text())
    del settings["penunggalan"]
    (folder / "gateway.json").write_text(json.dumps(settings))
    assert provision.serving(folder).penunggalan.found_valid.source == "Dinas Uji"
