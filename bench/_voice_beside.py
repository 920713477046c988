"""The rows that set ours beside something else: pyttsx3 called from the loop, and the pose loop without speech."""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import time

import numpy as np
from _voice_hearing import Drive, Room, bursts_of
from _voice_rows import Row

from cuecoach import config
from cuecoach.athlete.settings import AthleteSettings
from cuecoach.pose.mediapipe import PoseDetector
from cuecoach.source.virtual import VirtualSource
from cuecoach.types import Frame
from cuecoach.voice.player import Player

CUES = 8
TEXT = "pull under"
FRAMES, WARM, PAIRS = 12, 2, 14
TELLING = 0.01  # standard error of a ratio that says something about two per cent
LIMIT_S = 90.0
# What similar projects do: one engine, `say` and `runAndWait` in the loop that reads the camera.
DIRECT = """
import json, sys, threading, time, pyttsx3
def spin():
    n = 0
    while True: n += 1
for _ in range(int(sys.argv[2])): threading.Thread(target=spin, daemon=True).start()
engine = pyttsx3.init()
calls = []
for _ in range(int(sys.argv[1])):
    began = time.monotonic()
    engine.say(sys.argv[3]); engine.runAndWait()
    calls.append((began, time.monotonic()))
    time.sleep(2.0)
pairs = []
for _ in range(int(sys.argv[1])):
    pairs.append(time.monotonic())
    engine.say(sys.argv[3]); engine.say("and another one"); engine.runAndWait()
    time.sleep(3.0)
print(json.dumps([calls, pairs]), flush=True)
"""


def pyttsx3_rows(threads: int) -> list[Row]:
    """Return what pyttsx3 used directly from the loop does on this machine."""
    measure = f"pyttsx3 said from the loop itself, {threads} busy Python threads beside ({CUES} phrases)"
    if shutil.which("aplay") is None:
        return [Row(measure, "stated", "not measured: pyttsx3 plays through aplay (apt install alsa-utils)")]
    command = [sys.executable, "-c", DIRECT, str(CUES), str(threads), TEXT]
    with Room() as room, room.listening():
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)
        except subprocess.TimeoutExpired:
            return [Row(measure, "stated", f"hung: not done after {LIMIT_S:g} s")]
    if done.returncode:
        return [Row(measure, "stated", f"failed: {done.stderr.strip().splitlines()[-1:]}")]
    calls, pairs = json.loads(done.stdout)
    bursts = room.recording.bursts(0.6)
    onsets, lost = [], 0
    for began_s, _ in calls:
        after = [start - began_s for start, _ in bursts if began_s - 0.01 <= start < began_s + 2.0]
        lost += not after
        onsets += after[:1]
    second = sum(bool(_voiced_s(bursts, at_s, at_s + 3.0) > 1.5 * _voiced_s(bursts, *calls[-1])) for at_s in pairs)
    stood = [returned - began for began, returned in calls]
    onset = f"onset median {np.median(onsets) * 1000:.0f}, max {max(onsets) * 1000:.0f} ms" if onsets else "not heard"
    return [
        Row(
            measure,
            "stated",
            f"{onset}; the loop stood still {statistics.median(stood):.2f} s a phrase, {max(stood):.2f} at most; "
            f"{lost} of {CUES} phrases lost; said two at a time, {CUES - second} of {CUES} second ones lost",
        )
    ]


def _voiced_s(bursts: list[tuple[float, float]], begin_s: float, end_s: float) -> float:
    """Return how long there was sound between two times."""
    return sum(max(0.0, min(end, end_s) - max(start, begin_s)) for start, end in bursts)


def pose_rows() -> list[Row]:
    """Return the time MediaPipe takes for a frame with speech going on against without, in turns."""
    source = VirtualSource(AthleteSettings(duration_s=2.0))
    frames: list[Frame] = []
    while (item := source.read()) is not None and len(frames) < FRAMES:
        if isinstance(item, Frame):
            frames.append(item)
    settings = config.Settings()
    detector = PoseDetector(settings.pose, config.cache_folder())
    turns: dict[bool, list[float]] = {True: [], False: []}
    index = 0
    with Room():
        for turn in range(2 * PAIRS):
            speaking = bool((turn + turn // 2) % 2)  # off, on, on, off: a machine that grows busier favours neither
            epoch_s = time.monotonic()
            drive = Drive(Player(bursts_of(1, 1.0), epoch_s), epoch_s) if speaking else None
            times = []
            for number, frame in enumerate(frames * 2):
                began_s = time.perf_counter()
                if drive and number % FRAMES == WARM:
                    drive.voice.say(number, "burst-0", drive.t_s, drive.t_s + 5)
                detector.detect(Frame(index / 30, index, frame.image_bgr))
                if drive:
                    drive.poll()
                index += 1
                times.append(time.perf_counter() - began_s)
            turns[speaking].append(1000 * statistics.median(times[WARM:]))
            if drive:
                drive.voice.close(drive.t_s)
    detector.close()
    ratios = [with_ms / without_ms for with_ms, without_ms in zip(turns[True], turns[False], strict=True)]
    ratio = statistics.median(ratios)
    error = statistics.stdev(ratios) / len(ratios) ** 0.5
    with_ms, without_ms = (statistics.median(turns[speaking]) for speaking in (True, False))
    return [
        Row(
            f"pose loop's frame time with speech against without ({PAIRS} pairs of {2 * FRAMES - WARM} frames)",
            "ratio <= 1.02",
            f"{with_ms:.1f} against {without_ms:.1f} ms: {ratio:.3f} (standard error {error:.3f})",
            None if error > TELLING else ratio <= 1.02,  # a busy machine cannot tell
        )
    ]
