"""The other end of the e-sign wire: a BSrE e-sign client service that really signs, with demo people and faults."""

from drivers.simulators.bsre.server import Fault, SimulatedBsre

__all__ = ["Fault", "SimulatedBsre"]
