"""The session of `cuecoach demo`: whose virtual runner runs, at what pace, and shorter waits between cues."""

from __future__ import annotations

from cuecoach.config import Settings, changed
from cuecoach.session.assembly import Request
from cuecoach.source.virtual_runner import VirtualSource
from cuecoach.voice.sound_report import device_available

# A real session waits a minute before its first cue and forty seconds for an answer; a demo has one minute in all.
WAITS = {"warmup_inhibit_s": 8.0, "cue_refractory_s": 14.0, "cue_refractory_steps": 36, "bucket_refill_s": 15.0}


def demo_settings(settings: Settings, fault: str, seconds: float, speed: str | None) -> Settings:
    """Return the settings for a virtual runner with a fault, which is none of the user's runners.

    Raises
    ------
    InputError
        There is no such fault, or nobody runs at that speed.
    """
    settings = changed(settings, "virtual_runner", faults=[fault], duration_s=seconds, speed=speed)
    settings = changed(settings, "session", speed_mps=settings.virtual_runner.speed_mps, runner="")
    return changed(settings, "coach", **WAITS)


def demo_request(settings: Settings, fast: bool) -> Request:
    """Return what runs: at its own pace with a speaker; as fast as it goes without one, or when that is wanted."""
    paced = device_available() and not fast
    return Request(lambda: VirtualSource(settings.virtual_runner, realtime=paced))
