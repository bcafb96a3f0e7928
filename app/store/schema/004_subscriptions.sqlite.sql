-- A subscription is known by its id, for its key can be replaced; when it was used last is written apart from it.

CREATE TABLE subscriptions_by_id (
    row_id INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    rev INTEGER NOT NULL,
    key_digest TEXT NOT NULL UNIQUE,
    previous_digest TEXT,
    body BLOB NOT NULL
);
INSERT INTO subscriptions_by_id (row_id, id, rev, key_digest, body)
SELECT row_id, coalesce(id, key_digest), rev, key_digest, body FROM subscriptions;
DROP TABLE subscriptions;
ALTER TABLE subscriptions_by_id RENAME TO subscriptions;
CREATE INDEX subscriptions_previous ON subscriptions (previous_digest) WHERE previous_digest IS NOT NULL;

CREATE TABLE subscription_uses (
    row_id INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    rev INTEGER NOT NULL,
    body BLOB NOT NULL
);
