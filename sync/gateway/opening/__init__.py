"""Opening what was received: who takes which record, what the opener needs on a machine of its own, gaps in chains."""
