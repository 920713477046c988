"""The SQL scripts that migrate an older journal, one for each schema version. Released scripts never change."""

from __future__ import annotations

_FROM_1 = """
ALTER TABLE runner ADD COLUMN notes TEXT NOT NULL DEFAULT '';
CREATE INDEX session_runner ON session (runner_id);
CREATE TABLE situation (
    session_id INTEGER NOT NULL REFERENCES session (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    t_s REAL NOT NULL,
    next_stride INTEGER NOT NULL,
    asked INTEGER NOT NULL,
    situation_json TEXT NOT NULL,
    PRIMARY KEY (session_id, number)
);
"""

_FROM_2 = """
CREATE TABLE calibration (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    runner_id INTEGER NOT NULL REFERENCES runner (id) ON DELETE CASCADE,
    made_at TEXT NOT NULL,
    source_name TEXT NOT NULL,
    calibration_json TEXT NOT NULL
);
CREATE INDEX calibration_runner ON calibration (runner_id);
ALTER TABLE stride ADD COLUMN calibrated INTEGER NOT NULL DEFAULT 0;
"""

MIGRATIONS: tuple[str, ...] = (_FROM_1, _FROM_2)  # MIGRATIONS[i] brings version i + 1 to i + 2
SCHEMA_VERSION = 1 + len(MIGRATIONS)  # of schema.sql, which is always the newest version whole
