-- How often a release was looked at since it was first read, how many of these looks found it changed, and when the
-- last one was: what the time of the next one depends on.

ALTER TABLE releases ADD COLUMN looks INTEGER NOT NULL DEFAULT 0;
ALTER TABLE releases ADD COLUMN changes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE releases ADD COLUMN looked_at TEXT;

-- Looks were not counted before; every edit was found by one.
UPDATE releases SET looked_at = seen_at, changes = max(0, (
    SELECT count(*) FROM versions WHERE release = releases.id AND technical = 0
) - 1);
UPDATE releases SET looks = changes;
