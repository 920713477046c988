"""`cuecoach models`, --model, and what the verbs tell of the pose model."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from films import steady, write_film
from pose_models import bundle, catalogued
from typer.testing import CliRunner, Result

from cuecoach.cli import app
from cuecoach.cli import models as models_verb
from cuecoach.pose import model_file
from cuecoach.virtual_runner.runner import VirtualRunner
from cuecoach.virtual_runner.settings import VirtualRunnerSettings

OFFER = "The heavy pose model is not here"


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a cache folder of the test's own to the verbs."""
    folder = tmp_path / "cache"
    monkeypatch.setattr(models_verb, "cache_folder", lambda: folder)
    return folder


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write one second of the virtual runner as a film."""
    runner = VirtualRunner(VirtualRunnerSettings())
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    return write_film(path, [runner.frame(index).image_bgr for index in range(30)], steady(30))


def test_the_list_says_what_is_here_and_what_heavy_is_worth(cache: Path) -> None:
    shown = call("models", "list").stdout
    for word in ("full", "heavy", "31 MB", "no", "4.5 instead of 5.3", str(cache), "models fetch heavy"):
        assert word in shown
    rows = {row["model"]: row for row in json.loads(call("models", "list", "--json").stdout)}
    assert not rows["heavy"]["here"]
    cache.mkdir()
    Path(rows["heavy"]["file"]).write_bytes(b"damaged")
    assert "it cannot be read" in call("models", "list").stdout


def test_a_model_that_is_here_is_not_fetched_again(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = bundle()
    model = catalogued("heavy", content)
    monkeypatch.setattr(models_verb, "model_named", lambda _name: model)
    monkeypatch.setattr(model_file, "download", lambda *_: content)
    monkeypatch.setattr(model_file, "_wheel_file", lambda _name: None)
    assert call("models", "fetch", "heavy").stdout == f"The heavy pose model is here: {cache / model.file_name}\n"
    monkeypatch.setattr(model_file, "download", lambda *_: pytest.fail("it is here"))
    assert "here already" in call("models", "fetch", "heavy").stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("fetch", "huge"), "there are full and heavy"),
        (("add", __file__), "npm pack"),
        (("add", "nowhere.task"), "nowhere.task cannot be read"),
    ],
)
@pytest.mark.usefixtures("cache")
def test_what_is_wrong_is_one_sentence(arguments: tuple[str, ...], words: str) -> None:
    result = call("models", *arguments)
    assert result.exit_code == 2
    (sentence,) = result.stderr.splitlines()
    assert words in sentence


@pytest.mark.parametrize("verb", ["run --source", "measure", "setup --source"])
def test_a_model_that_is_not_there_is_told_by_every_verb(verb: str, film: Path, tmp_path: Path) -> None:
    own = ["--out", tmp_path] if verb == "measure" else []
    own += ["--journal", tmp_path / "j.sqlite"] if verb.startswith("run") else []
    result = call(*verb.split(), film, "--model", "nowhere.task", *own)
    assert result.exit_code == 2
    assert "nowhere.task (pose.model) is missing; give one of auto, full, heavy" in result.stderr


@pytest.mark.pose
def test_the_first_session_with_pictures_tells_of_heavy_and_keeps_its_model(film: Path, tmp_path: Path) -> None:
    journal = tmp_path / "j.sqlite"
    command = ("run", "--source", film, "--view", "none", "--journal", journal, "--model")
    assert OFFER not in call(*command, "full").stderr, "full is what the user wants"
    with sqlite3.connect(journal) as kept:
        (settings,) = kept.execute("SELECT settings_json FROM session").fetchone()
    assert json.loads(settings)["pose"]["model"] == "full"


@pytest.mark.pose
def test_it_is_told_once_to_who_lets_cuecoach_choose(
    film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cuecoach.session.assembly.heavy_hint", lambda *_: OFFER)
    command = ("run", "--source", film, "--view", "none", "--journal", tmp_path / "j.sqlite")
    assert [OFFER in call(*command).stderr for _ in range(2)] == [True, False]


@pytest.mark.pose
def test_setup_tells_of_heavy(film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cuecoach.pipeline.camera_check.heavy_hint", lambda *_: OFFER)
    assert OFFER in call("setup", "--source", film).stderr


@pytest.mark.pose
def test_what_was_chosen_for_a_live_source_is_told_and_journaled(
    film: Path, tmp_path: Path, heavy_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cuecoach.pipeline.pose_frames.cache_folder", lambda: heavy_cache)
    monkeypatch.setattr("cuecoach.pose.model_choice.NEEDED_HZ", 10_000.0)
    journal = tmp_path / "j.sqlite"
    told = call("run", "--source", film, "--realtime", "--view", "none", "--journal", journal).stderr
    assert "Pose model full: heavy would keep" in told
    shown = call("sessions", "show", 1, "--journal", journal).stdout
    assert "pose model full" in shown
    assert "notice: Pose model full: heavy would keep" in shown


@pytest.mark.pose
def test_a_film_is_measured_and_kept_with_the_heavy_model_where_it_is(
    film: Path, tmp_path: Path, heavy_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cuecoach.pipeline.pose_frames.cache_folder", lambda: heavy_cache)
    measured = call("measure", film, "--out", tmp_path)
    assert "Pose model: heavy\n" in measured.stdout
    assert (
        json.loads(call("measure", film, "--out", tmp_path, "--json", "--model", "full").stdout)["pose_model"] == "full"
    )
    journal = tmp_path / "j.sqlite"
    assert call("run", "--source", film, "--view", "none", "--journal", journal).exit_code == 0
    with sqlite3.connect(journal) as kept:
        (settings,) = kept.execute("SELECT settings_json FROM session").fetchone()
    assert json.loads(settings)["pose"]["model"] == "heavy"
    assert "pose model heavy" in call("sessions", "show", 1, "--journal", journal).stdout
