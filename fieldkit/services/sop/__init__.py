"""The SOP of an activity: whose turn it is, what fulfils a step."""
