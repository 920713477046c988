"""Plays clips: on a sound device, into a file, or silently; and the metronome."""
