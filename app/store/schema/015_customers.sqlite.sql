-- The customers of CPOs; the index gives a CPO's in the order of arrival.

CREATE TABLE cpo_customers (
    row_id INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    rev INTEGER NOT NULL,
    cpo_id TEXT NOT NULL,
    body BLOB NOT NULL
);

CREATE INDEX cpo_customers_cpo ON cpo_customers (cpo_id, row_id);
