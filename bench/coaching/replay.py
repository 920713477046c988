"""Does a recording decide the same once more, here and in another environment? Owns the recordings and the comparing.

Two kinds are written into one journal: simulated strides of every pack with a coach who is asked, muted and left, and
the virtual runner's landmarks through the real loop, gait and all, with nobody drawing or speaking.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import subprocess
from pathlib import Path

import numpy as np

import cuecoach
from bench.coaching.runner import BETWEEN_RUNNERS, alike, make_run
from bench.coaching.session import coached
from bench.coaching.sessions import KINDS, command, draw_answer, draw_dials, draw_plan
from cuecoach.analysis.record import decisions_of
from cuecoach.analysis.replay import pair_decisions, replay_session
from cuecoach.coach.factory import make_coach
from cuecoach.coach.policy import CoachSettings
from cuecoach.coach.programme import ProgrammeSettings
from cuecoach.coach.scheduler import Coach
from cuecoach.config import Settings
from cuecoach.gait.gait import Gait
from cuecoach.journal import read
from cuecoach.journal.store import Journal, SessionInfo
from cuecoach.packs import library
from cuecoach.packs.pack import Pack
from cuecoach.pipeline.pose_frames import PoseFrames
from cuecoach.session.session import Parts, Session
from cuecoach.session.settings import SessionSettings
from cuecoach.source.base import SourceInfo
from cuecoach.types import AudioOutput, Decision, PoseFrame, SessionOutcome, SourceKind, UtteranceEvent, UtteranceState
from cuecoach.view.none import NoView
from cuecoach.virtual_runner.runner import VirtualRunner
from cuecoach.virtual_runner.settings import VirtualRunnerSettings
from cuecoach.voice.base import Utterance


@dataclasses.dataclass(frozen=True, slots=True)
class Replayed:
    """Sessions replayed, decisions compared and how many differ, and a hash of all that was decided again."""

    sessions: int
    decisions: int
    different: int
    sha256: str


def record_strides(path: Path, number: int, pack: Pack, seconds: float) -> None:
    """Write a session of simulated strides into a journal, as the loop would."""
    chance = np.random.default_rng([number, 7])
    dials = draw_dials(chance, pack, KINDS[1 + number % (len(KINDS) - 1)])
    run = make_run(chance, draw_plan(chance, pack, seconds), dials, BETWEEN_RUNNERS * alike(chance, ()))
    command(chance, run)
    settings = _settings(pack, runner="Ann" if number % 2 else "", kind="standard" if number % 4 == 1 else "none")
    log = coached(run, _coach(pack, settings, number), draw_answer(chance, dials), keep_steps=True)
    journal = Journal.open(path)
    journal.begin(_info(pack, settings, number))
    decisions = iter(log.by_step)
    for now_s, strides, situation, asked in log.steps:
        journal.situation(now_s, situation, asked)
        for stride in strides:
            journal.stride(stride)
        for decision in next(decisions):
            journal.decision(decision)
    journal.end(float(run.closed_s[-1]), SessionOutcome.FINISHED)
    journal.close()


def record_landmarks(path: Path, number: int, pack: Pack, seconds: float) -> None:
    """Write a session of the virtual runner, landmarks and all, into a journal."""
    settings = _settings(pack, runner="Ben", kind="none")
    session = dataclasses.replace(settings.session, record_landmarks=True, speed_mps=3.0)
    source = _Landmarks(VirtualRunnerSettings(duration_s=seconds, seed=number, relapse_s=20.0))
    journal = Journal.open(path)
    journal.begin(_info(pack, settings, number))
    coach = _coach(pack, settings, number)
    parts = Parts(PoseFrames(lambda: source), Gait(settings.gait), coach, _Quiet(), journal, [NoView()])
    Session(parts, session).run()


def again(path: Path) -> Replayed:
    """Replay every session of a journal from its strides, and from its landmarks where it has them."""
    digest = hashlib.sha256()
    rows = read.sessions(path)
    count = different = 0
    for row in sorted(rows, key=lambda row: row.id):
        kept = decisions_of(read.session(path, row.id))
        for landmarks in (False, True) if row.recorded_frames else (False,):
            decisions = replay_session(path, row.id, landmarks=landmarks).decisions
            pairs = pair_decisions(kept, decisions)
            count += len(pairs)
            different += sum(not pair.same for pair in pairs)
            for decision in decisions:
                digest.update(repr(_all_of(decision)).encode())
    return Replayed(len(rows), count, different, digest.hexdigest())


def again_in(python: Path, path: Path) -> Replayed:
    """Do the same under another interpreter."""
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [str(python.absolute()), "-m", "bench.coaching", "--replay", str(path)],
        check=True,
        capture_output=True,
        text=True,
        cwd=root,
        env={"PATH": "/usr/bin:/bin"},
    )
    return Replayed(**json.loads(done.stdout))


def _all_of(decision: Decision) -> tuple[object, ...]:
    """Return a decision as plain values that print alike everywhere, expiry and onset among them."""
    plain = []
    for field in dataclasses.fields(decision):
        value = getattr(decision, field.name)
        plain.append(float(value) if isinstance(value, float) else None if value is None else str(value))
    return tuple(plain)


def _settings(pack: Pack, *, runner: str, kind: str) -> Settings:
    session = SessionSettings(pack=pack.id, runner=runner, programme=kind)
    return dataclasses.replace(
        Settings(), session=session, programme=ProgrammeSettings(minutes=8.0), coach=CoachSettings()
    )


def _coach(pack: Pack, settings: Settings, seed: int) -> Coach:
    session = settings.session
    return make_coach(
        pack, settings.coach, settings.programme, kind=session.programme, runner=session.runner, seed=seed
    )


def _info(pack: Pack, settings: Settings, seed: int) -> SessionInfo:
    return SessionInfo(
        started_at=f"2024-01-01T00:{seed % 60:02}:00+00:00",
        source_kind=SourceKind.VIRTUAL,
        source_name="bench/coaching",
        rate_hz=30.0,
        pack_id=pack.id,
        pack_text=pack.text,
        settings=dataclasses.asdict(settings),
        seed=seed,
        version=cuecoach.__version__,
        runner=settings.session.runner or None,
    )


class _Landmarks:
    """The virtual runner's landmarks at 30 Hz, undrawn, moved by a pixel of noise."""

    def __init__(self, virtual_runner: VirtualRunnerSettings) -> None:
        self.runner = VirtualRunner(virtual_runner)
        self.info = SourceInfo(
            SourceKind.VIRTUAL,
            "landmarks",
            (virtual_runner.width_px, virtual_runner.height_px),
            30.0,
            False,
            None,
            None,
        )
        self._chance = np.random.default_rng([virtual_runner.seed, 8])
        self._count = round(virtual_runner.duration_s * 30)
        self._next = 0

    def read(self) -> PoseFrame | None:
        """Return the next pose frame."""
        if self._next >= self._count:
            return None
        index, t_s = self._next, self._next / 30
        self._next += 1
        pose = self.runner.pose(t_s)
        noisy = dataclasses.replace(pose, points_px=pose.points_px + self._chance.normal(0, 1.0, (33, 2)))
        return PoseFrame(t_s, index, noisy)

    def hear(self, fault: str, t_s: float) -> None:
        """Tell the runner."""
        self.runner.hear(fault, t_s)

    def notices(self) -> tuple[str, ...]:
        """Return nothing."""
        return ()

    def close(self) -> None:
        """Do nothing."""


class _Quiet:
    """A voice that says everything in no time and makes no sound."""

    def __init__(self) -> None:
        self._heard: list[UtteranceEvent] = []

    def say(self, utterance: Utterance) -> None:
        """Report it as begun and finished."""
        self._heard += [
            UtteranceEvent(utterance.number, utterance.cue_id, state, utterance.decided_s, AudioOutput.NOTHING)
            for state in (UtteranceState.STARTED, UtteranceState.FINISHED)
        ]

    def set_metronome(self, cadence_spm: float | None, from_s: float) -> None:
        """Click nothing."""

    def poll(self, t_s: float) -> tuple[UtteranceEvent, ...]:
        """Return what was reported."""
        del t_s
        heard, self._heard = tuple(self._heard), []
        return heard

    def notices(self) -> tuple[str, ...]:
        """Return nothing."""
        return ()

    def close(self, t_s: float) -> tuple[UtteranceEvent, ...]:
        """Return the rest."""
        return self.poll(t_s)


def packs_here() -> list[Pack]:
    """Return every shipped pack that can be read."""
    folder = library.shipped_folder()
    return [one.pack for one in library.available() if one.pack is not None and one.path.parent == folder]
