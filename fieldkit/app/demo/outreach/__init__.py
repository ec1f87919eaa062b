"""The SOPs from step to step through the real screens, with the right role signing in for each."""
