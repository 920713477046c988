"""Finds the pose model file: configured, cached, built from the installed mediapipe, or downloaded once.

Owns the model file in the cache folder. Runs no model, and never leaves a half-written file under the final name.
"""

from __future__ import annotations

import hashlib
import http.client
import importlib.util
import io
import time
import urllib.request
import uuid
import zipfile
from collections.abc import Callable
from pathlib import Path

from cuecoach.errors import DeviceError, InputError
from cuecoach.pose.settings import PoseSettings

Progress = Callable[[int, int], None]  # bytes so far, bytes in all

# Google's own address of its only numbered release (2023); many public projects state the same checksum and size.
MODEL_URL = (
    "https://storage.googleapis.com/mediapipe-models/pose_landmarker/"
    "pose_landmarker_full/float16/1/pose_landmarker_full.task"
)
MODEL_SHA256 = "5134a3aad27a58b93da0088d431f366da362b44e3ccfbe3462b3827a839011b1"
MODEL_BYTES = 9_398_198

# The two official forms of the same networks: the wheel's files lack only the input normalisation, which
# "mean, standard deviation" state here as the wheel's own graphs apply it (-1..1 for the detector, 0..1 for landmarks).
_MEMBERS = {
    "pose_detector.tflite": ("pose_detection/pose_detection.tflite", 127.5, 127.5),
    "pose_landmarks_detector.tflite": ("pose_landmark/pose_landmark_full.tflite", 0.0, 255.0),
}
_CACHE_NAME = "pose_landmarker_full.task"
_DOWNLOAD_LIMIT_S = 300.0
_STALL_LIMIT_S = 20.0
_CHUNK_BYTES = 1 << 16


def find_model(settings: PoseSettings, cache_dir: Path, progress: Progress | None = None) -> Path:
    """Return a checked pose model file, making or fetching it into `cache_dir` when there is none yet.

    Parameters
    ----------
    settings : PoseSettings
    cache_dir : Path
        Made when missing. Several processes may do this at once.
    progress : callable, optional
        Called with (bytes so far, bytes in all) while a model is downloaded.

    Raises
    ------
    InputError
        The configured file is missing or no pose model.
    DeviceError
        No model could be made, fetched or written.
    """
    if settings.model_path:
        path = Path(settings.model_path).expanduser()
        fault = model_fault(path)
        if fault:
            raise InputError(
                f"The pose model {path} (pose.model_path) {fault}; "
                "give a pose_landmarker .task file or leave the key empty."
            )
        return path
    cached = cache_dir / _CACHE_NAME
    if not model_fault(cached):
        return cached
    try:
        cache_dir.mkdir(parents=True, exist_ok=True)
        content = _bundle_from_wheel() or _download(progress, cached)
        _write_checked(content, cached)
    except OSError as error:
        raise DeviceError(
            f"The pose model cannot be written to {cached} ({error.strerror or error}); "
            "make room on the disk or make the folder writable."
        ) from error
    return cached


def model_fault(path: Path) -> str:
    """Return what is wrong with a model file as the end of a sentence ("is missing"), or "" when it is sound."""
    if not path.is_file():
        return "is missing"
    try:
        with zipfile.ZipFile(path) as bundle:
            missing = sorted(set(_MEMBERS) - set(bundle.namelist()))
            if missing:
                return f"holds no {missing[0]}"
            # Reading to the end also checks each member's CRC.
            for member in _MEMBERS:
                if bundle.read(member)[4:8] != b"TFL3":
                    return f"holds a broken {member}"
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError) as error:
        return f"cannot be read ({error})"
    return ""


def _bundle_from_wheel() -> bytes | None:
    """Return a model bundle made from the installed mediapipe wheel, or None where the wheel carries no model."""
    spec = importlib.util.find_spec("mediapipe")
    if spec is None or spec.origin is None:
        raise DeviceError("The package mediapipe is not installed; install CueCoach again in its own environment.")
    folder = Path(spec.origin).parent / "modules"
    if not all((folder / source).is_file() for source, _, _ in _MEMBERS.values()):
        return None
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        for member, (source, mean, deviation) in _MEMBERS.items():
            archive.writestr(
                zipfile.ZipInfo(member), _with_normalisation((folder / source).read_bytes(), mean, deviation)
            )
    return content.getvalue()


def _with_normalisation(network: bytes, mean: float, deviation: float) -> bytes:
    """Return a tflite file with the input normalisation the Tasks API asks for written into its metadata."""
    from mediapipe.tasks.python.metadata.metadata_writers.metadata_writer import MetadataWriter

    writer = MetadataWriter.create(bytearray(network))
    writer.add_image_input(norm_mean=[mean], norm_std=[deviation])
    content, _ = writer.populate()
    return bytes(content)


def _download(progress: Progress | None, target: Path) -> bytes:
    """Return the official model file, checked against its published checksum."""
    advice = f"connect once to the internet, or fetch {MODEL_URL} elsewhere and save it as {target}"
    deadline_s = time.monotonic() + _DOWNLOAD_LIMIT_S
    content = bytearray()
    try:
        with urllib.request.urlopen(MODEL_URL, timeout=_STALL_LIMIT_S) as response:
            while chunk := response.read(_CHUNK_BYTES):
                content += chunk
                if progress is not None:
                    progress(len(content), MODEL_BYTES)
                if time.monotonic() > deadline_s or len(content) > MODEL_BYTES:
                    break
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
        raise DeviceError(f"The pose model could not be downloaded ({reason}); {advice}.") from error
    if hashlib.sha256(content).hexdigest() != MODEL_SHA256:
        raise DeviceError(f"The downloaded pose model is incomplete or not the published one; {advice}.")
    return bytes(content)


def _write_checked(content: bytes, target: Path) -> None:
    """Write `target` in one step: another process sees the old state or the whole file, never a part."""
    partial = target.with_name(f"{target.name}.{uuid.uuid4().hex}.part")
    try:
        partial.write_bytes(content)
        fault = model_fault(partial)
        if fault:
            raise DeviceError(f"The pose model made from the installed mediapipe {fault}; install mediapipe again.")
        partial.replace(target)
    except PermissionError:
        # Windows refuses to replace a file that another process, which was faster, reads already.
        if model_fault(target):
            raise
    finally:
        partial.unlink(missing_ok=True)
