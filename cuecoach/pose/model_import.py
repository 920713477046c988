"""Takes a pose model from a file that the user has: a bundle, a landmark network, or the npm package's archive.

Only what the catalogue knows is taken, by its checksum. Of an archive only the member of the known name and size is
read; nothing is unpacked to the disk.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
import zlib
from pathlib import Path

from cuecoach.errors import InputError
from cuecoach.pose.model_bundle import bundle_fault, is_network, model_of
from cuecoach.pose.model_catalogue import BEST_FIRST, MODELS, PoseModel
from cuecoach.pose.model_download import Progress
from cuecoach.pose.model_file import bundle_from_network, keep

_FILE_MAX_BYTES = 1 << 27
_UNPACKED_MAX_BYTES = 1 << 27  # the npm package has 52 MB
_ZIP, _GZIP = b"PK\x03\x04", b"\x1f\x8b"
_ACCEPTED = (
    "accepted are Google's pose_landmarker_heavy.task, a bundle made by CueCoach, pose_landmark_heavy.tflite, and the "
    "archive of `npm pack @mediapipe/pose@0.5.1675469404` (the same for full)"
)


def add_model(path: Path, cache_dir: Path, progress: Progress | None = None) -> tuple[PoseModel, Path]:
    """Put the model in a file into the cache; return which it is and where it is now.

    Raises
    ------
    InputError
        The file cannot be read or holds no known model.
    DeviceError
        The cache cannot be written, or the full model, of which a part is needed, cannot be had.
    """
    content = _read(path)
    if content.startswith(_ZIP):
        model = None if bundle_fault(content) else model_of(content)
        if model is None:
            raise _refusal(path, "is a zip file, but none of these models", hint=True)
        return model, keep(content, model, cache_dir)
    network = _network_in_archive(path) if content.startswith(_GZIP) else content
    model = next((one for one in MODELS.values() if _is_network_of(network, one)), None)
    if model is None:
        raise _refusal(path, "holds no pose model that is known")
    return model, keep(bundle_from_network(network, cache_dir, progress), model, cache_dir)


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > _FILE_MAX_BYTES:
            raise _refusal(path, "is larger than any pose model")
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read ({(error.strerror or str(error)).lower()}).") from error


def _is_network_of(network: bytes, model: PoseModel) -> bool:
    return is_network(network) and hashlib.sha256(network).hexdigest() == model.network_sha256


def _network_in_archive(path: Path) -> bytes:
    """Return the best known landmark network in a gzipped tar archive, b"" when there is none."""
    found: dict[str, bytes] = {}
    try:
        with gzip.open(path) as packed:
            unpacked = packed.read(_UNPACKED_MAX_BYTES + 1)
        if len(unpacked) > _UNPACKED_MAX_BYTES:
            raise _refusal(path, "unpacks to far more than a pose model has")
        with tarfile.open(fileobj=io.BytesIO(unpacked), mode="r:") as archive:
            for member in archive:
                model = next((one for one in BEST_FIRST if Path(member.name).name == one.network_name), None)
                if model and member.isfile() and member.size == model.network_bytes:
                    file = archive.extractfile(member)
                    found[model.name] = file.read() if file else b""
    except (OSError, EOFError, zlib.error, tarfile.TarError) as error:
        raise _refusal(path, f"is an archive that cannot be read ({error})") from error
    return next((found[model.name] for model in BEST_FIRST if model.name in found), b"")


def _refusal(path: Path, fault: str, hint: bool = False) -> InputError:
    other = f'. Another bundle is used by `[pose] model = "{path}"`' if hint else ""
    return InputError(f"{path} {fault}; {_ACCEPTED}{other}.")
