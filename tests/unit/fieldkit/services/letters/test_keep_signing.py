from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.app_context import Kit
from support.letters import KADIS, KASI, office
from support.signing import ADMIN, PKCS12_PASSPHRASE, office_of, office_pkcs12

from drivers.simulators.bsre.server import KEPALA_DINAS
from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.letters.letter import SigningWay
from fieldkit.services.letters.keep_signing import KeepSigning, settings_in


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = office(tmp_path)
    yield kit
    kit.store.close()


@pytest.fixture
def setup(kit: Kit) -> KeepSigning:
    return office_of(kit, ADMIN).signing_setup


def test_nothing_is_set_at_first(setup: KeepSigning) -> None:
    seen = setup.overview()
    assert not seen.is_complete
    assert [(user.user_id, nik) for user, nik in seen.signers] == [(KADIS.user_id, "")]


def test_the_service_is_kept_and_its_secret_not_shown(kit: Kit, setup: KeepSigning) -> None:
    setup.set_service(" https://tte.blitarkab.go.id/ ", "dinas", "rahasia-dinas")
    setup.set_nik(KADIS.user_id, KEPALA_DINAS.nik)
    setup.set_service("https://tte2.blitarkab.go.id", "dinas2")
    seen = setup.overview()
    assert not seen.has_ca
    assert seen.is_complete
    assert (seen.url, seen.user, seen.has_secret) == ("https://tte2.blitarkab.go.id", "dinas2", True)
    assert seen.signers[0][1] == "350501••••••••01"
    assert "rahasia-dinas" not in repr(seen)
    with kit.store.read() as unit:
        assert settings_in(unit).secret == "rahasia-dinas"
        log = str([event.payload for event in unit.events.of("signing")])
    assert KEPALA_DINAS.nik not in log
    assert "rahasia-dinas" not in log
    setup.set_nik(KADIS.user_id, "")
    assert not setup.overview().is_complete


@pytest.mark.parametrize(
    ("url", "code"), [("http://tte", "tls_required"), ("https://", "address_wrong"), ("", "address_wrong")]
)
def test_an_unsafe_address_is_refused_at_once(setup: KeepSigning, url: str, code: str) -> None:
    with pytest.raises(InputError, match=code):
        setup.set_service(url, "dinas", "x")
    assert setup.overview().url == ""


def test_what_is_no_certificate_is_refused(setup: KeepSigning) -> None:
    with pytest.raises(InputError, match="trust_unreadable"):
        setup.set_trust("halo")
    with pytest.raises(InputError, match="trust_unreadable"):
        setup.check_trust("halo")
    with pytest.raises(InputError, match="trust_unreadable"):
        setup.set_service("https://tte.blitarkab.go.id", "dinas", "x", "halo")
    with pytest.raises(InputError, match=r"^nik\."):
        setup.set_nik(KADIS.user_id, "123")
    with pytest.raises(InputError, match="certificate_unreadable"):
        setup.set_certificate(b"x", "y")


def test_the_certificate_of_the_office_stays_closed_and_replaces_the_former(kit: Kit, setup: KeepSigning) -> None:
    first, _ = office_pkcs12(kit.clock)
    packed, authority = office_pkcs12(kit.clock)
    setup.set_certificate(first, PKCS12_PASSPHRASE)
    assert setup.set_certificate(packed, PKCS12_PASSPHRASE).name == "ENDANG KUSUMAWATI"
    with kit.store.read() as unit:
        kept = settings_in(unit)
        assert [file.content for file in unit.attachments.of("signing")] == [packed]
    assert (kept.way, authority.strip() in kept.trust) == (SigningWay.OFFICE, True)
    assert PKCS12_PASSPHRASE not in str(kept)
    assert setup.overview().is_complete


def test_only_the_admin_sets_it(kit: Kit) -> None:
    for user in (KASI, KADIS):
        with pytest.raises(RuleError, match=r"role\.not_yours"):
            office_of(kit, user).signing_setup.set_nik(KADIS.user_id, KEPALA_DINAS.nik)


def test_the_authority_of_the_service_stays_unless_another_is_named(kit: Kit, setup: KeepSigning) -> None:
    _, authority = office_pkcs12(kit.clock)
    setup.set_service("https://tte.blitarkab.go.id", "dinas", "x", authority)
    setup.set_service("https://tte.blitarkab.go.id", "dinas2", ca=None)
    assert setup.overview().has_ca
    setup.set_service("https://tte.blitarkab.go.id", "dinas2")
    assert not setup.overview().has_ca


URL = "https://x"


def test_an_address_has_at_least_one_letter(setup: KeepSigning) -> None:
    setup.set_service(URL, "dinas", "x")
    assert setup.overview().url == URL


@pytest.mark.parametrize(
    ("url", "user", "has_nik", "is_complete"),
    [(URL, "dinas", True, True), (URL, " ", True, False), (URL, "dinas", False, False), ("", "", True, False)],
)
def test_signing_by_the_service_needs_address_account_and_a_signer(
    setup: KeepSigning, url: str, user: str, has_nik: bool, is_complete: bool
) -> None:
    if url:
        setup.set_service(url, user, "x")
    if has_nik:
        setup.set_nik(KADIS.user_id, KEPALA_DINAS.nik)
    assert setup.overview().is_complete is is_complete


def test_each_signer_keeps_a_nik_and_each_setting_is_in_the_log(kit: Kit, setup: KeepSigning) -> None:
    packed, authority = office_pkcs12(kit.clock)
    setup.set_service(URL, "dinas", "x")
    setup.set_trust(authority)
    assert setup.overview().has_trust
    for user_id, nik in ((KADIS.user_id, KEPALA_DINAS.nik), ("u77", "3505120303500004"), (KADIS.user_id, " ")):
        setup.set_nik(user_id, nik)
    for _ in range(2):
        setup.set_certificate(packed, PKCS12_PASSPHRASE)
    with kit.store.read() as unit:
        kept, log = settings_in(unit), [event.kind for event in unit.events.of("signing")]
    assert kept.niks == {"u77": "3505120303500004"}
    assert kept.trust.count("BEGIN CERTIFICATE") == 1, "trusted before"
    assert log == ["signing_set", "signing_trust_set", *["signing_nik_set"] * 3, *["signing_set"] * 2]
    assert (setup.overview().has_trust, setup.overview().has_certificate) == (True, True)


def test_the_office_is_complete_with_its_certificate_alone(kit: Kit, setup: KeepSigning) -> None:
    setup.set_certificate(office_pkcs12(kit.clock)[0], PKCS12_PASSPHRASE)
    seen = setup.overview()
    assert (seen.way, seen.is_complete, seen.url) == (SigningWay.OFFICE, True, "")
    setup.set_service(URL, "dinas", "x")
    assert not setup.overview().is_complete
