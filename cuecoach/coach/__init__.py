"""COACH, pure: strides in, decisions out. No clock, no thread, no file, no other room but gait's strides and norms."""
