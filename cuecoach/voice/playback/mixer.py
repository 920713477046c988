"""Mixes clips, metronome and noise into the buffers of the sound process; owns its queue of clips.

Uses no PortAudio, clock or lock. `add` and `set_metronome` are called by one thread, `fill` by the audio thread while a
stream is open, `drop_playing` and `drop_expired` by the supervisor while none is. They meet only in deques, whose ends
are atomic. `fill` makes no arrays.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cuecoach.types import UtteranceState
from cuecoach.voice.playback.clicks import ClickGrid, click_gain

_BLOCK_FRAMES = 4096  # mixed at once; hosts ask for fewer
_NOISE_S = 1.0  # length of the noise that is played over and over


@dataclass(slots=True)
class _QueuedClip:
    utterance: int
    samples: NDArray[np.float32]  # (n, 1): one column fills any number of channels
    start_s: float  # not before
    start_by_s: float
    gains: Mapping[int, NDArray[np.float32]]  # by number of channels
    underruns: int = 0


class Mixer:
    """Plays the clips of a session, one at a time, and clicks. All times are seconds on the monotonic clock.

    `events` fills with (state, utterance, time, detail). `noise_level` is the RMS of a noise under everything, 0..1.
    """

    def __init__(
        self,
        clips: Mapping[str, NDArray[np.float32]],
        rate_hz: int,
        click: NDArray[np.float32] | None = None,
        noise_level: float = 0.0,
    ) -> None:
        self._clips = {cue_id: _column(samples) for cue_id, samples in clips.items()}
        self._click = _column(np.zeros(1, np.float32) if click is None else click)
        self._rate_hz = rate_hz
        noise = np.random.default_rng(0).standard_normal((round(_NOISE_S * rate_hz), 1)) * noise_level
        self._noise = noise.astype(np.float32) if noise_level else None
        self._noise_position = 0
        self._scaled = np.zeros((_BLOCK_FRAMES, 2), np.float32)
        self._inbox: deque[_QueuedClip] = deque()
        self._waiting: list[_QueuedClip] = []
        self._playing: _QueuedClip | None = None
        self._position = 0
        self._words_end_s = -math.inf
        self._grid: ClickGrid | None = None
        self._last_click_s = -math.inf
        self._click_position = self._click.shape[0]  # position in the click that sounds; its length: none does
        self._click_gain = np.ones(1, np.float32)
        self.buffers = 0  # how often `fill` was called: stands still when the device has died
        self.interrupted_clips = 0  # how many clips had an underrun
        self.events: deque[tuple[UtteranceState, int, float, str]] = deque()

    @property
    def busy(self) -> bool:
        """Whether words sound or wait."""
        return self._playing is not None or bool(self._waiting) or bool(self._inbox)

    def add(
        self, utterance: int, cue_id: str, start_by_s: float, start_s: float | None = None, pan: float = 0.0
    ) -> None:
        """Queue a clip to start at `start_s` or as soon as possible; it is dropped if it cannot by `start_by_s`.

        `pan` is -1 (left) to 1 (right), of constant power; a device with one channel has both sides in it.
        """
        angle = (pan + 1.0) * math.pi / 4
        gains = {1: _gains(1.0), 2: _gains(math.cos(angle), math.sin(angle))}
        begin_s = -math.inf if start_s is None else start_s
        self._inbox.append(_QueuedClip(utterance, self._clips[cue_id], begin_s, start_by_s, gains))

    def set_metronome(self, cadence_spm: float | None, from_s: float = 0.0) -> None:
        """Click `cadence_spm` times a minute, once at `from_s`; None is silent."""
        self._grid = ClickGrid.of_cadence(cadence_spm, from_s)

    def fill(self, out: NDArray[Any], at_s: float, underrun: bool = False) -> None:
        """Fill `out` (frames, channels), whose first frame sounds at `at_s`; `underrun`: a hole is before it."""
        self.buffers += 1
        out.fill(0.0)
        while self._inbox:
            self._waiting.append(self._inbox.popleft())
        if underrun and self._playing is not None:
            self._playing.underruns += 1
        for begin in range(0, out.shape[0], _BLOCK_FRAMES):
            part = out[begin : begin + _BLOCK_FRAMES]
            part_at_s = at_s + begin / self._rate_hz
            self._mix_clips(part, part_at_s)
            if self._grid is not None or self._click_position < self._click.shape[0]:
                self._mix_clicks(part, part_at_s)
            if self._noise is not None:
                self._mix_noise(part)

    def drop_playing(self, now_s: float, detail: str) -> None:
        """Drop the clip that was sounding when the stream died."""
        if self._playing is not None:
            self.events.append((UtteranceState.DROPPED, self._playing.utterance, now_s, detail))
            self._playing = None

    def drop_expired(self, now_s: float, detail: str) -> None:
        """Drop the clips that can no longer start in time."""
        while self._inbox:
            self._waiting.append(self._inbox.popleft())
        for clip in [clip for clip in self._waiting if clip.start_by_s < now_s]:
            self._waiting.remove(clip)
            self.events.append((UtteranceState.DROPPED, clip.utterance, now_s, detail))

    def _mix_clips(self, out: NDArray[Any], at_s: float) -> None:
        """Mix in as many clips as have a part in this buffer."""
        position = 0
        while position < out.shape[0]:
            if self._playing is None:
                position = self._begin(position, out.shape[0], at_s)
                if self._playing is None:
                    return
            samples = self._playing.samples
            count = min(out.shape[0] - position, samples.shape[0] - self._position)
            part = samples[self._position : self._position + count]
            self._add(out[position : position + count], part, self._playing.gains[out.shape[1]])
            self._position += count
            position += count
            if self._position == samples.shape[0]:
                self._finish(at_s + position / self._rate_hz)

    def _begin(self, position: int, frames: int, at_s: float) -> int:
        """Take the first clip that is due before the end of the buffer; return the frame at which it begins."""
        if not self._waiting:
            return frames
        here_s = at_s + position / self._rate_hz
        self.drop_expired(here_s, "expired")
        for clip in self._waiting:
            offset = position if clip.start_s <= here_s else round((clip.start_s - at_s) * self._rate_hz)
            if offset < frames:
                self._waiting.remove(clip)
                self._playing, self._position = clip, 0
                # The clock may correct itself backwards.
                begins_s = max(at_s + offset / self._rate_hz, self._words_end_s)
                self.events.append((UtteranceState.STARTED, clip.utterance, begins_s, ""))
                return offset
        return frames

    def _finish(self, at_s: float) -> None:
        clip, self._playing = self._playing, None
        if clip is None:
            return
        self.interrupted_clips += clip.underruns > 0
        detail = f"{clip.underruns} underrun{'s' if clip.underruns > 1 else ''}" if clip.underruns else ""
        self.events.append((UtteranceState.FINISHED, clip.utterance, at_s, detail))
        self._words_end_s = at_s

    def _mix_clicks(self, out: NDArray[Any], at_s: float) -> None:
        """Mix clicks in: the rest of the one that sounds, and those whose time comes in this buffer."""
        self._mix_click(out, 0)
        grid = self._grid
        if grid is None:
            return
        half_s = 0.5 / self._rate_hz  # a click belongs to the sample it is nearest to
        end_s = at_s + out.shape[0] / self._rate_hz - half_s
        next_s = grid.next_s(at_s - half_s, self._last_click_s)
        if next_s >= end_s:
            return
        self._last_click_s = next_s
        gain = click_gain(0.0 if self._playing is not None else next_s - self._words_end_s)
        self._click_gain[0] = gain if out.shape[1] == 1 else gain * math.sqrt(0.5)
        self._click_position = 0
        self._mix_click(out, min(out.shape[0] - 1, max(0, round((next_s - at_s) * self._rate_hz))))

    def _mix_click(self, out: NDArray[Any], position: int) -> None:
        count = min(out.shape[0] - position, self._click.shape[0] - self._click_position)
        if count > 0:
            part = self._click[self._click_position : self._click_position + count]
            self._add(out[position : position + count], part, self._click_gain)
            self._click_position += count

    def _mix_noise(self, out: NDArray[Any]) -> None:
        """Mix in the noise that keeps a Bluetooth speaker from sleeping."""
        if self._noise is None:
            return
        position = 0
        while position < out.shape[0]:
            count = min(out.shape[0] - position, self._noise.shape[0] - self._noise_position)
            part = out[position : position + count]
            np.add(part, self._noise[self._noise_position : self._noise_position + count], out=part)
            self._noise_position = (self._noise_position + count) % self._noise.shape[0]
            position += count

    def _add(self, out: NDArray[Any], samples: NDArray[np.float32], gains: NDArray[np.float32]) -> None:
        scaled = self._scaled[: out.shape[0], : out.shape[1]]
        np.multiply(samples, gains, out=scaled)
        np.add(out, scaled, out=out)


def _column(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.ascontiguousarray(samples, np.float32).reshape(-1, 1)


def _gains(*channels: float) -> NDArray[np.float32]:
    return np.array(channels, np.float32)
