# make demo   the virtual runner, coached by the real loop
# make test   the tests
# make bench  the longer measurements: accuracy, cost, sound
# make lint   style, types, import contract
# make mutants ROOM=gait/metrics   how many broken versions of a room its tests notice (minutes to hours)
.PHONY: demo test bench lint mutants setup clean
BIN := .venv/bin

setup: .venv/.ready

.venv/.ready: requirements/dev.txt requirements/setup.sh pyproject.toml
	@requirements/setup.sh

demo: setup
	$(BIN)/cuecoach demo --journal demo/journal.sqlite --audio-out demo/cues.wav

test: setup
	$(BIN)/python -m pytest -m "not real_time"
	$(BIN)/python -m pytest -m real_time -n 0

bench: setup
	$(BIN)/python -m bench

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

mutants: setup
	$(BIN)/python -m pip install --quiet --disable-pip-version-check cosmic-ray==8.7.0
	nice -n 19 $(BIN)/python tests/mutants.py $(ROOM)

clean:
	rm -rf .venv build dist demo bench/out
