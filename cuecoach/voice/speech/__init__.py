"""Turns words into clips: speech engine, the coach's recordings, checks and cache."""
