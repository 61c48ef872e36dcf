// A drop, operation by operation: bin/k6 run k6/flashsale.js
//
// With URL the operations go through k6's own http to `doorbuster serve`, and what its answers say is what the shoppers were told:
//
//   doorbuster serve --engine redis/conditional --scenario flashsale --allow-reset
//   bin/k6 run -e URL=http://127.0.0.1:8080 k6/flashsale.js
//
// ENGINE, DURATION, SEED, OUT: as in blackfriday.js
import http from "k6/http";
import { Demand } from "k6/x/doorbuster";

const url = __ENV.URL;
const demand = new Demand("flashsale", {
  engine: url || __ENV.ENGINE || "memory/conditional",
  duration: __ENV.DURATION || "30s",
  seed: Number(__ENV.SEED || 1),
  out: __ENV.OUT || "out/k6-flashsale",
});

export const options = {
  scenarios: demand.scenarios(),
  thresholds: {
    ...demand.thresholds(),
    doorbuster_latency: ["p(99)<500"], // ms, of operations served, from the intended start
  },
  setupTimeout: "2m",
  teardownTimeout: "2m",
};

export function setup() {
  demand.open();
}

export default function () {
  const shopper = demand.next();
  if (!shopper) {
    return;
  }
  for (let op = shopper.next(); op; op = shopper.next()) {
    if (url) {
      send(op);
    } else {
      op.do();
    }
  }
}

// send has the server do an operation, and records what the shopper was told.
function send(op) {
  const answer = http.post(`${url}/v1/operations`, op.body, {
    headers: { "Content-Type": "application/json", "Idempotency-Key": op.key },
    tags: { name: op.kind },
    timeout: "5s",
  });
  op.told(answer.status === 200 ? answer.json() : null);
}

export function teardown() {
  demand.audit();
}

export function handleSummary() {
  return demand.summary();
}
