-- Compact history and tamper evidence.
--
-- A body is stored alone or as what differs from another body (base). `depth` counts the bodies below it, `step` its
-- place in its run; a body with no step was never compressed against another one, and `pressdiff repack` looks at it.
-- A base is always older, so no chain of bases returns to itself.
--
-- The chain has a link for every snapshot, failed attempt, version and event: see docs/evidence.md. Links of rows that
-- are older than the chain are added when the store is opened; `chain_backlog` says up to which row.

CREATE TABLE new_bodies (
    id INTEGER PRIMARY KEY,
    sha256 BLOB NOT NULL UNIQUE CHECK (length(sha256) = 32), -- of the decoded bytes
    length INTEGER NOT NULL, -- of the decoded bytes
    encoding TEXT NOT NULL, -- 'zstd': one frame, with the base as prefix
    base INTEGER REFERENCES new_bodies (id) CHECK (base < id),
    depth INTEGER NOT NULL,
    step INTEGER,
    data BLOB NOT NULL
) STRICT;

INSERT INTO new_bodies (sha256, length, encoding, base, depth, step, data)
SELECT unhex(sha256), length, encoding, NULL, 0, NULL, data FROM bodies ORDER BY rowid;

CREATE TABLE new_snapshots (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source TEXT NOT NULL REFERENCES sources (id),
    url TEXT NOT NULL,
    final_url TEXT, -- NULL when it is the url
    status INTEGER NOT NULL,
    headers ANY NOT NULL, -- JSON: [[name, value], …]; as a BLOB: one zstd frame of it, with `headers_base` as prefix
    headers_base INTEGER REFERENCES new_snapshots (id) CHECK (headers_base < id), -- its headers are text
    redirects TEXT, -- JSON: [{status, from, to}, …]; NULL when there are none
    fetched_at TEXT NOT NULL,
    body INTEGER NOT NULL REFERENCES new_bodies (id)
) STRICT;

INSERT INTO new_snapshots (id, source, url, final_url, status, headers, headers_base, redirects, fetched_at, body)
SELECT s.id, s.source, s.url, nullif(s.final_url, s.url), s.status, s.headers, NULL, nullif(s.redirects, '[]'),
    s.fetched_at, b.id
FROM snapshots s JOIN new_bodies b ON b.sha256 = unhex(s.sha256) ORDER BY s.id;

DROP TABLE snapshots;
DROP TABLE bodies;
ALTER TABLE new_bodies RENAME TO bodies;
ALTER TABLE new_snapshots RENAME TO snapshots;

CREATE INDEX bodies_by_base ON bodies (base) WHERE base IS NOT NULL;
CREATE INDEX bodies_to_pack ON bodies (id) WHERE step IS NULL;
CREATE INDEX snapshots_by_url ON snapshots (url, id);
CREATE INDEX snapshots_by_body ON snapshots (body);

CREATE TRIGGER snapshots_stay BEFORE UPDATE ON snapshots
BEGIN SELECT RAISE(ABORT, 'snapshots are never changed'); END;
CREATE TRIGGER snapshots_remain BEFORE DELETE ON snapshots
BEGIN SELECT RAISE(ABORT, 'snapshots are never deleted'); END;

-- The body that first bodies of other addresses are compressed against: pages of a source share their template.
ALTER TABLE sources ADD COLUMN pattern INTEGER REFERENCES bodies (id);

CREATE TABLE chain (
    position INTEGER PRIMARY KEY, -- from 1, without gaps
    kind TEXT NOT NULL CHECK (kind IN ('snapshot', 'attempt', 'version', 'event')),
    row INTEGER NOT NULL, -- id of the row; for a version, its release
    number INTEGER, -- of the version
    link BLOB NOT NULL CHECK (length(link) = 32)
) STRICT;

CREATE TRIGGER chain_stays BEFORE UPDATE ON chain
BEGIN SELECT RAISE(ABORT, 'links are never changed'); END;
CREATE TRIGGER chain_remains BEFORE DELETE ON chain
BEGIN SELECT RAISE(ABORT, 'links are never deleted'); END;

CREATE TRIGGER attempts_stay BEFORE UPDATE ON attempts
BEGIN SELECT RAISE(ABORT, 'attempts are never changed'); END;
CREATE TRIGGER attempts_remain BEFORE DELETE ON attempts
BEGIN SELECT RAISE(ABORT, 'attempts are never deleted'); END;

CREATE TABLE chain_backlog (kind TEXT PRIMARY KEY, through INTEGER NOT NULL) STRICT;

INSERT INTO chain_backlog (kind, through)
SELECT kind, through FROM (
    SELECT 'snapshot' AS kind, max(id) AS through FROM snapshots
    UNION ALL SELECT 'attempt', max(id) FROM attempts
    UNION ALL SELECT 'version', max(release) FROM versions
    UNION ALL SELECT 'event', max(id) FROM events
) WHERE through IS NOT NULL;

-- Answers of time-stamping authorities to requests about a link (RFC 3161).
CREATE TABLE stamps (
    id INTEGER PRIMARY KEY,
    position INTEGER NOT NULL REFERENCES chain (position),
    link BLOB NOT NULL,
    stored_at TEXT NOT NULL,
    answer BLOB NOT NULL
) STRICT;
