"""What the loop costs: the same film through bare MediaPipe and through the whole of `run`, alternating, as a ratio.

Usage: `make bench`, or `python -m bench.loop [FILM] [--paced MINUTES]`. Without a film it draws one with the virtual
runner. Both sides decode the film, convert the colours and run the same model with the same settings; `run` does all
the rest as well, and may use more than one core. With `--paced` the film is also played over and over at its own pace,
as a camera would: how many frames are measured, how old they are then, and whether memory grows.
"""

from __future__ import annotations

import argparse
import dataclasses
import resource
import statistics
import sys
import tempfile
import threading
import time
from collections import deque
from pathlib import Path

import cv2
import numpy as np

from bench.table import Row, add_options, at_most, finish, stated
from cuecoach import config
from cuecoach.coach.scheduler import Coach
from cuecoach.gait.gait import Gait
from cuecoach.packs import library
from cuecoach.pipeline.pose_frames import open_pose_frames
from cuecoach.session import assembly
from cuecoach.session.session import Session
from cuecoach.session.settings import SessionSettings
from cuecoach.source.base import SourceInfo
from cuecoach.source.film import FilmSource
from cuecoach.source.newest import Newest
from cuecoach.source.virtual_runner import VirtualSource
from cuecoach.types import Frame, Situation, SourceKind, Speed, SpeedOrigin
from cuecoach.virtual_runner.settings import VirtualRunnerSettings

ROUNDS = 5
CAMERA_PX = (1280, 720)
SPEED_MPS = 2.8
TARGET_RATIO = 0.95
TARGET_CORE_MS = 0.5


def bare_s(film: Path, settings: config.Settings) -> float:
    """Return the seconds that a plain loop of decode, convert and detect takes for the film."""
    import mediapipe as mp
    from mediapipe.tasks.python import BaseOptions, vision

    from cuecoach.pose.model_file import find_model
    from cuecoach.pose.stderr_filter import StderrFilter

    options = vision.PoseLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=str(find_model(settings.pose, config.cache_folder()).path)),
        running_mode=vision.RunningMode.VIDEO,
        num_poses=settings.pose.num_poses,
        output_segmentation_masks=settings.pose.silhouette,
    )
    capture = cv2.VideoCapture(str(film))
    rate_hz = capture.get(cv2.CAP_PROP_FPS)
    with StderrFilter().filtering(), vision.PoseLandmarker.create_from_options(options) as landmarker:
        started = time.perf_counter()
        index = 0
        while True:
            ok, image = capture.read()
            if not ok:
                return time.perf_counter() - started
            rgb = mp.Image(image_format=mp.ImageFormat.SRGB, data=cv2.cvtColor(image, cv2.COLOR_BGR2RGB))
            landmarker.detect_for_video(rgb, round(index * 1000 / rate_hz))
            index += 1


def run_s(film: Path, settings: config.Settings) -> float:
    """Return the seconds from the first to the last frame of a whole `run` of the film."""
    started = 0.0

    def start(_session: Session) -> None:
        nonlocal started
        started = time.perf_counter()

    request = assembly.Request(lambda: FilmSource(film), on_open=start)
    assembly.run(request, settings, [], lambda *_: None)
    return time.perf_counter() - started


def core_ms(film: Path, settings: config.Settings) -> list[float]:
    """Return the milliseconds that gait and coach take for each frame of the film, pose not counted."""
    with open_pose_frames(str(film), settings) as frames:
        pose_frames = list(frames)
    gait, coach = Gait(settings.gait), Coach(library.find(settings.session.pack), settings.coach)
    speed = Speed(SPEED_MPS, 0.02 * SPEED_MPS, SpeedOrigin.USER)
    costs = []
    for pose_frame in pose_frames:
        started = time.perf_counter()
        step = gait.update(pose_frame, speed)
        coach.step(pose_frame.t_s, step.strides, Situation(step.activity, step.leaving, step.speed, muted=False))
        costs.append((time.perf_counter() - started) * 1000)
    return costs


def drawn_film(folder: Path) -> Path:
    """Write ten seconds of the virtual runner as a film and return its path."""
    source = VirtualSource(VirtualRunnerSettings(duration_s=10.0))
    width, height = source.info.size_px
    path = folder / "drawn.mp4"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), source.info.rate_hz, (width, height))
    while (frame := source.read()) is not None:
        if isinstance(frame, Frame):
            writer.write(frame.image_bgr)
    writer.release()
    return path


class Camera:
    """A film played over and over by the wall clock. Notes when the loop was done with each frame it took."""

    def __init__(self, film: Path, seconds: float) -> None:
        capture = cv2.VideoCapture(str(film))
        rate_hz = capture.get(cv2.CAP_PROP_FPS)
        size_px = (int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)), int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT)))
        self.info = SourceInfo(SourceKind.VIDEO, "paced", size_px, rate_hz, True, time.monotonic(), None)
        self.shown = 0
        self.peak_mb: list[float] = []  # of the process, each second
        self.ages_ms: list[float] = []
        self._taken_s: deque[float] = deque()
        self._newest: Newest[Frame] = Newest()
        self._thread = threading.Thread(target=self._play, args=(capture, seconds), daemon=True)
        self._thread.start()

    def _play(self, capture: cv2.VideoCapture, seconds: float) -> None:
        assert self.info.epoch_s is not None
        while (t_s := self.shown / self.info.rate_hz) < seconds:
            ok, image = capture.read()
            if not ok:
                capture.set(cv2.CAP_PROP_POS_FRAMES, 0)
                continue
            time.sleep(max(0.0, self.info.epoch_s + t_s - time.monotonic()))
            if self.shown % round(self.info.rate_hz) == 0:
                self.peak_mb.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
            self._newest.put(Frame(t_s, self.shown, np.asarray(image, dtype=np.uint8)))
            self.shown += 1
        self._newest.end()

    def read(self) -> Frame | None:
        """Return the newest frame."""
        frame = self._newest.take()
        if frame is not None:
            self._taken_s.append(frame.t_s)
        return frame

    def notices(self) -> tuple[str, ...]:
        """Return nothing; the loop asks when a frame has been measured and decided upon."""
        if self._taken_s and self.info.epoch_s is not None:
            self.ages_ms.append((time.monotonic() - self.info.epoch_s - self._taken_s.popleft()) * 1000)
        return ()

    def close(self) -> None:
        """Stop handing out frames."""
        self._newest.close()


