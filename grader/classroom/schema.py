"""The tables of a gradebook, from its first version to this one.

A migration states its tables itself, also where they stand in another: what a version was does not
change.
"""

SCHEMA = 4
APPLICATION = 0x6B617461  # "kata"

_TABLES = """
CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
CREATE TABLE student (
    id INTEGER PRIMARY KEY,
    student TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE source (
    sha256 TEXT PRIMARY KEY,
    data BLOB NOT NULL
) STRICT;
CREATE TABLE handed (
    id INTEGER PRIMARY KEY,
    student_id INTEGER NOT NULL REFERENCES student (id),
    kata TEXT NOT NULL,
    attempt INTEGER NOT NULL CHECK (attempt >= 1),
    sha256 TEXT NOT NULL REFERENCES source (sha256),
    file TEXT NOT NULL,
    origin TEXT NOT NULL,
    late INTEGER NOT NULL DEFAULT 0,
    taken_at TEXT NOT NULL,
    UNIQUE (student_id, kata, sha256)
) STRICT;
CREATE TABLE verdict (
    id INTEGER PRIMARY KEY,
    handed_id INTEGER NOT NULL REFERENCES handed (id),
    rules TEXT NOT NULL,
    status TEXT NOT NULL,
    points INTEGER NOT NULL,
    max_points INTEGER NOT NULL,
    graded_at TEXT NOT NULL,
    verdict BLOB NOT NULL,
    UNIQUE (handed_id, rules)
) STRICT;
CREATE INDEX verdict_by_rules ON verdict (rules, status);
"""
_KEEP_EVERY_VERDICT = """
CREATE TABLE every_verdict (
    id INTEGER PRIMARY KEY,
    handed_id INTEGER NOT NULL REFERENCES handed (id),
    rules TEXT NOT NULL,
    status TEXT NOT NULL,
    points INTEGER NOT NULL,
    max_points INTEGER NOT NULL,
    graded_at TEXT NOT NULL,
    verdict BLOB NOT NULL
) STRICT;
INSERT INTO every_verdict SELECT id, handed_id, rules, status, points, max_points, graded_at,
    verdict FROM verdict;
DROP TABLE verdict;
ALTER TABLE every_verdict RENAME TO verdict;
CREATE INDEX verdict_by_rules ON verdict (rules, status);
CREATE INDEX verdict_by_handed ON verdict (handed_id, id);
"""
_MARKS_OF_PEOPLE = """
CREATE TABLE prose (
    id INTEGER PRIMARY KEY,
    student_id INTEGER NOT NULL REFERENCES student (id),
    kata TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    text TEXT NOT NULL,
    origin TEXT NOT NULL,
    taken_at TEXT NOT NULL,
    UNIQUE (student_id, kata, sha256)
) STRICT;
CREATE TABLE remark (
    id INTEGER PRIMARY KEY,
    kata TEXT NOT NULL,
    criterion TEXT NOT NULL DEFAULT '',
    misconception TEXT NOT NULL DEFAULT '',
    text TEXT NOT NULL,
    marker TEXT NOT NULL,
    written_at TEXT NOT NULL,
    CHECK ((criterion = '') <> (misconception = ''))
) STRICT;
CREATE UNIQUE INDEX remark_by_misconception ON remark (kata, misconception)
    WHERE misconception <> '';
CREATE TABLE decision (
    id INTEGER PRIMARY KEY,
    student_id INTEGER NOT NULL REFERENCES student (id),
    kata TEXT NOT NULL,
    criterion TEXT NOT NULL,
    level TEXT NOT NULL,
    points REAL NOT NULL,
    comment TEXT NOT NULL,
    marker TEXT NOT NULL,
    answer TEXT NOT NULL,
    marked_at TEXT NOT NULL
) STRICT;
CREATE INDEX decision_by_student ON decision (student_id, kata, criterion, id);
CREATE TABLE decision_remark (
    decision_id INTEGER NOT NULL REFERENCES decision (id),
    remark_id INTEGER NOT NULL REFERENCES remark (id),
    PRIMARY KEY (decision_id, remark_id)
) STRICT;
CREATE TABLE claim (
    student_id INTEGER NOT NULL REFERENCES student (id),
    kata TEXT NOT NULL,
    marker TEXT NOT NULL,
    until TEXT NOT NULL,
    PRIMARY KEY (student_id, kata)
) STRICT;
"""
_TIMES_OF_FILES = "ALTER TABLE handed ADD COLUMN changed_at TEXT NOT NULL DEFAULT '';"
MIGRATIONS: dict[int, str] = {
    0: _TABLES,
    1: _KEEP_EVERY_VERDICT,
    2: _MARKS_OF_PEOPLE,
    3: _TIMES_OF_FILES,
}
"""For each version, what leads from it to the next one."""
