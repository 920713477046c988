"""For every room: the shared data where it is, user folders that are nobody's, and the count of what was skipped."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import hypothesis
import needs
import pytest

from cuecoach.config import cache_folder
from cuecoach.pose.model_catalogue import FULL
from cuecoach.pose.model_file import obtain
from cuecoach.pose.model_import import add_model

# A slow machine is no failure. The examples are the same every time, so that a failure is due to a change. New ones are
# looked for by `pytest --hypothesis-profile=search`; what is found is kept as an `@example`.
hypothesis.settings.register_profile("same examples", deadline=None, derandomize=True)
hypothesis.settings.register_profile("search", deadline=None, max_examples=1000)
hypothesis.settings.load_profile("same examples")

CHECKOUT = Path(__file__).resolve().parent.parent
SHARED_DATA = CHECKOUT.parent / "shared" / "data"


@pytest.fixture
def shared_data() -> Path:
    """Real clips and motion capture. They are not part of the project: without them the test is skipped."""
    if not SHARED_DATA.is_dir():
        needs.missing("the shared clips and motion capture beside the checkout")
    return SHARED_DATA


@pytest.fixture(scope="session")
def heavy_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a cache folder with the full and the heavy pose model; without the heavy network the test is skipped."""
    folder = tmp_path_factory.mktemp("cache")
    network = needs.heavy_network()
    shutil.copy(obtain(FULL, cache_folder()), folder)
    add_model(network, folder)
    return folder


@pytest.fixture(autouse=True)
def _own_user_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep tests away from the user's config and journal. The cache (model, phrases) is shared, for speed."""
    home = tmp_path_factory.mktemp("home")
    for module in ("cuecoach.config", "cuecoach.packs.library"):
        monkeypatch.setattr(f"{module}.data_folder", lambda: home / "data")
    monkeypatch.setattr("cuecoach.config.user_config", lambda: home / "config.toml")
    monkeypatch.setenv("XDG_DATA_HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--skips", metavar="FILE", type=Path, help="Fail when a test is skipped for a reason not in FILE.")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the run when a test was skipped that may not be."""
    if _not_allowed(session.config) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print how many tests were skipped for each missing part."""
    forbidden = _not_allowed(config)
    for reason, count in sorted(_skipped(config).items()):
        verdict = "  <- NOT ALLOWED HERE" if reason in forbidden else ""
        terminalreporter.write_line(f"{count} skipped: {reason}{verdict}")


def _skipped(config: pytest.Config) -> Counter[str]:
    """Return how many tests were skipped, by reason. The worker processes of xdist report to another, and know none."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    reports = reporter.stats.get("skipped", ()) if reporter else ()
    return Counter(report.longrepr[2].removeprefix("Skipped: ") for report in reports)


def _not_allowed(config: pytest.Config) -> set[str]:
    """Return the reasons that are not among the lines of the file given with --skips; without it all are allowed."""
    file = config.getoption("--skips")
    return set(_skipped(config)) - set(file.read_text(encoding="utf-8").splitlines()) if file else set()
