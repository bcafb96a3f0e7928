-- OCPP 2.0.1: a transaction is known by the station's own id for it, too.

ALTER TABLE transactions ADD COLUMN station_transaction_id TEXT;
CREATE UNIQUE INDEX transactions_by_own_id ON transactions (charge_station_id, station_transaction_id)
    WHERE station_transaction_id IS NOT NULL;
