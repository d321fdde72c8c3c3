-- Documents of versions and templates of sources are compressed: as a BLOB each is a zstd frame of the JSON, without the
-- four bytes that all frames begin with. Those that are text are compressed by `pressdiff repack`, and by the daemon
-- while it is idle; what the chain is computed from is the text in either case.

CREATE TABLE new_versions (
    release INTEGER NOT NULL REFERENCES releases (id),
    number INTEGER NOT NULL CHECK (number > 0),
    snapshot INTEGER NOT NULL REFERENCES snapshots (id),
    extractor INTEGER NOT NULL,
    hash TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    technical INTEGER NOT NULL CHECK (technical IN (0, 1)),
    base INTEGER CHECK (base < number), -- the version whose document, which leans on none, is the prefix of the frame
    document ANY NOT NULL, -- JSON; last, so that the columns before it are read without it
    PRIMARY KEY (release, number)
) STRICT;

INSERT INTO new_versions (rowid, release, number, snapshot, extractor, hash, recorded_at, technical, document)
SELECT rowid, release, number, snapshot, extractor, hash, recorded_at, technical, document FROM versions ORDER BY rowid;
DROP TABLE versions;
ALTER TABLE new_versions RENAME TO versions;

CREATE INDEX versions_by_snapshot ON versions (snapshot);
CREATE INDEX versions_by_hash ON versions (substr(hash, 1, 16), release);
CREATE INDEX versions_by_time ON versions (release, recorded_at, number);
CREATE INDEX versions_to_pack ON versions (release, number) WHERE typeof(document) = 'text';

-- A text may become a frame of itself; nothing else of a version is ever changed.
CREATE TRIGGER versions_stay BEFORE UPDATE ON versions
WHEN NOT (typeof(old.document) = 'text' AND typeof(new.document) = 'blob' AND (old.release, old.number, old.snapshot,
    old.extractor, old.hash, old.recorded_at, old.technical) = (new.release, new.number, new.snapshot,
    new.extractor, new.hash, new.recorded_at, new.technical))
BEGIN SELECT RAISE(ABORT, 'versions are never changed'); END;
CREATE TRIGGER versions_remain BEFORE DELETE ON versions
BEGIN SELECT RAISE(ABORT, 'versions are never deleted'); END;
CREATE TRIGGER versions_arrive AFTER INSERT ON versions BEGIN
    INSERT INTO search_queue (release, number) VALUES (new.release, new.number);
END;

CREATE TABLE new_sources (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT '{}', -- JSON: troubles and the figures of the last check
    pattern INTEGER REFERENCES bodies (id), -- that first bodies of other addresses lean on: they share the template
    template ANY -- JSON: what the pages of the source have in common
) STRICT;

INSERT INTO new_sources (id, name, state, pattern, template) SELECT id, name, state, pattern, template FROM sources;
DROP TABLE sources;
ALTER TABLE new_sources RENAME TO sources;
