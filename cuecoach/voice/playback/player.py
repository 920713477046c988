"""The device voice: a handle on the sound process (`speaker.py`) that never makes its caller wait.

Owns the process: starts it, starts it again when it dies or hangs, and turns its events into `Heard`. Plays nothing
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

COMMAND = child_process.command("cuecoach.voice.playback.audio_process")

_START_LIMIT_S = 15.0  # a cold start from a slow disk
_SILENT_S = 5.0  # the process says something every second; after so long it hangs
_BACK_OFF_S = (0.5, 1.0, 2.0, 5.0, 10.0)
_UNANSWERED_MAX = 8  # 8 lines of 200 bytes fit the smallest pipe (4 KiB on Windows)
_CLOSE_LIMIT_S = 1.0
_STEADY_S = 30.0  # a process that lived so long is started again without much delay
_LINE_MAX_BYTES = 4096
_EVENTS = frozenset({"open", "lost", "no_device", "no_portaudio", "started", "finished", "dropped"})

_DIRECTION = {None: 0.0, Side.LEFT: -1.0, Side.RIGHT: 1.0}  # of the pan; the runner's left is the left speaker

_NO_PORTAUDIO = (
    "No sound: PortAudio is missing (Linux: sudo apt install libportaudio2; elsewhere: pip install sounddevice)"
)
_NO_DEVICE = "No sound: no device plays (connect a speaker or headphones, then `cuecoach doctor`)"
_NO_ANSWER = "No sound: the sound process did not start (`cuecoach doctor` tells more)"


@dataclass(slots=True)
class _Utterance:
    """A cue the process has not done with; `life` says which process it was sent to."""

    cue_id: str
    life: int
    last_s: float


@dataclass(frozen=True, slots=True)
class _Life:
    """One run of the sound process."""

    number: int
    process: subprocess.Popen[bytes]
    commands: IO[bytes]
    answers: IO[bytes]


class Player:
    """Plays clips on the sound device; see `base.Voice`.

    `epoch_s` is `time.monotonic()` at the session's `t_s` = 0. Without a device it waits for one: `missing` is then the
    sentence that says so, until the first device has been opened. Later losses are survived and noticed.

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
        command: Sequence[str] | None = None,
    ) -> None:
        self._clips = clips
        self._epoch_s = epoch_s
        self._settings = settings or VoiceSettings()
        self._command = tuple(command or COMMAND)
        self._unanswered: dict[int, _Utterance] = {}
        self._heard: list[UtteranceEvent] = []
        self._notices: list[str] = []
        self._lost = False
        self._device = ""  # the last one that played
        self._beat_spm: float | None = None
        self.missing: str | None = None
        # shared with the thread; each is written by one side only, and read at once
        self._events: deque[dict[str, Any]] = deque()
        self._begun = threading.Event()
        self._closing = threading.Event()
        self._life: _Life | None = None
        self._takes_commands = False
        self._overdue_s = float("inf")  # when a process that says nothing counts as hung
        self._thread = threading.Thread(target=self._live, name="cuecoach-player", daemon=True)
        self._thread.start()
        self._await_start()

    def say(self, utterance: Utterance) -> None:
        """See `base.Voice.say`."""
        number, cue_id, t_s = utterance.number, utterance.cue_id, utterance.decided_s
        self._note(number, cue_id, UtteranceState.QUEUED, t_s)
        life = self._life
        if cue_id not in self._clips:
            self._note(number, cue_id, UtteranceState.DROPPED, t_s, "no clip")
        elif life is None or not self._takes_commands:
            self._note(number, cue_id, UtteranceState.DROPPED, t_s, "sound process restarting")
        elif len(self._unanswered) >= _UNANSWERED_MAX:
            self._note(number, cue_id, UtteranceState.DROPPED, t_s, "too many waiting")
        else:
            command = {
                "utterance": number,
                "cue_id": cue_id,
                "start_by_s": utterance.expires_s + self._epoch_s,
                "start_s": None if utterance.start_s is None else utterance.start_s + self._epoch_s,
                "pan": _DIRECTION[utterance.side] * self._settings.pan,
            }
            if self._command_to(life, command):
                self._unanswered[number] = _Utterance(cue_id, life.number, t_s)
            else:
                self._note(number, cue_id, UtteranceState.DROPPED, t_s, "sound process ended")

    def beat(self, cadence_spm: float | None, from_s: float) -> None:
        """See `base.Voice.beat`. Saying the same cadence again changes nothing: clicks keep their time."""
        life = self._life
        if cadence_spm == self._beat_spm or life is None or not self._takes_commands:
            return
        period_s = None if cadence_spm is None else 60.0 / cadence_spm
        if self._command_to(life, {"beat_s": period_s, "from_s": from_s + self._epoch_s}):
            self._beat_spm = cadence_spm

    def poll(self, t_s: float) -> tuple[UtteranceEvent, ...]:
        """See `base.Voice.poll`. Times are those at the sound card, so they may be some milliseconds after `t_s`."""
        life = self._life
        if life is not None and time.monotonic() > self._overdue_s:
            life.process.kill()  # the thread sees its end, and starts another
        while self._events:
            self._take(self._events.popleft(), t_s)
        heard, self._heard = sorted(self._heard, key=lambda event: event.t_s), []
        return tuple(heard)

    def notices(self) -> tuple[str, ...]:
        """See `base.Voice.notices`."""
        notices, self._notices = tuple(self._notices), []
        return notices

    def close(self, t_s: float) -> tuple[UtteranceEvent, ...]:
        """See `base.Voice.close`. A cue that is sounding is cut, and reported dropped."""
        self._closing.set()
        life = self._life
        if life is not None:
            if self._takes_commands:
                life.commands.close()
                self._thread.join(_CLOSE_LIMIT_S)
            life.process.kill()
        self._thread.join(_CLOSE_LIMIT_S)
        heard = self.poll(t_s)
        for utterance in list(self._unanswered):
            self._end(utterance, UtteranceState.DROPPED, t_s, "session ended")
        return heard + self.poll(t_s)

    # What the caller's thread makes of the answers

    def _take(self, event: dict[str, Any], t_s: float) -> None:
        """Turn one event of the process into what the session wants to know."""
        match event["event"]:
            case "started" | "finished" | "dropped" as state:
                at_s = event["at_s"] - self._epoch_s
                self._end(event["utterance"], UtteranceState(state), at_s, event["detail"])
            case "open":
                if self._lost:
                    self._notices.append(f"Sound is back, on “{event['device']}”.")
                elif not event["as_asked"]:
                    wanted = self._settings.device
                    self._notices.append(f"No sound device is called “{wanted}”: “{event['device']}” plays.")
                elif self._device not in ("", event["device"]):
                    self._notices.append(f"Sound now plays on “{event['device']}”.")
                self._lost, self.missing, self._device = False, None, event["device"]
            case "lost" | "no_device":
                self._lose(
                    "The sound device stopped: cues are not heard until it is back, which is tried all the time."
                )
            case "died":
                for utterance in [n for n, sent in self._unanswered.items() if sent.life <= event["life"]]:
                    self._end(utterance, UtteranceState.DROPPED, t_s, "sound process ended")
                self._beat_spm = None
                self._lose("The sound process ended: cues are not heard until it is back, which is tried all the time.")

    def _lose(self, notice: str) -> None:
        if not self._lost:
            self._notices.append(notice)
        self._lost = True

    def _end(self, utterance: int, state: UtteranceState, t_s: float, detail: str) -> None:
        """Note a later state of an utterance; its times never run backwards."""
        sent = self._unanswered.get(utterance)
        if sent is None:
            return
        sent.last_s = max(t_s, sent.last_s)
        self._note(utterance, sent.cue_id, state, sent.last_s, detail)
        if state is not UtteranceState.STARTED:
            del self._unanswered[utterance]

    def _note(self, utterance: int, cue_id: str, state: UtteranceState, t_s: float, detail: str = "") -> None:
        self._heard.append(UtteranceEvent(utterance, cue_id, state, t_s, AudioOutput.DEVICE, detail))

    def _command_to(self, life: _Life, command: dict[str, Any]) -> bool:
        """Write a line to the process; return whether it can still read one."""
        try:
            life.commands.write(json.dumps(command).encode() + b"\n")
        except (OSError, ValueError):  # it has just ended: the pipe is broken, or closed already
            return False
        return True

    # The process, in the listening thread

    def _await_start(self) -> None:
        self._begun.wait(_START_LIMIT_S)
        first = self._events[0]["event"] if self._events else ""
        if first == "open":
            return
        if first == "no_device":
            self.missing, self._lost = _NO_DEVICE, True
            return
        self.close(0.0)
        raise DeviceError(_NO_PORTAUDIO if first == "no_portaudio" else _NO_ANSWER)

    def _live(self) -> None:
        """Run the process again and again until the voice is closed."""
        tries = 0
        for number in itertools.count():
            started_s = time.monotonic()
            self._overdue_s = started_s + _START_LIMIT_S
            with contextlib.suppress(OSError):  # it ended while it was told the clips, or cannot be started now
                self._run(number)
            self._takes_commands = False
            self._life = None
            if not self._closing.is_set():
                self._push({"event": "died", "life": number})
            if time.monotonic() - started_s > _STEADY_S:
                tries = 0
            if self._closing.wait(_BACK_OFF_S[min(tries, len(_BACK_OFF_S) - 1)]):
                return
            tries += 1

    def _run(self, number: int) -> None:
        """Start the process, hand it the clips, and listen until it ends."""
        with subprocess.Popen(
            self._command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, bufsize=0, start_new_session=True
        ) as process:
            commands, answers = cast(IO[bytes], process.stdin), io.BufferedReader(cast(io.RawIOBase, process.stdout))
            self._life = _Life(number, process, commands, answers)
            try:
                if self._closing.is_set():
                    return
                self._send_clips(commands)
                self._takes_commands = True
                while line := answers.readline(_LINE_MAX_BYTES):
                    self._overdue_s = time.monotonic() + _SILENT_S
                    event = child_process.parse(line)
                    if event.get("event") in _EVENTS:
                        self._push(event)
            finally:
                process.kill()

    def _send_clips(self, commands: IO[bytes]) -> None:
        index = [(cue_id, clip.samples.size) for cue_id, clip in self._clips.items()]
        settings = self._settings
        click = audio_processing.click(settings.gain_db + settings.metronome_db)
        header = {
            "rate_hz": RATE_HZ,
            "device": settings.device,
            "latency_s": settings.latency_ms / 1000,
            "awake": 0.0 if settings.awake_db is None else audio_processing.ratio(settings.awake_db),
            "click": click.size,
            "clips": index,
        }
        sounds = [click, *(clip.samples for clip in self._clips.values())]
        for data in (json.dumps(header).encode() + b"\n", *(sound.astype("<f4").tobytes() for sound in sounds)):
            left = memoryview(data)
            while left:
                left = left[commands.write(left) :]

    def _push(self, event: dict[str, Any]) -> None:
        self._events.append(event)
        self._begun.set()
