"""What happened: every stride, every cue fired and withheld, in one SQLite file of the user's own."""
