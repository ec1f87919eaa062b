from __future__ import annotations

import hashlib
from contextlib import nullcontext
from datetime import timedelta
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
from fieldkit.vault.certificates import serial_number
from sync.gateway.admission import Admission
from sync.gateway.certificates import revoke_person
from sync.gateway.database import GatewayContext
from sync.gateway.down.publishing import Addressed, Publishing, keep_current
from sync.gateway.down.routes import Downward
from sync.gateway.down.tables import bundle_kits, down_parts, keep_part, kit_standings, office_bundles, part_of
from sync.gateway.operations.retention import Policy, Retention
from sync.protocol.down import (
    RECIPIENT_TYP,
    DownQuestion,
    RecipientWord,
    Standing,
    read_head,
    read_revocations,
    read_revoked_alone,
)

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


def test_the_list_is_made_anew_when_somebody_is_revoked(
    folder: Path, gateway_context: GatewayContext, clock: HandClock, kit: Kit
) -> None:
    publishing = Publishing(gateway_context)
    keep_current(gateway_context)
    assert publishing.published() == []
    Admission(gateway_context).revoke_kit(kit.name)
    for _ in range(2):
        keep_current(gateway_context)
    assert [each.version for each in publishing.published()] == [1]
    listed = read_revocations(publishing.file_of(BundleKind.REVOCATIONS, "")[1])
    certificates = (kit.answer.kit_certificate, kit.answer.admin_certificate)
    assert {int(serial, 16) for serial in listed} == set(map(serial_number, certificates))
    other = enrolled_kit(folder, gateway_context, clock, "kit-02")
    clock.advance(days=1)
    with gateway_context.engine.begin() as connection:
        revoke_person(connection, "admin", (), clock.now())
    clock.advance(days=1)
    enrolled_kit(folder, gateway_context, clock, "kit-03")  # whose people count
    Admission(gateway_context).revoke_kit("kit-02")
    keep_current(gateway_context)
    assert [each.version for each in publishing.published()] == [2]
    content = publishing.file_of(BundleKind.REVOCATIONS, "")[1]
    assert len(read_revocations(content)) == 4
    assert read_revoked_alone(content) == {serial_number(other.answer.admin_certificate)}


POLICY = Policy(timedelta(days=365))


def tell(gateway_context: GatewayContext, kit: Kit, version: int, refused: int = 0) -> None:
    standing = Standing(kind="policy", name="", version=version, refused=refused, code="x.y" if refused else "")
    Downward(gateway_context).answer(kit.name, DownQuestion(standings=(standing,)))


def left(gateway_context: GatewayContext) -> list[int]:
    """Return the versions of the policy, with an audience and bytes each, and nothing besides."""
    with gateway_context.reading() as connection:
        of_policy = sa.select(office_bundles).filter_by(kind="policy").order_by(office_bundles.c.version)
        rows = connection.execute(of_policy).all()
        named = connection.scalars(sa.select(bundle_kits.c.version).filter_by(kind="policy")).all()
        ids = set(connection.scalars(sa.select(down_parts.c.object_id)))
        all_ids = set(connection.scalars(sa.select(office_bundles.c.sha256)))
    assert set(named) == {row.version for row in rows}
    assert ids == all_ids
    return [row.version for row in rows]


def swept(gateway_context: GatewayContext) -> int:
    return Retention(gateway_context).erase(POLICY).bundles


def test_versions_go_that_every_kit_is_past_but_the_newest_two(
    folder: Path, gateway_context: GatewayContext, clock: HandClock, kit: Kit
) -> None:
    gateway_context.blobs.put("sealed/x", b"x")  # or the store would look as if it were away
    other, publishing = enrolled_kit(folder, gateway_context, clock, "kit-02"), Publishing(gateway_context)
    for content in (b"one", b"two", b"three", b"one", b"five"):
        publishing.publish(BundleKind.POLICY, "", content, Addressed())
    tell(gateway_context, kit, 5)
    assert (swept(gateway_context), left(gateway_context)) == (0, [1, 2, 3, 4, 5])  # the other told nothing
    tell(gateway_context, other, 1, refused=5)  # goes by the first
    assert (swept(gateway_context), left(gateway_context)) == (0, [1, 2, 3, 4, 5])
    tell(gateway_context, other, 3)
    assert (swept(gateway_context), left(gateway_context)) == (2, [3, 4, 5])
    sha256 = hashlib.sha256(b"one").hexdigest()
    assert Downward(gateway_context).part(kit.name, sha256, 0) == b"one"  # the fourth has the bytes of the first
    tell(gateway_context, other, 5)
    assert (swept(gateway_context), left(gateway_context)) == (1, [4, 5])
    assert (swept(gateway_context), left(gateway_context)) == (0, [4, 5])
    assert publishing.publish(BundleKind.POLICY, "", b"six", Addressed()).version == 6


def test_a_version_stays_that_is_the_newest_of_somebody_and_goes_when_he_is_shut_out(
    folder: Path, gateway_context: GatewayContext, clock: HandClock, kit: Kit
) -> None:
    gateway_context.blobs.put("sealed/x", b"x")
    other, publishing = enrolled_kit(folder, gateway_context, clock, "kit-02"), Publishing(gateway_context)
    publishing.publish(BundleKind.POLICY, "", b"for all", Addressed())
    for content in (b"two", b"three", b"four"):
        publishing.publish(BundleKind.POLICY, "", content, Addressed((kit.name,)))
    tell(gateway_context, kit, 4)
    tell(gateway_context, other, 1)
    assert (swept(gateway_context), left(gateway_context)) == (1, [1, 3, 4])
    Admission(gateway_context).revoke_kit(other.name)
    assert (swept(gateway_context), left(gateway_context)) == (1, [3, 4])


def test_post_between_kits_is_left_alone(gateway_context: GatewayContext, kit: Kit) -> None:
    gateway_context.blobs.put("sealed/x", b"x")
    for content in (b"one", b"two", b"three"):
        Publishing(gateway_context).publish(BundleKind.POLICY, "", content, Addressed())
    with gateway_context.engine.begin() as connection:
        keep_part(connection, "ab" * 16, 0, b"post")
    tell(gateway_context, kit, 3)
    assert swept(gateway_context) == 1
    with gateway_context.reading() as connection:
        assert part_of(connection, "ab" * 16, 0) == b"post"
