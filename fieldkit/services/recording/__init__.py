"""Recording one person: capture, session, seal, recovery of what was open."""
