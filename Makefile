# make demo   the virtual runner, coached by the real loop
# make test   the tests
# make bench  the longer measurements: accuracy, cost, sound
# make lint   style, types, import contract
.PHONY: demo test bench lint setup clean
BIN := .venv/bin

setup: .venv/.ready

.venv/.ready: requirements/dev.txt requirements/setup.sh pyproject.toml
	@requirements/setup.sh

demo: setup
	$(BIN)/cuecoach demo --journal demo/journal.sqlite --audio-out demo/cues.wav

test: setup
	$(BIN)/python -m pytest

bench: setup
	$(BIN)/python -m bench

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

clean:
	rm -rf .venv build dist demo bench/out
