-- The journal, schema version 3: what happened in every session. Never pictures.
--
-- Units are in the column names; times are seconds on the session's own clock, which starts at 0 with its first frame.
-- NULL means "not measured" or "did not happen". A change here needs a script in migrations.py, for older files.

CREATE TABLE runner (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    height_m REAL,
    notes TEXT NOT NULL DEFAULT ''
);

-- Steady offsets of a runner's legs before one camera. A session keeps its own copy in `settings_json`.
CREATE TABLE calibration (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- the number of a deleted one is never given again
    runner_id INTEGER NOT NULL REFERENCES runner (id) ON DELETE CASCADE,
    made_at TEXT NOT NULL, -- wall clock, ISO 8601 with zone
    source_name TEXT NOT NULL, -- the film or camera
    calibration_json TEXT NOT NULL -- as gait/calibration/record.py writes it
);
CREATE INDEX calibration_runner ON calibration (runner_id);

-- A pack's text is kept once, however many sessions used it: sessions must stay explainable after the pack was edited.
CREATE TABLE pack (
    sha256 TEXT PRIMARY KEY, -- of `text` in UTF-8
    pack_id TEXT NOT NULL,
    text TEXT NOT NULL
) WITHOUT ROWID;

-- The counts are kept by the triggers below, so that a list of a thousand sessions reads a thousand rows.
CREATE TABLE session (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- the number of a deleted session is never given again
    started_at TEXT NOT NULL, -- wall clock, ISO 8601 with zone
    runner_id INTEGER REFERENCES runner (id),
    pack_sha256 TEXT NOT NULL REFERENCES pack (sha256),
    source_kind TEXT NOT NULL, -- camera, video, recording, virtual
    source_name TEXT NOT NULL,
    rate_hz REAL,
    version TEXT NOT NULL, -- of CueCoach
    seed INTEGER NOT NULL,
    ended_s REAL, -- NULL: the session was not closed
    outcome TEXT,
    last_s REAL NOT NULL DEFAULT 0, -- time of the last thing recorded
    stride_count INTEGER NOT NULL DEFAULT 0,
    fired_count INTEGER NOT NULL DEFAULT 0,
    withheld_count INTEGER NOT NULL DEFAULT 0,
    frame_count INTEGER NOT NULL DEFAULT 0, -- of the landmark recording
    settings_json TEXT NOT NULL
);
CREATE INDEX session_runner ON session (runner_id);

-- One column per metric follows, `<metric with its unit> REAL`, added when a metric is first written (see store.py).
CREATE TABLE stride (
    session_id INTEGER NOT NULL REFERENCES session (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    side TEXT NOT NULL,
    is_near INTEGER NOT NULL,
    t_strike_s REAL,
    t_midstance_s REAL,
    t_toe_off_s REAL,
    t_next_strike_s REAL,
    closed_s REAL NOT NULL,
    cadence_spm REAL,
    contact_s REAL,
    duty REAL,
    activity TEXT NOT NULL,
    speed_mps REAL,
    speed_sd_mps REAL,
    speed_origin TEXT,
    trust REAL,
    calibrated INTEGER NOT NULL DEFAULT 0, -- measured with a calibration of this leg that makes it surer
    PRIMARY KEY (session_id, number)
);

-- Every decision, fired and withheld, and what became of its sound.
CREATE TABLE cue (
    session_id INTEGER NOT NULL REFERENCES session (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    decided_s REAL NOT NULL,
    fires INTEGER NOT NULL,
    kind TEXT NOT NULL,
    reason TEXT NOT NULL,
    fault TEXT,
    side TEXT,
    cue_id TEXT,
    text TEXT,
    focus TEXT,
    evidence_json TEXT NOT NULL, -- the numbers of the strides
    utterance INTEGER, -- the number given to the voice
    queued_s REAL,
    started_s REAL,
    finished_s REAL,
    dropped_s REAL,
    heard_on TEXT, -- device, file, nothing
    heard_detail TEXT,
    PRIMARY KEY (session_id, number)
);
CREATE INDEX cue_utterance ON cue (session_id, utterance);

CREATE TABLE event (
    session_id INTEGER NOT NULL REFERENCES session (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    t_s REAL NOT NULL,
    kind TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (session_id, number)
);

-- The coach's situation beside the strides, a row whenever it changes: with the strides all that a replay needs.
CREATE TABLE situation (
    session_id INTEGER NOT NULL REFERENCES session (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    t_s REAL NOT NULL, -- of the frame from which on it held
    next_stride INTEGER NOT NULL, -- the first stride that the coach saw with it, or later
    asked INTEGER NOT NULL, -- "tell me now", at this frame alone
    situation_json TEXT NOT NULL,
    PRIMARY KEY (session_id, number)
);

-- Landmarks, only when asked for. `landmarks` is the format of landmarks.py: a few seconds in one blob.
CREATE TABLE recording (
    session_id INTEGER NOT NULL REFERENCES session (id) ON DELETE CASCADE,
    chunk INTEGER NOT NULL,
    first_t_s REAL NOT NULL,
    last_t_s REAL NOT NULL,
    frame_count INTEGER NOT NULL,
    width_px INTEGER NOT NULL,
    height_px INTEGER NOT NULL,
    landmarks BLOB NOT NULL,
    PRIMARY KEY (session_id, chunk)
);

CREATE TRIGGER stride_counted AFTER INSERT ON stride BEGIN
    UPDATE session SET stride_count = stride_count + 1, last_s = max(last_s, NEW.closed_s) WHERE id = NEW.session_id;
END;

CREATE TRIGGER cue_counted AFTER INSERT ON cue BEGIN
    UPDATE session SET fired_count = fired_count + (NEW.fires <> 0), withheld_count = withheld_count + (NEW.fires = 0),
        last_s = max(last_s, NEW.decided_s) WHERE id = NEW.session_id;
END;

CREATE TRIGGER event_counted AFTER INSERT ON event BEGIN
    UPDATE session SET last_s = max(last_s, NEW.t_s) WHERE id = NEW.session_id;
END;

CREATE TRIGGER recording_counted AFTER INSERT ON recording BEGIN
    UPDATE session SET frame_count = frame_count + NEW.frame_count, last_s = max(last_s, NEW.last_t_s)
        WHERE id = NEW.session_id;
END;

CREATE TRIGGER recording_recounted AFTER UPDATE ON recording BEGIN
    UPDATE session SET frame_count = frame_count + NEW.frame_count - OLD.frame_count, last_s = max(last_s, NEW.last_t_s)
        WHERE id = NEW.session_id;
END;
