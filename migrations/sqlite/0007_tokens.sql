-- What programs and feed readers show in place of a password: of each access token only a hash, so that whoever reads
-- this file cannot use it.
CREATE TABLE access_tokens (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    hash TEXT NOT NULL UNIQUE, -- SHA-256
    created_at TEXT NOT NULL,
    used_at TEXT -- the last time, to the minute; none when it never was
) STRICT;
