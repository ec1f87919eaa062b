from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.clock import HandClock
from support.gateway import Kit, enrolled_kit
from support.locks import noting_locks
from support.races import meanwhile

from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.office_bundles import BundleKind
from fieldkit.vault import age
from sync.gateway.admission import Admission
from sync.gateway.context import GatewayContext
from sync.gateway.down.downward import Downward
from sync.gateway.down.publishing import Addressed, Publishing
from sync.gateway.down.tables import kit_standings, office_bundles
from sync.protocol.down import RECIPIENT_TYP, DownQuestion, RecipientWord, read_head

IDENTITY = age.generate_identity()


def recipient(kit: Kit, typ: str = RECIPIENT_TYP, named: str = "", text: str = str(IDENTITY.recipient)) -> str:
    word = RecipientWord(kit=named or kit.name, recipient=text, at=kit.clock.now())
    return kit.signer.sign(word.model_dump(mode="json"), typ)


def test_versions_rise_whatever_a_kit_goes_by(gateway_context: GatewayContext, kit: Kit) -> None:
    publishing = Publishing(gateway_context)
    versions = [publishing.publish(BundleKind.POLICY, "", b"a", Addressed()).version for _ in range(2)]
    assert versions == [1, 2]
    assert publishing.publish(BundleKind.SOP, "kia", b"a", Addressed()).version == 1
    with gateway_context.engine.begin() as connection:  # an older copy of the database was put back
        values = {"kit": kit.name, "kind": "policy", "name": "", "version": 9, "refused": 11, "code": "rules.policy"}
        connection.execute(sa.insert(kit_standings).values(**values, told_at=gateway_context.clock.now()))
        lie = {**values, "kind": "sop", "name": "kia", "version": 2**52, "refused": 0}
        connection.execute(sa.insert(kit_standings).values(**lie, told_at=gateway_context.clock.now()))
    assert publishing.publish(BundleKind.POLICY, "", b"a", Addressed()).version == 12
    assert publishing.publish(BundleKind.SOP, "kia", b"a", Addressed()).version == 2
    assert [(each.kind, each.version) for each in publishing.published()] == [("policy", 12), ("sop", 2)]
    assert [(each.kit, each.version, each.refused) for each in publishing.standings()[:1]] == [("kit-01", 9, 11)]


def test_a_head_is_signed_with_the_key_of_the_receipts(gateway_context: GatewayContext, kit: Kit) -> None:
    publishing = Publishing(gateway_context)
    publishing.publish(BundleKind.POLICY, "", b"isi" * 300_000, Addressed(("kit-01",)))
    head, content = publishing.file_of(BundleKind.POLICY, "")
    read = read_head(head, kit.receipts)
    assert (read.kits, read.size_bytes, content) == (("kit-01",), 900_000, b"isi" * 300_000)
    with pytest.raises(InputError, match=r"gateway.not_published"):
        publishing.file_of(BundleKind.SOP, "kia")


def test_what_names_people_is_closed_for_those_who_told_their_key(
    folder: Path, gateway_context: GatewayContext, clock: HandClock, kit: Kit
) -> None:
    other = enrolled_kit(folder, gateway_context, clock, "kit-02")
    publishing = Publishing(gateway_context)
    with pytest.raises(RuleError, match=r"gateway.no_recipient"):
        publishing.publish(BundleKind.USERS, "", b"users: []", Addressed())
    Downward(gateway_context).answer(kit.name, DownQuestion(recipient=recipient(kit)))
    made = publishing.publish(BundleKind.USERS, "", b"users: []", Addressed())
    assert (made.kits, made.without) == (("kit-01",), (other.name,))
    closed = publishing.file_of(BundleKind.USERS, "")[1]
    assert age.decrypt(closed, [IDENTITY]) == b"users: []"


def test_whom_a_bundle_is_for(folder: Path, gateway_context: GatewayContext, clock: HandClock, kit: Kit) -> None:
    enrolled_kit(folder, gateway_context, clock, "kit-02")
    publishing = Publishing(gateway_context)
    publishing.make_team("utara", ["kit-02"])
    assert publishing.publish(BundleKind.SOP, "a", b"a", Addressed(team="utara")).kits == ("kit-02",)
    assert publishing.publish(BundleKind.SOP, "a", b"a", Addressed((kit.name,), "utara")).kits == ("kit-01", "kit-02")
    publishing.make_team("utara", [])
    for addressed, code in (
        (Addressed(team="utara"), "gateway.team_unknown"),
        (Addressed(("kit-99",)), "gateway.kit_unknown"),
    ):
        with pytest.raises(InputError, match=code):
            publishing.publish(BundleKind.SOP, "a", b"a", addressed)
    with pytest.raises(InputError, match=r"gateway.kit_unknown"):
        publishing.make_team("selatan", ["kit-99"])
    with pytest.raises(InputError, match=r"office.too_large"):
        publishing.publish(BundleKind.SOP, "a", bytes(17 * 1024**2), Addressed())


@pytest.mark.parametrize(
    ("column", "told", "version"),
    [
        ("version", 2, 3),
        ("refused", 2, 3),
        ("version", 2**40 - 1, 2**40),
        ("version", 2**40, 1),
        ("refused", 2**40, 1),
    ],
)
def test_the_next_version_is_above_all_that_a_kit_can_know(
    gateway_context: GatewayContext, kit: Kit, column: str, told: int, version: int
) -> None:
    values = {"kit": kit.name, "kind": "policy", "name": "", "version": 0, "refused": 0, "code": "", column: told}
    with gateway_context.engine.begin() as connection:
        connection.execute(sa.insert(kit_standings).values(**values, told_at=gateway_context.clock.now()))
    assert Publishing(gateway_context).publish(BundleKind.POLICY, "", b"a", Addressed()).version == version


