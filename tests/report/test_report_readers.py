"""Exports read back by the programs of those who get them: DuckDB, pandas and R, as docs/export.md says."""

from __future__ import annotations

import json
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import needs
import pytest

from bench.journal.story import Story, write
from cuecoach.report.export import export
from cuecoach.report.export_tables import TABLES

DOCS = (Path(__file__).resolve().parents[2] / "docs" / "export.md").read_text(encoding="utf-8")
RUNNER = 'Zoë "Zip" O\'Hara, 走る'
AWKWARD = 'first line, "quoted"\nsecond line; ½ – \\ #'
_DUCKDB = {"integer": "BIGINT", "number": "DOUBLE", "truth": "BOOLEAN", "text": "VARCHAR"}


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Export three sessions: of an awkward name, of a runner called NA, and of nobody, in which nothing was said."""
    journal = tmp_path_factory.mktemp("readers") / "journal.sqlite"
    blocks = ((0.0, AWKWARD), (0.2, "on"))
    write(
        journal, Story(minutes=3, runner=RUNNER, seed=2**32 - 1, blocks=blocks, started_at="2026-01-05T10:00:00+05:30")
    )
    write(journal, Story(minutes=1, runner="NA", missing_deg=0.0))
    write(journal, Story(minutes=1, runner=None, missing_deg=0.0, withheld_every_s=1e9, blocks=()))
    folder = journal.parent / "Ann's"
    for kind in ("csv", "jsonl"):
        export(journal, [1, 2, 3], folder, kind)
    return folder


def rows(folder: Path, table: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / f"{table}.jsonl").read_text(encoding="utf-8").splitlines()]


def snippet(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", DOCS, re.DOTALL)
    assert found
    return found[1]


def test_parquet_has_the_documented_types_and_the_same_rows(exported: Path, tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb", reason="needs DuckDB (pip: duckdb)")
    folder = tmp_path / "Ann's"
    export(exported.parent / "journal.sqlite", [1, 2, 3], folder, "parquet")
    assert not list(folder.glob("*.part"))
    with duckdb.connect() as connection:
        for table in TABLES:
            file = str(folder / f"{table.name}.parquet")
            described = connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [file]).fetchall()
            assert {name: kind for name, kind, *_ in described} == {
                column.name: _DUCKDB[column.kind] for column in table.columns
            }
            assert _fetched(connection, "SELECT * FROM read_parquet(?)", [file]) == rows(exported, table.name)


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_duckdb_reads_text_files_with_the_documented_types(exported: Path, kind: str) -> None:
    duckdb = pytest.importorskip("duckdb", reason="needs DuckDB (pip: duckdb)")
    read_as = {"csv": "read_csv", "jsonl": "read_json"}[kind]
    with duckdb.connect() as connection:
        for table in TABLES:
            columns = ", ".join(f"'{column.name}': '{_DUCKDB[column.kind]}'" for column in table.columns)
            query = f"SELECT * FROM {read_as}(?, columns = {{{columns}}})"  # noqa: S608
            assert _fetched(connection, query, [str(exported / f"{table.name}.{kind}")]) == rows(exported, table.name)


def test_pandas_reads_the_same_rows_as_documented(exported: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pandas = pytest.importorskip("pandas", reason="needs pandas (pip: pandas)")
    monkeypatch.chdir(exported)
    dtypes = {"integer": "int64", "number": "float64", "truth": "bool", "text": "string"}
    for table in TABLES:
        names: dict[str, Any] = {"pandas": pandas}
        exec(snippet("python").replace("strides", table.name), names)  # noqa: S102
        frame = names[table.name]
        assert {name: str(kind) for name, kind in frame.dtypes.items()} == {
            column.name: dtypes[column.kind] for column in table.columns
        }
        found = frame.astype(object).where(frame.notna(), None).to_dict("records")
        assert found == rows(exported, table.name)
        if rows(exported, table.name):
            lines = pandas.read_json(exported / f"{table.name}.jsonl", lines=True, convert_dates=False)
            assert list(lines.columns) == list(frame.columns)


def test_r_reads_the_same_rows_as_documented(exported: Path) -> None:
    needs.program("Rscript", "r-base-core")
    if subprocess.run(["Rscript", "-e", "library(jsonlite)"], capture_output=True, check=False).returncode:
        needs.missing("R's jsonlite", "r-cran-jsonlite")
    tail = """
    exact <- function(rows) { # write_json itself keeps 15 digits
      numbers <- sapply(rows, is.numeric)
      rows[numbers] <- lapply(rows[numbers], function(x) ifelse(is.na(x), NA, sprintf("%.17g", x)))
      rows
    }
    found_in_r <- lapply(setNames(nm = unique(columns$table)), function(table) {
      read <- read_table(table)
      lines <- jsonlite::stream_in(file(paste0(table, ".jsonl")), verbose = FALSE)
      list(types = lapply(read, class), rows = exact(read), names = names(lines), lines = exact(lines))
    })
    found_in_r$started <- as.numeric(started)
    jsonlite::write_json(found_in_r, "found_in_r.json", na = "null", auto_unbox = TRUE, digits = NA)
    """
    done = subprocess.run(
        ["Rscript", "--vanilla", "-e", snippet("r") + tail], cwd=exported, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found_in_r = json.loads((exported / "found_in_r.json").read_text(encoding="utf-8"))
    types = {"integer": "numeric", "number": "numeric", "truth": "logical", "text": "character"}
    for table in TABLES:
        wanted, found = rows(exported, table.name), found_in_r[table.name]
        assert found["types"] == {column.name: types[column.kind] for column in table.columns}
        assert found["names"] == [column.name for column in table.columns]
        for row, read, line in zip(wanted, found["rows"], found["lines"], strict=True):
            for name, value in row.items():
                if isinstance(value, bool | str) or value is None:
                    assert (read[name], line[name]) == (value, value)
                else:
                    assert float(line[name]) == value
                    assert float(read[name]) == pytest.approx(value, rel=4e-16)  # R's own reader errs in the last digit
    begun = [
        datetime.fromisoformat(row["started_at"]).astimezone(UTC).timestamp() for row in rows(exported, "sessions")
    ]
    assert found_in_r["started"] == begun


def _fetched(connection: Any, query: str, values: list[str]) -> list[dict[str, Any]]:
    found = connection.execute(query, values)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
