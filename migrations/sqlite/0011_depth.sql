-- What keeps the search, releases with very many versions, and looks that find nothing new fast.

-- The version of a day, without reading all the later ones.
CREATE INDEX versions_by_time ON versions (release, recorded_at, number);

-- The validator that we make ourselves is a faster hash now; the first check after this reads in full what is not answered with 304.
ALTER TABLE releases DROP COLUMN sha256;
ALTER TABLE releases ADD COLUMN digest BLOB CHECK (length(digest) = 32);

-- Texts in the search have a word in common with their neighbours, by which words in a row are looked for in parts. All
-- are put in again, in the order in which they were before; those that waited come after them.

CREATE TEMP TABLE waiting AS
    SELECT release, number FROM search_texts ORDER BY id;
INSERT INTO waiting (release, number) SELECT release, number FROM search_queue ORDER BY id;

INSERT INTO search (search) VALUES ('delete-all');
DELETE FROM search_texts;
DELETE FROM search_queue;
INSERT INTO search_queue (release, number) SELECT release, number FROM waiting ORDER BY rowid;
DROP TABLE waiting;
