"""Runs every benchmark, one after the other: `python -m bench`. Ends with 1 when one of them missed a target."""

from __future__ import annotations

import subprocess
import sys

NAMES = ("loop", "accuracy", "coaching", "voice", "journal")


def main() -> int:
    """Run each in a process of its own, so that none inherits threads or caches of another."""
    codes = [subprocess.run([sys.executable, "-m", f"bench.{name}"], check=False).returncode for name in NAMES]
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
