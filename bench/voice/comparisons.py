"""Measures alternatives: pyttsx3 called from the loop, and the pose loop without speech."""

from __future__ import annotations

import itertools
import json
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from bench.table import Row
from bench.voice.recording import MonitoredServer, VoiceDriver, bursts_of
from cuecoach import config
from cuecoach.pose.mediapipe import PoseDetector
from cuecoach.source.virtual_runner import VirtualSource
from cuecoach.types import Frame
from cuecoach.virtual_runner.settings import VirtualRunnerSettings
from cuecoach.voice.base import Utterance
from cuecoach.voice.playback.player import Player

CUES = 8
TEXT = "pull under"
FRAMES, WARM, ROUNDS = 12, 2, 14
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
        return [Row("beside", measure, "stated", "not measured: pyttsx3 plays through aplay (apt install alsa-utils)")]
    command = [sys.executable, "-c", DIRECT, str(CUES), str(threads), TEXT]
    with MonitoredServer() as server, server.listening():
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)
        except subprocess.TimeoutExpired:
            return [Row("beside", measure, "stated", f"hung: not done after {LIMIT_S:g} s")]
    if done.returncode:
        return [Row("beside", measure, "stated", f"failed: {done.stderr.strip().splitlines()[-1:]}")]
    calls, pairs = json.loads(done.stdout)
    bursts = server.recording.bursts(0.6)
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
            "beside",
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
    """Return the time MediaPipe takes for a frame: with speech, with an open stream that is silent, without sound."""
    source = VirtualSource(VirtualRunnerSettings(duration_s=2.0))
    frames: list[Frame] = []
    while (item := source.read()) is not None and len(frames) < FRAMES:
        if isinstance(item, Frame):
            frames.append(item)
    detector = PoseDetector(config.Settings().pose, config.cache_folder())
    turns: dict[str, list[float]] = {kind: [] for kind in ("none", "silent", "speech")}
    counter = itertools.count()
    with MonitoredServer():
        for number in range(ROUNDS):
            # There and back again: a machine that grows busier favours none of them.
            for kind in list(turns) if number % 2 else reversed(turns):
                turns[kind].append(_turn_ms(detector, frames, counter, kind))
    detector.close()
    return [_ratio_row(turns, "none", "without sound"), _ratio_row(turns, "silent", "a stream open, but silent")]


def _turn_ms(detector: PoseDetector, frames: Sequence[Frame], counter: Iterator[int], kind: str) -> float:
    """Return the median time of a frame over two passes of `frames`."""
    epoch_s = time.monotonic()
    driver = None if kind == "none" else VoiceDriver(Player(bursts_of(1, 1.0), epoch_s), epoch_s)
    times = []
    for number, frame in enumerate([*frames, *frames]):
        index = next(counter)
        began_s = time.perf_counter()
        if driver and kind == "speech" and number % FRAMES == WARM:
            driver.voice.say(Utterance(number, "burst-0", driver.t_s, driver.t_s + 5))
        detector.detect(Frame(index / 30, index, frame.image_bgr))
        if driver:
            driver.poll()
        times.append(time.perf_counter() - began_s)
    if driver:
        driver.voice.close(driver.t_s)
    return 1000 * statistics.median(times[WARM:])


def _ratio_row(turns: Mapping[str, Sequence[float]], against: str, words: str) -> Row:
    ratios = [with_ms / without_ms for with_ms, without_ms in zip(turns["speech"], turns[against], strict=True)]
    ratio = statistics.median(ratios)
    error = statistics.stdev(ratios) / len(ratios) ** 0.5
    return Row(
        "beside",
        f"pose loop's frame time with speech against {words} ({ROUNDS} rounds of {2 * FRAMES - WARM} frames)",
        "ratio <= 1.02",
        f"{statistics.median(turns['speech']):.1f} against {statistics.median(turns[against]):.1f} ms: "
        f"{ratio:.3f} (standard error {error:.3f})",
        None if error > TELLING else ratio <= 1.02,  # a busy machine cannot tell
    )
