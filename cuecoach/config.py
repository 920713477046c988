"""Reads config.toml into frozen settings, one section for each room that has any.

The settings themselves, with default, meaning and range, are declared beside the code that uses them
(`settings.setting`). They are checked here and not by a library: every error is a sentence with the file, the key, the
value and what is allowed, and `config.example.toml` is made from the same declarations.
"""

from __future__ import annotations

import dataclasses
import difflib
import math
import tomllib
import types
import typing
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

import platformdirs

from cuecoach.coach.policy import CoachSettings
from cuecoach.coach.programme import ProgrammeSettings
from cuecoach.errors import InputError
from cuecoach.gait.settings import GaitSettings
from cuecoach.pose.settings import PoseSettings
from cuecoach.session.settings import SessionSettings
from cuecoach.settings import Rule, data_folder, with_current_names
from cuecoach.source.settings import SourceSettings
from cuecoach.virtual_runner.settings import VirtualRunnerSettings
from cuecoach.voice.settings import VoiceSettings

S = TypeVar("S")

_SHOWN_MAX = 60  # characters of a wrong value that an error repeats
FORMER_SECTIONS = {"athlete": "virtual_runner"}  # names of sections in older versions


@dataclasses.dataclass(frozen=True, slots=True)
class Settings:
    """All settings, one field for each section of config.toml."""

    session: SessionSettings = dataclasses.field(default_factory=SessionSettings)
    source: SourceSettings = dataclasses.field(default_factory=SourceSettings)
    pose: PoseSettings = dataclasses.field(default_factory=PoseSettings)
    gait: GaitSettings = dataclasses.field(default_factory=GaitSettings)
    coach: CoachSettings = dataclasses.field(default_factory=CoachSettings)
    programme: ProgrammeSettings = dataclasses.field(default_factory=ProgrammeSettings)
    voice: VoiceSettings = dataclasses.field(default_factory=VoiceSettings)
    virtual_runner: VirtualRunnerSettings = dataclasses.field(default_factory=VirtualRunnerSettings)


def user_config() -> Path:
    """Return the file that is read when `--config` is not given."""
    return Path(platformdirs.user_config_dir("cuecoach", appauthor=False)) / "config.toml"


def journal_path(settings: Settings) -> Path:
    """Return the journal of these settings: the configured file or the one in the user's data folder."""
    return Path(settings.session.journal) if settings.session.journal else data_folder() / "cuecoach.sqlite"


def recordings_folder(settings: Settings, pack_id: str) -> Path:
    """Return where a pack's own recordings are: the configured folder, or the pack's in the user's data folder."""
    configured = settings.voice.recordings
    return Path(configured) if configured else data_folder() / "recordings" / pack_id


def cache_folder() -> Path:
    """Return the user's cache folder: the pose model and the rendered phrases. May be deleted at any time."""
    return Path(platformdirs.user_cache_dir("cuecoach", appauthor=False))


def load(path: Path | None) -> Settings:
    """Read a config file; None reads the user's own where it exists.

    Raises
    ------
    InputError
        The file cannot be read, is not TOML, or holds a key or value that is not allowed.
    """
    if path is None:
        path = user_config()
        if not path.is_file():
            return Settings()
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: the config file cannot be read ({_why(error)}).") from error
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path}: this is not TOML: {error}.") from error
    return settings_from(tables, str(path))


def settings_from(tables: Mapping[str, Any], where: str) -> Settings:
    """Check the tables of a config file; `where` names it in errors (raises InputError)."""
    sections = {field.name: _type_of(Settings, field.name) for field in dataclasses.fields(Settings)}
    filled: dict[str, Any] = {}
    for written, table in tables.items():
        name = FORMER_SECTIONS.get(written, written) if written not in sections else written
        if name not in sections:
            raise InputError(f"{where}: [{name}] is not a section{_nearest(name, sections)}.")
        if not isinstance(table, dict):
            raise InputError(f"{where}: {name} must be a section with keys of its own: [{name}].")
        filled[name] = fill(sections[name], table, where, name)
    return Settings(**filled)


def changed(settings: Settings, section: str, **values: Any) -> Settings:
    """Return the settings with what the command line says of a section; None leaves what is set, a path is a text.

    Raises InputError for a value that the config file would not be allowed either.
    """
    table = {
        key: str(value) if isinstance(value, Path) else value for key, value in values.items() if value is not None
    }
    present = getattr(settings, section)
    checked = fill(type(present), table, "command line", section)
    names = (_field_name(type(present), key) for key in table)
    new = dataclasses.replace(present, **{name: getattr(checked, name) for name in names})
    return dataclasses.replace(settings, **{section: new})


