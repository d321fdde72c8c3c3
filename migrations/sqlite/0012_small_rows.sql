-- Rows of snapshots, bodies and links that say each thing once.
--
-- What the chain is computed from stays the same (docs/evidence.md): addresses and routes stand in tables of their own,
-- times are integers, and where a value is not spelled as this program spells it, it stays as it was.

-- What is asked for on behalf of a source.
CREATE TABLE targets (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL REFERENCES sources (id),
    url TEXT NOT NULL,
    UNIQUE (url, source)
) STRICT;

INSERT INTO targets (source, url) SELECT source, url FROM snapshots GROUP BY url, source ORDER BY min(id);

-- The way from a target to the address that answered in the end. A snapshot shares it with the one before it.
CREATE TABLE routes (
    id INTEGER PRIMARY KEY,
    final_url TEXT, -- NULL when it is the target's
    redirects TEXT -- JSON: [{status, from, to}, …]; NULL when there are none
) STRICT;

INSERT INTO routes (final_url, redirects)
SELECT final_url, redirects FROM snapshots WHERE final_url IS NOT NULL OR redirects IS NOT NULL
GROUP BY final_url, redirects ORDER BY min(id);
CREATE INDEX routes_by_way ON routes (final_url, redirects);

-- Frames are kept without the four bytes that all of them begin with, and those of runs without the two bytes of their
-- header; of a run (encoding 1) the first piece has them.
CREATE TABLE new_bodies (
    id INTEGER PRIMARY KEY,
    sha256 BLOB NOT NULL CHECK (length(sha256) = 32), -- of the decoded bytes; no two are the same
    length INTEGER NOT NULL, -- of the decoded bytes
    encoding INTEGER NOT NULL, -- 0: a zstd frame, with the base as prefix; 1: a piece of one; 2: thinned out; 3: a piece
        -- that stands with all others of its run in the row of the first of them
    base INTEGER REFERENCES new_bodies (id) CHECK (base < id),
    depth INTEGER NOT NULL,
    step INTEGER,
    data BLOB NOT NULL
) STRICT;

INSERT INTO new_bodies (id, sha256, length, encoding, base, depth, step, data)
SELECT id, sha256, length, CASE encoding WHEN 'zstd' THEN 0 WHEN 'zstd-run' THEN 1 WHEN 'thinned' THEN 2 ELSE 9 END,
    base, depth, step,
    CASE WHEN encoding = 'zstd' AND substr(data, 1, 4) = x'28b52ffd' THEN substr(data, 5)
        WHEN encoding = 'zstd-run' AND step = 1 AND substr(data, 1, 5) = x'28b52ffd00' THEN substr(data, 7) ELSE data END
FROM bodies ORDER BY id;

-- Runs that were packed piece by piece are packed again.
DELETE FROM meta WHERE name = 'packed_through';

CREATE TABLE new_snapshots (
    id INTEGER PRIMARY KEY,
    target INTEGER NOT NULL REFERENCES targets (id),
    route INTEGER REFERENCES routes (id), -- NULL: the target itself answered
    status INTEGER NOT NULL,
    headers ANY NOT NULL, -- JSON: [[name, value], …]; as a BLOB: a zstd frame of it, with `headers_base` as prefix
    headers_base INTEGER REFERENCES new_snapshots (id) CHECK (headers_base < id), -- its headers are text
    fetched_at ANY NOT NULL, -- milliseconds since 1970, UTC
    body INTEGER NOT NULL REFERENCES new_bodies (id)
) STRICT;

INSERT INTO new_snapshots (id, target, route, status, headers, headers_base, fetched_at, body)
SELECT s.id, t.id, r.id, s.status,
    CASE WHEN substr(s.headers, 1, 4) = x'28b52ffd' THEN substr(s.headers, 5) ELSE s.headers END, s.headers_base,
    CASE WHEN strftime('%Y-%m-%dT%H:%M:%fZ', s.fetched_at) = s.fetched_at
        THEN CAST(strftime('%s', s.fetched_at) AS INTEGER) * 1000 + CAST(substr(s.fetched_at, 21, 3) AS INTEGER)
        ELSE s.fetched_at END,
    s.body
FROM snapshots s JOIN targets t ON t.url = s.url AND t.source = s.source
LEFT JOIN routes r ON r.final_url IS s.final_url AND r.redirects IS s.redirects
ORDER BY s.id;

DROP TABLE snapshots;
DROP TABLE bodies;
DROP INDEX routes_by_way;
ALTER TABLE new_bodies RENAME TO bodies;
ALTER TABLE new_snapshots RENAME TO snapshots;

CREATE INDEX bodies_by_hash ON bodies (substr(sha256, 1, 4));
CREATE INDEX bodies_by_base ON bodies (base) WHERE base IS NOT NULL;
CREATE INDEX bodies_to_pack ON bodies (id) WHERE step IS NULL;
CREATE INDEX bodies_to_join ON bodies (id) WHERE step = 15;
CREATE INDEX snapshots_by_target ON snapshots (target);
CREATE INDEX snapshots_by_body ON snapshots (body);

CREATE TRIGGER snapshots_stay BEFORE UPDATE ON snapshots
BEGIN SELECT RAISE(ABORT, 'snapshots are never changed'); END;
CREATE TRIGGER snapshots_remain BEFORE DELETE ON snapshots
BEGIN SELECT RAISE(ABORT, 'snapshots are never deleted'); END;

CREATE TRIGGER targets_stay BEFORE UPDATE ON targets
BEGIN SELECT RAISE(ABORT, 'targets are never changed'); END;
CREATE TRIGGER targets_remain BEFORE DELETE ON targets
BEGIN SELECT RAISE(ABORT, 'targets are never deleted'); END;

CREATE TRIGGER routes_stay BEFORE UPDATE ON routes
BEGIN SELECT RAISE(ABORT, 'routes are never changed'); END;
CREATE TRIGGER routes_remain BEFORE DELETE ON routes
BEGIN SELECT RAISE(ABORT, 'routes are never deleted'); END;

CREATE TABLE new_chain (
    position INTEGER PRIMARY KEY, -- from 1, without gaps
    kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 4), -- snapshot, attempt, version, event, thinning
    row INTEGER NOT NULL, -- id of the row; for a version, its release
    number INTEGER, -- of the version
    link BLOB NOT NULL CHECK (length(link) = 32)
) STRICT;

INSERT INTO new_chain (position, kind, row, number, link)
SELECT position,
    CASE kind WHEN 'snapshot' THEN 0 WHEN 'attempt' THEN 1 WHEN 'version' THEN 2 WHEN 'event' THEN 3 ELSE 4 END,
    row, number, link
FROM chain ORDER BY position;
DROP TABLE chain;
ALTER TABLE new_chain RENAME TO chain;

CREATE TRIGGER chain_stays BEFORE UPDATE ON chain
BEGIN SELECT RAISE(ABORT, 'links are never changed'); END;
CREATE TRIGGER chain_remains BEFORE DELETE ON chain
BEGIN SELECT RAISE(ABORT, 'links are never deleted'); END;
