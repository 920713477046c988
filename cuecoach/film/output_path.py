"""Checks where a film may be written, before anything is opened. Loads no encoder."""

from __future__ import annotations

import os
from pathlib import Path

from cuecoach.errors import InputError


def check_output_path(option: str, path: Path, source: str | None = None) -> None:
    """Raise InputError unless `path`, which `option` gave, can become a film: .mp4, writable, and not `source` itself.

    Its folder is made.
    """
    if path.suffix.lower() != ".mp4":
        raise InputError(f"{option} {path}: the name must end with .mp4.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"{option} {path}: its folder cannot be made ({error.strerror}); give another place."
        ) from error
    if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
        raise InputError(f"{option} {path}: nothing can be written there; give another place.")
    read = Path(source).expanduser() if source else None
    if read and read.exists() and path.exists() and path.samefile(read):
        raise InputError(f"{option} {path}: that is the film that is read; give another name.")
