"""Raw sound to clip: check, mix down, trim, resample, level, fade; and the tones that stand in for missing words.

Pure numbers: opens no file, starts no process.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cuecoach.voice.base import RATE_HZ

VERSION = 1  # part of the cache key: raise it when anything here changes what a clip sounds like

SHORTEST_S = 0.2  # as delivered; a shorter file is what is left of a broken rendering
LONGEST_S = 3.0  # voiced; longer words cannot be followed by a runner
LEVEL_DB = -20.0  # RMS; for short speech the same as LUFS within half a dB
PEAK_DB = -1.0
FADE_S = 0.005
_AUDIBLE = 0.01  # of the peak: -40 dB
_SILENT = 1e-3  # a peak below -60 dBFS is no speech
_TAIL_S = 0.02  # kept behind the last audible sample, where soft consonants die away

_SCALE_HZ = (440.0, 587.3, 784.0, 1046.5, 1396.9)  # wide steps, all in 150 Hz - 5 kHz (Brewster 1995)
_NOTE_S = 0.12
_GAP_S = 0.05
_TONE_GAP_S = 0.1  # between a tone and the words it announces

_CLICK_HZ = 1500.0  # above the voice's own strength, below where small speakers and old ears end
_CLICK_S = 0.03
_CLICK_DECAY_S = 0.006


class UnusableSoundError(Exception):
    """The sound cannot become a clip; the message says why in a few words."""


def shape(samples: NDArray[Any], rate_hz: int) -> NDArray[np.float32]:
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
    if np.abs(mono).max() < _SILENT:
        raise UnusableSoundError("silence")
    first, last = audible(mono)
    if (last - first) / rate_hz > LONGEST_S:
        raise UnusableSoundError(f"{(last - first) / rate_hz:.1f} s long, at most {LONGEST_S:g} s")
    fade = round(FADE_S * rate_hz)
    mono = mono[max(0, first - fade) : last + round(_TAIL_S * rate_hz)]
    return _faded(_levelled(_resampled(mono, rate_hz)))


def audible(samples: NDArray[Any]) -> tuple[int, int]:
    """Return the first audible sample and the one after the last: within 40 dB of the peak. (0, 0) for silence."""
    loud = np.abs(samples)
    heard = np.flatnonzero(loud > _AUDIBLE * loud.max(initial=0.0))
    return (int(heard[0]), int(heard[-1]) + 1) if heard.size else (0, 0)


def voiced_s(samples: NDArray[Any]) -> float:
    """Return the length from first to last audible sample of a clip at RATE_HZ."""
    first, last = audible(samples)
    return (last - first) / RATE_HZ


def amplified(samples: NDArray[np.float32], gain_db: float) -> NDArray[np.float32]:
    """Return the clip `gain_db` louder; where that would pass the peak level it is bent softly, never cut."""
    limit = ratio(PEAK_DB)
    louder = samples * np.float32(ratio(gain_db))
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
    shell = np.minimum(1.0, np.minimum(time_s, _NOTE_S - time_s) / 0.01)
    gap = np.zeros(round(_GAP_S * RATE_HZ))
    parts = []
    for digit in notes:
        phase = 2 * np.pi * _SCALE_HZ[digit] * time_s
        parts += [shell * (np.sin(phase) + 0.3 * np.sin(2 * phase) + 0.1 * np.sin(3 * phase)), gap]
    return _faded(_levelled(np.concatenate(parts[:-1])))


def click(gain_db: float) -> NDArray[np.float32]:
    """Return the metronome's click: short, wooden, `gain_db` against the level of words."""
    time_s = np.arange(round(_CLICK_S * RATE_HZ)) / RATE_HZ
    sound = np.exp(-time_s / _CLICK_DECAY_S) * np.sin(2 * np.pi * _CLICK_HZ * time_s)
    ramp = np.linspace(0.0, 1.0, round(0.001 * RATE_HZ))
    sound[-ramp.size :] *= ramp[::-1]
    level = ratio(LEVEL_DB + gain_db) / np.sqrt(np.mean(sound**2))
    return np.asarray(sound * min(level, ratio(PEAK_DB) / np.abs(sound).max()), dtype=np.float32)


def with_tone(words: NDArray[np.float32], number: int) -> NDArray[np.float32]:
    """Return a clip's words with earcon `number` before them."""
    return np.concatenate([tone(number), np.zeros(round(_TONE_GAP_S * RATE_HZ), np.float32), words])


def _resampled(mono: NDArray[np.float64], rate_hz: int) -> NDArray[np.float64]:
    if rate_hz == RATE_HZ:
        return mono
    from scipy.signal import resample_poly  # here, because importing it takes most of a second

    ratio = Fraction(RATE_HZ, rate_hz)
    return np.asarray(resample_poly(mono, ratio.numerator, ratio.denominator))


def _levelled(mono: NDArray[np.float64]) -> NDArray[np.float64]:
    gain = ratio(LEVEL_DB) / np.sqrt(np.mean(mono**2))
    return mono * float(min(gain, ratio(PEAK_DB) / np.abs(mono).max()))


def _faded(mono: NDArray[np.float64]) -> NDArray[np.float32]:
    ramp = np.linspace(0.0, 1.0, round(FADE_S * RATE_HZ))
    faded = mono.copy()
    faded[: ramp.size] *= ramp
    faded[-ramp.size :] *= ramp[::-1]
    return faded.astype(np.float32)


def ratio(level_db: float) -> float:
    """Return the amplitude, or the gain, that is `level_db`."""
    return float(10.0 ** (level_db / 20.0))
