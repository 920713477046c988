"""`make test` counts what was skipped, and with --skips a reason that is not named fails the run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import needs
import pytest

TESTS = Path(__file__).parent
SKIPPED = "def test_sound(): __import__('needs').missing('a harp', 'harp')\n"
COUNTED = "2 skipped: needs a harp (apt: harp)"


@pytest.mark.parametrize(("named", "code"), [(None, 0), ("needs a harp (apt: harp)\nneeds rain\n", 0), ("\n", 1)])
@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_skip_that_is_not_named_fails_the_run(tmp_path: Path, named: str | None, code: int, workers: str) -> None:
    for number in range(2):
        (tmp_path / f"test_{number}.py").write_text(SKIPPED)
    command = [sys.executable, "-m", "pytest", "-q", "-n", workers, "-p", "conftest", str(tmp_path)]
    if named is not None:
        (tmp_path / "named").write_text(named)
        command += ["--skips", str(tmp_path / "named")]
    env = {
        **{name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"},  # those of this very run
        "PYTHONPATH": os.pathsep.join([str(TESTS), str(Path(needs.__file__).parent), str(TESTS.parent)]),
    }
    done = subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == code, done.stdout + done.stderr
    assert COUNTED in done.stdout
    assert ("NOT ALLOWED" in done.stdout) is bool(code)