def paced_rows(film: Path, settings: config.Settings, minutes: float) -> list[Row]:
    """Return the rows of a whole session on a camera of the film's rate."""
    cameras: list[Camera] = []

    def open_camera() -> Camera:
        cameras.append(Camera(film, minutes * 60))
        return cameras[-1]

    assembly.run(assembly.Request(open_camera), settings, [], lambda *_: None)
    camera = cameras[-1]
    ages = camera.ages_ms
    settled = min(60, len(camera.peak_mb) // 2)
    data = f"paced {minutes:g} min"
    share, median_ms, p99_ms = len(ages) / camera.shown, statistics.median(ages), _p99(ages)
    begin_mb, end_mb = camera.peak_mb[settled], camera.peak_mb[-1]
    return [
        Row(data, "share of frames measured", ">= 97 %", f"{100 * share:.1f} % of {camera.shown}", share >= 0.97),
        at_most(data, "age of a frame when decided upon, median", median_ms, 60, "ms", 0),
        at_most(data, "age of a frame when decided upon, 99 %", p99_ms, 100, "ms", 0),
        Row(
            data,
            f"peak of memory, after {settled} s and at the end",
            "no growth",
            f"{begin_mb:.0f}; {end_mb:.0f} MB",
            end_mb <= 1.02 * begin_mb,
        ),
    ]


def model_rows() -> list[Row]:
    """Return the rows of how fast each pose model that is here searches a camera's pictures, and which `auto` takes."""
    from cuecoach.pose.model_catalogue import MODELS
    from cuecoach.pose.model_choice import NEEDED_HZ, measured_rate_hz, open_detector
    from cuecoach.pose.model_file import cached_fault
    from cuecoach.pose.settings import PoseSettings

    folder = config.cache_folder()
    here = [name for name, model in MODELS.items() if not cached_fault(model, folder)]
    rates_hz = {
        name: [measured_rate_hz(PoseSettings(model=name), CAMERA_PX, folder) for _ in range(ROUNDS)] for name in here
    }
    detector = open_detector(PoseSettings(), SourceKind.CAMERA, True, CAMERA_PX, folder)
    detector.close()
    data = f"drawn runner, {CAMERA_PX[0]} x {CAMERA_PX[1]}"
    keeps = f"pictures a second that the model keeps in a session (median; each); {NEEDED_HZ:g} are needed"
    return [
        *(
            stated(data, f"{name}: {keeps}", f"{statistics.median(rates):.0f} ({', '.join(f'{r:.0f}' for r in rates)})")
            for name, rates in rates_hz.items()
        ),
        stated(data, f"what auto takes for a camera, of {' and '.join(here)}", detector.model),
    ]


def main() -> int:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("film", nargs="?", type=Path)
    parser.add_argument("--paced", type=float, default=0.0, metavar="MINUTES", help="also play the film as a camera")
    add_options(parser)
    arguments = parser.parse_args()
    film: Path | None = arguments.film
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        film = film or drawn_film(folder)
        session = SessionSettings(speed_mps=SPEED_MPS, view="none", journal=str(folder / "journal.sqlite"))
        settings = dataclasses.replace(config.Settings(), session=session)
        run_s(film, settings)  # fills the caches of phrases and model, and the file cache
        pairs = [(bare_s(film, settings), run_s(film, settings)) for _ in range(ROUNDS)]
        ratios = [bare / whole for bare, whole in pairs]
        costs = core_ms(film, settings)
        paced = paced_rows(film, settings, arguments.paced) if arguments.paced else []
    data = f"{film.name}: {len(costs)} frames"
    bare_ms = statistics.median(bare for bare, _ in pairs) / len(costs) * 1000
    rows = [
        Row(
            data,
            "throughput of run / bare MediaPipe (median of alternating rounds; each)",
            f">= {TARGET_RATIO}",
            f"{statistics.median(ratios):.3f} ({', '.join(f'{ratio:.3f}' for ratio in ratios)})",
            statistics.median(ratios) >= TARGET_RATIO,
            1 / statistics.median(ratios),
        ),
        stated(data, "bare MediaPipe with decoding, a frame (median round)", f"{bare_ms:.1f} ms"),
        at_most(data, "gait and coach, a frame (median)", statistics.median(costs), TARGET_CORE_MS, "ms", 3),
        stated(data, "gait and coach, a frame (99 % / worst)", f"{_p99(costs):.2f} / {max(costs):.2f} ms"),
    ]
    return finish([*rows, *paced, *model_rows()], "loop", "The loop", save_baseline=arguments.save_baseline)


def _p99(values: list[float]) -> float:
    return statistics.quantiles(values, n=100)[98]


if __name__ == "__main__":
    sys.exit(main())