def fill(kind: type[S], table: Mapping[str, Any], where: str, section: str) -> S:
    """Make one settings dataclass from a table of a config file (raises InputError)."""
    fields = {field.name: field for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    values: dict[str, Any] = {}
    for key, value in with_current_names(kind, table).items():
        name = _field_name(kind, key)
        if name not in fields:
            raise InputError(f"{where}: [{section}] has no key {key!r}{_nearest(key, _keys(kind))}.")
        if name in values:
            raise InputError(f"{where}: [{section}] gives {' and '.join(_given_as(table, kind, name))}: keep one.")
        rule: Rule = fields[name].metadata["rule"]
        try:
            values[name] = check(value, _type_of(kind, name), rule) if key == name else rule.parse(value)
        except ValueError as error:
            must = "must be " if key == name else ""
            raise InputError(f"{where}: [{section}] {key} = {_shortened(_toml(value))}: {must}{error}.") from error
    return kind(**values)


def check(value: Any, kind: Any, rule: Rule) -> Any:
    """Return `value` as `kind` when the rule allows it; a ValueError's text tells what is allowed."""
    allowed = _allowed(kind, rule)
    base = _base(kind)
    if base is tuple:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise ValueError(allowed)
        if rule.choices and any(item not in rule.choices for item in value):
            raise ValueError(allowed)
        return tuple(value)
    if base is float and isinstance(value, int) and not isinstance(value, bool):
        try:
            value = float(value)
        except OverflowError:
            raise ValueError(allowed) from None
    if issubclass(base, StrEnum):
        if value not in list(base):
            raise ValueError(allowed)
        return base(value)
    if type(value) is not base or (isinstance(value, float) and not math.isfinite(value)):
        raise ValueError(allowed)
    too_low = rule.low is not None and not isinstance(value, str) and value < rule.low
    too_high = rule.high is not None and not isinstance(value, str) and value > rule.high
    if too_low or too_high or (rule.choices and value not in rule.choices):
        raise ValueError(allowed)
    return value


def example() -> str:
    """Return the text of `config.example.toml`: every setting with its default, unit and meaning."""
    lines = [
        "# Every setting of CueCoach with its default. Keys carry their unit: _s seconds, _mps metres per second,",
        "# _px pixels, _hz per second, _deg degrees, _spm steps a minute. Copy what you want to change to config.toml;",
        "# `cuecoach doctor` says where that file belongs, and `--config FILE` names another one.",
    ]
    for section in dataclasses.fields(Settings):
        kind = _type_of(Settings, section.name)
        lines += ["", f"[{section.name}]"]
        for field in dataclasses.fields(kind):
            rule: Rule = field.metadata["rule"]
            meaning = rule.meaning[0].upper() + rule.meaning[1:].rstrip(".")
            allowed = rule.allowed_text() if rule.written else _allowed(_type_of(kind, field.name), rule)
            lines.append(f"# {meaning} ({allowed}).")
            key = _key(field)
            lines.append(f"# {key} =" if field.default is None else f"{key} = {_toml(field.default)}")
    return "\n".join(lines) + "\n"


def _key(field: dataclasses.Field[Any]) -> str:
    """Return a setting's name in a config file."""
    rule: Rule = field.metadata["rule"]
    return rule.written.key if rule.written else field.name


def _keys(kind: Any) -> dict[str, str]:
    """Return the field of each key."""
    return {_key(field): field.name for field in dataclasses.fields(kind)}


def _field_name(kind: Any, key: str) -> str:
    """Return the field that a key of a config file means; an unknown key as it is."""
    return _keys(kind).get(key, key)


def _given_as(table: Mapping[str, Any], kind: Any, name: str) -> list[str]:
    return [key for key in table if _field_name(kind, key) == name]


def _type_of(owner: type, name: str) -> Any:
    return typing.get_type_hints(owner)[name]


def _base(kind: Any) -> Any:
    """Return the type a set value has: `float | None` -> float, `tuple[str, ...]` -> tuple."""
    if isinstance(kind, types.UnionType) or typing.get_origin(kind) is typing.Union:
        kind = next(part for part in typing.get_args(kind) if part is not type(None))
    return typing.get_origin(kind) or kind


def _allowed(kind: Any, rule: Rule) -> str:
    base = _base(kind)
    if issubclass(base, StrEnum):
        return "one of " + ", ".join(base)
    if base is tuple:
        return "a list of texts" + (f" from {', '.join(rule.choices)}" if rule.choices else "")
    if rule.choices:
        return "one of " + ", ".join(rule.choices)
    if base is bool:
        return "true or false"
    if base is str:
        return "a text"
    noun = "a whole number" if base is int else "a number"
    if rule.low is not None and rule.high is not None:
        return f"{noun} from {rule.low:g} to {rule.high:g}"
    if rule.low is not None:
        return f"{noun} of at least {rule.low:g}"
    if rule.high is not None:
        return f"{noun} of at most {rule.high:g}"
    return noun


def _nearest(word: str, known: Mapping[str, Any]) -> str:
    near = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; allowed are {', '.join(known)}"


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return f"{value}"


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN_MAX else f"{text[:_SHOWN_MAX]}..."


def _why(error: OSError | UnicodeDecodeError) -> str:
    if isinstance(error, OSError):
        return (error.strerror or str(error)).lower()
    return "not UTF-8 text"
