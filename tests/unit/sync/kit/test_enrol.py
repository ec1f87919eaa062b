from __future__ import annotations

import pytest
from support.gateway import Kit, World
from support.liar import Liar

from fieldkit.domain.errors import TransferError
from fieldkit.domain.people.accounts import Role
from fieldkit.vault import keys
from fieldkit.vault.certificates import create_ca, make_csr
from sync.gateway import provision
from sync.kit.enrol import add_user, enrol, fetch_ca
from sync.protocol.messages import UserRequest
from sync.protocol.outcomes import RunStoppedError


def admin_request(user_id: str = "admin", role: Role = Role.ADMIN_DINAS) -> UserRequest:
    return UserRequest(user_id=user_id, name="Admin", role=role, csr=make_csr(keys.new_private_key()))


def test_the_ca_is_believed_by_its_fingerprint_only(world: World) -> None:
    wanted = world.provisioned.ca_fingerprint
    ca = fetch_ca(world.url, wanted)
    assert fetch_ca(world.url, wanted.replace(":", "").lower()) == ca
    with pytest.raises(TransferError) as caught:
        fetch_ca(world.url, "00" * 32)
    assert caught.value.code == "sync.ca_fingerprint"


def test_a_kit_keeps_all_it_needs(world: World, kit: Kit) -> None:
    configuration = kit.answer.configuration
    assert kit.answer.kit == "kit-01"
    assert len(configuration.age_recipients) == 2
    assert configuration.profile == {"dinas": "Dinas Uji"}
    assert keys.fingerprint(configuration.ca_certificate) == world.provisioned.ca_fingerprint


@pytest.mark.parametrize(
    ("code", "admin", "expected"),
    [
        ("WRONG", admin_request(), "sync.enrol_code_wrong"),
        ("", admin_request("siti"), "sync.enrol_admin_differs"),
    ],
)
def test_a_refused_enrolment_says_why(world: World, code: str, admin: UserRequest, expected: str) -> None:
    slip = provision.enrol_code(world.folder, world.url, "kit-02", "admin", world.clock)
    with pytest.raises(TransferError) as caught:
        enrol(slip.url, code or slip.code, slip.ca_fingerprint, make_csr(keys.new_private_key()), admin)
    assert caught.value.code == expected


def test_an_answer_lost_on_the_way_can_be_asked_for_again(world: World) -> None:
    slip = provision.enrol_code(world.folder, world.url, "kit-02", "admin", world.clock)
    csr, admin = make_csr(keys.new_private_key()), admin_request()
    world.stop()
    world.start(Liar("POST", "/enrol", 502, passes_first=True, times=1))
    with pytest.raises(TransferError):
        enrol(slip.url, slip.code, slip.ca_fingerprint, csr, admin)
    assert enrol(slip.url, slip.code, slip.ca_fingerprint, csr, admin).kit == "kit-02"


def test_only_an_admin_adds_users(world: World, kit: Kit) -> None:
    link = kit.link(world.url)
    user = admin_request("budi", Role.PETUGAS_PEREKAMAN)
    certificate = add_user(link, kit.name, user, kit.admin_signer, kit.clock)
    assert keys.load_certificate(certificate)
    with pytest.raises(TransferError) as caught:
        add_user(link, kit.name, admin_request("siti", Role.LOKET), kit.signer, kit.clock)
    assert caught.value.code == "sync.user_not_authorised"
    link.close()


def test_a_data_center_that_names_another_authority_than_its_own_is_not_believed(world: World, kit: Kit) -> None:
    stranger = create_ca("Dinas Lain", world.clock.now()).certificate_der
    named = kit.answer.configuration.model_copy(update={"ca_certificate": stranger})
    answer = kit.answer.model_copy(update={"configuration": named}).model_dump_json().encode()
    world.stop()
    world.start(Liar("POST", "/enrol", 200, answer, {"Content-Type": "application/json"}))
    slip = provision.enrol_code(world.folder, world.url, "kit-02", "admin", world.clock)
    with pytest.raises(RunStoppedError, match=r"sync\.nonsense"):
        enrol(slip.url, slip.code, slip.ca_fingerprint, make_csr(keys.new_private_key()), admin_request())
