from __future__ import annotations

from cryptography import x509
from support.clock import NOW

from drivers.simulators.bsre.authority import Authority


def test_every_certificate_is_the_authoritys_own_and_lives_a_month() -> None:
    authority = Authority("CA Demo", NOW)
    root = x509.load_der_x509_certificate(authority.certificate)
    for certified in (authority.signer("Budi"), authority.server("127.0.0.1")):
        certificate = x509.load_der_x509_certificate(certified.certificate)
        certificate.verify_directly_issued_by(root)
        assert (certificate.not_valid_after_utc - NOW).days == 30


def test_the_clock_may_only_certify_times() -> None:
    certificate = x509.load_der_x509_certificate(Authority("CA Demo", NOW).timestamps("Waktu").certificate)
    use = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    assert use.critical
    assert [oid.dotted_string for oid in use.value] == ["1.3.6.1.5.5.7.3.8"]


def test_private_keys_stay_out_of_repr() -> None:
    assert "private" not in repr(Authority("CA Demo", NOW).signer("Budi"))
