"""The numbers of the coach's policy, with meaning and range. The order of the rules is in `scheduler.py`.

All values are engineering choices that the literature bounds but does not fix.
"""

from __future__ import annotations

from dataclasses import dataclass

from cuecoach.errors import InputError
from cuecoach.settings import setting

# A runner may ask for less than the pack does, in steps, and go back to it; never beyond, where measuring errors begin.
EASIER_STEP_FRACTION = 0.25  # of a limit's distance from what is usual, for each step
EASIER_STEPS_MAX = 3  # steps


@dataclass(frozen=True, slots=True)
class CoachSettings:
    """When the coach speaks, repeats itself, praises and keeps silent.

    Raises
    ------
    InputError
        When the stride counts contradict each other.
    """

    # Is the fault there? At least 7 steps make a stable mean (Dingenen 2018).
    window_strides: int = setting(8, "strides of a leg that are looked at", low=4, high=30)
    enter_strides: int = setting(6, "how many of them must show the fault before it counts", low=2, high=30)
    release_strides: int = setting(
        2, "how many of them may still be unwell when it is over", low=0, high=29, formerly=("exit_strides",)
    )
    hysteresis_fraction: float = setting(
        0.15,
        "release limit: this share of the way from the fault's limit to the norm (Cruz 2018)",
        low=0.0,
        high=0.9,
        formerly=("exit_band_fraction",),
    )
    pair_strides: int = setting(20, "strides in each leg's mean when legs are compared", low=5, high=60)
    stale_s: float = setting(5.0, "a leg or a runner out of sight for longer is looked at anew", low=2.0, high=60.0)

    # May it be trusted? No cue is better than the wrong leg's cue.
    uncertainty_margin_sd: float = setting(
        1.0,
        "standard uncertainties of the measurement by which a value must be beyond its limit; 0 takes it as exact",
        low=0.0,
        high=4.0,
        formerly=("measurement_doubt",),
    )
    steady_error_share: float = setting(
        0.75,
        "share of what films of strangers are off by in every stride that counts as uncertainty; 0 counts none",
        low=0.0,
        high=2.0,
        absent=0.0,
    )
    trust_min: float = setting(0.6, "a stride with less trust is not judged", low=0.0, high=1.0)
    confidence_bad_fraction_max: float = setting(
        0.2, "share of such strides among a leg's last ones above which the coach is silent", low=0.0, high=1.0
    )

    # How often. A plateau is reached within 120 steps of a cue (VanGelder 2018, 6 runners).
    cue_refractory_steps: int = setting(120, "steps before the same fault is cued again", low=0, high=1000)
    cue_refractory_s: float = setting(40.0, "the same in seconds; the longer wait counts", low=0.0, high=600.0)
    cue_max_firings: int = setting(3, "cues without recovery, then silence on that fault", low=1, high=10)
    focus_dwell_s: float = setting(20.0, "how long a fault stays the focus after it was last true", low=0.0, high=600.0)
    bucket_capacity: int = setting(2, "cues that may follow each other before the rate cap holds", low=1, high=10)
    bucket_refill_s: float = setting(
        30.0, "seconds for each further cue; prompts every 30 s cost economy (Schücker 2014)", low=5.0, high=600.0
    )
    chattiness: float = setting(1.0, "how talkative: 2 doubles and 0.5 halves the rate cap", low=0.25, high=2.0)
    gap_min_s: float = setting(8.0, "seconds between any two things said", low=2.0, high=120.0)
    internal_prompt_gap_s: float = setting(30.0, "the same between two cues that name a body part", low=2.0, high=600.0)
    cue_expiry_strides: int = setting(2, "strides after which an unspoken cue is stale", low=1, high=10)

    # When not at all.
    warmup_inhibit_s: float = setting(60.0, "silence after the runner starts running", low=0.0, high=1800.0)
    speed_change_inhibit_s: float = setting(15.0, "silence after a change of speed or a pause", low=0.0, high=600.0)
    speed_change_mps: float = setting(0.05, "a change of the set belt speed from this on counts", low=0.01, high=2.0)
    speed_change_stride_time: float = setting(
        0.05, "share by which the stride time shifts when the speed has changed unannounced", low=0.01, high=0.5
    )

    # When in the stride. No study tests it: an option, and never a reason to speak late.
    onset_aligned: bool = setting(True, "place the first word at a phase of the named leg's stride")
    onset_phase: float = setting(0.0, "that phase, as a share of the stride after toe-off", low=0.0, high=1.0)
    onset_latency_s: float = setting(
        0.0,
        "time from the device to the ear, as of Bluetooth; the device's own is accounted for",
        low=0.0,
        high=1.0,
    )
    onset_delay_max_strides: float = setting(1.0, "strides to wait for that phase at most", low=0.0, high=2.0)

    # Did it work? Only in sessions with a runner's name: without one there is nobody to learn about.
    catch_trial_share: float = setting(
        0.15, "share of due cues withheld on purpose, to learn what cues are worth to this runner", low=0.0, high=0.5
    )

    # Praise: once per recovery.
    praise_gap_s: float = setting(60.0, "seconds between two words of praise", low=0.0, high=1800.0)
    praise_expiry_s: float = setting(10.0, "praise comes this soon after it or not at all", low=1.0, high=60.0)

    def __post_init__(self) -> None:
        if not self.release_strides < self.enter_strides <= self.window_strides:
            raise InputError(
                f"[coach] release_strides = {self.release_strides}, enter_strides = {self.enter_strides} and "
                f"window_strides = {self.window_strides} must rise in this order; the last two may be equal."
            )
