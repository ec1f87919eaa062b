"""Bundles of the office on PostgreSQL: two clerks publish at once, two kits hear of the newest."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from support.clock import true_clock
from support.gateway import enrolled_kit
from support.services import stand_on

from fieldkit.domain.office_bundles import BundleKind
from sync.gateway import provision
from sync.gateway.admission import Admission
from sync.gateway.down.downward import Downward
from sync.gateway.down.publishing import Addressed, Publishing
from sync.protocol.down import DownQuestion, Standing, read_head


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
        Admission(context).revoke_kit(other.name)
        with ThreadPoolExecutor(4) as workers:
            question = DownQuestion(standings=(Standing(kind="policy", name="", version=4),))
            answers = list(workers.map(lambda _: Downward(context).answer(one.name, question), range(4)))
        heads = [[read_head(head, one.receipts).stream for head in answer.bundles] for answer in answers]
        assert heads[-1] == ["revocations/"]
        assert [(each.kit, each.kind, each.version) for each in publishing.standings()] == [("kit-01", "policy", 4)]
    finally:
        context.engine.dispose()
