"""The tables of an export: their columns with type, unit and meaning, and their rows.

`docs/export.md` is `documentation()`; a test holds the two together.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from cuecoach.analysis.session import AnalysedSession
from cuecoach.gait.metrics import METRICS, STRIDE_METRICS
from cuecoach.types import AttentionFocus, AudioOutput, EventKind, Kind, SessionOutcome, SourceKind

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table; cells may be empty where `empty` says when."""

    name: str
    kind: Literal["integer", "number", "truth", "text"]
    meaning: str
    empty: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """One file of the export."""

    name: str
    meaning: str
    columns: tuple[Column, ...]
    rows: Callable[[AnalysedSession], Iterator[Row]]


_SESSION = Column("session", "integer", "number of the session in the journal")


def _sessions(session: AnalysedSession) -> Iterator[Row]:
    row, summary = session.record.row, session.summary
    yield {
        "session": row.id,
        "started_at": row.started_at,
        "runner": row.runner,
        "pack": row.pack_id,
        "source_kind": row.source_kind,
        "source_name": row.source_name,
        "version": row.version,
        "duration_s": row.duration_s,
        "outcome": row.outcome,
        "running_min": summary.minutes_running,
        "speed_mps": summary.speed_mps,
        "strides": row.strides,
        "fired": row.fired,
        "withheld": row.withheld,
        "recorded_frames": row.recorded_frames,
        "seed": session.record.seed,
    }


def _strides(session: AnalysedSession) -> Iterator[Row]:
    for stride in session.strides:
        speed = stride.speed
        yield {
            "session": session.record.row.id,
            "number": stride.number,
            "side": str(stride.side),
            "is_near": stride.is_near,
            "t_strike_s": stride.t_strike_s,
            "t_midstance_s": stride.t_midstance_s,
            "t_toe_off_s": stride.t_toe_off_s,
            "t_next_strike_s": stride.t_next_strike_s,
            "closed_s": stride.closed_s,
            "cadence_spm": stride.cadence_spm,
            "contact_s": stride.contact_s,
            "duty": stride.duty,
            "activity": str(stride.activity),
            "speed_mps": speed.mps if speed else None,
            "speed_sd_mps": speed.sd_mps if speed else None,
            "speed_origin": str(speed.origin) if speed else None,
            "trust": stride.trust,
            "calibrated": stride.calibrated,
        } | {name: stride.metrics.get(name) for name in STRIDE_METRICS}


def _cues(session: AnalysedSession) -> Iterator[Row]:
    for number, cue in enumerate(session.record.cues, start=1):
        yield {
            "session": session.record.row.id,
            "number": number,
            "decided_s": cue.decided_s,
            "fires": cue.fires,
            "kind": cue.kind,
            "reason": cue.reason,
            "fault": cue.fault,
            "side": cue.side,
            "cue_id": cue.cue_id,
            "text": cue.text,
            "focus": cue.focus,
            "strides": " ".join(map(str, cue.strides)) or None,
            "queued_s": cue.queued_s,
            "started_s": cue.started_s,
            "finished_s": cue.finished_s,
            "dropped_s": cue.dropped_s,
            "heard_on": cue.heard_on,
            "heard_detail": cue.heard_detail,
        }


def _events(session: AnalysedSession) -> Iterator[Row]:
    for number, event in enumerate(session.record.events, start=1):
        yield {
            "session": session.record.row.id,
            "number": number,
            "t_s": event.t_s,
            "kind": event.kind,
            "detail": event.detail,
        }


def _faults(session: AnalysedSession) -> Iterator[Row]:
    summary = session.summary
    for leg in summary.faults:
        for block, rate in zip(summary.blocks, leg.blocks, strict=True):
            yield {
                "session": session.record.row.id,
                "block": block.name,
                "begin_s": block.begin_s,
                "end_s": block.end_s,
                "said_in_block": block.said,
                "fault": leg.fault,
                "side": str(leg.side) if leg.side else None,
                "judged": rate.judged,
                "faulty": rate.faulty,
                "share": rate.share,
                "metric": leg.metric,
                "limit": leg.limit,
                "mean": rate.value.mean,
                "low": rate.value.low,
                "high": rate.value.high,
            }


_UNKNOWN = "not known"


def _one_of(kind: type[StrEnum]) -> str:
    *most, last = kind
    return f"{', '.join(most)} or {last}"


