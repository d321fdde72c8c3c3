-- What one recipient is told at once becomes a message of its own, be it one event, a summary of many or a notice;
-- the rows of the outbox say which events it tells.

CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- What tells the messages of this store from those of any other.
INSERT INTO meta (name, value) VALUES ('store_id', lower(hex(randomblob(8))));

CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    alert TEXT NOT NULL,
    recipient TEXT NOT NULL,
    form TEXT NOT NULL, -- 'single', 'burst', 'quiet', 'digest' or 'notice'
    notice TEXT, -- JSON, for a notice
    created_at TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'sent', 'failed')),
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at TEXT NOT NULL,
    waits_from TEXT NOT NULL, -- when it was first due, or put back by hand
    tried_at TEXT, -- when it was first tried: from then on what it tells stays the same
    leased_until TEXT, -- while somebody is delivering it
    finished_at TEXT, -- when it was sent or given up
    passed_on INTEGER NOT NULL DEFAULT 0 CHECK (passed_on IN (0, 1)), -- to the fallback of its alert
    error TEXT
) STRICT;

CREATE INDEX messages_pending ON messages (alert, id) WHERE state = 'pending';
CREATE INDEX messages_failed ON messages (alert, id) WHERE state = 'failed';

-- Until now each event was a message.
INSERT INTO messages (id, alert, recipient, form, created_at, state, attempts, due_at, waits_from, tried_at,
    leased_until, finished_at, passed_on, error)
SELECT o.id, o.alert, o.recipient, 'single', e.at, o.state, o.attempts, o.due_at, e.at,
    CASE WHEN o.attempts > 0 THEN e.at END, o.leased_until, o.finished_at, o.state = 'failed', o.error
FROM outbox o JOIN events e ON e.id = o.event;

CREATE TABLE told (
    event INTEGER NOT NULL REFERENCES events (id),
    alert TEXT NOT NULL,
    recipient TEXT NOT NULL,
    message INTEGER NOT NULL REFERENCES messages (id),
    PRIMARY KEY (event, alert, recipient)
) STRICT;

INSERT INTO told (event, alert, recipient, message) SELECT event, alert, recipient, id FROM outbox;
DROP TABLE outbox;
ALTER TABLE told RENAME TO outbox;
CREATE INDEX outbox_by_message ON outbox (message, event);

-- Who cannot be reached: a recipient, or '' for everybody whom an alert tells.
CREATE TABLE failures (
    alert TEXT NOT NULL,
    recipient TEXT NOT NULL,
    since TEXT NOT NULL,
    failures INTEGER NOT NULL,
    retry_at TEXT NOT NULL,
    error TEXT NOT NULL,
    told INTEGER NOT NULL DEFAULT 0 CHECK (told IN (0, 1)), -- to the fallback of the alert
    over_at TEXT, -- when it ended, until the fallback is told of that too
    PRIMARY KEY (alert, recipient)
) STRICT;

CREATE TABLE heartbeats (
    alert TEXT PRIMARY KEY,
    last_at TEXT NOT NULL
) STRICT;
