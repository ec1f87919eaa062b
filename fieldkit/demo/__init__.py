"""The scripted outreach day."""
