-- What readers of the review pages made of events, the search over versions, and who is logged in.

-- What somebody made of an event. Events without a row were never touched.
CREATE TABLE reviews (
    event INTEGER PRIMARY KEY REFERENCES events (id),
    reviewed_at TEXT, -- none while it is in the inbox
    starred INTEGER NOT NULL DEFAULT 0 CHECK (starred IN (0, 1)),
    verdict TEXT, -- one word of a closed list
    note TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE INDEX reviews_starred ON reviews (event) WHERE starred = 1;

-- The events that are not reviewed yet, with what the inbox is sorted and cut by.
CREATE TABLE inbox (
    event INTEGER PRIMARY KEY REFERENCES events (id),
    source TEXT NOT NULL,
    kind TEXT NOT NULL,
    significance TEXT NOT NULL
) STRICT;

CREATE INDEX inbox_by_significance ON inbox (significance, event DESC);
CREATE INDEX inbox_by_source ON inbox (source, significance, event DESC);
CREATE INDEX inbox_by_source_and_kind ON inbox (source, kind, significance, event DESC);
CREATE INDEX inbox_by_kind ON inbox (kind, significance, event DESC);

-- How many events are in the inbox: counted as they come and go, because there may be millions.
CREATE TABLE inbox_counts (
    source TEXT NOT NULL,
    kind TEXT NOT NULL,
    significance TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (source, kind, significance)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER inbox_grows AFTER INSERT ON inbox BEGIN
    INSERT INTO inbox_counts (source, kind, significance, count) VALUES (new.source, new.kind, new.significance, 1)
    ON CONFLICT (source, kind, significance) DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER inbox_shrinks AFTER DELETE ON inbox BEGIN
    UPDATE inbox_counts SET count = count - 1
    WHERE source = old.source AND kind = old.kind AND significance = old.significance;
END;

INSERT INTO inbox (event, source, kind, significance) SELECT id, source, kind, significance FROM events;

-- How much happened on which day, for the plot of a source.
CREATE TABLE event_days (
    source TEXT NOT NULL,
    day TEXT NOT NULL, -- YYYY-MM-DD, UTC
    count INTEGER NOT NULL,
    PRIMARY KEY (source, day)
) STRICT, WITHOUT ROWID;

INSERT INTO event_days (source, day, count)
    SELECT source, substr(at, 1, 10), count(*) FROM events WHERE kind <> 'site' GROUP BY source, substr(at, 1, 10);

CREATE TRIGGER events_arrive AFTER INSERT ON events BEGIN
    INSERT INTO inbox (event, source, kind, significance) VALUES (new.id, new.source, new.kind, new.significance);
    INSERT INTO event_days (source, day, count) SELECT new.source, substr(new.at, 1, 10), 1 WHERE new.kind <> 'site'
    ON CONFLICT (source, day) DO UPDATE SET count = count + 1;
END;

-- The pages and the API look for events by time and kind, and for releases by state.
CREATE INDEX events_by_time ON events (at, id);
CREATE INDEX events_by_kind ON events (kind, id);
CREATE INDEX events_by_source_and_kind ON events (source, kind, id);
CREATE INDEX releases_by_state ON releases (source, state, id);
CREATE INDEX attempts_by_source ON attempts (source, id);
-- The text of versions for the search: the words only, the text itself stays where it is. A version is put in after
-- it was recorded, a few at a time, so that recording never waits for it.
CREATE TABLE search_texts (
    id INTEGER PRIMARY KEY, -- its row in `search`; rises in the order of recording
    release INTEGER NOT NULL REFERENCES releases (id),
    number INTEGER NOT NULL,
    UNIQUE (release, number)
) STRICT;

CREATE VIRTUAL TABLE search USING fts5 (
    text, content = '', columnsize = 0, tokenize = "unicode61 remove_diacritics 2"
);

CREATE TABLE search_queue (
    id INTEGER PRIMARY KEY,
    release INTEGER NOT NULL REFERENCES releases (id),
    number INTEGER NOT NULL
) STRICT;

INSERT INTO search_queue (release, number) SELECT release, number FROM versions ORDER BY recorded_at, release, number;

CREATE TRIGGER versions_arrive AFTER INSERT ON versions BEGIN
    INSERT INTO search_queue (release, number) VALUES (new.release, new.number);
END;

-- Who is logged in: of the token only a hash, so that whoever reads this file cannot log in with it.
CREATE TABLE sessions (
    token TEXT PRIMARY KEY, -- SHA-256
    password TEXT NOT NULL, -- SHA-256 of the password's hash: a new password ends the session
    expires_at TEXT NOT NULL
) STRICT;
