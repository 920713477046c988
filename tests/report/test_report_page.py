"""The page: whole in itself, telling the same numbers as everything else, whatever the session was like."""

from __future__ import annotations

import html
import json
import re
import sqlite3
from html.parser import HTMLParser
from pathlib import Path

import pytest
from journal_builders import write_measured_session

from bench.journal.story import Story, write
from cuecoach.analysis import labels
from cuecoach.analysis.summary import summarise
from cuecoach.cli.sessions.show import _faults as faults_table
from cuecoach.errors import DeviceError, InputError
from cuecoach.gait.speed_units import SpeedUnit, speed_text
from cuecoach.journal import read
from cuecoach.journal.store import Journal, SessionInfo
from cuecoach.packs import library
from cuecoach.report.answers import questions
from cuecoach.report.data import gather
from cuecoach.report.export import export
from cuecoach.report.page import render
from cuecoach.report.page import write as write_page
from cuecoach.types import SessionOutcome, SourceKind


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
    assert not {"{{", "{%"} & set(page.words.split())
    assert page.words.split().count("None") == (number == 3)  # the answer that no fault was worked on, and no value
    assert not re.search(r' d="[^"]*h0[M"]', text)  # a dot of no length is not printed


def test_every_question_of_the_coach_is_answered_first(journal: Path) -> None:
    for number in (1, 2, 3):
        shown = Page(render(gather(journal, number))).words
        places = [shown.index(question) for question in questions()]
        assert places == sorted(places)
        assert places[-1] < shown.index("What was worked on")


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
            rate = f"{labels.share(cell.share)} of {cell.judged}"
            assert in_terminal[4 + row][place] == rate
            if line in summary.worked_on:
                assert f"<td>{rate}</td>" in shown


def test_texts_of_runner_pack_and_journal_cannot_break_the_page(tmp_path: Path) -> None:
    """Every text that somebody else wrote is shown as it is: in texts, in drawings, and in the block of numbers."""
    path = tmp_path / "journal.sqlite"

    def evil(place: str) -> str:
        return f"</script><script>alert({place})</script>&'"

    write(path, Story(minutes=3, runner=evil("runner"), blocks=((0.0, evil("block")),)))
    pack = library.find("pull-under").text
    for place in ("name", "school"):
        pack = re.sub(rf"^{place} = .*$", f'{place} = "{evil(place)}"', pack, count=1, flags=re.MULTILINE)
    drill = f'[[drills]]\nname = "{evil("drill")}"\nhow = "{evil("how")}"\ndose = "{evil("dose")}"\n'
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE pack SET text = ?", (f"{pack}\n{drill}",))
        connection.execute("INSERT INTO event VALUES (1, 99, 5.0, 'notice', ?)", (evil("notice"),))
    data = gather(path, 1)
    assert data.summary.pack is not None, data.summary.pack_problem
    text = render(data)
    assert "<script>alert" not in text
    page = Page(text)
    assert page.open == []
    for place in ("runner", "block", "name", "school", "drill", "how", "dose", "notice"):
        assert evil(place) in page.words, place
    assert json.loads(text.split('id="numbers">')[1].split("</script>")[0])["session"]["runner"] == evil("runner")


@pytest.mark.parametrize("pack_text", ["id = broken", 'format = 99\nid = "new"'])
def test_a_pack_that_cannot_be_read_any_more_is_said_so(tmp_path: Path, pack_text: str) -> None:
    path = tmp_path / "journal.sqlite"
    journal = Journal.open(path)
    journal.begin(SessionInfo("2026-01-01T10:00:00+00:00", SourceKind.CAMERA, "0", 30.0, "old", pack_text, {}, 1, "0"))
    journal.end(10.0, SessionOutcome.FINISHED)
    journal.close()
    assert "cannot be read any more" in Page(render(gather(path, 1))).words


def test_a_session_without_strides_has_a_page(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    pack = library.find("recoil")
    journal = Journal.open(path)
    journal.begin(
        SessionInfo("2026-01-01T10:00:00+00:00", SourceKind.CAMERA, "0", 30.0, pack.id, pack.text, {}, 1, "0")
    )
    journal.close()
    shown = Page(render(gather(path, 1))).words
    assert "Nobody was seen running" in shown
    assert "cut short" in shown


def test_with_a_recording_the_page_shows_the_mean_swing(tmp_path: Path) -> None:
    write_measured_session(tmp_path / "journal.sqlite")
    shown = Page(render(gather(tmp_path / "journal.sqlite", 1))).words
    assert "from landing to landing" in shown
    assert "the mean of 28 runners at 3.00 m/s" in shown


def test_without_a_recording_the_page_says_what_is_missing(journal: Path) -> None:
    assert "--record" in Page(render(gather(journal, 1))).words


def test_the_page_is_written_and_failures_are_one_sentence(journal: Path, tmp_path: Path) -> None:
    out = write_page(journal, 1, tmp_path / "new" / "page.html")
    assert out.read_text(encoding="utf-8").startswith("<!doctype html>")
    (tmp_path / "file").touch()
    with pytest.raises(DeviceError, match="cannot be written"):
        write_page(journal, 1, tmp_path / "file" / "page.html")
    with pytest.raises(InputError, match="no session 9"):
        write_page(journal, 9, tmp_path / "page.html")


def test_speeds_are_in_the_unit_that_was_asked_for(journal: Path) -> None:
    data = gather(journal, 1, SpeedUnit.MIN_PER_KM)
    shown = Page(render(data)).words
    assert speed_text(data.summary.speed_mps, SpeedUnit.MIN_PER_KM) in shown
    assert "Belt speed, km/h" in shown
