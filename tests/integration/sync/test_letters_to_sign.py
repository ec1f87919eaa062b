"""A letter that waits for the head goes to the head's own laptop over the gateway, and comes back signed."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.app_context import ACTIVITY
from support.clock import true_clock
from support.homes import ADMIN, CLOCK, Nobody, Office, opened
from support.homes import office as office
from support.letters import AT, HEAD, KADIS, KASI, PLAN, REQUEST
from support.signing import PKCS12_PASSPHRASE, office_pkcs12

from fieldkit.domain.letters.letter import LetterKind, LetterState
from fieldkit.domain.people import Permission
from fieldkit.ports.vault import Standing
from fieldkit.services.context.app_context import AppContext
from sync.gateway import provision
from sync.gateway.down.publishing import Publishing
from sync.gateway.down.tables import team_post, whole_of


def exchanged(context: AppContext) -> int:
    report = context.delivery.send(Nobody(), Nobody())
    assert (report.stopped_by, report.notes, report.conflicts) == (None, (), 0)
    return report.exchanged


def written(context: AppContext) -> str:
    """Plan an activity and write a reply for the head to sign; return the id of the letter."""
    with context.office.units.write(Permission.PLAN) as work:
        work.unit.activities.save(ACTIVITY)
        for thing in (HEAD, REQUEST, PLAN):
            work.keep(thing, "test")
    draft = context.office.letters.draft(LetterKind.SURAT_BALASAN, AT, {"signing": "tte"})
    return context.office.letters.issue(draft.thing_id, "470/1/409.110/2026").thing_id


@pytest.mark.days
def test_a_letter_reaches_the_signer_and_comes_back_signed(office: Office, tmp_path: Path) -> None:
    secretary, signer = office.kit(tmp_path / "one", KASI), office.kit(tmp_path / "other", KADIS)
    with opened(signer, ADMIN) as context:
        context.office.signing_setup.set_certificate(office_pkcs12(true_clock())[0], PKCS12_PASSPHRASE)
        exchanged(context)
    gateway_context = provision.open_gateway(office.folder, CLOCK)
    with opened(secretary, KASI) as at_desk, opened(signer, KADIS) as of_head:
        exchanged(at_desk)  # tells the gateway what may be closed for this kit
        Publishing(gateway_context).make_team("kantor", (at_desk.kit_id, of_head.kit_id))
        letter_id = written(at_desk)
        exchanged(at_desk)
        with gateway_context.engine.begin() as connection:
            (post,) = connection.execute(team_post.select()).all()
            assert b"470/1/409" not in whole_of(connection, post.object_id)  # the gateway cannot read it

        assert exchanged(of_head) == 1  # the head fetches, signs and sends without anybody else
        assert of_head.office.duties.mine().to_sign == 1
        of_head.office.signing.sign(letter_id, PKCS12_PASSPHRASE)
        exchanged(of_head)

        assert exchanged(at_desk) == 1
        assert at_desk.office.signing.waiting() == []
        letter = at_desk.office.letters.get(letter_id)
        assert (letter.state, letter.signer) == (LetterState.ISSUED, KADIS.user_id)
        # Whose certificate it is, this laptop is told where its admin sets up electronic signatures.
        assert at_desk.office.signing.verify_letter(letter_id).standing is Standing.UNTRUSTED
    gateway_context.engine.dispose()
