-- Why the last look at a release made no event, where that is not plain: one sentence for people, replaced by the next
-- one. A look that is later than its remark had nothing to remark.

CREATE TABLE remarks (
    release INTEGER PRIMARY KEY REFERENCES releases (id) ON DELETE CASCADE,
    made_at TEXT NOT NULL,
    text TEXT NOT NULL
) STRICT;
