"""The one word that names a source."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path

import pytest
from films import numbered, steady, write_film
from mjpeg import Camera

from cuecoach.errors import DeviceError, InputError
from cuecoach.source.landmark_recording import RecordingWriter
from cuecoach.source.open import open_source
from cuecoach.source.settings import SourceSettings
from cuecoach.types import SourceKind

SETTINGS = SourceSettings()


def test_a_film_is_known_by_its_content(tmp_path: Path) -> None:
    film = write_film(tmp_path / "film.mp4", [numbered(i) for i in range(3)], steady(3))
    nameless = film.rename(tmp_path / "nameless")
    for realtime in (False, True):
        source = open_source(str(nameless), SETTINGS, realtime)
        source.close()
        assert source.info.kind is SourceKind.VIDEO
        assert source.info.live is realtime


@pytest.mark.parametrize("name", ["a.landmarks.csv", "a.landmarks.csv.gz", "other.csv", "nameless"])
def test_a_recording_is_known_by_its_content(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    RecordingWriter(path, 30, (100, 100)).close()
    source = open_source(str(path), SETTINGS, realtime=False)
    assert source.info.kind is SourceKind.RECORDING


def test_a_file_that_claims_to_be_a_recording_is_judged_as_one(tmp_path: Path) -> None:
    path = tmp_path / "a.landmarks.csv.gz"
    path.write_bytes(gzip.compress(b"nonsense\n"))
    with pytest.raises(InputError, match="line 1"):
        open_source(str(path), SETTINGS)


def test_a_url_is_a_camera_and_so_is_the_configured_one() -> None:
    with Camera() as camera:
        for spec, settings in ((camera.url, SETTINGS), ("camera", SourceSettings(camera=camera.url))):
            source = open_source(spec, settings)
            source.close()
            assert source.info.kind is SourceKind.CAMERA
            assert source.info.name == camera.url


def test_a_recording_loads_neither_of_the_libraries_that_decode_pictures(tmp_path: Path) -> None:
    path = tmp_path / "a.landmarks.csv"
    RecordingWriter(path, 30, (100, 100)).close()
    program = (
        "import sys; from cuecoach.source.open import open_source; "
        "from cuecoach.source.settings import SourceSettings; "
        "open_source(sys.argv[1], SourceSettings()); print([name for name in ('av', 'cv2') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_number_is_a_camera() -> None:
    with pytest.raises(DeviceError, match="Camera 93"):
        open_source("93", SETTINGS)


@pytest.mark.parametrize("spec", ["", "nonsense", "no/such/film.mp4"])
def test_anything_else_is_refused_with_what_is_allowed(spec: str) -> None:
    with pytest.raises(InputError) as caught:
        open_source(spec, SETTINGS)
    for allowed in (repr(spec), "camera", "URL", "video", "landmarks.csv"):
        assert allowed in str(caught.value)
