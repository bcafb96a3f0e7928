-- The customers of CPOs; the index gives a CPO's in the order of arrival.

CREATE TABLE cpo_customers (
    row_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id TEXT COLLATE "C" NOT NULL UNIQUE,
    rev BIGINT NOT NULL,
    cpo_id TEXT COLLATE "C" NOT NULL,
    body BYTEA NOT NULL
);

CREATE INDEX cpo_customers_cpo ON cpo_customers (cpo_id, row_id);
