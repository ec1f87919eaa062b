"""The only way to removable media and to any path that a person chose: a stick is what a stranger made it."""
