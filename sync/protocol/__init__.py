"""The words of delivery without any IO, shared by kit and gateway."""
