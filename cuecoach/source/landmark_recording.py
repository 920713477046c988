"""Landmark recordings (`*.landmarks.csv`, `.gz`): the reader, which is a source of pose frames, and the writer.

Owns the file format:

    # cuecoach-landmarks 1 fps=30 width=720 height=1280
    t_s,left_hip_x_px,left_hip_y_px,left_hip_visibility,...
    0.000000,321.50,905.12,0.998,...

Names are those of `types.LANDMARKS`, in any order and any subset that holds the legs. Empty cells mean not seen; a row
of empty cells means that nobody was there. A column of visibility may be missing: what has a place was seen.
"""

from __future__ import annotations

import gzip
import io
import math
import re
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TextIO

import numpy as np

from cuecoach.errors import DeviceError, InputError
from cuecoach.source.base import SourceInfo
from cuecoach.types import LANDMARKS, LEG_LANDMARKS, FloatArray, Pose, PoseFrame, SourceKind

MAGIC = "# cuecoach-landmarks 1"
NEEDED = tuple(LANDMARKS[row] for leg in LEG_LANDMARKS for row in leg)
_HEAD = re.compile(r"# cuecoach-landmarks (\S+) fps=(\S+) width=(\d+) height=(\d+)\s*$")
_FIELDS = ("x_px", "y_px", "visibility")
_DIGITS = (2, 2, 3)
_FLUSH_S = 1.0  # of the recording's own time: what a killed process may lose


class RecordingSource:
    """Gives the pose frames of a recording, all of which is read and checked when it is opened.

    Parameters
    ----------
    path : Path
    realtime : bool
        Pace it by the wall clock: each pose frame is given at its time, and one that nobody took in time is lost.

    Raises
    ------
    InputError
        The file is missing or no such recording; the sentence names file and line.
    """

    def __init__(self, path: Path, realtime: bool = False) -> None:
        self._notices: list[str] = []
        rate_hz, self._size_px, rows = self._load(path)
        self._times_s, self._values = rows
        self._next = 0
        self._closed = threading.Event()
        start_s = time.monotonic() - (self._times_s[0] if len(self._times_s) else 0.0)
        self.info = SourceInfo(
            kind=SourceKind.RECORDING,
            name=path.name,
            size_px=self._size_px,
            rate_hz=rate_hz,
            live=realtime,
            epoch_s=start_s if realtime else None,
            frame_count=len(self._times_s),
        )

    def read(self) -> PoseFrame | None:
        """Return the next pose frame (the newest, when paced), or None at the end."""
        if self.info.epoch_s is not None:
            self._keep_pace(self.info.epoch_s)
        if self._closed.is_set() or self._next >= len(self._times_s):
            return None
        row = self._next
        self._next += 1
        t_s, values = float(self._times_s[row]), self._values[row]
        if np.isnan(values).all():
            return PoseFrame(t_s, row, None)
        return PoseFrame(t_s, row, Pose(t_s, values[:, :2], np.nan_to_num(values[:, 2]), self._size_px))

    def notices(self) -> tuple[str, ...]:
        """Return, once, the sentence about a recording whose end is missing."""
        notices, self._notices = tuple(self._notices), []
        return notices

    def close(self) -> None:
        """End the recording."""
        self._closed.set()

    def _keep_pace(self, epoch_s: float) -> None:
        """Skip what is past except the newest; wait for it when all is to come."""
        now_s = time.monotonic() - epoch_s
        newest = int(np.searchsorted(self._times_s, now_s, side="right")) - 1
        self._next = max(self._next, newest)
        if self._next < len(self._times_s):
            self._closed.wait(max(0.0, self._times_s[self._next] - now_s))

    def _load(self, path: Path) -> tuple[float, tuple[int, int], tuple[FloatArray, FloatArray]]:
        """Return rate, picture size, and the rows: times (n,) and values (n, 33, 3)."""
        with _reading(path) as file:
            lines = _Lines(path, file)
            rate_hz, size_px = _parse_head(path, next(lines, ""))
            places = _parse_columns(path, next(lines, ""))
            rows = _parse_rows(path, lines, len(places))
        if lines.cut_short:
            self._notices.append(f"{path.name} has no proper end: it was read up to line {lines.number - 1}.")
        table = np.array(rows, dtype=np.float64).reshape(len(rows), len(places) + 1)
        values = np.full((len(rows), len(LANDMARKS), len(_FIELDS)), math.nan)
        for column, (landmark, field) in enumerate(places, start=1):
            values[:, landmark, field] = table[:, column]
        unstated = [row for row in range(len(LANDMARKS)) if (row, 2) not in places]
        # One coordinate alone is no place.
        values[np.isnan(values[:, :, :2]).any(axis=2)] = math.nan
        values[:, unstated, 2] = np.where(np.isnan(values[:, unstated, 0]), math.nan, 1.0)
        return rate_hz, size_px, (table[:, 0], values)