def test_a_file_is_of_its_kind_and_name(gateway_context: GatewayContext, kit: Kit) -> None:
    Downward(gateway_context).answer(kit.name, DownQuestion(recipient=recipient(kit)))
    publishing = Publishing(gateway_context)
    streams = [(BundleKind.POLICY, ""), (BundleKind.TABLES, ""), (BundleKind.SOP, "kia"), (BundleKind.SOP, "kk")]
    for kind, name in streams:
        publishing.publish(kind, name, f"{kind} {name}".encode(), Addressed())
    publishing.publish(BundleKind.TARGETS, "kia", b"people", Addressed())
    for kind, name in streams:
        head, content = publishing.file_of(kind, name)
        assert content == f"{kind} {name}".encode()
        assert not read_head(head, kit.receipts).is_sealed
    assert read_head(publishing.file_of(BundleKind.TARGETS, "kia")[0], kit.receipts).is_sealed
    assert [each.kits for each in publishing.published()] == [(), (), (), (), ("kit-01",)]


def test_a_kit_is_of_one_team(folder: Path, gateway_context: GatewayContext, clock: HandClock, kit: Kit) -> None:
    for name in ("kit-02", "kit-03"):
        enrolled_kit(folder, gateway_context, clock, name)
    publishing = Publishing(gateway_context)

    def members(team: str) -> tuple[str, ...]:
        return publishing.publish(BundleKind.SOP, team, b"a", Addressed(team=team)).kits

    publishing.make_team("utara", ["kit-01", "kit-02"])
    publishing.make_team("selatan", ["kit-02", "kit-03"])
    assert (members("utara"), members("selatan")) == (("kit-01",), ("kit-02", "kit-03"))
    publishing.make_team("selatan", ["kit-03"])
    assert (members("utara"), members("selatan")) == (("kit-01",), ("kit-03",))


def test_a_kit_that_is_shut_out_gets_nothing_more(
    folder: Path, gateway_context: GatewayContext, clock: HandClock, kit: Kit
) -> None:
    kits = [kit, *(enrolled_kit(folder, gateway_context, clock, f"kit-0{n}") for n in (2, 3))]
    publishing = Publishing(gateway_context)
    for each in kits:
        Downward(gateway_context).answer(each.name, DownQuestion(recipient=recipient(each)))
    for addressed in (Addressed(("kit-01",)), Addressed(("kit-01", "kit-02"))):
        assert publishing.publish(BundleKind.USERS, "", b"users", addressed).kits == addressed.kits
    Admission(gateway_context).revoke_kit("kit-03")
    made = publishing.publish(BundleKind.USERS, "", b"users", Addressed())
    assert (made.kits, made.without) == (("kit-01", "kit-02"), ())
    with pytest.raises(InputError, match=r"gateway\.kit_unknown"):
        publishing.publish(BundleKind.SOP, "a", b"a", Addressed(("kit-01", "kit-03")))


@pytest.mark.parametrize(("size", "is_taken"), [(9, True), (10, True), (11, False)])
def test_a_bundle_has_a_bound(
    gateway_context: GatewayContext, monkeypatch: pytest.MonkeyPatch, size: int, is_taken: bool
) -> None:
    monkeypatch.setattr("sync.gateway.down.publishing.MOST_BUNDLE_BYTES", 10)
    with nullcontext() if is_taken else pytest.raises(InputError, match=r"office\.too_large"):
        Publishing(gateway_context).publish(BundleKind.SOP, "a", bytes(size), Addressed())


def test_two_clerks_who_publish_at_once_make_two_versions(gateway_context: GatewayContext) -> None:
    publishing = Publishing(gateway_context)
    first = publishing.publish(BundleKind.SOP, "a", b"a", Addressed())
    row = {"kind": "sop", "name": "a", "version": 2, "sha256": first.sha256, "size_bytes": 1, "jws": ""}
    by_the_other = sa.insert(office_bundles).values(**row, made_at=first.made_at)
    with meanwhile(gateway_context.engine, "INSERT INTO office_bundles", by_the_other):
        assert publishing.publish(BundleKind.SOP, "a", b"a", Addressed()).version == 2  # theirs was undone with ours
    asked = []

    def always_late(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if statement.startswith("INSERT INTO office_bundles"):
            asked.append(statement)
            raise sa.exc.IntegrityError(statement, {}, ValueError("late"))

    sa.event.listen(gateway_context.engine, "before_cursor_execute", always_late)
    with pytest.raises(sa.exc.IntegrityError):
        publishing.publish(BundleKind.SOP, "a", b"a", Addressed())
    assert len(asked) == 5


def test_the_bytes_of_an_older_version_are_held_while_a_later_one_names_them(gateway_context: GatewayContext) -> None:
    with noting_locks(gateway_context.engine) as locks:
        made = Publishing(gateway_context).publish(BundleKind.SOP, "a", b"a", Addressed())
    assert locks == [f"office_bundles.sha256 = '{made.sha256}' FOR UPDATE"]
