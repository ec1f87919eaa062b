from __future__ import annotations

from pathlib import Path

import pyotp
import pytest
from support.clock import true_clock
from support.commands import fieldkit, refused

from sync.gateway import provision
from sync.gateway.office.accounts import Accounts

PASSPHRASE = "kuda hijau melompat 77 pagar"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    provision.init(tmp_path / "gateway", {"dinas": "Dinas Uji"}, ["127.0.0.1"], true_clock())
    return tmp_path / "gateway"


def test_an_account_is_added_listed_disabled_and_reset(folder: Path, tmp_path: Path) -> None:
    chosen = tmp_path / "passphrase"
    chosen.write_text(f"{PASSPHRASE}\n")
    made = fieldkit("gateway", "office-user", "add", "budi", "--dir", folder, "--role", "admin", "--json")
    assert (made.code, made.json["role"]) == (0, "admin")
    own = ("--passphrase-file", chosen)
    with_own = fieldkit("gateway", "office-user", "add", "sri", "--dir", folder, "--role", "operator", *own, "--json")
    assert "passphrase" not in with_own.json
    assert fieldkit("gateway", "office-user", "disable", "budi", "--dir", folder).code == 0
    listed = fieldkit("gateway", "office-user", "list", "--dir", folder, "--json").json
    assert [(each["name"], each["role"], each["is_disabled"]) for each in listed] == [
        ("budi", "admin", True),
        ("sri", "operator", False),
    ]
    again = fieldkit("gateway", "office-user", "reset", "budi", "--dir", folder, "--json")
    assert again.json["totp_secret"] != made.json["totp_secret"]
    clock = true_clock()
    gateway_context = provision.open_gateway(folder, clock)
    for given, passphrase in ((again.json, again.json["passphrase"]), (with_own.json, PASSPHRASE)):
        code = pyotp.TOTP(given["totp_secret"]).at(int(clock.now().timestamp()))
        Accounts(gateway_context).sign_in(given["name"], passphrase, code)
    gateway_context.engine.dispose()


@pytest.mark.parametrize("lang", ["id", "en"])
def test_what_must_be_handed_over_is_shown_with_a_qr_code(
    folder: Path, lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIELDKIT_LANG", lang)
    said = fieldkit("gateway", "office-user", "add", "budi", "--dir", folder, "--role", "auditor").out
    assert ("Auditor" in said, "█" in said or "▀" in said) == (True, True)
    assert "budi" in fieldkit("gateway", "office-user", "list", "--dir", folder).out


def test_a_taken_and_an_unknown_name_are_told(folder: Path) -> None:
    fieldkit("gateway", "office-user", "add", "budi", "--dir", folder, "--role", "admin", "--json")
    assert "office.name_taken" in refused("gateway", "office-user", "add", "budi", "--dir", folder, "--role", "admin")
    assert "office.name_unknown" in refused("gateway", "office-user", "disable", "nobody", "--dir", folder)