TABLES: tuple[Table, ...] = (
    Table(
        "sessions",
        "One row for each session.",
        (
            _SESSION,
            Column("started_at", "text", "wall clock at the first frame, ISO 8601 with zone"),
            Column("runner", "text", "name of the runner", "no name was given"),
            Column("pack", "text", "id of the cue pack"),
            Column("source_kind", "text", _one_of(SourceKind)),
            Column("source_name", "text", "which one"),
            Column("version", "text", "of CueCoach"),
            Column("duration_s", "number", "seconds from the first to the last record"),
            Column("outcome", "text", _one_of(SessionOutcome)),
            Column("running_min", "number", "minutes of running, by the leg that was seen longer"),
            Column("speed_mps", "number", "median belt speed of the running strides, metres per second", _UNKNOWN),
            Column("strides", "integer", "strides of both legs"),
            Column("fired", "integer", "decisions to speak"),
            Column("withheld", "integer", "decisions to keep silent, one each time the reason changed"),
            Column("recorded_frames", "integer", "frames of the landmark recording"),
            Column("seed", "integer", "of everything random in the session"),
        ),
        _sessions,
    ),
    Table(
        "strides",
        "One row for each stride of one leg, from foot strike to foot strike. Times are seconds since the first frame. "
        "Metrics are defined in conventions.md.",
        (
            _SESSION,
            Column("number", "integer", "counts the session's strides from 0"),
            Column("side", "text", "left or right, the runner's own"),
            Column("is_near", "truth", "whether it is the leg nearer to the camera"),
            Column("t_strike_s", "number", "foot strike"),
            Column("t_midstance_s", "number", "ankle under the hip"),
            Column("t_toe_off_s", "number", "toe-off"),
            Column("t_next_strike_s", "number", "the next foot strike"),
            Column("closed_s", "number", "when the stride became known"),
            Column("cadence_spm", "number", "steps of both feet per minute: 120 divided by the stride time"),
            Column("contact_s", "number", "time on the belt, seconds"),
            Column("duty", "number", "contact divided by stride time"),
            Column("activity", "text", "running, walking or unsure"),
            Column("speed_mps", "number", "belt speed, metres per second", _UNKNOWN),
            Column("speed_sd_mps", "number", "its standard uncertainty", "the speed is not known"),
            Column(
                "speed_origin", "text", "user, machine or picture (measured from the foot)", "the speed is not known"
            ),
            Column("trust", "number", "chance that the angles cues depend on are right, 0 to 1"),
            Column("calibrated", "truth", "measured with a calibration of this leg that makes its angles surer"),
            *(
                Column(metric.name, "number", f"{metric.definition}; {metric.unit.name}", "it could not be measured")
                for metric in map(METRICS.__getitem__, STRIDE_METRICS)
            ),
        ),
        _strides,
    ),
    Table(
        "cues",
        "One row for each decision: what was said, and what was withheld and why. Times as in strides.",
        (
            _SESSION,
            Column("number", "integer", "counts the session's decisions from 1"),
            Column("decided_s", "number", "when it was decided"),
            Column("fires", "truth", "true: said, false: withheld"),
            Column("kind", "text", _one_of(Kind)),
            Column("reason", "text", "why, a value of `cuecoach.types.Reason`"),
            Column("fault", "text", "what it is about", "not about a fault"),
            Column("side", "text", "left or right", "both legs or the whole body"),
            Column("cue_id", "text", "which cue of the pack", "there was none"),
            Column("text", "text", "its text", "there was none"),
            Column("focus", "text", _one_of(AttentionFocus), "there was none"),
            Column("strides", "text", "numbers of the strides that are the evidence, with spaces between", "none"),
            Column("queued_s", "number", "handed to the voice", "it was not"),
            Column("started_s", "number", "began to sound", "it did not"),
            Column("finished_s", "number", "ended", "it did not"),
            Column("dropped_s", "number", "given up", "it was not"),
            Column("heard_on", "text", _one_of(AudioOutput), "it never sounded"),
            Column("heard_detail", "text", "why it was dropped", "it was not"),
        ),
        _cues,
    ),
    Table(
        "events",
        "One row for anything else: blocks of a programme, keys, notices.",
        (
            _SESSION,
            Column("number", "integer", "counts the session's events from 1"),
            Column("t_s", "number", "seconds since the first frame"),
            Column("kind", "text", _one_of(EventKind)),
            Column("detail", "text", "what", "nothing more to say"),
        ),
        _events,
    ),
    Table(
        "faults",
        "One row for each fault, leg and block: how many strides showed it. The same numbers as in the report.",
        (
            _SESSION,
            Column("block", "text", "of the programme; without one: before and after the first cue"),
            Column("begin_s", "number", "where the block begins, seconds since the first frame"),
            Column("end_s", "number", "where it ends"),
            Column("said_in_block", "integer", "everything that was said in it"),
            Column("fault", "text", "id of the fault"),
            Column("side", "text", "left or right", "the fault is one of the whole body"),
            Column("judged", "integer", "strides that could be judged"),
            Column("faulty", "integer", "strides that showed it"),
            Column("share", "number", "faulty divided by judged", "none could be judged"),
            Column("metric", "text", "metric of the fault's first criterion; a column of strides"),
            Column("limit", "number", "where the fault begins, at the session's median speed", "there is no norm"),
            Column("mean", "number", "mean of that metric (of one leg less the other for a fault of a pair)", "none"),
            Column("low", "number", "lower end of its 95 % interval", "too few strides"),
            Column("high", "number", "upper end", "too few strides"),
        ),
        _faults,
    ),
)


