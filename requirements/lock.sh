#!/usr/bin/env bash
# Writes both locks. Needs uv on the PATH; nothing else in the project does.
set -euo pipefail
cd "$(dirname "$0")/.."
flags=(--universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --quiet)
uv pip compile pyproject.toml --extra dev "${flags[@]}" --output-file requirements/dev.txt
# The same wishes, but for the pose library and what it ties down: what a user of Python 3.13 or later gets.
python3 - <<'PY' | uv pip compile - "${flags[@]}" --output-file requirements/mediapipe1.txt
import tomllib
project = tomllib.load(open("pyproject.toml", "rb"))["project"]
wishes = project["dependencies"] + project["optional-dependencies"]["dev"]
print("mediapipe>=1.2,<2", "numpy>=2", *(w for w in wishes if not w.startswith(("mediapipe", "numpy"))), sep="\n")
PY
