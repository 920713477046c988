"""The voice that plays on a device: sends utterances to the sound process (`audio_process.py`) and never waits for it.

Starts that process, starts it again when it dies or hangs, and turns its answers into utterance events. Plays nothing
itself and never imports sounddevice.

The caller's thread writes one short line per cue straight into the pipe (no hand-over to another thread, so busy
threads cannot delay a cue) and keeps so few of them unanswered that the pipe can never be full. A thread of its own
reads the answers, and rebuilds the process.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import subprocess
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from subprocess import DEVNULL, PIPE
from typing import IO, Any, cast

from cuecoach.errors import DeviceError
from cuecoach.types import AudioOutput, Side, UtteranceEvent, UtteranceState
from cuecoach.voice import audio_processing, child_process
from cuecoach.voice.base import RATE_HZ, Clip, Utterance
from cuecoach.voice.settings import VoiceSettings

ARGV = child_process.module_argv("cuecoach.voice.playback.audio_process")

_START_LIMIT_S = 15.0  # a cold start from a slow disk
_HUNG_S = 5.0  # the process writes something every second; after so long without it hangs
_BACK_OFF_S = (0.5, 1.0, 2.0, 5.0, 10.0)
_UNANSWERED_MAX = 8  # 8 lines of 200 bytes fit the smallest pipe (4 KiB on Windows)
_CLOSE_LIMIT_S = 1.0
_STABLE_S = 30.0  # a process that lived so long is started again without much delay
_LINE_MAX_BYTES = 4096
_ANSWERS = frozenset({"open", "lost", "no_device", "no_portaudio", "started", "finished", "dropped"})

_PAN = {None: 0.0, Side.LEFT: -1.0, Side.RIGHT: 1.0}  # the runner's left is the left speaker

_NO_PORTAUDIO = (
    "No sound: PortAudio is missing (Linux: sudo apt install libportaudio2; elsewhere: pip install sounddevice)"
)
_NO_DEVICE = "No sound: no device plays (connect a speaker or headphones, then `cuecoach doctor`)"
_NO_ANSWER = "No sound: the sound process did not start (`cuecoach doctor` tells more)"


@dataclass(slots=True)
class _Sent:
    """An utterance the process has not finished; `run` is the number of the run it was sent to."""

    cue_id: str
    run: int
    last_event_s: float


@dataclass(frozen=True, slots=True)
class _Run:
    """One run of the sound process."""

    number: int
    process: subprocess.Popen[bytes]
    stdin: IO[bytes]


class Player:
    """Plays clips on the sound device; see `base.Voice`.

    `epoch_s` is `time.monotonic()` at the session's `t_s` = 0. Without a device it waits for one: `unavailable` is then
    the sentence that says so, until the first device has been opened. Later losses are survived and noticed.

    Raises
    ------
    DeviceError
        When nothing can ever be played: no PortAudio, or the sound process does not start. One sentence says why.
    """

    def __init__(
        self,
        clips: Mapping[str, Clip],
        epoch_s: float,
        settings: VoiceSettings | None = None,
        argv: Sequence[str] | None = None,
    ) -> None:
        self._clips = clips
        self._epoch_s = epoch_s
        self._settings = settings or VoiceSettings()
        self._argv = tuple(argv or ARGV)
        self._unanswered: dict[int, _Sent] = {}
        self._events: list[UtteranceEvent] = []
        self._notices: list[str] = []
        self._device_lost = False
        self._device_name = ""  # of the last device that played
        self._cadence_spm: float | None = None
        self.unavailable: str | None = None
        # Shared with the thread; each is written by one side only, and read at once.
        self._answers: deque[dict[str, Any]] = deque()
        self._answered = threading.Event()
        self._closing = threading.Event()
        self._run: _Run | None = None
        self._accepts_messages = False
        self._hung_at_s = float("inf")  # when a process that writes nothing counts as hung
        self._thread = threading.Thread(target=self._keep_running, name="cuecoach-player", daemon=True)
        self._thread.start()
        self._await_start()

    def say(self, utterance: Utterance) -> None:
        """See `base.Voice.say`."""
        number, cue_id, t_s = utterance.number, utterance.cue_id, utterance.decided_s
        self._report(number, cue_id, UtteranceState.QUEUED, t_s)
        run = self._run
        if cue_id not in self._clips:
            self._report(number, cue_id, UtteranceState.DROPPED, t_s, "no clip")
        elif run is None or not self._accepts_messages:
            self._report(number, cue_id, UtteranceState.DROPPED, t_s, "sound process restarting")
        elif len(self._unanswered) >= _UNANSWERED_MAX:
            self._report(number, cue_id, UtteranceState.DROPPED, t_s, "too many waiting")
        else:
            message = {
                "utterance": number,
                "cue_id": cue_id,
                "start_by_s": utterance.expires_s + self._epoch_s,
                "start_s": None if utterance.start_s is None else utterance.start_s + self._epoch_s,
                "pan": _PAN[utterance.side] * self._settings.pan,
            }
            if self._send(run, message):
                self._unanswered[number] = _Sent(cue_id, run.number, t_s)
            else:
                self._report(number, cue_id, UtteranceState.DROPPED, t_s, "sound process ended")

    def set_metronome(self, cadence_spm: float | None, from_s: float) -> None:
        """See `base.Voice.set_metronome`."""
        run = self._run
        if cadence_spm == self._cadence_spm or run is None or not self._accepts_messages:
            return
        if self._send(run, {"cadence_spm": cadence_spm, "from_s": from_s + self._epoch_s}):
            self._cadence_spm = cadence_spm

    def poll(self, t_s: float) -> tuple[UtteranceEvent, ...]:
        """See `base.Voice.poll`. Times are those at the sound card, so they may be some milliseconds after `t_s`."""
        run = self._run
        if run is not None and time.monotonic() > self._hung_at_s:
            run.process.kill()  # the thread sees its end, and starts another
        while self._answers:
            self._handle(self._answers.popleft(), t_s)
        events, self._events = sorted(self._events, key=lambda event: event.t_s), []
        return tuple(events)

    def notices(self) -> tuple[str, ...]:
        """See `base.Voice.notices`."""
        notices, self._notices = tuple(self._notices), []
        return notices

    def close(self, t_s: float) -> tuple[UtteranceEvent, ...]:
        """See `base.Voice.close`. A cue that is sounding is cut, and reported dropped."""
        self._closing.set()
        run = self._run
        if run is not None:
            if self._accepts_messages:
                run.stdin.close()
                self._thread.join(_CLOSE_LIMIT_S)
            run.process.kill()
        self._thread.join(_CLOSE_LIMIT_S)
        events = self.poll(t_s)
        for utterance in list(self._unanswered):
            self._end(utterance, UtteranceState.DROPPED, t_s, "session ended")
        return events + self.poll(t_s)

    # What the caller's thread makes of the answers

    def _handle(self, answer: dict[str, Any], t_s: float) -> None:
        """Turn one answer of the process into utterance events and notices."""
        match answer["event"]:
            case "started" | "finished" | "dropped" as state:
                at_s = answer["at_s"] - self._epoch_s
                self._end(answer["utterance"], UtteranceState(state), at_s, answer["detail"])
            case "open":
                if self._device_lost:
                    self._notices.append(f"Sound is back, on “{answer['device']}”.")
                elif answer["device"] == self._device_name:
                    pass  # the stream was opened again with more latency
                elif not answer["as_asked"]:
                    wanted = self._settings.device
                    self._notices.append(f"No sound device is called “{wanted}”: “{answer['device']}” plays.")
                elif self._device_name:
                    self._notices.append(f"Sound now plays on “{answer['device']}”.")
                self._device_lost, self.unavailable, self._device_name = False, None, answer["device"]
            case "lost" | "no_device":
                self._notice_loss(
                    "The sound device stopped: cues are not heard until it is back, which is tried all the time."
                )
            case "died":
                for utterance in [n for n, sent in self._unanswered.items() if sent.run <= answer["run"]]:
                    self._end(utterance, UtteranceState.DROPPED, t_s, "sound process ended")
                self._cadence_spm = None
                self._notice_loss(
                    "The sound process ended: cues are not heard until it is back, which is tried all the time."
                )

    def _notice_loss(self, notice: str) -> None:
        if not self._device_lost:
            self._notices.append(notice)
        self._device_lost = True

    def _end(self, utterance: int, state: UtteranceState, t_s: float, detail: str) -> None:
        """Note a later state of an utterance; its times never run backwards."""
        sent = self._unanswered.get(utterance)
        if sent is None:
            return
        sent.last_event_s = max(t_s, sent.last_event_s)
        self._report(utterance, sent.cue_id, state, sent.last_event_s, detail)
        if state is not UtteranceState.STARTED:
            del self._unanswered[utterance]

    def _report(self, utterance: int, cue_id: str, state: UtteranceState, t_s: float, detail: str = "") -> None:
        self._events.append(UtteranceEvent(utterance, cue_id, state, t_s, AudioOutput.DEVICE, detail))

    def _send(self, run: _Run, message: dict[str, Any]) -> bool:
        """Write a line to the process; return whether it can still read one."""
        try:
            run.stdin.write(json.dumps(message).encode() + b"\n")
        except (OSError, ValueError):  # it has just ended: the pipe is broken, or closed already
            return False
        return True

    def _await_start(self) -> None:
        self._answered.wait(_START_LIMIT_S)
        first = self._answers[0]["event"] if self._answers else ""
        if first == "open":
            return
        if first == "no_device":
            self.unavailable, self._device_lost = _NO_DEVICE, True
            return
        self.close(0.0)
        raise DeviceError(_NO_PORTAUDIO if first == "no_portaudio" else _NO_ANSWER)

    # The process, in the thread that reads its answers

    def _keep_running(self) -> None:
        """Run the process again and again until the voice is closed."""
        tries = 0
        for number in itertools.count():
            started_s = time.monotonic()
            self._hung_at_s = started_s + _START_LIMIT_S
            with contextlib.suppress(OSError):  # it ended while it was sent the clips, or cannot be started now
                self._run_once(number)
            self._accepts_messages = False
            self._run = None
            if not self._closing.is_set():
                self._answer({"event": "died", "run": number})
            if time.monotonic() - started_s > _STABLE_S:
                tries = 0
            if self._closing.wait(_BACK_OFF_S[min(tries, len(_BACK_OFF_S) - 1)]):
                return
            tries += 1

    def _run_once(self, number: int) -> None:
        """Start the process, hand it the clips, and listen until it ends."""
        with subprocess.Popen(
            self._argv, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, bufsize=0, start_new_session=True
        ) as process:
            stdin, stdout = cast(IO[bytes], process.stdin), io.BufferedReader(cast(io.RawIOBase, process.stdout))
            self._run = _Run(number, process, stdin)
            try:
                if self._closing.is_set():
                    return
                self._send_clips(stdin)
                self._accepts_messages = True
                while line := stdout.readline(_LINE_MAX_BYTES):
                    self._hung_at_s = time.monotonic() + _HUNG_S
                    answer = child_process.parse(line)
                    if answer.get("event") in _ANSWERS:
                        self._answer(answer)
            finally:
                process.kill()

    def _send_clips(self, stdin: IO[bytes]) -> None:
        index = [(cue_id, clip.samples.size) for cue_id, clip in self._clips.items()]
        settings = self._settings
        noise_db = settings.keep_alive_noise_db
        click = audio_processing.click(settings.gain_db + settings.metronome_db)
        header = {
            "rate_hz": RATE_HZ,
            "device": settings.device,
            "latency_s": settings.latency_ms / 1000,
            "noise_level": 0.0 if noise_db is None else audio_processing.amplitude(noise_db),
            "click": click.size,
            "clips": index,
        }
        sounds = [click, *(clip.samples for clip in self._clips.values())]
        for data in (json.dumps(header).encode() + b"\n", *(sound.astype("<f4").tobytes() for sound in sounds)):
            left = memoryview(data)
            while left:
                left = left[stdin.write(left) :]

    def _answer(self, answer: dict[str, Any]) -> None:
        self._answers.append(answer)
        self._answered.set()
