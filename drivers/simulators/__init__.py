"""The other end of each wire, and the person in front of it. For the demo and the tests only."""
