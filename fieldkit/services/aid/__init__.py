"""Follow-up of social aid."""
