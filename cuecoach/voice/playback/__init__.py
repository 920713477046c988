"""Clips to the ear: the audio process, the time line, the metronome, sound files."""
