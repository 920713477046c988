"""Gait, pure: landmarks in, strides out. No clock, thread, file, randomness or other room.

`gait.Gait` is the entry. Nothing is imported here: settings and metric names must load without scipy, which is slow.
"""
