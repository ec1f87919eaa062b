from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.app_context import Kit
from support.letters import KADIS
from support.plans import ADMIN
from support.settings import field, opened, wrong
from support.signing import PKCS12_PASSPHRASE, office_pkcs12

from drivers.simulators.bsre.server import KEPALA_DINAS
from fieldkit.domain.letters.letter import SigningWay
from fieldkit.services.letters.keep_signing import settings_in
from ui.presenters.presenter import message
from ui.presenters.settings.signing import Section


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path, ADMIN)
    with kit.store.write() as unit:
        unit.save_user(KADIS)
    yield kit
    kit.store.close()


def kept(kit: Kit):
    with kit.store.read() as unit:
        return settings_in(unit)


def test_the_service_is_kept_and_its_secret_never_comes_back(kit: Kit, tmp_path: Path) -> None:
    _, authority = office_pkcs12(kit.clock)
    (tmp_path / "ca.pem").write_text(authority)
    presenter = opened(kit, "tte")
    for name, text in (("url", "https://tte.blitarkab.go.id"), ("user", "dinas"), ("secret", "rahasia-dinas")):
        presenter.type_field(name, text)
    presenter.type_field("ca", str(tmp_path / "ca.pem"))
    presenter.accept()
    assert (kept(kit).user, kept(kit).secret, kept(kit).ca) == ("dinas", "rahasia-dinas", authority.strip())
    assert field(presenter, "secret").note == message("pengaturan.secret_there")
    assert "rahasia-dinas" not in repr(presenter.state)
    presenter.type_field("user", "dinas2")
    presenter.accept()
    assert (kept(kit).user, kept(kit).secret, kept(kit).ca) == ("dinas2", "rahasia-dinas", authority.strip())


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [("url", "http://tte", "tte.tls_required"), ("url", "tte", "tte.address_wrong"), ("ca", "/x/y", "list.unreadable")],
)
def test_what_cannot_be_stands_under_its_field(kit: Kit, name: str, text: str, code: str) -> None:
    presenter = opened(kit, "tte")
    presenter.type_field("url", "https://tte.blitarkab.go.id")
    presenter.type_field(name, text)
    presenter.accept()
    assert wrong(presenter) == code
    assert field(presenter, name).problem is not None
    assert kept(kit).url == ""


def test_a_nik_is_masked_once_it_is_kept(kit: Kit) -> None:
    presenter = opened(kit, "signers")
    presenter.type_field("nik", "123")
    presenter.accept()
    assert wrong(presenter) == "nik.not_16_digits"
    presenter.type_field("nik", KEPALA_DINAS.nik)
    presenter.accept()
    assert field(presenter, "signers").lines[0].detail == "350501••••••••01"
    assert KEPALA_DINAS.nik not in repr(presenter.state)
    assert kept(kit).niks == {KADIS.user_id: KEPALA_DINAS.nik}


def test_without_anybody_who_signs_nothing_can_be_typed(tmp_path: Path) -> None:
    kit = Kit(tmp_path / "other", ADMIN)
    presenter = opened(kit, "signers")
    presenter.type_field("nik", KEPALA_DINAS.nik)
    presenter.accept()
    assert field(presenter, "nik").note == message("pengaturan.no_signers")
    assert kept(kit).niks == {}
    kit.store.close()


def test_certificate_and_authorities_come_from_files(kit: Kit, tmp_path: Path) -> None:
    packed, authority = office_pkcs12(kit.clock)
    (tmp_path / "kantor.p12").write_bytes(packed)
    (tmp_path / "ca.pem").write_text(authority)
    (tmp_path / "wrong.pem").write_bytes(b"\xff\xfe")
    presenter = opened(kit, "sertifikat")
    presenter.accept()
    assert wrong(presenter) == "signing.no_file"
    presenter.type_field("trust", str(tmp_path / "wrong.pem"))
    presenter.accept()
    assert wrong(presenter) == "tte.trust_unreadable"
    presenter.type_field("trust", str(tmp_path / "ca.pem"))
    presenter.accept()
    assert kept(kit).trust == authority.strip()
    presenter.type_field("certificate", str(tmp_path / "kantor.p12"))
    presenter.type_field("passphrase", "salah")
    presenter.accept()
    assert wrong(presenter) == "tte.certificate_unreadable"
    presenter.type_field("passphrase", PKCS12_PASSPHRASE)
    presenter.accept()
    assert kept(kit).way is SigningWay.OFFICE
    assert field(presenter, "passphrase").text == ""
    assert kept(kit).trust.count("BEGIN CERTIFICATE") == 1
    presenter.choose_section("tte")
    assert field(presenter, "way").facts[1][1] == message("pengaturan.ready")


def test_both_files_are_kept_or_none(kit: Kit, tmp_path: Path) -> None:
    packed, authority = office_pkcs12(kit.clock)
    _, other = office_pkcs12(kit.clock)
    (tmp_path / "kantor.p12").write_bytes(packed)
    (tmp_path / "other.pem").write_text(other)
    (tmp_path / "wrong.pem").write_text("halo")
    presenter = opened(kit, "sertifikat")
    presenter.type_field("certificate", str(tmp_path / "kantor.p12"))
    for trust, passphrase in (("other.pem", "salah"), ("wrong.pem", PKCS12_PASSPHRASE)):
        presenter.type_field("trust", str(tmp_path / trust))
        presenter.type_field("passphrase", passphrase)
        presenter.accept()
        assert wrong(presenter)
        assert (kept(kit).trust, kept(kit).certificate) == ("", "")
    presenter.type_field("trust", str(tmp_path / "other.pem"))
    presenter.accept()
    assert kept(kit).certificate
    assert {authority.strip(), other.strip()} <= {
        f"{part}-----END CERTIFICATE-----".strip() for part in kept(kit).trust.split("-----END CERTIFICATE-----")
    }


class Nothing(Section):
    name = "nothing"


def test_a_section_keeps_what_is_typed_and_lets_lists_mean_nothing(tmp_path: Path) -> None:
    kit = Kit(tmp_path)
    section = Nothing(kit.context)
    section.point("list", "line")
    section.type("x", "text")
    section.tick("x", "line")
    before = section.typed
    section.type("y", "more")
    assert (section.typed, before) == ({"x": "text", "y": "more"}, {"x": "text"})  # what is being kept stays
    assert section.cursors == {"list": "line"}
    assert (section.text("x", hint="url_hint").hint, section.text("x").hint) == (message("pengaturan.url_hint"), "")
    assert (section.text("x", "kept").text, section.text("z", "kept").text) == ("text", "kept")
    kit.store.close()
