-- How far the last import of a source came, so that it goes on as if it had not been stopped.
CREATE TABLE imports (
    source TEXT PRIMARY KEY NOT NULL REFERENCES sources (id),
    archive BLOB NOT NULL CHECK (length(archive) = 32), -- SHA-256 of what it takes captures from, and by which rules
    chosen BLOB NOT NULL, -- names of the addresses that are releases, 8 bytes each
    done INTEGER NOT NULL CHECK (done >= 0), -- captures that have had their turn, in the order of time
    template BLOB, -- that of the source before the last batch, packed as it is there; NULL: it said the same
    memory BLOB -- a zstd frame of JSON, without its magic number
) STRICT, WITHOUT ROWID;
