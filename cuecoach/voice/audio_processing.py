"""Turns raw sound into clips (checked, mono, trimmed, resampled, levelled, faded), and makes tones and clicks. Pure."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cuecoach.voice.base import RATE_HZ

VERSION = 2  # part of the cache key: raise it when anything here changes what a clip sounds like

SHORTEST_S = 0.2  # as delivered; a shorter file is what is left of a broken rendering
LONGEST_S = 3.0  # voiced; longer words cannot be followed by a runner
LEVEL_DB = -20.0  # RMS; for short speech the same as LUFS within half a dB
PEAK_DB = -1.0
FADE_S = 0.005
_AUDIBLE = 0.01  # of the peak: -40 dB
_SILENCE_PEAK = 1e-3  # a peak below -60 dBFS is no speech
_TAIL_S = 0.02  # kept behind the last audible sample, where soft consonants die away

# Voice activity: where the words are in a recording with a room around them.
_FRAME_S = 0.01
_SPEECH_OVER_NOISE = 2.0  # a frame 6 dB above the room's own noise is speech,
_SPEECH_SHARE_OF_PEAK = 0.16  # and so is one less than 16 dB below the loudest frame
_EDGE_S = 0.15  # less than this before or after the words belongs to them, and stays
_MARGIN_S = 0.02  # kept where more is cut off
_KNOCK_FRAMES, _KNOCK_GAP_FRAMES = 8, 25  # so short a sound so far from the words is the key that was pressed

_SCALE_HZ = (440.0, 587.3, 784.0, 1046.5, 1396.9)  # wide steps, all in 150 Hz - 5 kHz (Brewster 1995)
_NOTE_S = 0.12
_GAP_S = 0.05
_TONE_GAP_S = 0.1  # between a tone and the words it announces

_CLICK_HZ = 1500.0  # above the voice's own strength, below where small speakers and old ears end
_CLICK_S = 0.03
_CLICK_DECAY_S = 0.006


class UnusableSoundError(Exception):
    """The sound cannot become a clip; the message says why in a few words."""


def to_clip(samples: NDArray[Any], rate_hz: int) -> NDArray[np.float32]:
    """Return `samples`, (n,) or (n, channels) float in -1..1 at `rate_hz`, as a clip: (m,) float32 at RATE_HZ.

    Raises
    ------
    UnusableSoundError
        When it is broken, silent, shorter than SHORTEST_S or speaks longer than LONGEST_S.
    """
    mono = np.asarray(samples, dtype=np.float64)
    if mono.ndim == 2:
        mono = mono.mean(axis=1)
    if mono.size < SHORTEST_S * rate_hz:
        raise UnusableSoundError(f"only {mono.size / rate_hz:.2f} s of sound")
    if not np.isfinite(mono).all():
        raise UnusableSoundError("broken samples")
    mono = mono - np.median(mono)
    if np.abs(mono).max() < _SILENCE_PEAK:
        raise UnusableSoundError("silence")
    first, last = find_words(mono, rate_hz)
    mono = mono[first:last]
    first, last = audible_range(mono)
    if (last - first) / rate_hz > LONGEST_S:
        raise UnusableSoundError(f"{(last - first) / rate_hz:.1f} s long, at most {LONGEST_S:g} s")
    fade = round(FADE_S * rate_hz)
    mono = mono[max(0, first - fade) : last + round(_TAIL_S * rate_hz)]
    return _fade(_level(_resample(mono, rate_hz)))


def find_words(mono: NDArray[Any], rate_hz: int) -> tuple[int, int]:
    """Return the first sample of the words in a recording, (n,), and the one after the last, without the room around.

    The room's noise is the level of the quietest tenth. A recording that was cut already stays as it is.
    """
    level = frame_levels(mono, rate_hz)
    noise = float(np.percentile(level, 10))
    runs = _loud_runs(level, noise)
    while knocks := _knocks(runs):
        for begin, end in knocks:
            level[begin:end] = 0.0
        runs = _loud_runs(level, noise)
    if not runs:
        return 0, mono.size
    begin_s, end_s = runs[0][0] * _FRAME_S, runs[-1][1] * _FRAME_S
    first = round((begin_s - _MARGIN_S) * rate_hz) if begin_s > _EDGE_S else 0
    last = round((end_s + _MARGIN_S) * rate_hz) if mono.size / rate_hz - end_s > _EDGE_S else mono.size
    return first, last


def frame_levels(mono: NDArray[Any], rate_hz: int) -> NDArray[np.float64]:
    """Return the RMS of each hundredth of a second."""
    width = round(_FRAME_S * rate_hz)
    frames = np.asarray(mono[: mono.size // width * width], np.float64).reshape(-1, width)
    return np.asarray(np.sqrt((frames**2).mean(axis=1)))


def _loud_runs(level: NDArray[np.float64], noise: float) -> list[tuple[int, int]]:
    """Return the stretches of frames above the noise, each as its first frame and the one after the last."""
    peak = level.max()
    loud = level > min(max(_SPEECH_OVER_NOISE * noise, _AUDIBLE * peak), _SPEECH_SHARE_OF_PEAK * peak)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], loud.astype(int), [0])))).tolist()
    return list(zip(edges[::2], edges[1::2], strict=True))


def _knocks(runs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the first and the last stretch as far as each is short and far from the next."""
    ends = ((runs[0], runs[1][0] - runs[0][1]), (runs[-1], runs[-1][0] - runs[-2][1])) if len(runs) > 1 else ()
    return [run for run, gap in ends if run[1] - run[0] <= _KNOCK_FRAMES and gap >= _KNOCK_GAP_FRAMES]


