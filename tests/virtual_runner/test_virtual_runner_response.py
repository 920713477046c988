"""How the virtual runner answers to cues: late, partly, not for good, and only to its own fault."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cuecoach.virtual_runner.response import DELAY_S, CueResponse
from cuecoach.virtual_runner.settings import VirtualRunnerSettings

SETTINGS = VirtualRunnerSettings(faults=("lazy-heel", "overstride"), strength=1.2, responsiveness=0.7, relapse_s=60.0)


def heard(fault: str = "lazy-heel", *times_s: float) -> CueResponse:
    response = CueResponse(SETTINGS)
    for t_s in times_s or (10.0,):
        response.hear(fault, t_s)
    return response


def test_nothing_changes_before_a_cue_can_be_answered() -> None:
    response = heard()
    assert response.strength("lazy-heel", 10.0) == 1.2
    assert response.strength("lazy-heel", 10.0 + DELAY_S[0]) == 1.2
    assert response.strength("lazy-heel", 10.0 + DELAY_S[1] + 1.0) < 1.1


def test_a_cue_works_partly_and_its_effect_fades() -> None:
    response = heard()
    best = min(response.strength("lazy-heel", 10.0 + step / 4) for step in range(200))
    assert 0.2 < best < 0.7 * 1.2
    assert best < response.strength("lazy-heel", 60.0) < response.strength("lazy-heel", 150.0) < 1.2
    assert response.strength("lazy-heel", 900.0) > 1.19


def test_more_cues_help_more() -> None:
    assert heard("lazy-heel", 10.0, 20.0).strength("lazy-heel", 28.0) < heard().strength("lazy-heel", 28.0)


def test_a_cue_for_another_fault_does_not_help() -> None:
    response = heard("overstride")
    assert response.strength("lazy-heel", 20.0) == 1.2
    assert response.strength("overstride", 20.0) < 1.0
    response.hear("leaning-back", 12.0)
    response.hear("a fault of another pack", 12.0)
    assert response.strength("leaning-back", 20.0) == 0.0


def test_a_deaf_runner_does_not_answer_and_a_perfect_one_nearly_does() -> None:
    left = {}
    for responsiveness in (0.0, 1.0):
        response = CueResponse(VirtualRunnerSettings(responsiveness=responsiveness, relapse_s=3600.0))
        response.hear("lazy-heel", 0.0)
        left[responsiveness] = response.strength("lazy-heel", 15.0)
    assert left[0.0] == 1.0
    assert left[1.0] < 0.25


@given(st.lists(st.floats(0.0, 100.0), max_size=6), st.floats(0.0, 200.0), st.integers(0, 1000))
def test_strength_is_a_function_of_what_was_heard(times_s: list[float], t_s: float, seed: int) -> None:
    settings = VirtualRunnerSettings(seed=seed)
    one, other = CueResponse(settings), CueResponse(settings)
    for heard_s in times_s:
        one.hear("lazy-heel", heard_s)
    for heard_s in times_s:
        other.hear("lazy-heel", heard_s)
        other.strength("lazy-heel", t_s)
    strength = one.strength("lazy-heel", t_s)
    assert strength == other.strength("lazy-heel", t_s)
    assert 0.0 <= strength <= settings.strength
