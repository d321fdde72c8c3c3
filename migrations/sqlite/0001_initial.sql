-- The record of one pressdiff installation.
--
-- Times (columns that end in _at) are RFC 3339 text in UTC with milliseconds, `2026-11-21T10:15:00.000Z`: they
-- read well and sort as text. Words of closed lists are spelled as in the JSON output. Snapshots, versions and
-- events are never changed and never deleted; triggers see to it.

PRAGMA application_id = 1885628774; -- "pdif"

CREATE TABLE sources (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT '{}', -- JSON: troubles and the figures of the last check
    template TEXT -- JSON: what the pages of the source have in common
) STRICT;

CREATE TABLE checks (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL REFERENCES sources (id),
    started_at TEXT NOT NULL,
    finished_at TEXT,
    summary TEXT
) STRICT;

CREATE INDEX checks_by_source ON checks (source, id);

-- Each body is kept once, however often it was received.
CREATE TABLE bodies (
    sha256 TEXT PRIMARY KEY, -- of the decoded bytes
    length INTEGER NOT NULL, -- of the decoded bytes
    encoding TEXT NOT NULL, -- 'zstd'
    data BLOB NOT NULL
) STRICT;

CREATE TABLE snapshots (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source TEXT NOT NULL REFERENCES sources (id),
    url TEXT NOT NULL,
    final_url TEXT NOT NULL,
    status INTEGER NOT NULL,
    headers TEXT NOT NULL, -- JSON: [[name, value], …]
    redirects TEXT NOT NULL, -- JSON: [{status, from, to}, …]
    fetched_at TEXT NOT NULL,
    sha256 TEXT NOT NULL REFERENCES bodies (sha256)
) STRICT;

CREATE INDEX snapshots_by_url ON snapshots (url, id);
CREATE INDEX snapshots_by_body ON snapshots (sha256);

-- Attempts that brought no complete answer, and hence no snapshot.
CREATE TABLE attempts (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL REFERENCES sources (id),
    url TEXT NOT NULL,
    at TEXT NOT NULL,
    kind TEXT NOT NULL,
    message TEXT NOT NULL
) STRICT;

CREATE INDEX attempts_by_url ON attempts (url, id);

-- The latest version of a release is the one with the highest number in `versions`.
CREATE TABLE releases (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source TEXT NOT NULL REFERENCES sources (id),
    url TEXT NOT NULL,
    title TEXT NOT NULL,
    day TEXT, -- YYYY-MM-DD
    found_by TEXT NOT NULL,
    found_at TEXT NOT NULL,
    announce INTEGER NOT NULL CHECK (announce IN (0, 1)),
    state TEXT NOT NULL,
    gone TEXT, -- JSON: {reason, first_at, last_at, checks}
    unlisted INTEGER NOT NULL DEFAULT 0 CHECK (unlisted IN (0, 1)),
    judged INTEGER REFERENCES snapshots (id),
    etag TEXT,
    last_modified TEXT,
    full_at TEXT,
    seen_at TEXT,
    changed_at TEXT
) STRICT;

CREATE INDEX releases_by_source ON releases (source, id);

-- Every address under which a release was ever known to a source.
CREATE TABLE addresses (
    identity TEXT NOT NULL,
    source TEXT NOT NULL REFERENCES sources (id),
    release INTEGER NOT NULL REFERENCES releases (id),
    url TEXT NOT NULL,
    current INTEGER NOT NULL CHECK (current IN (0, 1)),
    since TEXT NOT NULL,
    PRIMARY KEY (identity, source)
) STRICT;

CREATE INDEX addresses_by_release ON addresses (release);

CREATE TABLE versions (
    release INTEGER NOT NULL REFERENCES releases (id),
    number INTEGER NOT NULL CHECK (number > 0),
    snapshot INTEGER NOT NULL REFERENCES snapshots (id),
    extractor INTEGER NOT NULL,
    hash TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    technical INTEGER NOT NULL CHECK (technical IN (0, 1)),
    document TEXT NOT NULL, -- JSON; last, so that the columns before it are read without it
    PRIMARY KEY (release, number)
) STRICT;

CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    kind TEXT NOT NULL,
    source TEXT NOT NULL REFERENCES sources (id),
    release INTEGER REFERENCES releases (id),
    url TEXT NOT NULL,
    old_url TEXT,
    title TEXT NOT NULL,
    fields TEXT NOT NULL, -- JSON: ["body", …]
    significance TEXT NOT NULL,
    reasons TEXT NOT NULL, -- JSON: ["number", …]
    summary TEXT NOT NULL,
    old_version INTEGER,
    new_version INTEGER,
    explanation TEXT NOT NULL,
    evidence TEXT NOT NULL -- JSON: [snapshot, …]
) STRICT;

CREATE INDEX events_by_source ON events (source, id);
CREATE INDEX events_by_release ON events (release, id);

CREATE TABLE listings (
    source TEXT NOT NULL REFERENCES sources (id),
    url TEXT NOT NULL,
    kind TEXT NOT NULL,
    whole_depth INTEGER NOT NULL,
    whole_at TEXT,
    entries INTEGER NOT NULL,
    place INTEGER,
    first_page INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    problem TEXT,
    PRIMARY KEY (source, url)
) STRICT;

CREATE TABLE standings (
    release INTEGER NOT NULL REFERENCES releases (id),
    listing TEXT NOT NULL,
    position INTEGER NOT NULL,
    named_at TEXT NOT NULL,
    missed INTEGER NOT NULL,
    PRIMARY KEY (release, listing)
) STRICT;

CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    event INTEGER NOT NULL REFERENCES events (id),
    alert TEXT NOT NULL,
    recipient TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'sent', 'failed')),
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at TEXT NOT NULL,
    leased_until TEXT, -- while somebody is delivering it
    finished_at TEXT, -- when it was sent or given up
    error TEXT,
    UNIQUE (event, alert, recipient)
) STRICT;

CREATE INDEX outbox_due ON outbox (due_at, id) WHERE state = 'pending';

CREATE TRIGGER snapshots_stay BEFORE UPDATE ON snapshots
BEGIN SELECT RAISE(ABORT, 'snapshots are never changed'); END;
CREATE TRIGGER snapshots_remain BEFORE DELETE ON snapshots
BEGIN SELECT RAISE(ABORT, 'snapshots are never deleted'); END;

CREATE TRIGGER versions_stay BEFORE UPDATE ON versions
BEGIN SELECT RAISE(ABORT, 'versions are never changed'); END;
CREATE TRIGGER versions_remain BEFORE DELETE ON versions
BEGIN SELECT RAISE(ABORT, 'versions are never deleted'); END;

CREATE TRIGGER events_stay BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
CREATE TRIGGER events_remain BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END;
