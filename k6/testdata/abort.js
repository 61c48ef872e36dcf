// Gives up in the middle of the day.
import exec from "k6/execution";
import { Demand } from "k6/x/doorbuster";

const demand = new Demand("flashsale", { engine: "memory/conditional", duration: "20s", out: __ENV.OUT });

export const options = { scenarios: demand.scenarios(), thresholds: demand.thresholds() };

export function setup() {
  demand.open();
}

export default function () {
  demand.next().play();
  exec.test.abort("enough");
}

export function teardown() {
  demand.audit();
}

export function handleSummary() {
  return demand.summary();
}
