"""Finds the file of a pose model: configured, cached, built from the installed mediapipe, or downloaded once.

Owns the model files in the cache folder: they are checked at every start, and never half-written under their name.
"""

from __future__ import annotations

import importlib.util
import uuid
from dataclasses import dataclass
from pathlib import Path

from cuecoach.errors import DeviceError, InputError
from cuecoach.pose.model_bundle import bundle_fault, detector_network, make_bundle, model_of
from cuecoach.pose.model_catalogue import BEST_FIRST, FULL, MODELS, PoseModel
from cuecoach.pose.model_download import Progress, download
from cuecoach.pose.settings import AUTO, PoseSettings

_DETECTOR_NAME = "pose_detection.tflite"  # in mediapipe's wheels


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A checked model file.

    `name` is that of the catalogue or, of a file of the user's own, its path. `notice` is a sentence about a better
    model that is there and cannot be used, or "".
    """

    name: str
    path: Path
    notice: str = ""


def find_model(settings: PoseSettings, cache_dir: Path, progress: Progress | None = None) -> ModelFile:
    """Return the model file that the settings mean; `auto` is the best that is there.

    Only the full model is made or fetched without being asked for.

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
        The configured model is not there or no pose model.
    DeviceError
        No model could be made, fetched or written.
    """
    wanted = settings.model or AUTO
    if wanted == AUTO:
        return _best(cache_dir, progress)
    if wanted == FULL.name:
        return ModelFile(FULL.name, obtain(FULL, cache_dir, progress))
    if wanted in MODELS:
        fault = cached_fault(MODELS[wanted], cache_dir)
        if fault:
            raise InputError(
                f"The {wanted} pose model (pose.model) {fault} in {cache_dir}; "
                f"`cuecoach models fetch {wanted}` brings it."
            )
        return ModelFile(wanted, cache_dir / MODELS[wanted].file_name)
    return _own_file(Path(wanted).expanduser())


def cached_fault(model: PoseModel, cache_dir: Path) -> str:
    """Return what is wrong with a model in the cache as the end of a sentence ("is missing"), "" when it is sound."""
    path = cache_dir / model.file_name
    fault = model_fault(path)
    if fault:
        return fault
    return "" if model_of(path.read_bytes(), [model]) else "is not the published one"


def model_fault(path: Path) -> str:
    """Return what is wrong with any model file as the end of a sentence, or "" when it is sound."""
    if not path.is_file():
        return "is missing"
    try:
        return bundle_fault(path.read_bytes())
    except OSError as error:
        return f"cannot be read ({error.strerror or error})"


def obtain(model: PoseModel, cache_dir: Path, progress: Progress | None = None) -> Path:
    """Return a model's file in the cache, making or fetching it when no sound one is there (raises DeviceError)."""
    path = cache_dir / model.file_name
    if not cached_fault(model, cache_dir):
        return path
    return keep(_from_wheel(model) or download(model, progress), model, cache_dir)


def keep(content: bytes, model: PoseModel, cache_dir: Path) -> Path:
    """Write a model's file into the cache and return it; raises DeviceError when that cannot be done."""
    path = cache_dir / model.file_name
    try:
        cache_dir.mkdir(parents=True, exist_ok=True)
        _write_checked(content, model, path)
    except OSError as error:
        raise DeviceError(
            f"The pose model cannot be written to {path} ({error.strerror or error}); "
            "make room on the disk or make the folder writable."
        ) from error
    return path


def bundle_from_network(network: bytes, cache_dir: Path, progress: Progress | None = None) -> bytes:
    """Return a model file made of a landmark network and the network that finds people, which all models share.

    The latter is in mediapipe's wheels before 1.0; else it is taken from the full model, which is fetched when it is
    not there (raises DeviceError).
    """
    detector = _wheel_file(_DETECTOR_NAME) or detector_network(obtain(FULL, cache_dir, progress).read_bytes())
    return make_bundle(detector, network)


def _best(cache_dir: Path, progress: Progress | None) -> ModelFile:
    """Return the best model that is there; the full one can always be had."""
    notice = ""
    for model in BEST_FIRST:
        path = cache_dir / model.file_name
        fault = cached_fault(model, cache_dir)
        if not fault:
            return ModelFile(model.name, path, notice)
        if model is not FULL and path.exists():
            notice = (
                f"The {model.name} pose model {path} {fault}, so it is not used; "
                f"`cuecoach models fetch {model.name}` brings it again."
            )
    return ModelFile(FULL.name, obtain(FULL, cache_dir, progress), notice)


def _own_file(path: Path) -> ModelFile:
    fault = model_fault(path)
    if fault:
        allowed = ", ".join([AUTO, *MODELS])
        raise InputError(
            f"The pose model {path} (pose.model) {fault}; give one of {allowed}, or a pose_landmarker .task file."
        )
    known = model_of(path.read_bytes())
    return ModelFile(known.name if known else str(path), path)


def _from_wheel(model: PoseModel) -> bytes | None:
    """Return a model file made from the installed mediapipe wheel, or None where the wheel does not carry the model."""
    detector, landmarks = _wheel_file(_DETECTOR_NAME), _wheel_file(model.network_name)
    return make_bundle(detector, landmarks) if detector and landmarks else None


def _wheel_file(name: str) -> bytes | None:
    """Return a network out of the installed mediapipe wheel, None where it carries none."""
    spec = importlib.util.find_spec("mediapipe")
    if spec is None or spec.origin is None:
        raise DeviceError("The package mediapipe is not installed; install CueCoach again in its own environment.")
    path = next((Path(spec.origin).parent / "modules").glob(f"*/{name}"), None)
    return path.read_bytes() if path else None


def _write_checked(content: bytes, model: PoseModel, target: Path) -> None:
    """Write `target` in one step: another process sees the old state or the whole file, never a part."""
    fault = bundle_fault(content) or ("" if model_of(content, [model]) else "is not the published one")
    if fault:
        raise DeviceError(f"The {model.name} pose model that was made {fault}; install mediapipe again.")
    partial = target.with_name(f"{target.name}.{uuid.uuid4().hex}.part")
    try:
        partial.write_bytes(content)
        partial.replace(target)
    except PermissionError:
        # Windows refuses to replace a file that another process, which was faster, reads already.
        if cached_fault(model, target.parent):
            raise
    finally:
        partial.unlink(missing_ok=True)
