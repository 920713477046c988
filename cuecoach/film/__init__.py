"""Writes films: of a session, and of what was measured in a film."""
