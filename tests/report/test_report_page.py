"""The page: whole in itself, telling the same numbers as everything else, whatever the session was like."""

from __future__ import annotations

import html
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from perfect_pose import PerfectPose

from bench.journal.story import Story, write
from cuecoach.analysis import labels
from cuecoach.analysis.summary import summarise
from cuecoach.cli.sessions.show import _faults as faults_table
from cuecoach.errors import DeviceError, InputError
from cuecoach.gait.gait import Gait
from cuecoach.journal import read
from cuecoach.journal.store import Journal, SessionInfo
from cuecoach.packs import library
from cuecoach.report.answers import answers, questions
from cuecoach.report.data import gather
from cuecoach.report.export import export
from cuecoach.report.page import render
from cuecoach.report.page import write as write_page
from cuecoach.types import PoseFrame, Reason, SessionOutcome, Speed, SpeedOrigin
from cuecoach.virtual_runner.settings import VirtualRunnerSettings


class Page(HTMLParser):
    """What a browser would fetch or run, and the words that a person reads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.open: list[str] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.fetched += [f"{tag} {name}={value}" for name, value in attrs if name in ("src", "href", "xlink:href")]
        self.fetched += [f"{tag} {name}" for name, _ in attrs if name.startswith("on")]
        if tag not in ("meta", "link", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("script", "style"):
            self.words += data + " "


@pytest.mark.parametrize("number", [1, 2, 3])
def test_the_page_is_well_formed_and_asks_nobody_for_anything(journal: Path, number: int) -> None:
    text = render(gather(journal, number))
    page = Page(text)
    assert page.open == []
    assert page.fetched == ["link href=data:,"]
    assert "@import" not in text
    assert "url(" not in text
    assert re.findall(r"https?://(?!www\.w3\.org/2000/svg)[^\s\"<]*", text) == []
    assert [part for part in re.findall(r"<script[^>]*>", text) if "application/json" not in part] == []
    assert "nan" not in page.words.lower().split()
    assert "NaN" not in text
    assert "$" not in page.words
    assert not re.search(r' d="[^"]*h0[M"]', text)  # a dot of no length is not printed


def test_every_question_of_the_coach_is_answered_first(journal: Path) -> None:
    for number in (1, 2, 3):
        shown = Page(render(gather(journal, number))).words
        places = [shown.index(question) for question in questions()]
        assert places == sorted(places)
        assert places[-1] < shown.index("What was worked on")


def test_the_answers_name_fault_leg_change_cause_and_next_step(journal: Path) -> None:
    material = gather(journal, 2)
    which, leg, change, cause, sure, after = answers(material.summary, material.pooled, material.pooled_sessions)
    assert which.short == "Lazy heel"
    assert leg.short == "The left"
    assert change.short == "Yes, better"
    assert change.tone == "good"
    assert cause.short in ("Because of the cues", "Not told apart")
    assert "silences" in cause.detail
    assert sure.detail
    assert after.short


def test_the_leg_that_shows_it_more_is_told_from_one_that_shows_it_alone(tmp_path: Path) -> None:
    write(tmp_path / "journal.sqlite", Story(minutes=3, missing_deg=30.0))
    assert answers(gather(tmp_path / "journal.sqlite", 1).summary)[1].short == "The left, more than the right"


def test_without_a_cue_nothing_is_claimed(journal: Path) -> None:
    told = answers(gather(journal, 3).summary)
    assert told[0].short == "None"
    assert "silence means carry on" in told[0].detail
    assert told[2].short == "Nothing to change"
    assert told[3].short == "Does not apply"


def test_a_fault_that_was_never_cued_is_still_named(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    write(path, Story(minutes=3, blocks=((0.0, "probe 1"),)))
    told = answers(gather(path, 1).summary)
    assert told[0].short == "None"
    assert "a block without cues" in told[0].detail
    assert told[5].short == "Work on lazy heel"


def test_without_silences_on_purpose_the_cause_cannot_be_told(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    write(path, Story(minutes=5, held_back=0.0))
    told = answers(gather(path, 1).summary)
    assert told[2].short == "Yes, better"
    assert told[3].short == "Cannot be told"


def test_a_fault_that_grows_is_said_to_grow(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    write(path, Story(minutes=5, missing_deg=18.0, answer_deg=-6.0))
    told = answers(gather(path, 1).summary)
    assert told[2].short == "No, it got worse"
    assert told[5].short == "Other words, or the drill"


def test_a_fault_that_cues_do_not_move_is_said_to_stay(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    write(path, Story(minutes=5, missing_deg=22.0, answer_deg=0.0))
    _, leg, change, _, sure, after = answers(gather(path, 1).summary)
    assert leg.short == "The left"  # the right one lacks 9 degrees less
    assert change.short == "No"
    assert "among themselves" not in sure.detail
    assert after.short == "Other words, or the drill"


def test_page_show_and_export_tell_the_same_numbers(journal: Path, tmp_path: Path) -> None:
    text = render(gather(journal, 2))
    summary = summarise(read.session(journal, 2), read.strides(journal, 2))
    found = re.search(r'<script type="application/json" id="numbers">(.*?)</script>', text)
    assert found is not None
    expected = json.loads(json.dumps(summary.as_dict()))
    assert json.loads(found[1]) == expected
    export(journal, [2], tmp_path)
    assert json.loads((tmp_path / "summary.json").read_text(encoding="utf-8")) == [expected]
    shown = html.unescape(text)
    table = faults_table(summary)
    in_terminal = [list(column.cells) for column in table.columns]
    for place, block in enumerate(summary.blocks):
        cells = [f"{block.minutes_running:.1f}", str(block.said), f"{block.cues_per_min:.2f}"]
        assert [column[place] for column in in_terminal[1:4]] == cells
        for row, line in enumerate(summary.faults):
            cell = line.blocks[place]
            told = f"{labels.share(cell.share)} of {cell.judged}"
            assert in_terminal[4 + row][place] == told
            if line in summary.worked_on:
                assert f"<td>{told}</td>" in shown


def test_every_reason_has_its_words() -> None:
    assert set(labels.REASONS) == set(Reason)


def test_names_and_words_cannot_break_the_page(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    evil = "</script><script>alert(1)</script>&\"'"
    write(path, Story(minutes=3, runner=evil))
    text = render(gather(path, 1))
    assert "<script>alert" not in text
    assert Page(text).open == []
    assert evil in html.unescape(text)


@pytest.mark.parametrize("pack_text", ["id = broken", 'format = 99\nid = "new"'])
def test_a_pack_that_cannot_be_read_any_more_is_said_so(tmp_path: Path, pack_text: str) -> None:
    path = tmp_path / "journal.sqlite"
    journal = Journal.open(path)
    journal.begin(SessionInfo("2026-01-01T10:00:00+00:00", "camera", "0", 30.0, "old", pack_text, {}, 1, "0"))
    journal.end(10.0, SessionOutcome.FINISHED)
    journal.close()
    assert "cannot be read any more" in Page(render(gather(path, 1))).words


def test_a_session_without_strides_has_a_page(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    pack = library.find("recoil")
    journal = Journal.open(path)
    journal.begin(SessionInfo("2026-01-01T10:00:00+00:00", "camera", "0", 30.0, pack.id, pack.text, {}, 1, "0"))
    journal.close()
    shown = Page(render(gather(path, 1))).words
    assert "Nobody was seen running" in shown
    assert "cut short" in shown


def test_the_mean_swing_comes_from_the_recording(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    pack = library.find("pull-under")
    journal = Journal.open(path)
    settings = {"session": {"speed_mps": 3.0}}
    journal.begin(SessionInfo("2026-01-01T10:00:00+00:00", "virtual", "x", 30.0, pack.id, pack.text, settings, 1, "0"))

    eyes, gait, speed = (
        PerfectPose(VirtualRunnerSettings(duration_s=14.0, faults=("lazy-heel",))),
        Gait(),
        Speed(3.0, 0.06, SpeedOrigin.USER),
    )
    while (pose_frame := eyes.read()) is not None:
        assert isinstance(pose_frame, PoseFrame)
        journal.pose_frame(pose_frame)
        for stride in gait.update(pose_frame, speed).strides:
            journal.stride(stride)
    journal.end(14.0, SessionOutcome.FINISHED)
    journal.close()
    material = gather(path, 1)
    assert material.swings is not None
    assert material.swings.norm is not None
    for swing in material.swings.end.values():
        assert swing.strides >= 5
        assert swing.knee_deg.max() < material.swings.norm.knee_deg.max() - 15  # the fault is there to be seen
        assert abs(float(swing.knee_deg[0]) - float(swing.knee_deg[-1])) < 5  # a stride ends as it begins
    shown = Page(render(material)).words
    assert "from landing to landing" in shown


def test_without_a_recording_the_page_says_what_is_missing(journal: Path) -> None:
    assert "--record" in Page(render(gather(journal, 1))).words


def test_the_trend_goes_over_the_runners_sessions_only(journal: Path) -> None:
    assert [past.row.id for past in gather(journal, 2).trend] == [1, 2]
    assert gather(journal, 3).trend == ()


def test_pooled_effects_take_the_same_packs_sessions_together(journal: Path) -> None:
    material = gather(journal, 2)
    assert material.pooled_sessions == 2
    alone = sum(effect.n_fired + effect.n_catch for effect in material.summary.effects)
    assert sum(effect.n_fired + effect.n_catch for effect in material.pooled) > alone


def test_the_page_is_written_and_failures_are_one_sentence(journal: Path, tmp_path: Path) -> None:
    out = write_page(journal, 1, tmp_path / "new" / "page.html")
    assert out.read_text(encoding="utf-8").startswith("<!doctype html>")
    (tmp_path / "file").touch()
    with pytest.raises(DeviceError, match="cannot be written"):
        write_page(journal, 1, tmp_path / "file" / "page.html")
    with pytest.raises(InputError, match="no session 9"):
        write_page(journal, 9, tmp_path / "page.html")
