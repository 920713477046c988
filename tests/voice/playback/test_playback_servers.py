"""The device voice on PulseAudio and on PipeWire: what is really heard, where, and after the server died."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from live_voice import Live
from sound import energy_spans

from bench.voice.sound_server import SoundServer
from cuecoach.types import UtteranceState
from cuecoach.voice.base import RATE_HZ, Clip

RECORD = ("parec", "--format=s16le", "--rate=48000", "--channels=1", "--raw", "--latency-msec=20", "-d")
ASKS_OFTEN = "from cuecoach.voice.playback import audio_process; audio_process.FOLLOW_S = 0.5; audio_process.main()"
# A list without a device that cannot be opened makes PortAudio 19.6 fail an assertion of its own.
ALSA = """
pcm_type.pulse {{ lib "libasound_module_pcm_pulse.so" }}
pcm.absent {{ type hw card 99 }}
pcm.{0} {{ type pulse device "{0}" hint {{ show on description "{0}" }} }}
"""


@pytest.fixture(params=["sound_server", "pipewire"])
def server(request: pytest.FixtureRequest) -> SoundServer:
    server: SoundServer = request.getfixturevalue(request.param)
    return server


@pytest.fixture
def live(server: SoundServer, clips: dict[str, Clip]) -> Iterator[Live]:
    session = Live(clips)
    yield session
    session.voice.close(session.t_s)


@contextmanager
def heard_in(sink: str, raw: Path, live: Live) -> Iterator[Callable[[], np.ndarray]]:
    """Record what comes out of a sink; give a function that returns it, (n,) -1..1, after the block."""
    with raw.open("wb") as file, subprocess.Popen([*RECORD, f"{sink}.monitor"], stdout=file) as recorder:
        live.until(lambda: raw.stat().st_size > 0)
        yield lambda: np.frombuffer(raw.read_bytes()[: raw.stat().st_size // 2 * 2], "<i2") / 32768
        live.pause(0.3)
        recorder.terminate()


def test_what_comes_out_is_the_clips_at_the_told_times(live: Live, clips: dict[str, Clip], tmp_path: Path) -> None:
    with heard_in("cue", tmp_path / "raw", live) as recording:
        for utterance, cue_id in enumerate("abc"):
            assert live.say_and_wait(utterance, cue_id).state is UtteranceState.FINISHED
            live.pause(0.4)
    samples = recording()
    spans = energy_spans(samples, RATE_HZ, join_s=0.2)
    told = [event.t_s for event in live.heard if event.state is UtteranceState.STARTED]
    assert len(spans) == len(told) == 3
    assert np.diff([start for start, _ in spans]) == pytest.approx(np.diff(told), abs=0.1)
    for (start, _), cue_id in zip(spans, "abc", strict=True):
        piece = samples[max(0, round((start - 0.02) * RATE_HZ)) :][: RATE_HZ // 2]
        # By melody, not by waveform: a busy machine may tear a hole into a clip, and what follows is out of phase.
        melody = np.abs(np.fft.rfft(piece, RATE_HZ))
        likeness = {name: melody @ np.abs(np.fft.rfft(clip.samples, RATE_HZ)) for name, clip in clips.items()}
        assert max(likeness, key=lambda name: likeness[name]) == cue_id


def test_when_the_default_device_changes_words_go_on_there(live: Live, server: SoundServer, tmp_path: Path) -> None:
    live.say_and_wait(0)
    module = server.control("load-module", "module-null-sink", "sink_name=other", "rate=48000")
    server.control("set-default-sink", "other")
    try:
        with heard_in("other", tmp_path / "raw", live) as recording:
            live.say_and_wait(1)
        assert len(energy_spans(recording(), RATE_HZ)) == 1
        assert live.told == []  # the server carried the stream over: nothing was lost
    finally:
        server.control("unload-module", module.strip())
    assert live.say_and_wait(2).state is UtteranceState.FINISHED


def test_a_server_that_dies_and_returns(live: Live, server: SoundServer) -> None:
    live.say_and_wait(0)
    live.say(1, "b")
    live.until(lambda: any(e.utterance == 1 and e.state is UtteranceState.STARTED for e in live.heard))
    server.kill()
    live.until(lambda: live.end_of(1) is not None)
    live.say(2, "a", patience_s=0.2)
    live.until(lambda: live.end_of(2) is not None)
    assert len(live.told) == 1
    server.start()
    live.until(lambda: len(live.told) == 2)
    assert live.say_and_wait(3).state is UtteranceState.FINISHED
    details = [event.detail for event in (live.end_of(1), live.end_of(2)) if event is not None]
    assert details == ["device lost", "no device"]
    assert "back" in live.told[1]


def test_where_streams_stay_behind_the_new_default_device_is_followed(
    sound_server: SoundServer, clips: dict[str, Clip], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As on Windows and macOS: two devices, each bound to its own sink, and the first of the list is the default.
    devices = tmp_path / "asound.conf"
    devices.write_text(ALSA.format("cue"))
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(devices))
    live = Live(clips, argv=(sys.executable, "-c", ASKS_OFTEN))
    module = sound_server.control("load-module", "module-null-sink", "sink_name=other", "rate=48000")
    try:
        live.say_and_wait(0)
        devices.write_text(ALSA.format("other"))
        live.until(lambda: bool(live.told))
        with heard_in("other", tmp_path / "raw", live) as recording:
            live.say_and_wait(1)
        assert live.told == ["Sound now plays on “other”."]
        assert len(energy_spans(recording(), RATE_HZ)) == 1
    finally:
        live.voice.close(live.t_s)
        sound_server.control("unload-module", module.strip())
