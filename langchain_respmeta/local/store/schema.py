"""The SQLite schema of the embedded server.

Times are microseconds since 1970 (`times`). JSON columns are text, those of `payloads` are packed.
"""

# ruff: noqa: S608 (what is put into SQL text are constants of this package)

from __future__ import annotations

from typing import Final

from langchain_respmeta.local.store import indexes, payloads

SCHEMA_VERSION: Final = 3

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS sessions (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    start_us INTEGER NOT NULL,
    end_us INTEGER,
    description TEXT,
    extra TEXT,
    reference_dataset_id TEXT
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS runs (
    no INTEGER PRIMARY KEY,        -- what all the other tables refer to: in order of arrival, so their indexes grow at their ends
    written INTEGER NOT NULL,      -- number of the write that changed it last (`counters`)
    id TEXT NOT NULL UNIQUE,
    session_id TEXT,
    trace_id TEXT NOT NULL,
    parent_run_id TEXT,
    dotted_order TEXT NOT NULL,
    name TEXT NOT NULL,
    run_type TEXT NOT NULL,
    start_us INTEGER NOT NULL,
    end_us INTEGER,
    first_token_us INTEGER,
    status TEXT NOT NULL,
    reference_example_id TEXT,
    prompt_tokens INTEGER,
    completion_tokens INTEGER,
    total_tokens INTEGER,
    prompt_cost REAL,
    completion_cost REAL,
    total_cost REAL,
    is_call INTEGER NOT NULL,      -- carries the record of one model call
    is_rollup INTEGER NOT NULL,    -- carries the sums of a trace's calls, or is its only call
    posted INTEGER NOT NULL,       -- the run's create has arrived
    patched INTEGER NOT NULL,      -- at least one update has arrived
    posts INTEGER NOT NULL,        -- creates received, the refused ones included
    patches INTEGER NOT NULL,      -- updates received, the refused ones included
    received_us INTEGER NOT NULL,
    guessed TEXT NOT NULL,         -- columns that were not sent but guessed: a later part may set them
    error TEXT,
    tags TEXT
);
CREATE INDEX IF NOT EXISTS runs_newest ON runs (start_us, id);
CREATE INDEX IF NOT EXISTS runs_session ON runs (session_id, start_us, id);
CREATE INDEX IF NOT EXISTS runs_trace ON runs (trace_id, dotted_order);
CREATE INDEX IF NOT EXISTS runs_parent ON runs (parent_run_id);
CREATE INDEX IF NOT EXISTS runs_written ON runs (written);

-- last_no: the number of the last run, which no other ever has; writes: how often runs were written;
-- removals: how many runs were removed. What is derived of the runs is up to date while the last two are unchanged.
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
INSERT OR IGNORE INTO counters VALUES ('last_no', 0), ('writes', 0), ('removals', 0);
CREATE TRIGGER IF NOT EXISTS runs_removed AFTER DELETE ON runs BEGIN
    UPDATE counters SET value = value + 1 WHERE name = 'removals';
END;

CREATE TABLE IF NOT EXISTS attachments (
    run_id TEXT NOT NULL,
    name TEXT NOT NULL,
    mime_type TEXT NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (run_id, name)
);

CREATE TABLE IF NOT EXISTS feedback (
    id TEXT PRIMARY KEY,
    run_id TEXT,
    trace_id TEXT,
    session_id TEXT,
    key TEXT NOT NULL,
    score REAL,
    value TEXT,
    comment TEXT,
    correction TEXT,
    feedback_source TEXT,
    feedback_config TEXT,
    feedback_group_id TEXT,
    comparative_experiment_id TEXT,
    start_us INTEGER,
    error INTEGER,
    extra TEXT,
    address TEXT,
    extend_trace_retention INTEGER NOT NULL,  -- as the client asked; asked is the default of LangSmith
    received_by TEXT NOT NULL,                -- request: POST /feedback; multipart: a part of a batch
    created_us INTEGER NOT NULL,
    modified_us INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS feedback_run ON feedback (run_id, key);
CREATE INDEX IF NOT EXISTS feedback_session ON feedback (session_id, key);
CREATE INDEX IF NOT EXISTS feedback_key ON feedback (key, score);

CREATE TABLE IF NOT EXISTS feedback_configs (
    feedback_key TEXT PRIMARY KEY,
    feedback_config TEXT NOT NULL,
    is_lower_score_better INTEGER,
    is_enforced INTEGER NOT NULL,
    modified_us INTEGER NOT NULL
) WITHOUT ROWID;

"""

_VIEW: Final = f"""
-- A run with its payloads and with what LangSmith derives on reading: latency, and tokens and costs summed over its subtree.
-- '/' is the character after '.', so the range holds the run and exactly its descendants.
CREATE VIEW IF NOT EXISTS run_view AS
SELECT
    runs.*,
    {payloads.SELECTED},
    (runs.end_us - runs.start_us) / 1e6 AS latency,
    (runs.first_token_us - runs.start_us) / 1e6 AS first_token_latency,
    runs.parent_run_id IS NULL AS is_root,
    (SELECT SUM(d.prompt_tokens) FROM runs d WHERE d.trace_id = runs.trace_id
        AND d.dotted_order >= runs.dotted_order AND d.dotted_order < runs.dotted_order || '/')
        AS tree_prompt_tokens,
    (SELECT SUM(d.completion_tokens) FROM runs d WHERE d.trace_id = runs.trace_id
        AND d.dotted_order >= runs.dotted_order AND d.dotted_order < runs.dotted_order || '/')
        AS tree_completion_tokens,
    (SELECT SUM(d.total_tokens) FROM runs d WHERE d.trace_id = runs.trace_id
        AND d.dotted_order >= runs.dotted_order AND d.dotted_order < runs.dotted_order || '/')
        AS tree_total_tokens,
    (SELECT SUM(d.prompt_cost) FROM runs d WHERE d.trace_id = runs.trace_id
        AND d.dotted_order >= runs.dotted_order AND d.dotted_order < runs.dotted_order || '/')
        AS tree_prompt_cost,
    (SELECT SUM(d.completion_cost) FROM runs d WHERE d.trace_id = runs.trace_id
        AND d.dotted_order >= runs.dotted_order AND d.dotted_order < runs.dotted_order || '/')
        AS tree_completion_cost,
    (SELECT SUM(d.total_cost) FROM runs d WHERE d.trace_id = runs.trace_id
        AND d.dotted_order >= runs.dotted_order AND d.dotted_order < runs.dotted_order || '/')
        AS tree_total_cost,
    -- From the run's own words: through all of a key's it would take long.
    (SELECT w.text FROM run_words e CROSS JOIN words w ON w.id = e.word CROSS JOIN keys k ON k.id = w.key
        WHERE e.no = runs.no AND k.name IN ('session_id', 'conversation_id', 'thread_id')
        ORDER BY CASE k.name WHEN 'session_id' THEN 0 WHEN 'conversation_id' THEN 1 ELSE 2 END LIMIT 1)
        AS thread_id
FROM runs LEFT JOIN payloads ON payloads.no = runs.no;
"""

SCHEMA: Final = "\n".join((_TABLES, *indexes.DDL, _VIEW))
