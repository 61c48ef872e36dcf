// The Black Friday through one engine: bin/k6 run -e ENGINE=postgres/conditional k6/blackfriday.js
//
// SCENARIO  its name, or a YAML file (default blackfriday)
// ENGINE    backend/strategy (default memory/conditional), or the URL of doorbuster serve
// DURATION  how long the day takes (default 30s)
// SEED      of the demand (default 1): the same seed meets the same shoppers
// SET       values of the scenario to replace, as holds.policy=cart, with commas between them
// OUT       folder for result.json (default out/k6)
// PART      set it to true where this process runs one execution segment: see README.md
// REMOTE    set it to true to use a server that is not on this machine
// VUS       virtual users altogether (default: as many as the plan needs)
import { Demand } from "k6/x/doorbuster";

const demand = new Demand(__ENV.SCENARIO || "blackfriday", {
  engine: __ENV.ENGINE || "memory/conditional",
  duration: __ENV.DURATION || "30s",
  seed: Number(__ENV.SEED || 1),
  set: __ENV.SET ? __ENV.SET.split(",") : [],
  out: __ENV.OUT || "out/k6",
  part: __ENV.PART === "true",
  allowRemote: __ENV.REMOTE === "true",
  vus: __ENV.VUS ? Number(__ENV.VUS) : undefined,
});

export const options = {
  scenarios: demand.scenarios(),
  thresholds: demand.thresholds(),
  setupTimeout: "2m",
  teardownTimeout: "2m",
};

export function setup() {
  demand.open();
}

export default function () {
  const shopper = demand.next();
  if (shopper) {
    shopper.play();
  }
}

export function teardown() {
  demand.audit();
}

export function handleSummary() {
  return demand.summary();
}
