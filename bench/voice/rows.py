"""The rows about sound that plays: onset, scheduled start, many cues in a row."""

from __future__ import annotations

import dataclasses
import random
import resource
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.table import Row
from bench.voice.hearing import LATE_STARTS_S, Drive, Recording, Room, bursts_of, busy_threads
from cuecoach.types import UtteranceState
from cuecoach.voice.audio_processing import audible_range
from cuecoach.voice.base import RATE_HZ, Clip, Utterance
from cuecoach.voice.playback.player import Player

CLIP_S = 0.1
PAUSE_S = 0.04
LIKE = 0.99


def onset_rows(cues: int, threads: int) -> list[Row]:
    """Return decision to first audible sample of immediate cues, beside busy threads."""
    clips = bursts_of(4, 0.2)
    lates = []
    with Room() as room, room.listening():
        drive = _drive(clips)
        decided = []
        with busy_threads(threads):
            drive.wait(1.0)
            for utterance in range(cues):
                now_s = time.monotonic()
                drive.voice.say(Utterance(utterance, f"burst-{utterance % 4}", now_s - drive.epoch_s, drive.t_s + 2))
                decided.append(now_s)
                drive.wait(0.4 + random.uniform(0.0, 0.05))  # noqa: S311 - so that cues do not keep in step with buffers
        drive.voice.close(drive.t_s)
    recording = room.recording
    for utterance, now_s in enumerate(decided):
        clip = clips[f"burst-{utterance % 4}"]
        start_s, like = recording.find(now_s + LATE_STARTS_S, clip, LATE_STARTS_S)
        lates.append(
            (start_s - now_s) * 1000 + audible_range(clip.samples)[0] / RATE_HZ * 1000 if like > 0.5 else np.nan
        )
    late_ms = np.array(lates)
    heard = late_ms[np.isfinite(late_ms)]
    median, high = np.median(heard), np.percentile(heard, 95)
    return [
        Row(
            "sound",
            f"decision to first audible sample, {threads} busy Python threads beside ({cues} cues)",
            "median <= 15 ms, p95 <= 30, all heard",
            f"median {median:.1f}, p95 {high:.1f}, max {heard.max():.1f} ms, {heard.size} of {cues} heard",
            bool(median <= 15 and high <= 30 and heard.size == cues),
        )
    ]


def scheduled_rows(cues: int, threads: int) -> list[Row]:
    """Return scheduled starts against their targets."""
    clips = bursts_of(4, 0.2)
    with Room() as room, room.listening():
        drive = _drive(clips)
        targets = []
        with busy_threads(threads):
            drive.wait(1.0)
            for utterance in range(cues):
                start_s = drive.t_s + 0.2 + random.uniform(0.0, 0.02)  # noqa: S311
                drive.voice.say(Utterance(utterance, f"burst-{utterance % 4}", drive.t_s, start_s + 1, start_s))
                targets.append(start_s + drive.epoch_s)
                drive.wait(0.6)
        drive.voice.close(drive.t_s)
    recording = room.recording
    errors = []
    for utterance, target_s in enumerate(targets):
        start_s, like = recording.find(target_s, clips[f"burst-{utterance % 4}"])
        errors.append((start_s - target_s) * 1000 if like > 0.5 else np.nan)
    error_ms = np.array(errors)
    heard = error_ms[np.isfinite(error_ms)]
    bias, sd = heard.mean(), heard.std()
    return [
        Row(
            "sound",
            f"scheduled start against its target, {threads} busy Python threads beside ({cues} cues)",
            "SD <= 1 ms, bias at most 3",
            f"SD {sd:.2f}, bias {bias:+.2f}, {heard.min():+.2f} to {heard.max():+.2f} ms, {heard.size} of {cues} heard",
            bool(sd <= 1 and abs(bias) <= 3 and heard.size == cues),
        )
    ]


def many_rows(cues: int) -> list[Row]:
    """Return what became of many cues in one run."""
    clips = bursts_of(16, CLIP_S)
    order = [f"burst-{random.Random(cues + n).randrange(16)}" for n in range(cues)]  # noqa: S311
    with Room() as room, room.listening():
        drive = _drive(clips)
        player = drive.voice
        assert isinstance(player, Player)
        sizes = []
        for utterance, cue_id in enumerate(order):
            player.say(Utterance(utterance, cue_id, drive.t_s, drive.t_s + 5))
            drive.wait(10.0, partial(drive.ended, utterance))
            drive.wait(PAUSE_S)
            if utterance in (cues // 10, cues - 1):
                sizes.append(_memory_kb(player))
        drive.voice.close(drive.t_s)
    recording = room.recording
    started = [event for event in drive.heard if event.state is UtteranceState.STARTED]
    likes = _likenesses(recording, drive, clips)
    in_order = [event.cue_id for event in started] == order and [e.utterance for e in started] == list(range(cues))
    heard = len(recording.bursts(PAUSE_S / 2))
    good = int((likes >= LIKE).sum())
    told = {event.utterance for event in drive.heard if event.state is UtteranceState.FINISHED and event.detail}
    wounds = [
        f"{_gap_ms(recording, event.t_s + drive.epoch_s, clips[event.cue_id]):+.1f} ms"
        + (" (told)" if event.utterance in told else "")
        for event, like in zip(started, likes, strict=True)
        if like < LIKE
    ]
    growth = [after - before for before, after in zip(*sizes, strict=True)]
    return [
        Row(
            "sound",
            f"{cues} cues in one run",
            f"all once, in order, correlation >= {LIKE}",
            f"{len(started)} started {'in order' if in_order else 'OUT OF ORDER'}, {heard} bursts heard, "
            f"{good} alike (least {likes.min(initial=1.0):.3f}), {len(told)} reported with underruns",
            bool(in_order and heard == cues == good),
        ),
        Row(
            "sound",
            "those not alike: how far their halves moved apart",
            "none",
            ", ".join(wounds[:12]) or "none",
        ),
        Row(
            "sound",
            "memory after a tenth of them and at the end",
            "no growth",
            f"sound process {growth[0]:+d} kB, this one {growth[1]:+d} kB",
            growth[0] < 1000,
        ),
    ]


def _gap_ms(recording: Recording, near_s: float, clip: Clip) -> float:
    """Return how much later the second half of a clip came than it should: + a hole in it, - something is missing."""
    middle = clip.samples.size // 2
    halves = (dataclasses.replace(clip, samples=part) for part in (clip.samples[:middle], clip.samples[middle:]))
    first_s, second_s = (recording.find(near_s, half)[0] for half in halves)
    return 1000 * (second_s - first_s - middle / RATE_HZ)


def _likenesses(recording: Recording, drive: Drive, clips: Mapping[str, Clip]) -> NDArray[np.float64]:
    likes = [
        recording.find(event.t_s + drive.epoch_s, clips[event.cue_id])[1]
        for event in drive.heard
        if event.state is UtteranceState.STARTED
    ]
    return np.array(likes)


def _drive(clips: Mapping[str, Clip]) -> Drive:
    epoch_s = time.monotonic()
    return Drive(Player(clips, epoch_s), epoch_s)


def _memory_kb(player: Player) -> tuple[int, int]:
    """Return what the sound process and this one hold."""
    assert player._run is not None
    status = Path(f"/proc/{player._run.process.pid}/status").read_text(encoding="ascii")
    (line,) = [line for line in status.splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