class RecordingWriter:
    """Writes pose frames to a recording, packed when the name ends with `.gz`; close it, or use it in `with`.

    Parameters
    ----------
    path : Path
        Overwritten.
    rate_hz : float
    size_px : (int, int)
        Width and height of the pictures.
    landmarks : sequence of str
        Which of `types.LANDMARKS` are written.

    Raises
    ------
    DeviceError
        The file cannot be written, now or at any later call.
    """

    def __init__(
        self, path: Path, rate_hz: float, size_px: tuple[int, int], landmarks: Sequence[str] = LANDMARKS
    ) -> None:
        self._path = path
        self._rows = [LANDMARKS.index(name) for name in landmarks]
        self._flushed_s = -math.inf
        with self._written():
            self._file: TextIO | None = _open_for_writing(path)
            self._file.write(f"{MAGIC} fps={rate_hz:.6g} width={size_px[0]} height={size_px[1]}\n")
            self._file.write(",".join(["t_s", *(f"{name}_{field}" for name in landmarks for field in _FIELDS)]) + "\n")

    def write(self, pose_frame: PoseFrame) -> None:
        """Append one row; at most the last second of rows is not on disk yet."""
        if self._file is None:
            raise DeviceError(f"{self._path} is closed already; open a new recording.")
        cells = [f"{pose_frame.t_s:.6f}"]
        for row in self._rows:
            point = (
                (math.nan,) * 3
                if pose_frame.pose is None
                else (*pose_frame.pose.points_px[row], pose_frame.pose.visibility[row])
            )
            seen = not math.isnan(point[0] + point[1])
            cells += [f"{value:.{digits}f}" if seen else "" for value, digits in zip(point, _DIGITS, strict=True)]
        with self._written():
            self._file.write(",".join(cells) + "\n")
            if pose_frame.t_s - self._flushed_s >= _FLUSH_S:
                self._flushed_s = pose_frame.t_s
                self._file.flush()

    def close(self) -> None:
        """Finish the file. May be called more than once."""
        file, self._file = self._file, None
        if file is not None:
            with self._written():
                file.close()

    def __enter__(self) -> RecordingWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def _written(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise DeviceError(
                f"The recording {self._path} cannot be written ({error.strerror or error}); "
                "give another place or make room on the disk."
            ) from error


class _Lines:
    """The lines of a file, counted; the end of a file that a killed writer left is noted instead of raised."""

    def __init__(self, path: Path, file: TextIO) -> None:
        self._path = path
        self._file = file
        self.number = 0
        self.unended = False  # the line at hand has no line break: it is the last, and maybe not whole
        self.cut_short = False

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        self.number += 1
        try:
            line = self._file.readline()
        except (EOFError, gzip.BadGzipFile) as error:
            if self.number <= 2:
                raise InputError(f"{self._path} cannot be unpacked ({error}); record or copy it again.") from error
            self.cut_short = True
            raise StopIteration from error
        except UnicodeDecodeError as error:
            raise InputError(f"{self._path} line {self.number} is not text; give a landmark recording.") from error
        if not line:
            raise StopIteration
        self.unended = not line.endswith("\n")
        return line.rstrip("\r\n")


@contextmanager
def _reading(path: Path) -> Iterator[TextIO]:
    try:
        if path.name.endswith(".gz"):
            with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
                yield file
        else:
            with path.open(encoding="utf-8", newline="") as file:
                yield file
    except FileNotFoundError as error:
        raise InputError(f"There is no file {path}; give the path of a video or of a landmark recording.") from error
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror or error}); give a file that can be.") from error


