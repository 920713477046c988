"""Breaks one room's code in one place at a time and counts how many of the broken versions its tests notice.

    make mutants ROOM=gait/metrics          all mutants of a room (see ROOMS), or of one file: ROOM=coach/policy.py
    make mutants ROOM="coach --lines 40:80" only those that begin on these lines
    make mutants ROOM="coach --sample 200"  as many, drawn at random, the same ones every time

The mutations are those of cosmic-ray (operators, comparisons, booleans, numbers, loops), and two of our own: the names
of SWAPPED replace each other, and a fractional number moves by a quarter instead of by one. Each mutant runs in a fork
of a process that has loaded the libraries, and nothing on disk is changed; the tests must not start processes that are
meant to see the mutant. A survivor whose line `before` and `after` stand in `docs/mutants.md` has its reason there and
is not printed; the exit code is 1 when fewer than 90 % are noticed.
"""

from __future__ import annotations

import argparse
import importlib.abc
import importlib.machinery
import importlib.util
import os
import random
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import ModuleType

import cosmic_ray.plugins
import hypothesis  # noqa: F401  loaded before the fork, like numpy, pytest and scipy
import numpy as np  # noqa: F401
import parso
import pytest
import scipy.interpolate
import scipy.optimize
import scipy.signal  # noqa: F401
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.number_replacer import NumberReplacer
from cosmic_ray.operators.operator import Operator

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "cuecoach"
REASONS = ROOT / "docs" / "mutants.md"
LEAST_NOTICED = 0.9
TIMEOUT_S = 120

# Files of each room, and its tests, the quickest first: the first test that fails ends a run.
ROOMS: dict[str, tuple[str, str]] = {
    "gait/metrics": ("gait/metrics.py gait/stride_window.py", "tests/gait/test_gait_metrics.py"),
    "gait/trust": ("gait/trust.py", "tests/gait/test_gait_trust.py"),
    "gait/events": (
        "gait/events.py",
        "tests/gait/test_gait_event_rules.py tests/gait/test_gait_closing_strike.py tests/gait/test_gait_events.py",
    ),
    "coach": ("coach", "tests/coach"),
}
SWAPPED = {"min": "max", "argmin": "argmax", "minimum": "maximum", "floor": "ceil", "all": "any"}
SWAPPED |= {new: old for old, new in SWAPPED.items()}
_LEFT_OUT = ("Bit", "Shift", "Exception", "Decorator", "VariableInserter", "VariableReplacer")


class SwapName(Operator):
    """Puts a name of SWAPPED in the place of its counterpart."""

    def mutation_positions(self, node: parso.tree.NodeOrLeaf) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
        """Yield where such a name stands."""
        if node.type == "name" and node.value in SWAPPED:
            yield node.start_pos, node.end_pos

    def mutate(self, node: parso.tree.NodeOrLeaf, index: int) -> parso.tree.NodeOrLeaf:
        """Return the counterpart."""
        return parso.python.tree.Name(node.prefix + SWAPPED[node.value], node.start_pos)

    @classmethod
    def examples(cls) -> tuple[()]:
        """Return nothing: cosmic-ray asks."""
        return ()


class MoveNumber(NumberReplacer):
    """Moves a whole number by one each way, and a fraction by a quarter of it."""

    def mutate(self, node: parso.tree.NodeOrLeaf, index: int) -> parso.tree.NodeOrLeaf:
        """Return the moved number."""
        if "." not in node.value:
            return super().mutate(node, index)
        value = float(node.value) * (1.25, 0.75)[index] or (1.0, -1.0)[index]
        return parso.python.tree.Number(f"{node.prefix}{value!r}", node.start_pos)


@dataclass(frozen=True)
class Mutant:
    """One broken version of a file: its whole text, and the line as it was and as it is."""

    path: Path
    line: int
    before: str
    after: str
    text: str

    def __str__(self) -> str:
        return f"{self.path.relative_to(ROOT)}:{self.line}: `{self.before}` -> `{self.after}`"


def operators() -> list[Operator]:
    """Return what mutants are made by; what only breaks types, or never occurs here, is left out."""
    names = [name for name in cosmic_ray.plugins.operator_names() if not any(out in name for out in _LEFT_OUT)]
    classes = [cosmic_ray.plugins.get_operator(name) for name in names if not name.endswith(("NumberReplacer", "NoOp"))]
    return [one() for one in classes if not one.arguments()] + [SwapName(), MoveNumber()]


