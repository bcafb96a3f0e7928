-- A subscription is known by its id, for its key can be replaced; when it was used last is written apart from it.

DROP TABLE subscriptions;
CREATE TABLE subscriptions (
    row_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id TEXT COLLATE "C" NOT NULL UNIQUE,
    rev BIGINT NOT NULL,
    key_digest TEXT COLLATE "C" NOT NULL UNIQUE,
    previous_digest TEXT COLLATE "C",
    body BYTEA NOT NULL
);
CREATE INDEX subscriptions_previous ON subscriptions (previous_digest) WHERE previous_digest IS NOT NULL;

CREATE TABLE subscription_uses (
    row_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id TEXT COLLATE "C" NOT NULL UNIQUE,
    rev BIGINT NOT NULL,
    body BYTEA NOT NULL
);
