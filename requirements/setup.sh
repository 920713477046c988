#!/usr/bin/env bash
# Makes .venv with everything in requirements/dev.txt and CueCoach itself in place. Called by make; safe to run again.
set -euo pipefail
cd "$(dirname "$0")/.."

usable() { "$1" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))' 2>/dev/null; }
python=""
for name in "${PYTHON:-}" python3 python3.12 python3.11 python; do
  if [ -n "$name" ] && usable "$name"; then python=$name; break; fi
done
if [ -z "$python" ]; then
  echo "CueCoach needs Python 3.11 or 3.12 with its venv module (on Debian and Ubuntu: apt-get install python3-venv); or name one: make PYTHON=/path/to/python3.12 ..." >&2
  exit 1
fi

echo "Setting up .venv (a few hundred MB, once) ..."
[ -x .venv/bin/python ] || "$python" -m venv .venv
pip=(.venv/bin/python -m pip --quiet --disable-pip-version-check)
"${pip[@]}" install --require-hashes -r requirements/dev.txt
"${pip[@]}" install --no-deps --no-build-isolation -e .

# OpenCV's wheel for Linux expects two system libraries that every desktop has and a bare server may not.
if ! .venv/bin/python -c 'import cv2' 2>/dev/null && [ "$(uname)" = Linux ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq && apt-get install -y -qq --no-install-recommends libgl1 libglib2.0-0 >/dev/null
  else
    echo "OpenCV needs two system libraries: sudo apt-get install libgl1 libglib2.0-0 (then run make again)" >&2
    exit 1
  fi
fi
touch .venv/.ready
