// Any k6, without the extension, against `doorbuster serve`. It sets a small stock of its own, lets a 12× spike of buyers come for it, and
// counts from the server's books what was sold beyond stock:
//
//   doorbuster serve --engine redis/naive --allow-reset
//   k6 run -e URL=http://127.0.0.1:8080 k6/http.js
//
// What this can't see, the extension does: latency from the time at which a buyer came, whatever k6 dropped; whether buyers were told something
// else than the books say; whether anybody was refused while there was stock.
//
// URL   of the server (default http://127.0.0.1:8080)
// RATE  buyers a second before the spike (default 50)
import http from "k6/http";
import exec from "k6/execution";
import { check, fail, sleep } from "k6";
import { Counter } from "k6/metrics";

const url = __ENV.URL || "http://127.0.0.1:8080";
const rate = Number(__ENV.RATE || 50);
const spike = 12;

const skus = 20;
const opening = Array.from({ length: skus }, (_, sku) => (sku === 0 ? 100 : 400));
const sell = 4; // the number of the kind, which is part of an operation's ID
const page = 1000;

const oversold = new Counter("oversold_units");
const audited = new Counter("audit_completed");
const promised = new Counter("promised");
const refused = new Counter("refused");

export const options = {
  scenarios: {
    doors: {
      executor: "ramping-arrival-rate",
      startRate: rate,
      timeUnit: "1s",
      preAllocatedVUs: Math.ceil(20 + (rate * spike) / 4),
      stages: [
        { duration: "1s", target: rate },
        { duration: "200ms", target: rate * spike },
        { duration: "2s", target: rate * spike },
        { duration: "2s", target: rate },
      ],
    },
  },
  thresholds: {
    oversold_units: ["count==0"],
    audit_completed: ["count==1"], // a counter that is never emitted passes count==0
    dropped_iterations: ["count==0"], // buyers who came, and whom k6 did not send
    checks: ["rate==1"],
  },
};

const json = { headers: { "Content-Type": "application/json" } };

export function setup() {
  const answer = http.post(`${url}/v1/reset`, JSON.stringify({ opening }), json);
  if (answer.status !== 200) {
    fail(`setting the stock: ${answer.status} ${answer.body}: a server in memory allows it, any other needs --allow-reset`);
  }
}

export default function () {
  const order = exec.scenario.iterationInTest + 1;
  const sku = order % 2 ? 0 : order % skus; // every other buyer comes for the doorbuster
  sleep(0.05 * Math.random()); // k6 spaces arrivals evenly, which keeps buyers out of each other's way; real ones come in bunches
  const body = JSON.stringify({ kind: "sell", order, lines: [{ sku, qty: 1 }] });
  const answer = http.post(`${url}/v1/operations`, body, {
    headers: { ...json.headers, "Idempotency-Key": String(order * 16 + sell) },
    tags: { name: "sell" },
  });
  const outcome = answer.status === 200 ? answer.json("outcome") : "";
  check(outcome, { "the engine decided": (o) => o === "done" || o === "sold out" || o === "contended" });
  promised.add(outcome === "done" ? 1 : 0);
  refused.add(outcome === "done" ? 0 : 1);
}

export function teardown() {
  const granted = new Array(skus).fill(0);
  for (const grant of books("grants")) {
    for (const line of grant.lines) {
      granted[line.sku] += line.qty;
    }
  }
  oversold.add(granted.reduce((sum, units, sku) => sum + Math.max(0, units - opening[sku]), 0));
  audited.add(1);
}

// books reads a list of the server's books, page after page.
function* books(list) {
  for (let after = ""; ; ) {
    const answer = http.get(`${url}/v1/books/${list}?limit=${page}${after}`, { tags: { name: list } });
    if (answer.status !== 200) {
      fail(`reading the ${list}: ${answer.status} ${answer.body}`);
    }
    const { items, next } = answer.json();
    yield* items;
    if (next === undefined) {
      return;
    }
    after = `&after=${next}`;
  }
}
