// The iterations of blackfriday.js, with nothing in them: what k6 itself takes.
import { Demand } from "k6/x/doorbuster";

const demand = new Demand(__ENV.SCENARIO, { engine: __ENV.ENGINE, duration: __ENV.DURATION, set: __ENV.SET.split(",") });

export const options = { scenarios: demand.scenarios() };

export default function () {}
