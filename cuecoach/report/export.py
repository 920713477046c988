"""Writes sessions as files for other programs: CSV, JSON Lines, Parquet, and landmarks as CSV or TRC.

The tables and their columns are in `export_tables.py`.
"""

from __future__ import annotations

import csv
import importlib
import json
from collections.abc import Iterable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from cuecoach.analysis.session import AnalysedSession, analyse
from cuecoach.errors import DeviceError, InputError
from cuecoach.report.export_tables import TABLES, Row, Table, cleaned, columns
from cuecoach.report.trc import write_trc
from cuecoach.source.landmark_recording import RecordingWriter
from cuecoach.types import PoseFrame

F = TypeVar("F", bound=StrEnum)


class TableFormat(StrEnum):
    """How tables are written."""

    CSV = "csv"
    JSON_LINES = "jsonl"
    PARQUET = "parquet"


class LandmarkFormat(StrEnum):
    """How landmark recordings are written."""

    NONE = "none"
    CSV = "csv"
    TRC = "trc"


def export(path: Path, numbers: Sequence[int], folder: Path, kind: str = "csv", landmarks: str = "none") -> list[Path]:
    """Write sessions into a folder, which is made, and return the files.

    Parameters
    ----------
    path : Path
        The journal.
    numbers : sequence of int
    folder : Path
        Files of an earlier export there are overwritten.
    kind : str
        A TableFormat.
    landmarks : str
        A LandmarkFormat.

    Raises
    ------
    InputError
        There is no such session, no such format, no recording that was asked for, or DuckDB is missing for Parquet.
    DeviceError
        A file cannot be written, or the journal cannot be read.
    """
    table_format = _known(TableFormat, "--format", kind)
    landmark_format = _known(LandmarkFormat, "--landmarks", landmarks)
    duckdb = _duckdb() if table_format is TableFormat.PARQUET else None
    sessions = [analyse(path, number) for number in numbers]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        files = [_write(table, sessions, folder, table_format, duckdb) for table in TABLES]
        described = list(columns())
        files.append(_write_csv(folder / "columns.csv", list(described[0]), described))
        summary_file = folder / "summary.json"
        summaries = [session.summary.as_dict() for session in sessions]
        summary_file.write_text(json.dumps(summaries, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        files.append(summary_file)
        if landmark_format is not LandmarkFormat.NONE:
            files += [_write_landmarks(session, folder, landmark_format) for session in sessions]
    except OSError as error:
        raise DeviceError(
            f"{folder} cannot be written ({error.strerror or error}); give another folder with --out."
        ) from error
    return files


def _known(formats: type[F], option: str, value: str) -> F:
    try:
        return formats(value)
    except ValueError:
        raise InputError(f"{option} {value} is not known: it is one of {', '.join(formats)}.") from None


def _write(table: Table, sessions: Sequence[AnalysedSession], folder: Path, kind: TableFormat, duckdb: Any) -> Path:
    rows = (cleaned(row) for session in sessions for row in table.rows(session))
    file = folder / f"{table.name}.{kind}"
    if kind is TableFormat.JSON_LINES:
        with file.open("w", encoding="utf-8") as out:
            out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        return file
    text = file if kind is TableFormat.CSV else file.with_name(f"{file.name}.part")
    _write_csv(text, [column.name for column in table.columns], rows)
    if kind is TableFormat.PARQUET:
        _convert_to_parquet(table, text, file, duckdb)
        text.unlink()
    return file


def _write_csv(file: Path, header: Sequence[str], rows: Iterable[Row]) -> Path:
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, header, lineterminator="\n")
        writer.writeheader()
        writer.writerows(_with_true_and_false(row) for row in rows)
    return file


def _convert_to_parquet(table: Table, text: Path, file: Path, duckdb: Any) -> None:
    """Turn a CSV file into a Parquet file with the documented types."""
    columns = ", ".join(f"'{column.name}': '{_PARQUET_TYPES[column.kind]}'" for column in table.columns)
    options = f"header = true, auto_detect = false, delim = ',', quote = '\"', escape = '\"', columns = {{{columns}}}"
    reading = f"SELECT * FROM read_csv({_quoted(text)}, {options})"  # noqa: S608 - names of our own
    with duckdb.connect() as connection:
        try:
            connection.execute(f"COPY ({reading}) TO {_quoted(file)} (FORMAT parquet)")
        except duckdb.Error as problem:
            raise DeviceError(f"{file} cannot be written ({problem}); give another folder with --out.") from problem


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


_PARQUET_TYPES = {"integer": "BIGINT", "number": "DOUBLE", "truth": "BOOLEAN", "text": "VARCHAR"}


def _with_true_and_false(row: Row) -> Row:
    """Return a row with booleans as `true` and `false`."""
    return {name: ("true" if value else "false") if isinstance(value, bool) else value for name, value in row.items()}


def _duckdb() -> Any:
    # DuckDB writes Parquet without pyarrow, which needs another numpy than the pose library allows.
    try:
        return importlib.import_module("duckdb")
    except ImportError:
        raise InputError(
            "Parquet needs DuckDB, which is not installed: `pip install cuecoach[parquet]`, or use --format csv."
        ) from None


def _write_landmarks(session: AnalysedSession, folder: Path, kind: LandmarkFormat) -> Path:
    number = session.record.row.id
    pose_frames = list(session.pose_frames())
    size_px = next((one.pose.image_size_px for one in pose_frames if one.pose), (1, 1))
    if kind is LandmarkFormat.TRC:
        file = folder / f"session-{number}.trc"
        write_trc(file, pose_frames, session.record.rate_hz or _rate_hz(pose_frames), _height_m(session))
        return file
    file = folder / f"session-{number}.landmarks.csv.gz"
    with RecordingWriter(file, session.record.rate_hz or _rate_hz(pose_frames), size_px) as recording:
        for pose_frame in pose_frames:
            recording.write(pose_frame)
    return file


def _rate_hz(pose_frames: Sequence[PoseFrame]) -> float:
    steps = np.diff([one.t_s for one in pose_frames])
    return float(1.0 / np.median(steps)) if len(steps) else 30.0


def _height_m(session: AnalysedSession) -> float | None:
    height = session.record.settings.get("gait", {}).get("runner_height_m")
    return float(height) if height else None
