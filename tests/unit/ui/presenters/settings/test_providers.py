from __future__ import annotations

from pathlib import Path

from support.app_context import Kit
from support.clock import NOW
from support.plans import ADMIN
from support.settings import field, opened, wrong

from fieldkit.vault import certificates
from fieldkit.vault.certificates import create_ca
from ui.presenters.presenter import message

CA = create_ca("Penyedia Uji", NOW).certificate_der


def test_a_file_is_read_compared_and_then_trusted(tmp_path: Path) -> None:
    with Kit(tmp_path, ADMIN) as kit:
        path = tmp_path / "penyedia.pem"
        path.write_text(certificates.certificates_to_pem(CA))
        presenter = opened(kit, "penyedia")
        presenter.accept()
        assert wrong(presenter) == "trust.nothing"
        presenter.type_field("provider", str(path))
        presenter.accept()
        facts = {label.key: said for label, said in field(presenter, "found").facts}
        assert facts["pengaturan.provider_name"] == "CA Penyedia Uji"
        assert facts["pengaturan.provider_fingerprint"].replace(" ", "") == certificates.fingerprint(CA).replace(
            ":", ""
        )
        assert list(kit.context.set_up.providers.listed()) == []
        assert field(presenter, "provider").text == str(path)
        path.write_text(certificates.certificates_to_pem(create_ca("lain", NOW).certificate_der))
        presenter.accept()
        assert presenter.state.toast.words == message("pengaturan.provider_compare"), "another stands in it now"
        assert list(kit.context.set_up.providers.listed()) == []
        path.write_text(certificates.certificates_to_pem(CA))
        presenter.accept()
        presenter.accept()
        assert [line.words for line in field(presenter, "providers").lines] == ["CA Penyedia Uji"]
        assert field(presenter, "found").facts == ((message("pengaturan.provider_none"), ""),)
        presenter.tick_line("found", certificates.fingerprint(CA))
        assert [line.is_on for line in field(presenter, "providers").lines] == [False]
        presenter.tick_line("providers", certificates.fingerprint(CA))
        assert [line.is_on for line in field(presenter, "providers").lines] == [True]
        presenter.accept()
        assert field(presenter, "providers").lines == ()
        assert presenter.state.toast.words == message("pengaturan.provider_gone")


def test_another_file_is_compared_again(tmp_path: Path) -> None:
    with Kit(tmp_path, ADMIN) as kit:
        for name in ("one", "two"):
            (tmp_path / f"{name}.pem").write_text(
                certificates.certificates_to_pem(create_ca(name, NOW).certificate_der)
            )
        (tmp_path / "letter.pem").write_text("surat")
        presenter = opened(kit, "penyedia")
        presenter.type_field("provider", str(tmp_path / "one.pem"))
        presenter.accept()
        presenter.type_field("provider", str(tmp_path / "two.pem"))
        presenter.accept()
        assert list(kit.context.set_up.providers.listed()) == []
        presenter.type_field("provider", str(tmp_path / "letter.pem"))
        presenter.accept()
        assert wrong(presenter) == "trust.not_a_certificate"
