"""What the coach costs for each stride: strides made beforehand, fresh coaches, processor time of this process."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

import numpy as np

from bench.coaching.runner import BETWEEN_RUNNERS, alike, make_run
from bench.coaching.session import Deaf, Step, coached
from bench.coaching.sessions import KINDS, draw_dials, draw_plan
from cuecoach.coach.scheduler import Coach
from cuecoach.packs.pack import Pack

ROUNDS = 3
CHUNK_H = 0.5
TARGET_HOURS, TARGET_S = 1000.0, 300.0


def cost(pack: Pack, hours: float, advance: Callable[[], None]) -> tuple[int, float]:
    """Return how many strides there are in `hours`, and the seconds the coach takes for them (best of the rounds).

    All kinds of runners in turn; none answers, so that faults stay and the coach has all the more to do.
    """
    strides, seconds = 0, 0.0
    for chunk in range(max(1, round(hours / CHUNK_H))):
        steps = _steps(pack, chunk)
        strides += sum(len(step[1]) for step in steps)
        seconds += min(_seconds(pack, steps) for _ in range(ROUNDS))
        advance()
    return strides, seconds


def _steps(pack: Pack, chunk: int) -> list[Step]:
    chance = np.random.default_rng([chunk, 9])
    plan = draw_plan(chance, pack, 3600 * CHUNK_H)
    run = make_run(
        chance, plan, draw_dials(chance, pack, KINDS[chunk % len(KINDS)]), BETWEEN_RUNNERS * alike(chance, ())
    )
    return coached(run, Coach(pack), Deaf(), keep_steps=True).steps


def _seconds(pack: Pack, steps: list[Step]) -> float:
    coach = Coach(pack)
    gc.collect()
    gc.freeze()  # strides made beforehand are no garbage of the coach's that it would have to search
    began = time.process_time()
    for step in steps:
        coach.step(*step)
    seconds = time.process_time() - began
    gc.unfreeze()
    return seconds
