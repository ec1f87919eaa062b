"""Staff, their fingers, the lock: presenters and their words."""
