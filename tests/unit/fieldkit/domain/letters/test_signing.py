from __future__ import annotations

import pytest

from fieldkit.domain.letters.signing import SigningSettings, SigningTrail, is_signer


def test_secrets_and_niks_stay_out_of_repr() -> None:
    told = repr(SigningSettings(secret="rahasia", niks={"u9": "3505014107780001"}))
    assert "rahasia" not in told
    assert "3505" not in told


def test_a_trail_is_found_by_its_letter_only() -> None:
    assert SigningTrail("l1", "a1").words == ""


@pytest.mark.parametrize(
    ("name", "subject"),
    [
        ("Dra. Endang Kusumawati, M.Si.", "ENDANG KUSUMAWATI"),
        ("Drs. H. Ahmad Fauzi, S.Sos., M.Si", "Ahmad Fauzi"),
        ("Ahmad Fauzi, S.Sos", "Drs. AHMAD FAUZI S.Sos. M.Si."),
        ("Budi Santoso, S.E., M.M.", "BUDI SANTOSO SE MM"),
        ("dr. Renée Wati", "RENEE WATI"),
        ("Hj. Siti Nurhayati", "Siti  Nurhayati"),
        ("Siti () Nurhayati", "Siti Nurhayati"),
        ("Hj", "HJ"),  # what is left is a name
        ("Se", "SE"),
        ("A" * 60 + " Panjang Sekali", "A" * 60 + " Pan"),  # a common name has room for 64 letters
    ],
)
def test_titles_capitals_and_marks_make_no_other_person(name: str, subject: str) -> None:
    assert is_signer(name, "", subject)


@pytest.mark.parametrize(
    ("name", "subject"),
    [
        ("Dra. Endang Kusumawati, M.Si.", "Endang Purwaningsih"),
        ("Ahmad Fauzi", "Ahmad"),
        ("Ahmad", "Ahmad Fauzi"),
        ("Endang Kusumawati", "Disdukcapil Kabupaten Blitar"),
        ("", ""),
        (", M.Si.", "S.Sos"),
        ("Endang Kusumawati", "S.Sos. " * 12),
    ],
)
def test_another_name_is_another_person(name: str, subject: str) -> None:
    assert not is_signer(name, "", subject)


def test_two_nip_decide() -> None:
    nip = "19680412 199303 2 004"
    assert is_signer("Endang Kusumawati", nip, "Endang K. Wijaya", "196804121993032004")
    assert not is_signer("Endang Kusumawati", nip, "Endang Kusumawati", "197004121993032004")
    assert is_signer("Endang Kusumawati", nip, "Endang Kusumawati", "3505014107780001")  # a NIK says nothing
    other_digits = nip.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    assert is_signer("Endang Kusumawati", other_digits, "Endang Kusumawati", "197004121993032004")  # nor do these
