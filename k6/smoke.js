// Two seconds of a drop in memory: bin/k6 run k6/smoke.js
// It fails (exit code 99 or 107) if the extension does not do what it says.
import { check } from "k6";
import { Demand } from "k6/x/doorbuster";

const demand = new Demand("flashsale", { engine: "memory/conditional", duration: "2s", set: ["wall_peak_per_s=200"], out: __ENV.OUT || "out/k6-smoke" });

export const options = {
  scenarios: demand.scenarios(),
  thresholds: {
    doorbuster_audit_completed: ["count==1"],
    doorbuster_oversold_units: ["count==0"],
    doorbuster_checks_failed: ["count==0"],
    doorbuster_promised: ["count>0"],
    checks: ["rate==1"],
  },
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
  const run = demand.audit();
  check(run, {
    "it has the engine's name": (r) => r.engine === "memory/conditional",
    "every shopper was played and answered": (r) => r.load.planned > 0 && r.load.dropped === 0 && r.orders.unknown === 0,
  });
}

export function handleSummary() {
  return demand.summary();
}
