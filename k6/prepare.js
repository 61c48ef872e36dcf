// Sets the opening stock once, before the parts of a run share it: bin/k6 run -e ENGINE=postgres/conditional k6/prepare.js
// SCENARIO, ENGINE, DURATION, SEED and SET must be those of the parts.
import { Demand } from "k6/x/doorbuster";

const demand = new Demand(__ENV.SCENARIO || "blackfriday", {
  engine: __ENV.ENGINE,
  duration: __ENV.DURATION || "30s",
  seed: Number(__ENV.SEED || 1),
  set: __ENV.SET ? __ENV.SET.split(",") : [],
  allowRemote: __ENV.REMOTE === "true",
});

export const options = { vus: 1, iterations: 1, setupTimeout: "2m" };

export function setup() {
  demand.prepare();
}

export default function () {}
