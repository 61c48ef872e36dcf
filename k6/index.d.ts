/**
 * k6/x/doorbuster: a scenario's shoppers, played by k6's virtual users, and the audit that counts what was sold beyond stock.
 *
 * @packageDocumentation
 */
declare module "k6/x/doorbuster" {
  /** How a demand is met. */
  export interface DemandOptions {
    /**
     * The engine: backend/strategy, such as "postgres/conditional" (see `doorbuster list engines`), or the URL of `doorbuster serve`. Engines on
     * servers take theirs from DOORBUSTER_POSTGRES or DOORBUSTER_REDIS, or get a private one for the length of the run.
     */
    engine: string;
    /** The same seed meets the same shoppers. From 0 to 2^53 − 1; 1 if left out. */
    seed?: number;
    /** How long the scenario's day takes, from "1s" to "24h"; "30s" if left out. */
    duration?: string;
    /** Share of the scenario's SKUs, above 0 up to 1. If left out, as many as the scenario's peak allows. */
    scale?: number;
    /** Values of the scenario to replace, such as "holds.policy=cart". */
    set?: string[];
    /** Virtual users altogether, from 1 to 100000. If left out, as many as the plan needs. With too few the run is invalid, not fast. */
    vus?: number;
    /** Folder for result.json, and of a part for its journal; "out/k6" if left out. */
    out?: string;
    /**
     * This process runs one execution segment of several: it takes the stock as prepare() set it, and keeps a journal, by which
     * `doorbuster merge --audit` judges all parts together.
     */
    part?: boolean;
    /** Consent to dropping what stands under doorbuster's name in a server and isn't doorbuster's. */
    allowReset?: boolean;
    /** Use a server that is not on this machine. */
    allowRemote?: boolean;
  }

  /** Everything that one day asks of the shop. All virtual users of a process share it. */
  export class Demand {
    /**
     * Plans the day. Only in the init context; nothing is connected yet.
     *
     * @param scenario - its name (see `doorbuster list scenarios`), or a YAML file
     * @throws if an argument is missing or wrong; the message names it
     */
    constructor(scenario: string, options: DemandOptions);

    /** k6's option `scenarios`: a ramping-arrival-rate scenario for each channel, with the channel's name. */
    scenarios(): Record<string, object>;

    /** k6's option `thresholds` that any run should meet: nothing oversold, the audit completed, the load as planned, every promise kept. */
    thresholds(): Record<string, string[]>;

    /**
     * Readies the engine, and sets the opening stock. Call it in setup().
     *
     * @throws in the init context, and if the engine or its server can't be used
     */
    open(): void;

    /**
     * Sets the opening stock that parts share, and nothing else. Call it in setup() of a run of its own, before the parts.
     *
     * @throws in the init context, and if the engine or its server can't be used
     */
    prepare(): void;

    /**
     * Waits for the next shopper whom nobody has taken. One that is taken late keeps the intended time.
     *
     * @param channel - the channel's name; that of the k6 scenario if left out
     * @returns null when no more will come
     * @throws in the init context, before open(), and if there is no such channel
     */
    next(channel?: string): Shopper | null;

    /**
     * Waits for the last holds and orders, reads the engine's books, judges, and pushes the metrics. Call it in teardown(): there the metrics
     * count for thresholds.
     *
     * @returns the run, as result.json has it (see sim/result/result.schema.json)
     */
    audit(): Record<string, any>;

    /** The result file, as JSON. A run that was not audited before is cut short. */
    result(): string;

    /** What handleSummary() returns: the result file in the folder of the option `out`, and a few lines for the terminal. */
    summary(): Record<string, string>;
  }

  /** One arrival, until Demand.next() is called again in the same virtual user. */
  export interface Shopper {
    /** From 1, in the order of arrival. */
    readonly number: number;
    /** The shopper's order; one with a second tab has the next one too. */
    readonly order: number;
    readonly channel: string;
    /** When they come, in ms since the start of the day. */
    readonly intended_ms: number;

    /** Waits until the shopper's next operation is due. The one before must have been answered. null: there is none. */
    next(): Operation | null;

    /** Does all that the shopper wants done, on the demand's engine. */
    play(): void;

    /** Leaves before the end: what is yet to come is dropped, and counted. */
    leave(): void;
  }

  /** What became of an operation. "unknown": it may or may not have happened. */
  export type Outcome = "done" | "sold out" | "contended" | "expired" | "not found" | "conflict" | "unknown";

  /** The answer of `doorbuster serve` to POST /v1/operations. */
  export interface Reply {
    outcome: Outcome;
    versions?: { sku: number; pool: number; seq: number; after: number }[];
  }

  /** An operation that a shopper wants done now: do it, or tell what became of it elsewhere. */
  export interface Operation {
    /** Identifies the operation: sent again, it has no further effect. */
    readonly id: string;
    readonly kind: "reserve" | "confirm" | "release" | "sell";
    readonly order: number;
    /** Of reserve and sell; the others act on the order's own. */
    readonly lines: { sku: number; name: string; qty: number }[];
    /** When it was due, in ms since the start of the day. */
    readonly intended_ms: number;
    /** For `doorbuster serve`: the header Idempotency-Key. */
    readonly key: string;
    /** For `doorbuster serve`: the body of POST /v1/operations. */
    readonly body: string;

    /** Does it on the demand's engine. */
    do(): Outcome;

    /**
     * Records what the shopper was told.
     *
     * @param what - an outcome, or the reply of `doorbuster serve`; null: no answer came
     * @throws if it is neither, and if the operation has its answer already
     */
    told(what: Outcome | Reply | null): void;
  }
}
