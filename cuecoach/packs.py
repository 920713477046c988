"""Finds pack files and reads their text: a path, the user's own folder, the folder that is shipped.

The only part of packs that touches files. What the text means is the coach's business.
"""

from __future__ import annotations

import difflib
from pathlib import Path

from cuecoach import config
from cuecoach.coach.pack import Pack
from cuecoach.coach.packfile import Problem, check_pack, parse_pack
from cuecoach.errors import InputError

SUFFIX = ".toml"
_BYTES_MAX = 1_000_000  # a pack is a few kilobytes; a film given by mistake is not read to its end


def shipped_folder() -> Path:
    """Return the folder of the packs that come with the program: inside the wheel, or beside the package."""
    package = Path(__file__).resolve().parent
    inside = package / "cue_packs"
    return inside if inside.is_dir() else package.parent / "cue_packs"


def user_folder() -> Path:
    """Return the folder of the user's own packs. A pack there hides a shipped one of the same id."""
    return config.data_folder() / "cue_packs"


def find(which: str) -> Pack:
    """Return the pack with the id `which`, or in the file `which`.

    Raises
    ------
    InputError
        There is no such pack, or it cannot be read, or something is wrong with it.
    """
    path = _path_of(which)
    return parse_pack(_read(path), str(path))


def check(which: str) -> tuple[Problem, ...]:
    """Return everything that is wrong with a pack, in the order of its lines.

    Raises
    ------
    InputError
        It cannot be read.
    """
    path = _path_of(which)
    return check_pack(_read(path), str(path))


def available() -> list[Pack]:
    """Return the shipped packs and the user's own, by id (raises InputError for one that is broken)."""
    return [parse_pack(_read(path), str(path)) for _, path in sorted(_files().items())]


def _files() -> dict[str, Path]:
    """Return the file of every pack that has an id; the id is the file's name."""
    return {
        path.stem: path for folder in (shipped_folder(), user_folder()) for path in sorted(folder.glob(f"*{SUFFIX}"))
    }


def _path_of(which: str) -> Path:
    path = Path(which)
    if path.suffix == SUFFIX or len(path.parts) > 1:
        return path.expanduser()
    files = _files()
    if which in files:
        return files[which]
    near = difflib.get_close_matches(which, files, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(sorted(files))}; or give a {SUFFIX} file."
    raise InputError(f"There is no pack {which!r}: {hint}"[:-1] + ".")


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(_BYTES_MAX + 1)
    except OSError as error:
        raise InputError(f"{path}: the pack cannot be read ({error.strerror or error}).") from error
    if len(content) > _BYTES_MAX:
        raise InputError(f"{path}: this is too large to be a pack.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: this is not a pack: it is not text in UTF-8.") from error
