"""`cuecoach models add FILE`: what is taken, from which kinds of file, and that nothing else is."""

from __future__ import annotations

import gzip
import io
import tarfile
from pathlib import Path

import pytest
from pose_models import bundle, catalogued, network

from cuecoach.errors import DeviceError, InputError
from cuecoach.pose import model_bundle, model_file, model_import
from cuecoach.pose.model_catalogue import PoseModel
from cuecoach.pose.model_import import add_model

NETWORK = network(b"heavy weights")
BUNDLE = bundle(b"heavy weights")
NAME = "pose_landmark_heavy.tflite"


@pytest.fixture(autouse=True)
def heavy(monkeypatch: pytest.MonkeyPatch) -> PoseModel:
    """Let the catalogue hold one small model, and let bundles be made without mediapipe."""
    model = catalogued("heavy", BUNDLE, NETWORK)
    monkeypatch.setattr(model_import, "MODELS", {"heavy": model})
    monkeypatch.setattr(model_import, "BEST_FIRST", (model,))
    monkeypatch.setattr(model_import, "model_of", lambda content: model_bundle.model_of(content, [model]))
    monkeypatch.setattr(model_import, "bundle_from_network", lambda *_: BUNDLE)
    return model


def archive(path: Path, members: dict[str, bytes], kind: bytes = tarfile.REGTYPE) -> Path:
    with tarfile.open(path, "w:gz") as packed:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size, member.type = len(content), kind
            packed.addfile(member, io.BytesIO(content))
    return path


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("kind", ["bundle", "network", "archive"])
def test_a_known_model_is_taken_from_each_kind_of_file(tmp_path: Path, heavy: PoseModel, kind: str) -> None:
    file = tmp_path / "a file of any name"
    if kind == "archive":
        archive(file, {"package/README.md": b"words", f"package/{NAME}": NETWORK, "package/z.js": b"code"})
    else:
        written(file, BUNDLE if kind == "bundle" else NETWORK)
    cache = tmp_path / "cache"
    assert add_model(file, cache) == (heavy, cache / heavy.file_name)
    assert [path.read_bytes() for path in cache.iterdir()] == [BUNDLE]
    assert model_file.cached_fault(heavy, cache) == ""


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        NETWORK[:-1],
        NETWORK[:-1] + b"?",
        network(b"other weights"),
        bundle(b"other weights"),
        BUNDLE[:200],
        gzip.compress(b"hello"),
        gzip.compress(bytes(100_000))[:50],
        b"\x1f\x8b",
    ],
    ids=[
        "empty",
        "text",
        "cut network",
        "changed network",
        "another network",
        "another bundle",
        "cut bundle",
        "packed text",
        "cut archive",
        "begun archive",
    ],
)
def test_anything_else_is_refused_with_what_is_accepted(tmp_path: Path, content: bytes) -> None:
    file = written(tmp_path / "file", content)
    with pytest.raises(InputError) as caught:
        add_model(file, tmp_path / "cache")
    sentence = str(caught.value)
    assert str(file) in sentence
    assert NAME in sentence
    assert "npm pack" in sentence
    assert "\n" not in sentence
    assert not (tmp_path / "cache").exists()


def test_another_bundle_is_refused_with_the_setting_that_uses_it(tmp_path: Path) -> None:
    file = written(tmp_path / "own.task", bundle(b"other weights"))
    with pytest.raises(InputError, match=r"\[pose\] model = "):
        add_model(file, tmp_path / "cache")


@pytest.mark.parametrize(
    ("members", "kind"),
    [
        ({f"package/{NAME}": NETWORK[:-1] + b"?"}, tarfile.REGTYPE),
        ({f"package/{NAME}": NETWORK + b"more"}, tarfile.REGTYPE),
        ({f"package/{NAME}": b""}, tarfile.SYMTYPE),
        ({"package/other.tflite": NETWORK}, tarfile.REGTYPE),
    ],
    ids=["changed", "larger", "a link", "of another name"],
)
def test_an_archive_without_the_known_network_is_refused(
    tmp_path: Path, members: dict[str, bytes], kind: bytes
) -> None:
    with pytest.raises(InputError, match="holds no pose model that is known"):
        add_model(archive(tmp_path / "x.tgz", members, kind), tmp_path / "cache")


def test_nothing_of_an_archive_is_written_to_where_it_says(tmp_path: Path) -> None:
    file = archive(tmp_path / "x.tgz", {"../evil": b"evil", "/evil": b"evil", f"../../{NAME}": NETWORK})
    before = set(tmp_path.parent.rglob("*"))
    add_model(file, tmp_path / "cache")
    new = set(tmp_path.parent.rglob("*")) - before
    assert {path.name for path in new} == {"cache", "pose_landmarker_heavy.task"}


def test_a_file_or_archive_of_absurd_size_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_import, "_UNPACKED_MAX_BYTES", 10_000)
    with pytest.raises(InputError, match="unpacks to far more"):
        add_model(archive(tmp_path / "x.tgz", {"zeros": bytes(100_000)}), tmp_path)
    monkeypatch.setattr(model_import, "_FILE_MAX_BYTES", 10)
    with pytest.raises(InputError, match="larger than any"):
        add_model(written(tmp_path / "x", NETWORK), tmp_path)


@pytest.mark.parametrize("what", ["missing", "folder"])
def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path: Path, what: str) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        add_model(tmp_path / what if what == "missing" else tmp_path, tmp_path)


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DeviceError, match="file"):
        add_model(written(tmp_path / "x", BUNDLE), tmp_path / "file" / "cache")
