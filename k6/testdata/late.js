// Has no time to wait for the orders that leave the house after the last shopper came.
import { Demand } from "k6/x/doorbuster";

const demand = new Demand("flashsale", { engine: "memory/conditional", duration: "3s", set: ["wall_peak_per_s=200", "stock.ship_after=110m"], out: __ENV.OUT });

export const options = { scenarios: demand.scenarios(), teardownTimeout: "100ms" };

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
