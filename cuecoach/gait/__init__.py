"""GAIT, pure: landmarks in, strides out. No clock, no thread, no file, no randomness, no other room."""

from cuecoach.gait.follow import Gait, GaitSettings, GaitStep

__all__ = ["Gait", "GaitSettings", "GaitStep"]
