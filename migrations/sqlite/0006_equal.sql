-- SHA-256 of the body that was judged last, where it says what the latest version says: the same bytes tell nothing
-- new. It is a validator like `etag` and `last_modified`, but one that we make ourselves.

ALTER TABLE releases ADD COLUMN sha256 BLOB CHECK (length(sha256) = 32);

-- Whether a text is back is looked up at every edit, however many versions there are.
CREATE INDEX versions_by_hash ON versions (release, hash);
