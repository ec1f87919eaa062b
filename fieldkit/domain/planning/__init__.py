"""When, where, who and with what: plans and the calendar of the dinas."""