def audible_range(samples: NDArray[Any]) -> tuple[int, int]:
    """Return the first audible sample and the one after the last: within 40 dB of the peak. (0, 0) for silence."""
    loud = np.abs(samples)
    heard = np.flatnonzero(loud > _AUDIBLE * loud.max(initial=0.0))
    return (int(heard[0]), int(heard[-1]) + 1) if heard.size else (0, 0)


def voiced_s(samples: NDArray[Any]) -> float:
    """Return the length from first to last audible sample of a clip at RATE_HZ."""
    first, last = audible_range(samples)
    return (last - first) / RATE_HZ


def amplify(samples: NDArray[np.float32], gain_db: float) -> NDArray[np.float32]:
    """Return the clip `gain_db` louder; where that would pass the peak level it is bent softly, never cut."""
    limit = amplitude(PEAK_DB)
    louder = samples * np.float32(amplitude(gain_db))
    if np.abs(louder).max(initial=0.0) > limit:
        louder = limit * np.tanh(louder / limit)
    return np.asarray(louder, dtype=np.float32)


def tone(number: int) -> NDArray[np.float32]:
    """Return earcon `number` (from 0): two or more notes, a different melody for every number."""
    notes: list[int] = []
    while number or len(notes) < 2:
        number, digit = divmod(number, len(_SCALE_HZ))
        notes.append(digit)
    time_s = np.arange(round(_NOTE_S * RATE_HZ)) / RATE_HZ
    envelope = np.minimum(1.0, np.minimum(time_s, _NOTE_S - time_s) / 0.01)
    gap = np.zeros(round(_GAP_S * RATE_HZ))
    parts = []
    for digit in notes:
        phase = 2 * np.pi * _SCALE_HZ[digit] * time_s
        parts += [envelope * (np.sin(phase) + 0.3 * np.sin(2 * phase) + 0.1 * np.sin(3 * phase)), gap]
    return _fade(_level(np.concatenate(parts[:-1])))


def click(gain_db: float) -> NDArray[np.float32]:
    """Return the metronome's click: short, wooden, `gain_db` against the level of words."""
    time_s = np.arange(round(_CLICK_S * RATE_HZ)) / RATE_HZ
    sound = np.exp(-time_s / _CLICK_DECAY_S) * np.sin(2 * np.pi * _CLICK_HZ * time_s)
    ramp = np.linspace(0.0, 1.0, round(0.001 * RATE_HZ))
    sound[-ramp.size :] *= ramp[::-1]
    level = amplitude(LEVEL_DB + gain_db) / np.sqrt(np.mean(sound**2))
    return np.asarray(sound * min(level, amplitude(PEAK_DB) / np.abs(sound).max()), dtype=np.float32)


def with_tone(words: NDArray[np.float32], number: int) -> NDArray[np.float32]:
    """Return a clip's words with earcon `number` before them."""
    return np.concatenate([tone(number), np.zeros(round(_TONE_GAP_S * RATE_HZ), np.float32), words])


def _resample(mono: NDArray[np.float64], rate_hz: int) -> NDArray[np.float64]:
    if rate_hz == RATE_HZ:
        return mono
    from scipy.signal import resample_poly  # here, because importing it takes most of a second

    ratio = Fraction(RATE_HZ, rate_hz)
    return np.asarray(resample_poly(mono, ratio.numerator, ratio.denominator))


def _level(mono: NDArray[np.float64]) -> NDArray[np.float64]:
    gain = amplitude(LEVEL_DB) / np.sqrt(np.mean(mono**2))
    return mono * float(min(gain, amplitude(PEAK_DB) / np.abs(mono).max()))


def _fade(mono: NDArray[np.float64]) -> NDArray[np.float32]:
    ramp = np.linspace(0.0, 1.0, round(FADE_S * RATE_HZ))
    faded = mono.copy()
    faded[: ramp.size] *= ramp
    faded[-ramp.size :] *= ramp[::-1]
    return faded.astype(np.float32)


def amplitude(level_db: float) -> float:
    """Return the amplitude, or the gain, that is `level_db`."""
    return float(10.0 ** (level_db / 20.0))
