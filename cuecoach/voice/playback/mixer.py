"""What the sound callback does: silence, one clip after the other, and the metronome. No PortAudio, clock or lock.

Owns the queue of clips inside the sound process. `add` and `beat` are called by one thread, `fill` by the audio thread
while a stream is open, `lose` and `expire` by the supervisor while none is. They meet only in deques, whose ends are
atomic. `fill` makes no arrays.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cuecoach.voice.playback.clicks import Beat, level

_WAITING_MAX = 64
_EVENTS_MAX = 1024
_BLOCK = 4096  # frames mixed at once; hosts ask for fewer
_AWAKE_S = 1.0  # length of the noise that is played over and over


@dataclass(slots=True)
class _Job:
    utterance: int
    samples: NDArray[np.float32]  # (n, 1): one column fills any number of channels
    start_s: float  # not before
    start_by_s: float
    gains: Mapping[int, NDArray[np.float32]]  # by number of channels
    torn: int = 0


class Mixer:
    """Plays the clips of a session, one at a time, and clicks. All times are seconds on the monotonic clock.

    `events` fills with (state, utterance, time, detail): "started", "finished" or "dropped". `awake` is the level of
    a noise under everything, 0..1; 0 is silence.
    """

    def __init__(
        self,
        clips: Mapping[str, NDArray[np.float32]],
        rate_hz: int,
        click: NDArray[np.float32] | None = None,
        awake: float = 0.0,
    ) -> None:
        self._clips = {cue_id: _column(samples) for cue_id, samples in clips.items()}
        self._click = _column(np.zeros(1, np.float32) if click is None else click)
        self._rate_hz = rate_hz
        noise = np.random.default_rng(0).standard_normal((round(_AWAKE_S * rate_hz), 1)) * awake
        self._noise = noise.astype(np.float32) if awake else None
        self._noise_at = 0
        self._scratch = np.zeros((_BLOCK, 2), np.float32)
        self._inbox: deque[_Job] = deque(maxlen=_WAITING_MAX)
        self._waiting: list[_Job] = []
        self._job: _Job | None = None
        self._position = 0
        self._words_end_s = -math.inf
        self._beat: Beat | None = None
        self._clicked_s = -math.inf
        self._click_at = self._click.shape[0]  # position in the click that sounds; its length: none does
        self._click_gain = np.ones(1, np.float32)
        self.fills = 0  # how often `fill` was called: stands still when the device has died
        self.torn = 0  # how many clips had a hole in them
        self.events: deque[tuple[str, int, float, str]] = deque(maxlen=_EVENTS_MAX)

    @property
    def busy(self) -> bool:
        """Whether words sound or wait."""
        return self._job is not None or bool(self._waiting) or bool(self._inbox)

    def add(
        self, utterance: int, cue_id: str, start_by_s: float, start_s: float | None = None, pan: float = 0.0
    ) -> None:
        """Queue a clip to start at `start_s` or as soon as possible; it is dropped if it cannot by `start_by_s`.

        `pan` is -1 (left) to 1 (right), of constant power; a device with one channel has both sides in it.
        """
        angle = (pan + 1.0) * math.pi / 4
        gains = {1: _gains(1.0), 2: _gains(math.cos(angle), math.sin(angle))}
        begin_s = -math.inf if start_s is None else start_s
        self._inbox.append(_Job(utterance, self._clips[cue_id], begin_s, start_by_s, gains))

    def beat(self, period_s: float | None, from_s: float = 0.0) -> None:
        """Click at `from_s` and every `period_s` from then on; None is silent."""
        self._beat = None if period_s is None else Beat(period_s, from_s)

    def fill(self, out: NDArray[Any], at_s: float, torn: bool = False) -> None:
        """Fill `out` (frames, channels), whose first frame sounds at `at_s`; `torn`: there was a hole before it."""
        self.fills += 1
        out.fill(0.0)
        while self._inbox:
            self._waiting.append(self._inbox.popleft())
        if torn and self._job is not None:
            self._job.torn += 1
        for begin in range(0, out.shape[0], _BLOCK):
            part = out[begin : begin + _BLOCK]
            part_s = at_s + begin / self._rate_hz
            self._say(part, part_s)
            if self._beat is not None or self._click_at < self._click.shape[0]:
                self._tick(part, part_s)
            if self._noise is not None:
                self._breathe(part)

    def lose(self, now_s: float, detail: str) -> None:
        """Drop the clip that was sounding when the stream died."""
        if self._job is not None:
            self.events.append(("dropped", self._job.utterance, now_s, detail))
            self._job = None

    def expire(self, now_s: float, detail: str) -> None:
        """Drop the clips that can no longer start in time."""
        while self._inbox:
            self._waiting.append(self._inbox.popleft())
        for job in [job for job in self._waiting if job.start_by_s < now_s]:
            self._waiting.remove(job)
            self.events.append(("dropped", job.utterance, now_s, detail))

    def _say(self, out: NDArray[Any], at_s: float) -> None:
        """Mix words in, as many clips as have a part in this buffer."""
        position = 0
        while position < out.shape[0]:
            if self._job is None:
                position = self._begin(position, out.shape[0], at_s)
                if self._job is None:
                    return
            samples = self._job.samples
            count = min(out.shape[0] - position, samples.shape[0] - self._position)
            part = samples[self._position : self._position + count]
            self._mix(out[position : position + count], part, self._job.gains[out.shape[1]])
            self._position += count
            position += count
            if self._position == samples.shape[0]:
                self._finish(at_s + position / self._rate_hz)

    def _begin(self, position: int, frames: int, at_s: float) -> int:
        """Take the first clip that is due before the end of the buffer; return the frame at which it begins."""
        if not self._waiting:
            return frames
        here_s = at_s + position / self._rate_hz
        self.expire(here_s, "expired")
        for job in self._waiting:
            offset = position if job.start_s <= here_s else round((job.start_s - at_s) * self._rate_hz)
            if offset < frames:
                self._waiting.remove(job)
                self._job, self._position = job, 0
                begins_s = max(
                    at_s + offset / self._rate_hz, self._words_end_s
                )  # the clock may correct itself backwards
                self.events.append(("started", job.utterance, begins_s, ""))
                return offset
        return frames

    def _finish(self, at_s: float) -> None:
        job, self._job = self._job, None
        if job is None:
            return
        self.torn += job.torn > 0
        self.events.append(("finished", job.utterance, at_s, f"torn {job.torn} times" if job.torn else ""))
        self._words_end_s = at_s

    def _tick(self, out: NDArray[Any], at_s: float) -> None:
        """Mix clicks in: the rest of the one that sounds, and those whose time comes in this buffer."""
        self._sound_click(out, 0)
        beat = self._beat
        if beat is None:
            return
        half_s = 0.5 / self._rate_hz  # a click belongs to the sample it is nearest to
        end_s = at_s + out.shape[0] / self._rate_hz - half_s
        next_s = beat.next_s(at_s - half_s, self._clicked_s)
        if next_s >= end_s:
            return
        self._clicked_s = next_s
        gain = level(0.0 if self._job is not None else next_s - self._words_end_s)
        self._click_gain[0] = gain if out.shape[1] == 1 else gain * math.sqrt(0.5)
        self._click_at = 0
        self._sound_click(out, min(out.shape[0] - 1, max(0, round((next_s - at_s) * self._rate_hz))))

    def _sound_click(self, out: NDArray[Any], position: int) -> None:
        count = min(out.shape[0] - position, self._click.shape[0] - self._click_at)
        if count > 0:
            part = self._click[self._click_at : self._click_at + count]
            self._mix(out[position : position + count], part, self._click_gain)
            self._click_at += count

    def _breathe(self, out: NDArray[Any]) -> None:
        """Mix the noise in that keeps a speaker awake."""
        if self._noise is None:
            return
        position = 0
        while position < out.shape[0]:
            count = min(out.shape[0] - position, self._noise.shape[0] - self._noise_at)
            part = out[position : position + count]
            np.add(part, self._noise[self._noise_at : self._noise_at + count], out=part)
            self._noise_at = (self._noise_at + count) % self._noise.shape[0]
            position += count

    def _mix(self, out: NDArray[Any], samples: NDArray[np.float32], gains: NDArray[np.float32]) -> None:
        louder = self._scratch[: out.shape[0], : out.shape[1]]
        np.multiply(samples, gains, out=louder)
        np.add(out, louder, out=out)


def _column(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.ascontiguousarray(samples, np.float32).reshape(-1, 1)


def _gains(*channels: float) -> NDArray[np.float32]:
    return np.array(channels, np.float32)
