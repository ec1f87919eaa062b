"""Numbers of a day, a month or an activity."""
