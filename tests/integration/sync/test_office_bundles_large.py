"""Bundles of the office on PostgreSQL: two clerks publish at once, two kits hear of the newest."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest
from support.clock import true_clock
from support.gateway import enrolled_kit
from support.services import stand_on

from fieldkit.domain.office_bundles import BundleKind
from sync.gateway import provision
from sync.gateway.admission import Admission
from sync.gateway.database import Refusal
from sync.gateway.down.publishing import Addressed, Publishing, TeamPost
from sync.gateway.down.routes import Downward
from sync.protocol.down import DownQuestion, Posting, Standing, read_head
from tests.unit.sync.gateway.down.test_publishing import recipient


def post(post_office: TeamPost, sender: str, to: str, content: bytes) -> str:
    digest, object_id = hashlib.sha256(content).hexdigest(), uuid4().hex
    try:
        post_office.begin(sender, Posting(object_id=object_id, to=(to,), sha256=digest, size_bytes=len(content)))
        post_office.keep(sender, object_id, 0, content)
    except Refusal:  # another worker took a newer one meanwhile; the kit tries with its next run
        return ""
    return object_id


@pytest.mark.days
def test_clerks_at_once_make_versions_one_after_another(tmp_path: Path, postgres_url: str) -> None:
    folder, clock = tmp_path / "gateway", true_clock()
    provision.init(folder, {"dinas": "Dinas Uji"}, ["127.0.0.1"], clock)
    stand_on(folder, postgres_url)
    context = provision.open_gateway(folder, clock)
    try:
        one, other = (enrolled_kit(folder, context, clock, name) for name in ("kit-01", "kit-02"))
        publishing = Publishing(context)
        with ThreadPoolExecutor(4) as clerks:
            made = list(
                clerks.map(lambda n: publishing.publish(BundleKind.POLICY, "", bytes([n]), Addressed()), range(4))
            )
        assert sorted(each.version for each in made) == [1, 2, 3, 4]
        for each in (one, other):
            Downward(context).answer(each.name, DownQuestion(recipient=recipient(each)))
        publishing.make_team("utara", [one.name, other.name])
        with ThreadPoolExecutor(4) as workers:  # each replaces what the other has not fetched yet
            posted = list(
                workers.map(lambda n: post(TeamPost(context), one.name, other.name, bytes([n]) * 9), range(4))
            )
        (waiting,) = TeamPost(context).team(other.name).waiting
        assert waiting.object_id in posted
        assert len(set(TeamPost(context).part(other.name, waiting.object_id, 0))) == 1
        TeamPost(context).fetched(other.name, waiting.object_id)
        assert TeamPost(context).team(other.name).waiting == ()
        Admission(context).revoke_kit(other.name)
        with ThreadPoolExecutor(4) as workers:
            question = DownQuestion(standings=(Standing(kind="policy", name="", version=4),))
            answers = list(workers.map(lambda _: Downward(context).answer(one.name, question), range(4)))
        heads = [[read_head(head, one.receipts).stream for head in answer.bundles] for answer in answers]
        assert heads[-1] == ["accounts/", "revocations/"]
        assert [(each.kit, each.kind, each.version) for each in publishing.standings()] == [("kit-01", "policy", 4)]
    finally:
        context.engine.dispose()
