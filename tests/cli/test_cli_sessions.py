"""`cuecoach sessions`: every verb of it, on made-up sessions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from perfect_pose import write_recording
from typer.testing import CliRunner, Result

from bench.journal.story import Story, write
from cuecoach.cli import app
from cuecoach.journal import read
from cuecoach.virtual_runner.settings import VirtualRunnerSettings


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sessions") / "journal.sqlite"
    write(path, Story(minutes=3, started_at="2026-01-05T10:00:00+00:00"))
    write(path, Story(minutes=3, started_at="2026-02-05T10:00:00+00:00", frames_hz=5.0))
    write(path, Story(minutes=2, runner="Ben", started_at="2026-03-05T10:00:00+00:00"))
    return path


@pytest.fixture
def own_journal(tmp_path: Path) -> Path:
    path = tmp_path / "own.sqlite"
    for runner in ("Ann", "Ann", "Ben"):
        write(path, Story(minutes=1, runner=runner))
    return path


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["sessions", *(str(argument) for argument in arguments)])


def listed(journal: Path, *filters: str) -> list[int]:
    result = call("list", *filters, "--json", "--journal", journal)
    assert result.exit_code == 0
    return [row["id"] for row in json.loads(result.stdout)]


def test_the_list_is_newest_first_and_filtered(journal: Path) -> None:
    assert listed(journal) == [3, 2, 1]
    assert listed(journal, "--limit", "1") == [3]
    assert listed(journal, "--runner", "Ann") == [2, 1]
    assert listed(journal, "--pack", "recoil") == []
    assert listed(journal, "--since", "2026-02-05") == [3, 2]
    assert listed(journal, "--until", "2026-02-05", "--runner", "Ann") == [2, 1]
    assert "Ben" in call("list", "--journal", journal).stdout
    refused = call("list", "--since", "February", "--journal", journal)
    assert refused.exit_code == 2
    assert "2026-01-31" in refused.stderr


def test_show_is_a_page_and_all_decisions_when_asked(journal: Path) -> None:
    shown = call("show", 1, "--journal", journal).stdout
    for word in ("pull-under", "lazy-heel, left", "probe 1", "a block without cues", "cadence", "on device"):
        assert word in shown
    assert "SAID" not in shown
    everything = call("show", 1, "--cues", "--journal", journal).stdout
    assert (
        everything.count("SAID") == json.loads(call("show", 1, "--json", "--journal", journal).stdout)["sound"]["said"]
    )


def test_report_says_where_the_page_is(journal: Path, tmp_path: Path) -> None:
    result = call("report", 2, "--out", tmp_path / "page.html", "--journal", journal)
    assert result.stdout.strip() == str(tmp_path / "page.html")
    assert (tmp_path / "page.html").stat().st_size > 10_000


def test_export_names_its_files(journal: Path, tmp_path: Path) -> None:
    result = call("export", 1, 2, "--out", tmp_path, "--format", "jsonl", "--journal", journal)
    files = [Path(line) for line in result.stdout.splitlines()]
    assert all(file.is_file() for file in files)
    assert {file.name for file in files} >= {"strides.jsonl", "summary.json"}
    refused = call("export", 1, "--out", tmp_path, "--landmarks", "csv", "--journal", journal)
    assert refused.exit_code == 2
    assert "--record" in refused.stderr


def test_compare_puts_sessions_side_by_side(journal: Path) -> None:
    shown = call("compare", 1, 2, "--journal", journal).stdout
    for word in ("no. 1", "no. 2", "faulty: lazy-heel, left", "Effect of a cue on"):
        assert word in shown
    assert "different runners" in call("compare", 1, 3, "--journal", journal).stdout
    assert call("compare", 1, "--journal", journal).exit_code == 2


def test_replay_tells_what_another_pack_would_have_said(journal: Path) -> None:
    shown = call("replay", 1, "--pack", "recoil", "--journal", journal)
    assert shown.exit_code == 0
    assert "this pack leaves it alone" in shown.stdout
    assert "guessed" in shown.stderr  # the made-up sessions keep no situations
    assert call("replay", 1, "--landmarks", "--journal", journal).exit_code == 2


def test_runners_are_listed_and_changed(own_journal: Path) -> None:
    call("runner", "Ann", "--height", "1.68", "--notes", "left calf", "--journal", own_journal)
    shown = call("runners", "--journal", own_journal).stdout
    assert "1.68" in shown
    assert "left calf" in shown
    refused = call("runner", "Ann", "--height", "168", "--journal", own_journal)
    assert refused.exit_code == 2
    assert "metres" in refused.stderr


def test_delete_asks_and_then_really_deletes(own_journal: Path) -> None:
    assert call("delete", 1, "--journal", own_journal).exit_code == 2  # nobody is there to be asked
    assert call("delete", "--journal", own_journal).exit_code == 2
    assert call("delete", 1, "--runner", "Ann", "--yes", "--journal", own_journal).exit_code == 2
    assert listed(own_journal) == [3, 2, 1]
    assert call("delete", 3, "--yes", "--journal", own_journal).exit_code == 0
    assert listed(own_journal) == [2, 1]
    assert "Deleted 2 sessions" in call("delete", "--runner", "Ann", "--yes", "--journal", own_journal).stdout
    assert listed(own_journal) == []
    assert b"Ann" not in own_journal.read_bytes()
    assert call("wipe", "--journal", own_journal).exit_code == 0


@pytest.mark.parametrize("verb", [["show", "9"], ["report", "9"], ["replay", "9"], ["compare", "1", "9"]])
def test_a_session_that_is_not_there_is_one_sentence(journal: Path, verb: list[str]) -> None:
    result = call(*verb, "--journal", journal)
    assert result.exit_code == 2
    assert "There is no session 9" in result.stderr
    assert "Traceback" not in result.output


def test_the_height_of_a_profile_reaches_the_next_session(tmp_path: Path) -> None:
    journal = str(tmp_path / "own.sqlite")
    recording = write_recording(tmp_path / "ada.landmarks.csv", VirtualRunnerSettings(duration_s=2.0))
    once = ["run", "--source", str(recording), "--runner", "Ada", "--programme", "none", "--view", "none"]
    for _ in range(2):
        assert CliRunner().invoke(app, [*once, "--journal", journal]).exit_code == 0
        assert call("runner", "Ada", "--height", 1.7, "--journal", journal).exit_code == 0
    heights = [read.session(Path(journal), number).settings["gait"]["runner_height_m"] for number in (1, 2)]
    assert heights == [None, 1.7]
