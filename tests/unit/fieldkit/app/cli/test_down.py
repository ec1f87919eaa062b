from __future__ import annotations

from pathlib import Path

import pytest
from support.clock import true_clock
from support.commands import fieldkit, refused

from sync.gateway import provision
from sync.gateway.admission import Admission
from sync.gateway.down.publishing import Publishing
from sync.protocol.down import unpack
from tests.unit.sync.gateway.conftest import enrolled


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    clock, folder = true_clock(), tmp_path / "gateway"
    provision.init(folder, {"dinas": "Dinas Uji"}, ["127.0.0.1"], clock)
    context = provision.open_gateway(folder, clock)
    enrolled(folder, context, clock, "kit-01")
    context.engine.dispose()
    return folder


def test_a_file_is_published_and_listed(folder: Path, tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text("name: Kediri\nfingers: {good: 71, enough: 50}\n")
    made = fieldkit("gateway", "publish", "--dir", folder, "policy", policy, "--all", "--out", tmp_path, "--json")
    assert (made.code, made.json["version"], made.json["kits"]) == (0, 1, [])
    stick = tmp_path / "policy-1.kantor"
    assert unpack(stick.read_bytes())[1] == policy.read_bytes()
    assert stick.stat().st_mode & 0o777 == 0o600
    assert fieldkit("gateway", "team", "--dir", folder, "utara", "--kit", "kit-01").code == 0
    said = fieldkit("gateway", "publish", "--dir", folder, "policy", policy, "--team", "utara")
    assert (said.code, "kit-01" in said.out) == (0, True)
    listed = fieldkit("gateway", "published", "--dir", folder, "--json")
    assert [(each["kind"], each["version"]) for each in listed.json["bundles"]] == [("policy", 2)]
    assert listed.json["kits"] == []
    assert "kit-01" in fieldkit("gateway", "published", "--dir", folder).out


def test_a_user_is_shut_out_on_every_kit_or_on_some(folder: Path) -> None:
    command = ("gateway", "revoke-user", "--dir", folder, "admin")
    assert refused(*command, "--kit", "kit-02") == (2, "gateway.user_unknown")
    context = provision.open_gateway(folder, true_clock())
    enrolled(folder, context, true_clock(), "kit-02")
    assert "kit-02;" in fieldkit(*command, "--kit", "kit-02").out
    assert "kit-01;" in fieldkit(*command).out
    assert refused(*command) == (2, "gateway.user_unknown")
    assert len(Admission(context).configuration().revoked_serials) == 2
    context.engine.dispose()


def test_what_a_kit_could_not_use_is_not_published(folder: Path, tmp_path: Path) -> None:
    policy, users = tmp_path / "policy.yaml", tmp_path / "users.yaml"
    policy.write_text("fingers: {god: 1}\n")
    users.write_text("users: [{user_id: rina, disabled: true}]\n")
    command = ("gateway", "publish", "--dir", folder)
    assert refused(*command, "policy", policy, "--all") == (2, "rules.policy")
    assert refused(*command, "policy", policy) == (2, "gateway.publish_for_whom")
    assert refused(*command, "policy", policy, "--all", "--kit", "kit-01") == (2, "gateway.publish_for_whom")
    assert refused(*command, "revocations", policy, "--all") == (2, "gateway.publish_itself")
    assert refused(*command, "users", users, "--all") == (2, "gateway.no_recipient")
    assert refused(*command, "users", tmp_path / "none", "--all") == (2, "cli.unreadable")
    assert refused(*command, "targets", users, "--all") == (2, "gateway.list_name")
    about = ("--name", "jimbe", "--activity", "Jemput bola", "--place", "Jimbe", "--date", "2026-12-01")
    assert refused(*command, "targets", users, "--all", *about)[0] == 2
    assert refused("gateway", "team", "--dir", folder, "x" * 65) == (2, "gateway.team_name")
    context = provision.open_gateway(folder, true_clock())
    assert Publishing(context).published() == []
    context.engine.dispose()
