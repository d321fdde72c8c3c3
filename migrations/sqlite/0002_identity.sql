-- What a store is known by wherever its messages and feeds go: random, made once, never changed.

CREATE TABLE store_identity (identity TEXT NOT NULL) STRICT;

INSERT INTO store_identity (identity) VALUES (lower(hex(randomblob(16))));
