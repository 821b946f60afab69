"""The outbox's tables and statements. A change of the schema needs a new file name (`state_dir.OUTBOX_FILE`)."""

from __future__ import annotations

from typing import Final

# Triggers keep the totals, so that no process counts the rows of all.
SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS feedback (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    api_url TEXT NOT NULL,
    place TEXT NOT NULL,
    routine INTEGER NOT NULL,
    size INTEGER NOT NULL,
    body BLOB NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting',
    attempts INTEGER NOT NULL DEFAULT 0,
    accepted_at REAL NOT NULL,
    due_at REAL NOT NULL,
    lease_until REAL NOT NULL DEFAULT 0,
    owner TEXT NOT NULL,
    client INTEGER,
    error TEXT,
    UNIQUE (id, api_url)
);
CREATE INDEX IF NOT EXISTS feedback_order ON feedback (state, routine, seq, due_at, lease_until, api_url, owner);
CREATE INDEX IF NOT EXISTS feedback_victims ON feedback (routine DESC, seq);
CREATE INDEX IF NOT EXISTS feedback_age ON feedback (accepted_at);
CREATE TABLE IF NOT EXISTS tally (name TEXT PRIMARY KEY, n INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS process (token TEXT PRIMARY KEY, host TEXT NOT NULL, pid INTEGER NOT NULL, seen REAL NOT NULL);
INSERT OR IGNORE INTO tally VALUES ('rows', 0), ('bytes', 0), ('sent', 0), ('dropped_full', 0), ('dropped_old', 0);
CREATE TRIGGER IF NOT EXISTS feedback_added AFTER INSERT ON feedback BEGIN
    UPDATE tally SET n = n + CASE name WHEN 'rows' THEN 1 ELSE NEW.size END WHERE name IN ('rows', 'bytes');
END;
CREATE TRIGGER IF NOT EXISTS feedback_removed AFTER DELETE ON feedback BEGIN
    UPDATE tally SET n = n - CASE name WHEN 'rows' THEN 1 ELSE OLD.size END WHERE name IN ('rows', 'bytes');
END;
"""

COLUMNS: Final = {
    "feedback": (
        "seq", "id", "api_url", "place", "routine", "size", "body", "state", "attempts", "accepted_at", "due_at",
        "lease_until", "owner", "client", "error",
    ),
    "tally": ("name", "n"),
    "process": ("token", "host", "pid", "seen"),
}  # fmt: skip
"""The tables of `SCHEMA` and their columns: a file without them is not ours."""

PRAGMAS: Final = (
    "PRAGMA journal_mode=WAL",
    # WAL with NORMAL keeps every committed row through a kill of the process; only a power cut may lose the last ones.
    "PRAGMA synchronous=NORMAL",
    # Overwrite what was purged or delivered, instead of only unlinking it.
    "PRAGMA secure_delete=ON",
    "PRAGMA journal_size_limit=4194304",
)

INSERT: Final = """
INSERT OR IGNORE INTO feedback (id, api_url, place, routine, size, body, accepted_at, due_at, owner, client)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""

# Rows to drop when the outbox is full: the routine ones first, the oldest of them first.
VICTIM: Final = "SELECT seq, size, owner, state FROM feedback ORDER BY routine DESC, seq LIMIT ?"

# The caller fills in the servers within reach and the order. A due time far ahead means that the clock was set back.
CLAIM: Final = """
SELECT body, seq, place, attempts, client, owner FROM feedback
WHERE state = 'waiting' AND (due_at <= :now OR due_at > :absurd) AND (lease_until <= :now OR lease_until > :absurd)
  AND owner IN (:me, '') AND api_url IN ({urls}) AND attempts <= :tried
ORDER BY {order} LIMIT :limit
"""

COUNT: Final = """
SELECT api_url, state, count(*), min(accepted_at), max(attempts), sum(due_at > :now) FROM feedback
GROUP BY api_url, state ORDER BY api_url, state
"""

LAST_ERRORS: Final = """
SELECT api_url, error, count(*) FROM feedback WHERE error IS NOT NULL GROUP BY api_url, error ORDER BY count(*) DESC LIMIT 10
"""

UNREADABLE: Final = """
UPDATE feedback SET state = 'failed', error = 'written by another version of langchain-respmeta' WHERE seq = ?
"""

ORPHAN: Final = "UPDATE feedback SET owner = '', client = NULL, lease_until = 0 WHERE owner = ?"

# They lose their owner: it has counted them as failed.
REQUEUE: Final = """
UPDATE feedback SET state = 'waiting', attempts = 0, owner = '', client = NULL
WHERE state = 'failed' AND coalesce(error, '?') NOT LIKE ?
"""

EXPORT: Final = """
SELECT seq, body, state, attempts, accepted_at, error FROM feedback WHERE seq > ? ORDER BY seq LIMIT 500
"""