def mutants(path: Path, lines: tuple[int, int]) -> Iterator[Mutant]:
    """Yield every mutant of a file that begins on these lines."""
    source = path.read_text(encoding="utf-8")
    known = {source}
    for operator in operators():
        places = [place for node in ast_nodes(get_ast(source)) for place in operator.mutation_positions(node)]
        for occurrence, ((line, _), _) in enumerate(places):
            text = mutate_code(source, operator, occurrence) if lines[0] <= line <= lines[1] else None
            if text is None or text in known:
                continue
            known.add(text)
            changed = [pair for pair in zip(source.splitlines(), text.splitlines(), strict=False) if pair[0] != pair[1]]
            before, after = changed[0] if changed else ("", "")
            yield Mutant(path, line, before.strip(), after.strip(), text)


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.SourceLoader):
    """Serves the mutant in the place of its module."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant
        self._name = ".".join(mutant.path.relative_to(ROOT).with_suffix("").parts)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return the mutant's spec when its module is asked for."""
        return importlib.util.spec_from_loader(fullname, self) if fullname == self._name else None

    def get_filename(self, fullname: str) -> str:
        """Return the name of the file that the mutant was made from."""
        return str(self._mutant.path)

    def get_data(self, path: str | bytes) -> bytes:
        """Return the mutant's text."""
        return self._mutant.text.encode()


def noticed(mutant: Mutant | None, tests: Sequence[str]) -> bool:
    """Return whether the tests fail in a fork that imports the mutant (None: nothing is broken), or never end."""
    child = os.fork()
    if child == 0:
        os.setsid()
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        code = 1
        try:
            sys.dont_write_bytecode = True
            if mutant is not None:
                sys.meta_path.insert(0, _Finder(mutant))
            options = ["-x", "-q", "-n0", "-p", "no:cacheprovider"]
            code = int(pytest.main([*options, *_own_tests(mutant), *tests]))
        finally:
            os._exit(code)
    end_s = time.monotonic() + TIMEOUT_S
    while time.monotonic() < end_s:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status != 0
        time.sleep(0.02)
    os.killpg(child, 9)
    os.waitpid(child, 0)
    return True


def main() -> int:
    """Run the mutants of the rooms that are asked for; return the exit code."""
    parser = argparse.ArgumentParser(description="How many broken versions of a room do its tests notice?")
    parser.add_argument("rooms", nargs="*", default=list(ROOMS), help=f"{', '.join(ROOMS)}, or a file of them")
    parser.add_argument("--lines", default="1:100000", help="only mutants on these lines, first:last")
    parser.add_argument("--tests", nargs="+", help="other tests than the room's")
    parser.add_argument("--sample", type=int, help="at most so many mutants of a room, drawn at random")
    parser.add_argument("--at-once", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args()
    first, last = (int(part) for part in asked.lines.split(":"))
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    explained = REASONS.read_text(encoding="utf-8") if REASONS.exists() else ""
    passed = True
    for room in asked.rooms:
        files, tests = _room(room)
        tests = asked.tests or tests
        if noticed(None, tests):
            print(f"{room}: its tests fail as they are: {' '.join(tests)}")
            return 1
        found = [mutant for path in files for mutant in mutants(path, (first, last))]
        if asked.sample is not None and asked.sample < len(found):
            found = random.Random(room).sample(found, asked.sample)  # noqa: S311  no secret
        survivors, unexplained = 0, 0
        with ThreadPoolExecutor(asked.at_once) as pool:
            for mutant, seen in zip(found, pool.map(partial(noticed, tests=tests), found), strict=True):
                if not seen:
                    survivors += 1
                    if f"`{mutant.before}` | `{mutant.after}`" not in explained:
                        unexplained += 1
                        print(mutant, flush=True)
        share = 1.0 - survivors / max(len(found), 1)
        told = f"{survivors - unexplained} of the {survivors} survivors are explained"
        print(f"{room}: {len(found)} mutants, {100 * share:.1f} % noticed, {told} in {REASONS.relative_to(ROOT)}")
        passed &= share >= LEAST_NOTICED
    return 0 if passed else 1


def _own_tests(mutant: Mutant | None) -> list[str]:
    """Return the test file that is named after the mutant's: run first, it most often notices at once."""
    if mutant is None:
        return []
    return [str(path) for path in (ROOT / "tests").glob(f"{mutant.path.parent.name}/test_*_{mutant.path.stem}.py")]


def _room(room: str) -> tuple[list[Path], list[str]]:
    """Return the files and the tests of a room, or of one file that a room owns."""
    for files, tests in ROOMS.values():
        paths = [PACKAGE / name for name in files.split()]
        owned = [file for path in paths for file in (sorted(path.glob("*.py")) if path.is_dir() else [path])]
        if PACKAGE / room in owned:
            return [PACKAGE / room], tests.split()
        if room in ROOMS and (files, tests) == ROOMS[room]:
            return owned, tests.split()
    raise SystemExit(f"{room} is none of {', '.join(ROOMS)}, nor a file of them")


if __name__ == "__main__":
    sys.exit(main())
