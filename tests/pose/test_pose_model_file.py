"""Where the model file comes from, and that a wrong one is never used."""

from __future__ import annotations

import hashlib
import http.server
import multiprocessing
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import needs
import pytest

from cuecoach.errors import DeviceError, InputError
from cuecoach.pose import model_file
from cuecoach.pose.model_file import find_model, model_fault
from cuecoach.pose.settings import PoseSettings

NETWORK = b"\x1c\0\0\0TFL3" + bytes(200)
MEMBERS = ("pose_detector.tflite", "pose_landmarks_detector.tflite")


def bundle(path: Path, members: tuple[str, ...] = MEMBERS, content: bytes = NETWORK) -> Path:
    """Write something that looks like a model from outside."""
    with zipfile.ZipFile(path, "w") as archive:
        for member in members:
            archive.writestr(member, content)
    return path


@pytest.fixture
def no_wheel_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """As with mediapipe 1.x, whose wheel carries no model."""
    monkeypatch.setattr(model_file, "_bundle_from_wheel", lambda: None)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[bytearray]:
    """Give the bytes that the download address serves; the published checksum is that of the first state."""
    content = bytearray(bundle(tmp_path / "served.task").read_bytes())

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as in the standard library
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        monkeypatch.setattr(model_file, "MODEL_URL", f"http://127.0.0.1:{server.server_port}/pose.task")
        monkeypatch.setattr(model_file, "MODEL_SHA256", hashlib.sha256(content).hexdigest())
        monkeypatch.setattr(model_file, "MODEL_BYTES", len(content))
        yield content
        server.shutdown()


def test_the_configured_file_is_used_as_it_is(tmp_path: Path) -> None:
    path = bundle(tmp_path / "own.task")
    assert find_model(PoseSettings(model_path=str(path)), tmp_path / "cache") == path
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("what", ["missing", "text", "half", "other", "folder"])
def test_a_configured_file_that_is_no_model_is_named(tmp_path: Path, what: str) -> None:
    path = tmp_path / "own.task"
    if what == "text":
        path.write_text("hello")
    elif what == "half":
        bundle(path, MEMBERS[:1])
    elif what == "other":
        bundle(path, content=b"no network")
    elif what == "folder":
        path.mkdir()
    with pytest.raises(InputError) as caught:
        find_model(PoseSettings(model_path=str(path)), tmp_path)
    assert str(path) in str(caught.value)
    assert "pose.model_path" in str(caught.value)


@pytest.mark.usefixtures("no_wheel_model")
def test_a_sound_cached_file_needs_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_file, "_download", lambda *_: pytest.fail("no download is needed"))
    cached = bundle(tmp_path / model_file._CACHE_NAME)
    assert find_model(PoseSettings(), tmp_path) == cached


@pytest.mark.usefixtures("no_wheel_model")
def test_a_broken_cached_file_is_fetched_again_with_progress(tmp_path: Path, site: bytearray) -> None:
    cache = tmp_path / "new" / "cache"
    cache.mkdir(parents=True)
    (cache / model_file._CACHE_NAME).write_bytes(site[: len(site) // 2])
    told: list[tuple[int, int]] = []
    path = find_model(PoseSettings(), cache, lambda done, of: told.append((done, of)))
    assert path.read_bytes() == site
    assert told[-1] == (len(site), len(site))
    assert list(cache.iterdir()) == [path], "nothing half-written is left"


@pytest.mark.usefixtures("no_wheel_model")
@pytest.mark.parametrize("change", [b"", b"more", None])
def test_a_download_that_is_not_the_published_file_is_refused(
    tmp_path: Path, site: bytearray, change: bytes | None
) -> None:
    if change is None:
        del site[10:]
    elif change:
        site += change
    else:
        site[50] ^= 1
    with pytest.raises(DeviceError, match="not the published one"):
        find_model(PoseSettings(), tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


@pytest.mark.usefixtures("no_wheel_model", "site")
def test_offline_one_sentence_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_file, "MODEL_URL", "http://127.0.0.1:9/pose.task")
    with pytest.raises(DeviceError) as caught:
        find_model(PoseSettings(), tmp_path)
    sentence = str(caught.value)
    assert "internet" in sentence
    assert "http://127.0.0.1:9/pose.task" in sentence
    assert str(tmp_path / model_file._CACHE_NAME) in sentence
    assert "\n" not in sentence


@pytest.mark.usefixtures("no_wheel_model", "site")
def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DeviceError, match="file"):
        find_model(PoseSettings(), tmp_path / "file" / "cache")


def test_the_published_address_is_the_numbered_release() -> None:
    assert model_file.MODEL_URL.startswith("https://")
    assert "/1/" in model_file.MODEL_URL


def _find_in(cache: str) -> str:
    return str(find_model(PoseSettings(), Path(cache)))


@pytest.mark.pose
def test_two_processes_may_build_at_once(tmp_path: Path) -> None:
    import mediapipe

    if not (Path(mediapipe.__file__).parent / "modules" / "pose_landmark" / "pose_landmark_full.tflite").exists():
        needs.missing("a mediapipe that carries the model (pip: mediapipe==0.10.21)")
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        paths = pool.map(_find_in, [str(tmp_path)] * 2, chunksize=1)
    assert paths == [str(tmp_path / model_file._CACHE_NAME)] * 2
    assert model_fault(Path(paths[0])) == ""
    assert [path.name for path in tmp_path.iterdir()] == [model_file._CACHE_NAME]
