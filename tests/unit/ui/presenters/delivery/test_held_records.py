from __future__ import annotations

from datetime import timedelta

import pytest
from support.app_context import TARGETS, Kit
from support.tasks import Steps

from fieldkit.domain.delivery.sealed import QueueEntry
from fieldkit.domain.delivery.way import DeliveryState
from fieldkit.domain.errors import InputError
from ui.presenters.delivery.held_records import aside_form, record_commands


@pytest.fixture
def record_id(kit: Kit) -> str:
    return kit.seal(1, TARGETS[0])


def entry(kit: Kit, record_id: str) -> QueueEntry:
    return kit.context.delivery.entry(record_id)


def intents(kit: Kit, record_id: str) -> list[str]:
    return [command.name for command in record_commands(kit.context, Steps(), entry(kit, record_id), "")]


def test_each_state_has_its_ways(kit: Kit, record_id: str) -> None:
    assert intents(kit, record_id) == ["hand_over"]
    kit.outbox.retry_later(record_id, kit.clock.now() + timedelta(hours=1), "sync.refused")
    assert intents(kit, record_id) == ["send_again", "hand_over"]
    kit.outbox.quarantine(record_id, "sync.too_large")
    assert intents(kit, record_id) == ["send_again", "hand_over", "set_aside"]
    kit.context.delivery.set_aside(record_id, "dobel")
    assert intents(kit, record_id) == ["send_again", "hand_over"]
    assert record_commands(kit.context, Steps(), entry(kit, record_id), "not yours")[0].refused == "not yours"
    kit.context.delivery.take_back(record_id)
    kit.outbox.mark_sending(record_id)
    kit.outbox.mark_received(record_id)
    kit.outbox.acknowledge(record_id, "receipt", kit.clock.now())
    assert intents(kit, record_id) == []


def test_a_reason_is_asked_before_a_record_is_set_aside(kit: Kit, record_id: str) -> None:
    kit.outbox.quarantine(record_id, "sync.too_large")
    form = aside_form(kit.context, record_id)
    (field,) = form.load()
    assert field.name == "reason"
    with pytest.raises(InputError):
        form.keep({"reason": "  "})
    form.keep({"reason": "warga direkam ulang"})
    assert entry(kit, record_id).state is DeliveryState.SET_ASIDE
    assert kit.context.delivery.why_aside(record_id) == "warga direkam ulang"
