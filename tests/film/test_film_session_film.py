"""A session's film: what was seen and said is in it, where it happened; whatever fails, the session goes on."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from film_reading import read_pictures, read_sound
from films import steady
from numpy.typing import NDArray
from perfect_pose import PerfectDetector
from sessions import run_session, tone_clips
from sound import energy_spans

from cuecoach.film import session_film
from cuecoach.film.session_film import SessionFilm
from cuecoach.journal import read
from cuecoach.journal.records import CueRow
from cuecoach.packs import library
from cuecoach.session.session import Session, SessionEvent
from cuecoach.source.base import SourceInfo
from cuecoach.source.virtual_runner import VirtualSource
from cuecoach.types import SourceKind, Stride
from cuecoach.view.base import ViewState
from cuecoach.view.primitives import FOOT_STRIKE, NEAR, TOE_OFF
from cuecoach.virtual_runner.settings import VirtualRunnerSettings
from cuecoach.voice.base import RATE_HZ
from cuecoach.voice.playback.recording_voice import RecordingVoice
from cuecoach.voice.playback.silent_voice import SilentVoice

SIZE_PX = (320, 240)
Picture = NDArray[np.uint8]


def run(
    folder: Path, virtual_runner: VirtualRunnerSettings, stop_s: float = float("inf")
) -> tuple[list[Stride], list[CueRow]]:
    """Run a session and write folder/film.mp4; return its strides, and its cues from the journal."""
    source = VirtualSource(virtual_runner)
    film = SessionFilm(folder / "film.mp4", source.info)
    clips = tone_clips(library.find("pull-under"), folder / "words")
    sessions: list[Session] = []

    def listen(event: SessionEvent) -> None:
        film.take_event(event)
        if isinstance(event, Stride) and event.closed_s >= stop_s:
            sessions[0].stop()

    _, events = run_session(
        folder / "journal.sqlite",
        source,
        detector=PerfectDetector(),
        voice=RecordingVoice(SilentVoice(clips), clips, film.sound),
        views=[film],
        listener=listen,
        on_open=sessions.append,
    )
    assert not [event for event in events if isinstance(event, str)], "nothing is wrong with the film"
    strides = [event for event in events if isinstance(event, Stride)]
    return strides, read.session(folder / "journal.sqlite", 1).cues


def near_colour(picture: Picture, colour: tuple[int, int, int]) -> int:
    """Count pixels of about this colour."""
    return int((np.abs(picture.astype(int) - np.array(colour)).max(axis=2) < 60).sum())


@pytest.mark.parametrize("facing", ["left", "right"])
def test_a_session_is_all_there_where_it_happened(tmp_path: Path, facing: str) -> None:
    virtual_runner = VirtualRunnerSettings(
        duration_s=13.0, responsiveness=0.0, facing=facing, width_px=SIZE_PX[0], height_px=SIZE_PX[1]
    )
    strides, cues = run(tmp_path, virtual_runner)
    times_s, pictures = read_pictures(tmp_path / "film.mp4")
    assert times_s == pytest.approx(steady(390), abs=1e-4)

    said = [cue for cue in cues if cue.fires]
    assert said
    spans = energy_spans(read_sound(tmp_path / "film.mp4"), RATE_HZ)
    assert np.array(spans) == pytest.approx(np.array([(cue.started_s, cue.finished_s) for cue in said]), abs=0.03)

    caption = [near_colour(picture[SIZE_PX[1] + 20 :], NEAR) > 2000 for picture in pictures]
    shown = [any(cue.decided_s <= t_s < cue.decided_s + 4.0 for cue in said) for t_s in times_s]
    assert caption == shown

    runner = [picture[: SIZE_PX[1]] for picture in pictures]
    rings = [near_colour(picture, FOOT_STRIKE) > 20 for picture in runner]
    for stride in strides:
        if 2.0 < stride.t_strike_s < 11.0:
            assert rings[int(stride.t_strike_s * 30) + 1], "a strike is ringed in the picture after it"
            assert near_colour(runner[int(stride.t_toe_off_s * 30) + 1], TOE_OFF) > 20
    assert sum(rings) < 0.8 * len(rings)


def test_a_stopped_session_leaves_a_film_up_to_there(tmp_path: Path) -> None:
    virtual_runner = VirtualRunnerSettings(duration_s=60.0, width_px=SIZE_PX[0], height_px=SIZE_PX[1])
    strides, _ = run(tmp_path, virtual_runner, stop_s=3.0)
    times_s, _ = read_pictures(tmp_path / "film.mp4")
    assert times_s[-1] == pytest.approx(strides[-1].closed_s, abs=0.2)
    assert times_s == pytest.approx(steady(len(times_s)), abs=1e-4)


class Film:
    """A film fed by hand."""

    def __init__(self, path: Path, live: bool = False) -> None:
        info = SourceInfo(SourceKind.CAMERA if live else SourceKind.VIDEO, "", SIZE_PX, 30.0, live, None, None)
        self.path = path
        self.recorder = SessionFilm(path, info)

    def show(self, t_s: float, picture: Picture | None) -> None:
        self.recorder.show(ViewState(t_s, picture))

    @property
    def told(self) -> list[str]:
        """What is told from now on."""
        return list(self.recorder.notices())

    def close(self) -> list[float]:
        self.recorder.close()
        self.recorder.close()
        return read_pictures(self.path)[0]


@pytest.fixture
def noise() -> Iterator[Picture]:
    """Give pictures that cannot be compressed."""
    draw = np.random.default_rng(1)
    return (draw.integers(0, 255, (SIZE_PX[1], SIZE_PX[0], 3)).astype(np.uint8) for _ in itertools.count())


def test_a_film_waits_and_lacks_nothing_even_with_little_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, noise: Iterator[Picture]
) -> None:
    monkeypatch.setattr(session_film, "DELAYED_BYTES", 3 * 320 * 240 * 3)
    film = Film(tmp_path / "film.mp4")
    for t_s in steady(60):
        film.show(t_s, next(noise))
    assert film.close() == pytest.approx(steady(60), abs=1e-4)
    assert film.told == []


def test_a_camera_does_not_wait_and_says_once_what_is_lacking(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, noise: Iterator[Picture]
) -> None:
    free, draw = threading.Event(), SessionFilm._draw

    def draw_late(self: SessionFilm) -> None:
        free.wait()
        draw(self)

    monkeypatch.setattr(SessionFilm, "_draw", draw_late)
    film = Film(tmp_path / "film.mp4", live=True)
    for t_s in steady(200):
        film.show(t_s, next(noise))
    free.set()
    times_s = film.close()
    lost = 200 - len(times_s)
    assert lost > 100
    assert film.told == [f"The film lacks {lost} of 200 pictures: this machine could not draw them in time."]
    assert times_s == pytest.approx([round(t_s * 30) / 30 for t_s in times_s], abs=1e-4)


def test_a_full_disk_is_told_once_and_the_session_goes_on(
    tmp_path: Path, file_limit: int, noise: Iterator[Picture]
) -> None:
    film = Film(tmp_path / "film.mp4")
    for t_s in steady(120):
        film.show(t_s, next(noise))
    film.recorder.close()
    (told,) = film.told
    assert "can no longer be written" in told
    assert film.told == [], "once"
    assert not film.recorder.sound.writable, "what is said from now on is in no file"
    assert film.path.stat().st_size <= file_limit


def test_a_disk_that_hangs_does_not_keep_the_session_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, noise: Iterator[Picture]
) -> None:
    free = threading.Event()
    monkeypatch.setattr(SessionFilm, "_draw", lambda _self: free.wait() and None)
    monkeypatch.setattr(session_film, "CLOSE_LIMIT_S", 0.1)
    film = Film(tmp_path / "film.mp4")
    film.show(0.0, next(noise))
    film.recorder.close()
    assert film.told == [f"The film {film.path} was not finished within 0.1 s; its end is missing."]
    monkeypatch.undo()
    free.set()


def test_while_the_camera_is_lost_the_film_stands_still(tmp_path: Path, noise: Iterator[Picture]) -> None:
    film = Film(tmp_path / "film.mp4", live=True)
    film.show(0.1, next(noise))
    film.show(0.5, None)
    film.show(3.0, next(noise))
    assert film.close() == pytest.approx([0.1, 3.0], abs=1e-4)
    assert film.told == []


def test_a_camera_that_comes_back_with_another_size_is_stretched(tmp_path: Path) -> None:
    film = Film(tmp_path / "film.mp4")
    film.show(0.0, np.full((240, 320, 3), 200, np.uint8))
    film.show(0.1, np.full((480, 640, 3), 200, np.uint8))
    film.close()
    first, second = read_pictures(film.path)[1]
    assert first.shape == second.shape
    assert np.abs(first[:240].astype(int) - second[:240]).max() < 8