def _open_for_writing(path: Path) -> TextIO:
    if path.name.endswith(".gz"):
        # Rows are small beside a session's other work: the fastest packing, which still saves two thirds.
        return io.TextIOWrapper(gzip.open(path, "wb", compresslevel=1), encoding="utf-8", newline="\n")
    return path.open("w", encoding="utf-8", newline="\n")


def _parse_head(path: Path, line: str) -> tuple[float, tuple[int, int]]:
    match = _HEAD.match(line)
    if match is None:
        raise InputError(f"{path} line 1 is {line[:60]!r}; it must read '{MAGIC} fps=30 width=720 height=1280'.")
    version, rate, width, height = match.groups()
    if version != "1":
        raise InputError(f"{path} line 1 names format {version}; this CueCoach reads format 1, a newer one is needed.")
    rate_hz = _number(rate)
    if not 0 < rate_hz < math.inf or int(width) == 0 or int(height) == 0:
        raise InputError(f"{path} line 1 has fps={rate} width={width} height={height}; all three must be above 0.")
    return rate_hz, (int(width), int(height))


def _parse_columns(path: Path, line: str) -> list[tuple[int, int]]:
    """Return for each column after the first its landmark's row and its field."""
    names = line.split(",")
    if names[0] != "t_s":
        raise InputError(f"{path} line 2 begins with {names[0]!r}; the first column must be t_s.")
    known = {f"{name}_{field}": (i, j) for i, name in enumerate(LANDMARKS) for j, field in enumerate(_FIELDS)}
    for name in names[1:]:
        if name not in known:
            raise InputError(f"{path} line 2 has the column {name!r}; columns are named like left_hip_x_px.")
        if names.count(name) > 1:
            raise InputError(f"{path} line 2 has the column {name!r} twice; each may stand once.")
    for name in NEEDED:
        for field in _FIELDS[:2]:
            if f"{name}_{field}" not in names:
                raise InputError(
                    f"{path} line 2 has no column {name}_{field}; "
                    "both hips, knees, ankles, heels and foot_index are needed."
                )
    return [known[name] for name in names[1:]]


def _parse_rows(path: Path, lines: _Lines, columns: int) -> list[list[float]]:
    rows: list[list[float]] = []
    last_s = -math.inf
    for line in lines:
        cells = line.split(",")
        if len(cells) <= columns and lines.unended:
            lines.cut_short = True
            break
        if len(cells) != columns + 1:
            raise InputError(f"{path} line {lines.number} has {len(cells)} cells; line 2 names {columns + 1} columns.")
        row = [_number(cell) if cell else math.nan for cell in cells]
        if math.isnan(sum(row)) or math.isinf(sum(row)):
            _check_cells(path, lines.number, cells, row)
        if not row[0] > last_s:
            raise InputError(f"{path} line {lines.number} has t_s {cells[0]}; times must rise from line to line.")
        last_s = row[0]
        rows.append(row)
    return rows


def _check_cells(path: Path, number: int, cells: Sequence[str], row: Sequence[float]) -> None:
    """Refuse a row with a cell that is neither empty nor a number, or without a time."""
    for cell, value in zip(cells, row, strict=True):
        if cell and not math.isfinite(value):
            raise InputError(f"{path} line {number} has the cell {cell!r}; cells are numbers, or empty for not seen.")
    if math.isnan(row[0]):
        raise InputError(f"{path} line {number} has no t_s; every line needs its time.")


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
