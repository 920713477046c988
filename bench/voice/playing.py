"""Measures sound that plays: the onset of cues, scheduled starts, many cues in a row."""

from __future__ import annotations

import dataclasses
import random
import resource
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.table import Row
from bench.voice.recording import LATE_STARTS_S, MonitoredServer, Recording, VoiceDriver, bursts_of, busy_threads
from cuecoach.types import UtteranceState
from cuecoach.voice.audio_processing import audible_range
from cuecoach.voice.base import RATE_HZ, Clip, Utterance
from cuecoach.voice.playback.player import Player

CLIP_S = 0.1
PAUSE_S = 0.04
ALIKE_FROM = 0.99


def onset_rows(cues: int, threads: int) -> list[Row]:
    """Return decision to first audible sample of immediate cues, beside busy threads."""
    clips = bursts_of(4, 0.2)
    onsets_ms = []
    with MonitoredServer() as server, server.listening():
        driver = _driver(clips)
        decided = []
        with busy_threads(threads):
            driver.wait(1.0)
            for utterance in range(cues):
                now_s = time.monotonic()
                driver.voice.say(Utterance(utterance, f"burst-{utterance % 4}", now_s - driver.epoch_s, driver.t_s + 2))
                decided.append(now_s)
                driver.wait(0.4 + random.uniform(0.0, 0.05))  # noqa: S311 - so that cues do not keep in step with buffers
        driver.voice.close(driver.t_s)
    recording = server.recording
    for utterance, now_s in enumerate(decided):
        clip = clips[f"burst-{utterance % 4}"]
        start_s, correlation = recording.find(now_s + LATE_STARTS_S, clip, LATE_STARTS_S)
        onsets_ms.append(
            (start_s - now_s) * 1000 + audible_range(clip.samples)[0] / RATE_HZ * 1000 if correlation > 0.5 else np.nan
        )
    late_ms = np.array(onsets_ms)
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
    with MonitoredServer() as server, server.listening():
        driver = _driver(clips)
        targets = []
        with busy_threads(threads):
            driver.wait(1.0)
            for utterance in range(cues):
                start_s = driver.t_s + 0.2 + random.uniform(0.0, 0.02)  # noqa: S311
                driver.voice.say(Utterance(utterance, f"burst-{utterance % 4}", driver.t_s, start_s + 1, start_s))
                targets.append(start_s + driver.epoch_s)
                driver.wait(0.6)
        driver.voice.close(driver.t_s)
    recording = server.recording
    errors = []
    for utterance, target_s in enumerate(targets):
        start_s, correlation = recording.find(target_s, clips[f"burst-{utterance % 4}"])
        errors.append((start_s - target_s) * 1000 if correlation > 0.5 else np.nan)
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
    with MonitoredServer() as server, server.listening():
        driver = _driver(clips)
        player = driver.voice
        assert isinstance(player, Player)
        sizes = []
        for utterance, cue_id in enumerate(order):
            player.say(Utterance(utterance, cue_id, driver.t_s, driver.t_s + 5))
            driver.wait(10.0, partial(driver.ended, utterance))
            driver.wait(PAUSE_S)
            if utterance in (cues // 10, cues - 1):
                sizes.append(_memory_kb(player))
        driver.voice.close(driver.t_s)
    growth = [after - before for before, after in zip(*sizes, strict=True)]
    return [
        *_completeness_rows(server.recording, driver, clips, order),
        Row(
            "sound",
            "memory after a tenth of them and at the end",
            "no growth",
            f"sound process {growth[0]:+d} kB, this one {growth[1]:+d} kB",
            growth[0] < 1000,
        ),
    ]


def _completeness_rows(
    recording: Recording, driver: VoiceDriver, clips: Mapping[str, Clip], order: Sequence[str]
) -> list[Row]:
    """Return whether all cues were heard once, whole and in the `order` of their ids."""
    cues = len(order)
    started = [event for event in driver.events if event.state is UtteranceState.STARTED]
    correlations = _correlations(recording, driver, clips)
    in_order = [(event.utterance, event.cue_id) for event in started] == list(enumerate(order))
    heard = len(recording.bursts(PAUSE_S / 2))
    good = int((correlations >= ALIKE_FROM).sum())
    reported = {event.utterance for event in driver.events if event.state is UtteranceState.FINISHED and event.detail}
    shifts_ms = [
        f"{_gap_ms(recording, event.t_s + driver.epoch_s, clips[event.cue_id]):+.1f} ms"
        + (" (reported)" if event.utterance in reported else "")
        for event, correlation in zip(started, correlations, strict=True)
        if correlation < ALIKE_FROM
    ]
    return [
        Row(
            "sound",
            f"{cues} cues in one run",
            f"all once, in order, correlation >= {ALIKE_FROM}",
            f"{len(started)} started {'in order' if in_order else 'OUT OF ORDER'}, {heard} bursts heard, "
            f"{good} alike (least {correlations.min(initial=1.0):.3f}), {len(reported)} reported with underruns",
            bool(in_order and heard == cues == good),
        ),
        Row(
            "sound",
            "those not alike: how far their halves moved apart",
            "none",
            ", ".join(shifts_ms[:12]) or "none",
        ),
    ]


def _gap_ms(recording: Recording, near_s: float, clip: Clip) -> float:
    """Return how much later the second half of a clip came than it should: + a hole in it, - something is missing."""
    middle = clip.samples.size // 2
    halves = (dataclasses.replace(clip, samples=part) for part in (clip.samples[:middle], clip.samples[middle:]))
    first_s, second_s = (recording.find(near_s, half)[0] for half in halves)
    return 1000 * (second_s - first_s - middle / RATE_HZ)


def _correlations(recording: Recording, driver: VoiceDriver, clips: Mapping[str, Clip]) -> NDArray[np.float64]:
    correlations = [
        recording.find(event.t_s + driver.epoch_s, clips[event.cue_id])[1]
        for event in driver.events
        if event.state is UtteranceState.STARTED
    ]
    return np.array(correlations)


def _driver(clips: Mapping[str, Clip]) -> VoiceDriver:
    epoch_s = time.monotonic()
    return VoiceDriver(Player(clips, epoch_s), epoch_s)


def _memory_kb(player: Player) -> tuple[int, int]:
    """Return what the sound process and this one hold."""
    assert player._run is not None
    status = Path(f"/proc/{player._run.process.pid}/status").read_text(encoding="ascii")
    (line,) = [line for line in status.splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
