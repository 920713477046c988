"""The wheel is whole: installed alone, outside the checkout, it has the command and the packs."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent


def test_wheel_works_outside_the_checkout(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path, CHECKOUT],
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    home = tmp_path / "env"
    venv.create(home, with_pip=False, symlinks=True)
    scripts = {"base": str(home), "platbase": str(home)}
    site = Path(sysconfig.get_path("purelib", vars=scripts))
    # The libraries come from the environment of the tests; CueCoach itself only from the wheel (a plain path in a
    # .pth file does not take that environment's own link to the checkout along).
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    pip = [sys.executable, "-m", "pip", "--python", str(home / "bin" / "python")]
    subprocess.run([*pip, "install", "--quiet", "--no-deps", wheel], check=True, capture_output=True, cwd=tmp_path)
    result = subprocess.run(
        [home / "bin" / "cuecoach", "packs", "list"], check=True, capture_output=True, text=True, cwd=tmp_path
    )
    assert "pull-under" in result.stdout
    assert "recoil" in result.stdout
    where = subprocess.run(
        [home / "bin" / "python", "-c", "import cuecoach; print(cuecoach.__file__)"],
        check=True,
        capture_output=True,
        text=True,
        cwd=tmp_path,
    ).stdout
    assert Path(where.strip()).is_relative_to(home)
