-- Runs of bodies that are packed as a whole, and bodies that a `keep` rule thinned out.
--
-- A body is also stored as a piece of the frame of its run (encoding 'zstd-run'): docs/evidence.md. A thinned one keeps its
-- row with hash and length, and has no data (encoding 'thinned').

-- The ends of runs, the last body of each.
CREATE INDEX bodies_to_join ON bodies (id) WHERE step = 15;

-- What was thinned out, when and by which rule. It is linked in the chain, so that nobody can call a loss a rule.
CREATE TABLE thinnings (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    source TEXT NOT NULL REFERENCES sources (id),
    keep TEXT NOT NULL, -- the rule as it was configured
    snapshots TEXT NOT NULL -- JSON: [[snapshot, length of its body], …]
) STRICT;

CREATE TRIGGER thinnings_stay BEFORE UPDATE ON thinnings
BEGIN SELECT RAISE(ABORT, 'thinnings are never changed'); END;
CREATE TRIGGER thinnings_remain BEFORE DELETE ON thinnings
BEGIN SELECT RAISE(ABORT, 'thinnings are never deleted'); END;

-- Snapshots that no rule may thin out: those on which versions, events and the state of releases rest.
CREATE INDEX versions_by_snapshot ON versions (snapshot);
CREATE INDEX releases_by_judged ON releases (judged) WHERE judged IS NOT NULL;
CREATE TABLE evidence (snapshot INTEGER PRIMARY KEY) STRICT;
INSERT OR IGNORE INTO evidence (snapshot) SELECT j.value FROM events e, json_each(e.evidence) j;
CREATE TRIGGER events_rest AFTER INSERT ON events BEGIN
    INSERT OR IGNORE INTO evidence (snapshot) SELECT value FROM json_each(new.evidence);
END;

CREATE TABLE new_chain (
    position INTEGER PRIMARY KEY, -- from 1, without gaps
    kind TEXT NOT NULL CHECK (kind IN ('snapshot', 'attempt', 'version', 'event', 'thinning')),
    row INTEGER NOT NULL, -- id of the row; for a version, its release
    number INTEGER, -- of the version
    link BLOB NOT NULL CHECK (length(link) = 32)
) STRICT;

INSERT INTO new_chain SELECT position, kind, row, number, link FROM chain ORDER BY position;
DROP TABLE chain;
ALTER TABLE new_chain RENAME TO chain;

CREATE TRIGGER chain_stays BEFORE UPDATE ON chain
BEGIN SELECT RAISE(ABORT, 'links are never changed'); END;
CREATE TRIGGER chain_remains BEFORE DELETE ON chain
BEGIN SELECT RAISE(ABORT, 'links are never deleted'); END;
