"""Where the model file comes from, and that a wrong one is never used."""

from __future__ import annotations

import http.server
import multiprocessing
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import needs
import pytest
from pose_models import bundle, catalogued

from cuecoach.errors import DeviceError, InputError
from cuecoach.pose import model_file
from cuecoach.pose.model_bundle import LANDMARKS
from cuecoach.pose.model_catalogue import FULL, HEAVY, MODELS, PoseModel
from cuecoach.pose.model_file import ModelFile, cached_fault, find_model, model_fault, obtain
from cuecoach.pose.settings import PoseSettings

CONTENT = bundle(b"full weights")
BETTER = bundle(b"heavy weights")


@pytest.fixture
def full() -> PoseModel:
    return catalogued("full", CONTENT)


@pytest.fixture
def heavy() -> PoseModel:
    return catalogued("heavy", BETTER)


@pytest.fixture(autouse=True)
def no_wheel_model(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """As with mediapipe 1.x, whose wheel carries no model."""
    if request.node.get_closest_marker("pose") is None:
        monkeypatch.setattr(model_file, "_wheel_file", lambda _name: None)


@pytest.fixture
def small_catalogue(full: PoseModel, heavy: PoseModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_file, "FULL", full)
    monkeypatch.setattr(model_file, "MODELS", {"full": full, "heavy": heavy})
    monkeypatch.setattr(model_file, "BEST_FIRST", (heavy, full))


@pytest.fixture
def site(full: PoseModel) -> Iterator[tuple[PoseModel, bytearray]]:
    """Give a model that is published on this machine, and the bytes that its address serves."""
    content = bytearray(CONTENT)

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
        yield replace(full, bundle_url=f"http://127.0.0.1:{server.server_port}/pose.task"), content
        server.shutdown()


def cached(model: PoseModel, content: bytes, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / model.file_name
    path.write_bytes(content)
    return path


def test_the_configured_file_is_used_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "own.task"
    path.write_bytes(bundle(b"own weights"))
    assert find_model(PoseSettings(model=str(path)), tmp_path / "cache") == ModelFile(str(path), path)
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("what", ["missing", "text", "half", "folder"])
def test_a_configured_file_that_is_no_model_is_named(tmp_path: Path, what: str) -> None:
    path = tmp_path / "own.task"
    if what == "text":
        path.write_text("hello")
    elif what == "half":
        path.write_bytes(bundle(b"a", b"b", b"", LANDMARKS))
    elif what == "folder":
        path.mkdir()
    with pytest.raises(InputError) as caught:
        find_model(PoseSettings(model=str(path)), tmp_path)
    for word in (str(path), "pose.model", "auto, full, heavy"):
        assert word in str(caught.value)


@pytest.mark.usefixtures("small_catalogue")
@pytest.mark.parametrize("wanted", ["auto", ""])
def test_auto_is_the_best_that_is_there(tmp_path: Path, full: PoseModel, heavy: PoseModel, wanted: str) -> None:
    cached(full, CONTENT, tmp_path)
    assert find_model(PoseSettings(model=wanted), tmp_path).name == "full"
    path = cached(heavy, BETTER, tmp_path)
    assert find_model(PoseSettings(model=wanted), tmp_path) == ModelFile("heavy", path)
    assert find_model(PoseSettings(model="full"), tmp_path).name == "full"


@pytest.mark.usefixtures("small_catalogue")
@pytest.mark.parametrize(
    "content",
    [BETTER[:100], CONTENT, BETTER.replace(b"heavy weights", b"heavy wEights")],
    ids=["cut", "another model", "changed"],
)
def test_a_damaged_or_wrong_better_model_is_told_and_not_used(
    tmp_path: Path, full: PoseModel, heavy: PoseModel, content: bytes
) -> None:
    cached(full, CONTENT, tmp_path)
    path = cached(heavy, content, tmp_path)
    found = find_model(PoseSettings(), tmp_path)
    assert found.name == "full"
    assert str(path) in found.notice
    assert "cuecoach models fetch heavy" in found.notice
    with pytest.raises(InputError, match="cuecoach models fetch heavy"):
        find_model(PoseSettings(model="heavy"), tmp_path)


@pytest.mark.usefixtures("small_catalogue")
def test_the_heavy_model_is_never_fetched_unasked(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"heavy .* is missing .*cuecoach models fetch heavy"):
        find_model(PoseSettings(model="heavy"), tmp_path)


def test_a_sound_cached_file_needs_nothing_else(
    tmp_path: Path, full: PoseModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_file, "download", lambda *_: pytest.fail("no download is needed"))
    path = cached(full, CONTENT, tmp_path)
    assert obtain(full, tmp_path) == path


@pytest.mark.parametrize("content", [CONTENT[: len(CONTENT) // 2], BETTER], ids=["half", "another model"])
def test_a_wrong_cached_file_is_fetched_again_with_progress(
    tmp_path: Path, site: tuple[PoseModel, bytearray], content: bytes
) -> None:
    model, published = site
    cache = tmp_path / "new" / "cache"
    cached(model, content, cache)
    told: list[tuple[int, int]] = []
    path = obtain(model, cache, lambda done, of: told.append((done, of)))
    assert path.read_bytes() == published
    assert told[-1] == (len(published), len(published))
    assert list(cache.iterdir()) == [path], "nothing half-written is left"


@pytest.mark.parametrize("change", [b"", b"more", None])
def test_a_download_that_is_not_the_published_file_is_refused(
    tmp_path: Path, site: tuple[PoseModel, bytearray], change: bytes | None
) -> None:
    model, published = site
    if change is None:
        del published[10:]
    elif change:
        published += change
    else:
        published[50] ^= 1
    with pytest.raises(DeviceError, match="not the published one"):
        obtain(model, tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


def test_offline_one_sentence_says_what_to_do(tmp_path: Path, full: PoseModel) -> None:
    with pytest.raises(DeviceError) as caught:
        obtain(full, tmp_path)
    sentence = str(caught.value)
    for word in ("internet", full.bundle_url, "cuecoach models add FILE"):
        assert word in sentence
    assert "\n" not in sentence


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path, site: tuple[PoseModel, bytearray]) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DeviceError, match="file"):
        obtain(site[0], tmp_path / "file" / "cache")


def test_the_network_that_finds_people_comes_from_the_full_model_where_the_wheel_has_none(
    tmp_path: Path, full: PoseModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_file, "FULL", full)
    monkeypatch.setattr(model_file, "make_bundle", lambda detector, network: detector + network)
    cached(full, CONTENT, tmp_path)
    assert model_file.bundle_from_network(b"landmarks", tmp_path) == (
        model_file.detector_network(CONTENT) + b"landmarks"
    )


def test_the_published_addresses_are_those_of_the_numbered_release() -> None:
    for model in MODELS.values():
        assert model.bundle_url.startswith("https://")
        assert f"/1/pose_landmarker_{model.name}.task" in model.bundle_url
    assert MODELS == {"full": FULL, "heavy": HEAVY}


def _find_in(cache: str) -> str:
    return str(find_model(PoseSettings(), Path(cache)).path)


@pytest.mark.pose
def test_two_processes_may_build_at_once(tmp_path: Path) -> None:
    if model_file._wheel_file(FULL.network_name) is None:
        needs.missing("a mediapipe that carries the model (pip: mediapipe==0.10.21)")
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        paths = pool.map(_find_in, [str(tmp_path)] * 2, chunksize=1)
    assert paths == [str(tmp_path / FULL.file_name)] * 2
    assert model_fault(Path(paths[0])) == ""
    assert cached_fault(FULL, tmp_path) == ""
    assert [path.name for path in tmp_path.iterdir()] == [FULL.file_name]
