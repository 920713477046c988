"""Cue packs: the format (pure, text in, pack or diagnostics out) and the library that finds the files."""
