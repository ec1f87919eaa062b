from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from support.clock import NOW

from fieldkit.domain.errors import VaultError
from fieldkit.domain.people import Role, User
from fieldkit.ports.vault import SigningKey
from fieldkit.vault import certificates
from fieldkit.vault.certificates import create_ca, issue_kit, issue_petugas, make_csr
from fieldkit.vault.keyslots import Hardness, KeySlotFile
from fieldkit.vault.slot_certificates import demand_certified, uncertified

CA, OTHER = create_ca("Dinas Uji", NOW), create_ca("Dinas Uji", NOW)
RINA = User("rina", "Rina", Role.PETUGAS_PEREKAMAN)
PRIVATE = certificates.new_private_key()


def certified(user: User, ca: SigningKey = CA, private: bytes = PRIVATE) -> SigningKey:
    certificate = issue_petugas(ca, make_csr(private), user.user_id, user.name, user.role.value, NOW)
    return SigningKey(certificate, private)


def refusal(user: User, key: SigningKey) -> str:
    with pytest.raises(VaultError) as refused:
        demand_certified(user, key, [CA.certificate_der], NOW)
    return refused.value.code


@pytest.mark.parametrize(
    ("user", "key"),
    [
        pytest.param(User("rina", "Rina", Role.ADMIN_DINAS), certified(RINA), id="another role"),
        pytest.param(User("bagus", "Bagus", Role.PETUGAS_PEREKAMAN), certified(RINA), id="another user"),
        pytest.param(RINA, certified(RINA, OTHER), id="another authority"),
        pytest.param(
            RINA,
            SigningKey(certified(RINA).certificate_der, certificates.new_private_key()),
            id="the key of somebody else",
        ),
        pytest.param(
            User("rina", "Rina", Role.PETUGAS_PEREKAMAN),
            SigningKey(issue_kit(CA, make_csr(PRIVATE), "rina", NOW), PRIVATE),
            id="a kit",
        ),
    ],
)
def test_a_slot_must_say_what_the_authority_says(user: User, key: SigningKey) -> None:
    assert refusal(user, key) == "vault.slot_uncertified"


@pytest.mark.parametrize("years", [-50, 0, 50])
def test_a_wrong_clock_or_a_certificate_that_ended_keeps_nobody_out(years: int) -> None:
    demand_certified(RINA, certified(RINA), [CA.certificate_der], NOW + timedelta(days=365 * years))


def test_slots_that_no_certificate_backs_are_named(tmp_path: Path) -> None:
    slots = KeySlotFile.create(tmp_path / "keyslots.json", "K01", b"k" * 32, str(_recipient()), Hardness(64, 1, 1))
    slots.add(RINA, "sawah hijau subuh", b"k" * 32, certified(RINA))
    assert list(uncertified(slots, [CA.certificate_der], NOW)) == []
    slots.add(User("hantu", "Hantu", Role.ADMIN_DINAS), "sawah hijau subuh", b"k" * 32, certified(RINA))
    assert list(uncertified(slots, [CA.certificate_der], NOW)) == ["hantu"]


def _recipient() -> object:
    from fieldkit.vault.age import generate_identity

    return generate_identity().recipient
