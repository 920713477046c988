"""Films that are written: of a session, and of what was measured."""
