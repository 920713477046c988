"""Finds, reads and creates pack files: by path, in the user's own folder, in the folder that is shipped.

The only module of packs that touches files.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cuecoach.errors import DeviceError, InputError
from cuecoach.packs import margins, templates
from cuecoach.packs.diagnostics import Diagnostic
from cuecoach.packs.pack import Pack
from cuecoach.packs.parse import ID, check_pack, parse_pack
from cuecoach.settings import data_folder

SUFFIX = ".toml"
SCHEMA = "pack.schema.json"
TEMPLATE = "template.txt"
_BYTES_MAX = 1_000_000  # a pack is a few kilobytes; a film given by mistake is not read to its end


@dataclass(frozen=True, slots=True)
class Listed:
    """A pack file that `--pack` finds by `id`: the pack, or the sentence that says why it is none."""

    id: str
    path: Path
    pack: Pack | None
    error: str = ""


def shipped_folder() -> Path:
    """Return the folder of the packs that come with the program: inside the wheel, or beside the package."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "cue_packs"
    return inside if inside.is_dir() else package.parent / "cue_packs"


def user_folder() -> Path:
    """Return the folder of the user's own packs. A pack there hides a shipped one of the same id."""
    return data_folder() / "cue_packs"


def find(which: str) -> Pack:
    """Return the pack with the id `which`, or in the file `which`.

    Raises
    ------
    InputError
        There is no such pack, or it cannot be read, or something is wrong with it.
    """
    path = _path_of(which)
    return parse_pack(_read(path), str(path), _others(path))


def check(which: str) -> tuple[Diagnostic, ...]:
    """Return everything that is wrong with a pack, in the order of its lines.

    Raises
    ------
    InputError
        It cannot be read.
    """
    path = _path_of(which)
    return check_pack(_read(path), str(path), _others(path))


def warnings(which: str) -> tuple[Diagnostic, ...]:
    """Return what a pack that is in order should think over.

    Raises
    ------
    InputError
        It cannot be read, or something is wrong with it.
    """
    path = _path_of(which)
    text = _read(path)
    pack = parse_pack(text, str(path), _others(path))
    return (*_misnamed(path, pack), *margins.warnings(pack, text, str(path)))


def available() -> list[Listed]:
    """Return the shipped packs and the user's own, by id; one that cannot be used says why."""
    listed = []
    for pack_id, path in sorted(_files().items()):
        try:
            listed.append(Listed(pack_id, path, parse_pack(_read(path), str(path), _others(path))))
        except InputError as error:
            listed.append(Listed(pack_id, path, None, str(error)))
    return listed


def create(name: str, parent: str | None = None) -> Path:
    """Write a new pack to start from and return its file: in the user's folder, or at `name` when that is a file.

    Its id is the file's name. With `parent` it extends that pack, and shows what can be changed.

    Raises
    ------
    InputError
        The name cannot be an id, or the file is there already, or there is no such parent.
    DeviceError
        The file cannot be written.
    """
    path = Path(name).expanduser() if name.endswith(SUFFIX) else user_folder() / f"{name}{SUFFIX}"
    if not ID.fullmatch(path.stem):
        raise InputError(f"{path.stem!r} cannot be a pack's id; allowed are small letters, digits and single hyphens.")
    if path.exists():
        raise InputError(f"{path}: there is a pack already; give another name.")
    schema = (shipped_folder() / SCHEMA).as_uri()
    if parent is None:
        text = templates.blank((shipped_folder() / TEMPLATE).read_text(encoding="utf-8"), path.stem, schema)
    else:
        based_on = find(parent)
        if based_on.id not in _others(path):
            raise InputError(f"{path}: the pack {based_on.id!r} is not found from here; write the new one beside it.")
        text = templates.based_on(based_on, path.stem, schema)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise DeviceError(f"{path}: the pack cannot be written ({error.strerror or error}).") from error
    return path


class _Texts(Mapping[str, str]):
    """Texts of packs by id, each read when it is asked for."""

    def __init__(self, files: Mapping[str, Path]) -> None:
        self._files = files

    def __getitem__(self, pack_id: str) -> str:
        return _read(self._files[pack_id])

    def __contains__(self, pack_id: object) -> bool:
        return pack_id in self._files

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)


def _others(path: Path) -> Mapping[str, str]:
    """Return the packs that the one at `path` may extend: shipped, the user's own, and those beside it."""
    return _Texts(_files() | _in(path.parent))


def _files() -> dict[str, Path]:
    """Return the file of every pack that has an id; the id is the file's name."""
    return _in(shipped_folder()) | _in(user_folder())


def _in(folder: Path) -> dict[str, Path]:
    return {path.stem: path for path in sorted(folder.glob(f"*{SUFFIX}"))}


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


def _misnamed(path: Path, pack: Pack) -> tuple[Diagnostic, ...]:
    if path.stem == pack.id:
        return ()
    return (
        Diagnostic(str(path), None, "id", f"= {pack.id!r}, but `--pack` finds it by the file's name, {path.stem!r}"),
    )


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
