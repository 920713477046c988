"""Every part of a session is closed once, the journal last, whatever the others do."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from journal_builders import make_info
from keys import Keys
from perfect_pose import PerfectPose, write_recording
from sessions import AT_3_MPS, QUICK

from cuecoach.coach.scheduler import Coach
from cuecoach.config import Settings
from cuecoach.errors import DeviceError, InputError
from cuecoach.gait.gait import Gait
from cuecoach.journal import read
from cuecoach.journal.store import Journal
from cuecoach.packs import library
from cuecoach.pipeline.pose_frames import PoseFrames, SeenFrame
from cuecoach.session import assembly
from cuecoach.session.counts import SessionCounts
from cuecoach.session.session import Parts, Session, SessionEvent
from cuecoach.source.landmark_recording import RecordingSource
from cuecoach.virtual_runner.settings import VirtualRunnerSettings
from cuecoach.voice.playback.silent_voice import SilentVoice

SECOND = VirtualRunnerSettings(duration_s=1.0)
ALL = ["frames", "voice", "window", "film", "journal"]
FAILURES = {"frames": "The camera is stuck.", "voice": "The speaker is gone.", "window": "The screen is gone."}


class Closings:
    """Notes what is closed, in order, and raises what was asked for when it is."""

    def __init__(self, **raises: BaseException) -> None:
        self.order: list[str] = []
        self._raises = raises

    def watch(self, part: Any, name: str) -> Any:
        """Return the part, with its `close` watched."""
        close: Callable[..., Any] = part.close

        def closed(*arguments: Any) -> Any:
            self.order.append(name)
            result = close(*arguments)
            if name in self._raises:
                raise self._raises[name]
            return result

        part.close = closed
        return part


def opened(closings: Closings, journal: Path) -> tuple[Session, list[SessionEvent]]:
    pack = library.find("pull-under")
    kept = Journal.open(journal)
    kept.begin(make_info())
    parts = Parts(
        closings.watch(PoseFrames(lambda: PerfectPose(SECOND)), "frames"),
        Gait(),
        Coach(pack, QUICK),
        closings.watch(SilentVoice({}), "voice"),
        closings.watch(kept, "journal"),
        [closings.watch(Keys(), "window"), closings.watch(Keys(), "film")],
    )
    events: list[SessionEvent] = []
    return Session(parts, AT_3_MPS, [events.append]), events


def notices(events: list[SessionEvent]) -> list[str]:
    return [event for event in events if isinstance(event, str)]


def outcome(journal: Path) -> str:
    (row,) = read.sessions(journal)
    return row.outcome


@pytest.mark.parametrize(
    "failing", [[], ["frames"], ["voice"], ["window"], ["frames", "voice", "window"]], ids="-".join
)
def test_what_fails_to_close_is_told_and_the_count_is_returned(tmp_path: Path, failing: list[str]) -> None:
    journal = tmp_path / "journal.sqlite"
    closings = Closings(**{name: DeviceError(FAILURES[name]) for name in failing})
    session, events = opened(closings, journal)
    counts = session.run()
    assert closings.order == ALL
    assert counts.frames == 30
    sentences = [FAILURES[name] for name in failing]
    assert notices(events) == sentences
    assert [event.detail for event in read.session(journal, 1).events if event.kind == "notice"] == sentences
    assert outcome(journal) == "finished"


def test_an_error_of_no_kind_we_know_is_one_sentence_too(tmp_path: Path) -> None:
    closings = Closings(film=ZeroDivisionError("division by zero"))
    session, events = opened(closings, tmp_path / "journal.sqlite")
    session.run()
    assert closings.order == ALL
    (sentence,) = notices(events)
    assert "ZeroDivisionError: division by zero" in sentence


def test_a_journal_that_cannot_be_closed_is_an_error_after_all_the_others(tmp_path: Path) -> None:
    closings = Closings(journal=DeviceError("The disk is full."))
    session, _ = opened(closings, tmp_path / "journal.sqlite")
    with pytest.raises(DeviceError, match="disk is full"):
        session.run()
    assert closings.order == ALL


@pytest.mark.parametrize("error", [DeviceError("The film cannot be read any further."), KeyboardInterrupt()])
def test_an_error_in_the_middle_closes_all_and_is_raised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    journal = tmp_path / "journal.sqlite"
    closings = Closings(voice=DeviceError(FAILURES["voice"]))
    session, events = opened(closings, journal)
    monkeypatch.setattr(PoseFrames, "read", breaking(PoseFrames.read, 12, error))
    with pytest.raises(type(error)):
        session.run()
    assert closings.order == ALL
    assert notices(events) == [FAILURES["voice"]]
    assert outcome(journal) == "failed"


def breaking(
    read: Callable[[PoseFrames], SeenFrame | None], index: int, error: BaseException
) -> Callable[[PoseFrames], SeenFrame | None]:
    def broken(frames: PoseFrames) -> SeenFrame | None:
        seen = read(frames)
        if seen is not None and seen.pose_frame.index == index:
            raise error
        return seen

    return broken


def test_ctrl_c_while_closing_ends_it_after_the_rest_is_closed(tmp_path: Path) -> None:
    journal = tmp_path / "journal.sqlite"
    closings = Closings(voice=KeyboardInterrupt())
    session, _ = opened(closings, journal)
    with pytest.raises(KeyboardInterrupt):
        session.run()
    assert closings.order == ALL
    assert outcome(journal) == "finished"


class TestAssembly:
    """What `run` and `demo` open is closed once too: by the session, or, when it never came to be, by the assembly."""

    @pytest.fixture
    def closed(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        order: list[str] = []
        for kind in (PoseFrames, SilentVoice, Journal):
            monkeypatch.setattr(kind, "close", self.noting(kind.close, kind.__name__, order))
        return order

    @staticmethod
    def noting(close: Callable[..., Any], name: str, order: list[str]) -> Callable[..., Any]:
        def noted(*arguments: Any) -> Any:
            order.append(name)
            return close(*arguments)

        return noted

    def run(self, folder: Path, **request: Any) -> SessionCounts:
        recording = write_recording(folder / "one.landmarks.csv", SECOND)
        session = dataclasses.replace(AT_3_MPS, view="none", journal=str(folder / "journal.sqlite"))
        about = assembly.Request(lambda: RecordingSource(recording), **request)
        return assembly.run(about, Settings(session=session), [], lambda *_: None)

    def test_a_session_to_its_end(self, tmp_path: Path, closed: list[str]) -> None:
        assert self.run(tmp_path).frames == 30
        assert closed == ["PoseFrames", "SilentVoice", "Journal"]

    def test_what_is_open_when_a_later_part_cannot_be_opened(self, tmp_path: Path, closed: list[str]) -> None:
        with pytest.raises(InputError):
            self.run(tmp_path, audio_out=tmp_path / "missing" / "folder" / "cues.wav")
        assert closed == ["Journal", "PoseFrames"], "the last opened first"

    def test_a_session_that_never_began(self, tmp_path: Path, closed: list[str]) -> None:
        def refuse(_session: Session) -> None:
            raise DeviceError("No.")

        with pytest.raises(DeviceError):
            self.run(tmp_path, on_open=refuse)
        assert closed == ["SilentVoice", "Journal", "PoseFrames"]
