-- One row for each stock key. taken is held or committed and still in the house; owing says that some pool of the SKU may owe
-- units, so that none may be sold from without a look at all. Half of every page is left free, so
-- that updates of a hot row stay on its page and touch no index.
CREATE TABLE doorbuster.stock (
    sku       bigint   NOT NULL,
    pool      smallint NOT NULL,
    available bigint   NOT NULL,
    taken     bigint   NOT NULL DEFAULT 0,
    shipped   bigint   NOT NULL DEFAULT 0,
    seq       bigint   NOT NULL DEFAULT 0,
    fence     bigint   NOT NULL DEFAULT 0,
    owing     boolean  NOT NULL DEFAULT false,
    PRIMARY KEY (sku, pool)
) WITH (fillfactor = 50);

-- An order that was granted units, where its grant stands (engines.GrantState), and what it was granted: sku, pool, quantity, and
-- the seq and available that granting gave the key, line after line. Times are nanoseconds of the day. The queue keeps the
-- first reply of the operation that granted an order here too, and not in operations: its ID, and its content's fingerprint.
CREATE TABLE doorbuster.orders (
    order_id    bigint   PRIMARY KEY,
    state       smallint NOT NULL,
    channel     smallint NOT NULL,
    deadline    bigint   NOT NULL,
    lines       bigint[] NOT NULL,
    granted_by  bigint,
    fingerprint bigint
);

-- What orders hold, a row for each line. Its state is its order's, so that no line outlives its order's hold; and it has no
-- column that can be NULL, for a line that is NULL somewhere would be subtracted from no stock.
CREATE VIEW doorbuster.holds AS
    SELECT o.order_id, o.lines[i] AS sku, o.lines[i + 1] AS pool, o.lines[i + 2] AS qty, o.state, o.channel, o.deadline
    FROM doorbuster.orders o CROSS JOIN generate_series(1, cardinality(o.lines), 5) i;

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

-- Fails where it is not so, and takes its transaction with it: a condition that is met before the COMMIT behind it in the pipeline.
CREATE FUNCTION doorbuster.insist(ok boolean, state text, story text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    IF ok IS NOT TRUE THEN
        RAISE EXCEPTION USING MESSAGE = story, ERRCODE = state;
    END IF;
    RETURN true;
END $$;
