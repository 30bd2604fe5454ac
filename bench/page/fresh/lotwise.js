// What a fresh page loads.

import { createLotwise } from "../../../js-sdk/dist/entry/web.js";
import { lotwise } from "../subjects/lotwise.js";

export const start = (workload) => lotwise(createLotwise, workload);