def cleaned(row: Row) -> Row:
    """Return a row with None for NaN and for empty texts."""
    return {
        name: None if value == "" or (isinstance(value, float) and math.isnan(value)) else value
        for name, value in row.items()
    }


_PREAMBLE = r"""# What `cuecoach sessions export` writes

Five tables for one or more sessions, as CSV, JSON Lines or Parquet; `columns.csv`, which describes every column as
below; and `summary.json` with the numbers of the report and of `cuecoach sessions show`. Text is UTF-8, times are
seconds, angles degrees. What is not known is an empty cell in CSV, `null` in JSON Lines and Parquet.

| type here | CSV | JSON Lines | Parquet |
|---|---|---|---|
| integer | digits | number | int64 |
| number | decimal point | number | double |
| truth | `true`, `false` | `true`, `false` | boolean |
| text | quoted where needed | string | string |

Numbers are written with all their digits: reading them back gives the same float64 (R's `read.csv` may miss the last
digit). Parquet is written by DuckDB: `pip install cuecoach[parquet]`. Readers of CSV guess types, and take the camera
"0" for a number and a runner called "NA" for nobody, so give them the types. In R, whose integers are too short for
`seed`:

```r
columns <- read.csv("columns.csv")
types <- c(integer = "numeric", number = "numeric", truth = "logical", text = "character")
read_table <- function(table) {
  read.csv(paste0(table, ".csv"), colClasses = unname(types[columns$type[columns$table == table]]),
           na.strings = "", encoding = "UTF-8")
}
sessions <- read_table("sessions")
strides <- read_table("strides")
started <- as.POSIXct(sub(":(..)$", "\\1", sessions$started_at), format = "%Y-%m-%dT%H:%M:%S%z", tz = "UTC")
```

`jsonlite::stream_in(file("strides.jsonl"))` needs no types. In Python:

```python
columns = pandas.read_csv("columns.csv")
kinds = {"integer": "int64", "number": "float64", "truth": "bool", "text": "string"}
types = columns[columns["table"] == "strides"].set_index("column")["type"].map(kinds)
exact = {"keep_default_na": False, "na_values": [""], "float_precision": "round_trip"}
strides = pandas.read_csv("strides.csv", dtype=types.to_dict(), **exact)
```

`--landmarks csv` writes the landmark recording of a session as `session-N.landmarks.csv.gz`, which `cuecoach run`,
`measure` and others read again. `--landmarks trc` writes `session-N.trc` for OpenSim: metres, x
forward, y up, z 0, the origin under the first frame's hips at the lowest foot. The scale is that of the runner's height
where it is known, else of a leg of 0.864 m; frames are numbered from 1 and keep their true times.
"""


def columns() -> Iterator[Row]:
    """Yield every column of every table, as `columns.csv` lists them."""
    for table in TABLES:
        for one in table.columns:
            yield {
                "table": table.name,
                "column": one.name,
                "type": one.kind,
                "meaning": one.meaning,
                "empty_when": one.empty,
            }


def documentation() -> str:
    """Return the text of `docs/export.md`."""
    parts = [_PREAMBLE]
    for table in TABLES:
        lines = [
            f"## {table.name}",
            "",
            table.meaning,
            "",
            "| column | type | meaning | empty when |",
            "|---|---|---|---|",
        ]
        lines += [f"| `{one.name}` | {one.kind} | {one.meaning} | {one.empty} |" for one in table.columns]
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)
