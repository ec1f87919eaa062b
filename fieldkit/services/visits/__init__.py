"""The way of a team and its visits."""
