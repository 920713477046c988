"""COACH, pure: strides in, decisions out. No clock, no thread, no file, no other room but gait's strides and norms."""

from cuecoach.coach.inhibit import Situation
from cuecoach.coach.pack import Pack, describe
from cuecoach.coach.packfile import PackError, Problem, check_pack, parse_pack
from cuecoach.coach.policy import CoachSettings
from cuecoach.coach.scheduler import Coach

__all__ = [
    "Coach",
    "CoachSettings",
    "Pack",
    "PackError",
    "Problem",
    "Situation",
    "check_pack",
    "describe",
    "parse_pack",
]
