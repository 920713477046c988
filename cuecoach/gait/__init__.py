"""GAIT, pure: landmarks in, strides out. No clock, no thread, no file, no randomness, no other room.

`follow.Gait` is the way in. Nothing is imported here: norms and settings are wanted without scipy, which loads slowly.
"""
