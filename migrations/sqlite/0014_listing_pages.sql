-- What the pages of listings named when they were last read, for as long as they answer with the same bytes.
CREATE TABLE listing_pages (
    source TEXT NOT NULL REFERENCES sources (id),
    key BLOB NOT NULL CHECK (length(key) = 32), -- BLAKE3 of all that the reading of a page depends on
    page BLOB NOT NULL, -- a zstd frame of the JSON, without its magic number
    PRIMARY KEY (source, key)
) STRICT, WITHOUT ROWID;
