"""The virtual runner as a source: the same run at any pace, cues heard in time, the truth with every frame."""

from __future__ import annotations

import threading
import time

import pytest

from cuecoach.source.virtual_runner import VirtualSource
from cuecoach.virtual_runner.runner import VirtualRunnerFrame
from cuecoach.virtual_runner.settings import VirtualRunnerSettings

SMALL = {"width_px": 160, "height_px": 160}


def play(source: VirtualSource, cues: dict[int, str], pause_s: float = 0.0) -> list[VirtualRunnerFrame]:
    """Read to the end; tell the runner each cue right after the frame of that index."""
    frames = []
    while (frame := source.read()) is not None:
        frames.append(frame)
        if frame.index in cues:
            source.hear(cues[frame.index], frame.t_s)
        time.sleep(pause_s)
    source.close()
    return frames


def test_every_frame_of_the_run_is_given_once() -> None:
    source = VirtualSource(VirtualRunnerSettings(duration_s=2.0, rate_hz=25.0, **SMALL))
    frames = play(source, {})
    assert [frame.index for frame in frames] == list(range(50)) == list(range(source.info.frame_count or 0))
    assert [frame.t_s for frame in frames] == [index / 25.0 for index in range(50)]
    assert source.read() is None


@pytest.mark.parametrize("rate", [5.0, 30.0])
def test_a_cue_heard_takes_the_same_effect_however_fast_frames_are_read(rate: float) -> None:
    """Pictures are drawn ahead in a thread; that must never decide what is in them."""
    settings = VirtualRunnerSettings(duration_s=5.0, rate_hz=rate, **SMALL)
    cues = {int(1.2 * rate): "lazy-heel"}
    fast, slow = (play(VirtualSource(settings), cues, pause_s) for pause_s in (0.0, 1.0 / rate / 4.0))
    assert len(fast) == len(slow) == round(5.0 * rate)
    for one, other in zip(fast, slow, strict=True):
        assert (one.image_bgr == other.image_bgr).all()
        assert one.truth.strengths == other.truth.strengths
    assert fast[0].truth.strengths["lazy-heel"] == 1.0
    assert fast[-1].truth.strengths["lazy-heel"] < 0.8


def test_a_runner_who_hears_nothing_keeps_its_fault() -> None:
    frames = play(VirtualSource(VirtualRunnerSettings(duration_s=4.0, rate_hz=10.0, **SMALL)), {10: "overstride"})
    assert {frame.truth.strengths["lazy-heel"] for frame in frames} == {1.0}


def test_the_truth_comes_with_the_frame() -> None:
    (*_, last) = play(VirtualSource(VirtualRunnerSettings(duration_s=4.0, rate_hz=30.0, faults=("none",), **SMALL)), {})
    truth = last.truth
    assert truth.t_s == last.t_s
    assert truth.points_px.shape == (33, 2)
    assert truth.angles_deg.shape == (2, 4)
    thigh, shank, knee, _ = truth.angles_deg.T
    assert (thigh - shank).tolist() == pytest.approx(knee.tolist())
    assert 8 <= sum(event.kind == "foot_strike" for event in truth.events) <= 14
    assert all(event.t_s <= last.t_s for event in truth.events)
    assert set(truth.strengths.values()) == {0.0}


def test_in_real_time_no_frame_comes_early_and_what_nobody_took_is_lost() -> None:
    source = VirtualSource(VirtualRunnerSettings(duration_s=30.0, rate_hz=60.0, **SMALL), realtime=True)
    epoch_s = source.info.epoch_s
    assert epoch_s is not None
    assert source.info.live
    last = -1
    for _ in range(4):
        frame = source.read()
        assert frame is not None
        assert time.monotonic() - epoch_s >= frame.t_s
        assert frame.index > last
        last = frame.index
    time.sleep(0.25)
    frame = source.read()
    assert frame is not None
    assert frame.index >= last + 14
    source.close()


def test_in_real_time_the_run_ends_by_the_clock() -> None:
    source = VirtualSource(VirtualRunnerSettings(duration_s=0.3, rate_hz=10.0, **SMALL), realtime=True)
    time.sleep(0.4)
    assert source.read() is None


@pytest.mark.parametrize("realtime", [False, True])
def test_closing_from_another_thread_ends_reading(realtime: bool) -> None:
    source = VirtualSource(VirtualRunnerSettings(duration_s=600.0, rate_hz=5.0, **SMALL), realtime=realtime)
    reader = threading.Thread(target=play, args=(source, {}))
    reader.start()
    source.close()
    reader.join(20.0)
    assert not reader.is_alive()
    assert source.read() is None
    source.close()
