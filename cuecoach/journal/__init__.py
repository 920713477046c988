"""Storage of sessions: every stride, decision and event in one SQLite file of the user's own. Knows no other room."""
