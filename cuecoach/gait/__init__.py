"""GAIT, pure: landmarks in, strides out. No clock, no thread, no file, no randomness, no other room."""
