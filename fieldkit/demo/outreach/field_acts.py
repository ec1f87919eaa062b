"""What the team does in the village and when it is back: record, seal, send, wait for the data center's word."""

from __future__ import annotations

from fieldkit.demo.kit import PETUGAS
from fieldkit.demo.outreach.stage import Stage
from fieldkit.demo.robot import Robot
from fieldkit.services.deliver import QueueEntry

RECORDED = 2  # of the people on the list


def record(stage: Stage) -> None:
    """Record the first of the list, from Beranda to the slip, without a line to the data center."""
    clerk = stage.clerk
    stage.world.link.take_down()  # in the village there is no signal
    clerk.sign_in_as(PETUGAS)
    robot = _robot(stage)
    for resident in stage.residents[:RECORDED]:
        robot.record(resident)
    clerk.count(robot)


def send(stage: Stage) -> None:
    """Send what was sealed and wait until the data center has decided about each record."""
    clerk = stage.clerk
    stage.world.link.bring_up()
    clerk.sign_in_as(PETUGAS)
    robot = _robot(stage)
    robot.open_queue()
    robot.send_until(lambda: all(_is_decided(entry) for entry in robot.desk.delivery.queue().entries))
    robot.make_shipment()
    robot.typist.press("Esc")
    clerk.count(robot)


def _robot(stage: Stage) -> Robot:
    return Robot(stage.clerk.application, stage.clerk.pictures, stage.spent)


def _is_decided(entry: QueueEntry) -> bool:
    return entry.central is not None and entry.central.code != "RECEIVED_AT_CENTRAL"
