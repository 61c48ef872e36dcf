-- One row for each stock key. taken is held or committed and still in the house. Half of every page is left free, so
-- that updates of a hot row stay on its page and touch no index.
CREATE TABLE doorbuster.stock (
    sku       bigint   NOT NULL,
    pool      smallint NOT NULL,
    available bigint   NOT NULL,
    taken     bigint   NOT NULL DEFAULT 0,
    shipped   bigint   NOT NULL DEFAULT 0,
    seq       bigint   NOT NULL DEFAULT 0,
    fence     bigint   NOT NULL DEFAULT 0,
    PRIMARY KEY (sku, pool)
) WITH (fillfactor = 50);

-- An order that was granted units, and where its grant stands (engines.GrantState). Times are nanoseconds of the day.
CREATE TABLE doorbuster.orders (
    order_id bigint   PRIMARY KEY,
    state    smallint NOT NULL,
    channel  smallint NOT NULL,
    deadline bigint   NOT NULL
);

-- The lines of a grant. Neither column of the key can be NULL, for rows that are NULL there would match no stock; the
-- state stands in orders alone, so that a line can't outlive its order's hold.
CREATE TABLE doorbuster.holds (
    order_id bigint   NOT NULL,
    sku      bigint   NOT NULL,
    pool     smallint NOT NULL,
    qty      bigint   NOT NULL CHECK (qty > 0),
    PRIMARY KEY (order_id, sku, pool)
);

-- The first reply of every operation, written in the transaction that carries it out. versions holds sku, pool, seq
-- and available of each key that changed, one after the other.
CREATE TABLE doorbuster.operations (
    op_id       bigint   PRIMARY KEY,
    fingerprint bigint   NOT NULL,
    outcome     smallint NOT NULL,
    versions    bigint[] NOT NULL
);

-- Leases of stock keys, for the strategies that lock outside the row. A token is never given twice.
CREATE TABLE doorbuster.leases (
    sku     bigint      NOT NULL,
    pool    smallint    NOT NULL,
    owner   text        NOT NULL,
    token   bigint      NOT NULL,
    expires timestamptz NOT NULL,
    PRIMARY KEY (sku, pool)
) WITH (fillfactor = 50);

-- What is there to sell. An expired hold still counts until an Expire gives its units back, as a late payment is
-- refused by its deadline and not by this view.
CREATE VIEW doorbuster.available AS
    SELECT sku, sum(available) AS available, sum(available + taken) AS on_hand, sum(taken) AS taken
    FROM doorbuster.stock GROUP BY sku;

-- The epoch of the newest queue writer. Each batch checks it, so a writer that was replaced applies nothing more.
CREATE TABLE doorbuster.writer (
    one   boolean PRIMARY KEY DEFAULT true CHECK (one),
    epoch bigint  NOT NULL
);
INSERT INTO doorbuster.writer (epoch) VALUES (0);
