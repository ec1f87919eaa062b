"""What keeps the window running: tasks, navigation, theme, languages."""
