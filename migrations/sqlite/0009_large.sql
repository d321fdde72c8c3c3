-- What keeps checks and pages fast in a store of millions of rows.

-- No look at a release is called for before `rests_until`: '' says that nobody has thought about it since the last look.
-- What is written here may be too early, never too late, unless the longest age of the source is made shorter; for that
-- and for clocks that were set there is the other index.
-- (Both are for comparisons only, so that no other question takes them for the index by source.)
ALTER TABLE releases ADD COLUMN rests_until TEXT DEFAULT '';
CREATE INDEX releases_by_rest ON releases (source, rests_until) WHERE rests_until IS NOT NULL;
CREATE INDEX releases_by_look ON releases (source, looked_at) WHERE looked_at IS NOT NULL;

CREATE INDEX releases_in_state ON releases (state, id);

-- Listings: what they name now is few; what fell off their ends is left alone until it is named again.
CREATE INDEX standings_named ON standings (listing, release) WHERE position < 4294967295;

-- The text that an edit returns to.
CREATE INDEX versions_by_hash ON versions (substr(hash, 1, 16), release);

-- Events by their reasons. An index in all but name: it references nothing, since events stay.
CREATE TABLE event_reasons (
    reason TEXT NOT NULL,
    significance TEXT NOT NULL,
    event INTEGER NOT NULL,
    PRIMARY KEY (reason, significance, event)
) STRICT, WITHOUT ROWID;

INSERT OR IGNORE INTO event_reasons (reason, significance, event)
    SELECT r.value, e.significance, e.id FROM events e, json_each(e.reasons) r ORDER BY 1, 2, 3;

CREATE TRIGGER events_have_reasons AFTER INSERT ON events BEGIN
    INSERT OR IGNORE INTO event_reasons (reason, significance, event)
    SELECT value, new.significance, new.id FROM json_each(new.reasons);
END;

-- Counted as they come and go, because there may be millions.
CREATE TABLE release_counts (
    source TEXT NOT NULL,
    state TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (source, state)
) STRICT, WITHOUT ROWID;

INSERT INTO release_counts (source, state, count) SELECT source, state, count(*) FROM releases GROUP BY source, state;

CREATE TRIGGER releases_come AFTER INSERT ON releases BEGIN
    INSERT INTO release_counts (source, state, count) VALUES (new.source, new.state, 1)
    ON CONFLICT (source, state) DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER releases_turn AFTER UPDATE OF state ON releases WHEN new.state <> old.state BEGIN
    UPDATE release_counts SET count = count - 1 WHERE source = old.source AND state = old.state;
    INSERT INTO release_counts (source, state, count) VALUES (new.source, new.state, 1)
    ON CONFLICT (source, state) DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER releases_go AFTER DELETE ON releases BEGIN
    UPDATE release_counts SET count = count - 1 WHERE source = old.source AND state = old.state;
END;

-- Messages that wait or were given up, in the order in which they are shown; deliveries that were under way when the
-- process ended. Of all these there are few.
CREATE INDEX messages_pending_by_id ON messages (id) WHERE state = 'pending';
CREATE INDEX messages_failed_by_id ON messages (id) WHERE state = 'failed';
CREATE INDEX messages_leased ON messages (id) WHERE leased_until IS NOT NULL;

CREATE TABLE message_counts (state TEXT PRIMARY KEY, count INTEGER NOT NULL) STRICT, WITHOUT ROWID;

INSERT INTO message_counts (state, count) SELECT state, count(*) FROM messages GROUP BY state;

CREATE TRIGGER messages_come AFTER INSERT ON messages BEGIN
    INSERT INTO message_counts (state, count) VALUES (new.state, 1) ON CONFLICT (state) DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER messages_turn AFTER UPDATE OF state ON messages WHEN new.state <> old.state BEGIN
    UPDATE message_counts SET count = count - 1 WHERE state = old.state;
    INSERT INTO message_counts (state, count) VALUES (new.state, 1) ON CONFLICT (state) DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER messages_go AFTER DELETE ON messages BEGIN
    UPDATE message_counts SET count = count - 1 WHERE state = old.state;
END;
