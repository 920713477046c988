"""COACH, pure: strides in, decisions out. No clock, no thread, no file, no other room but gait's strides and norms."""

from cuecoach.coach.inhibit import Situation
from cuecoach.coach.opening import open_coach
from cuecoach.coach.pack import Pack
from cuecoach.coach.packfile import check_pack, parse_pack
from cuecoach.coach.page import describe
from cuecoach.coach.policy import CoachSettings
from cuecoach.coach.problems import PackError, Problem
from cuecoach.coach.programme import Programme, ProgrammeSettings, plan
from cuecoach.coach.scheduler import Coach

__all__ = [
    "Coach",
    "CoachSettings",
    "Pack",
    "PackError",
    "Problem",
    "Programme",
    "ProgrammeSettings",
    "Situation",
    "check_pack",
    "describe",
    "open_coach",
    "parse_pack",
    "plan",
]
