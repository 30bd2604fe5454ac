// Figures of speed: medians, ratios, targets.

import { table, time } from "./table.mjs";
import { NAMES } from "./workload.mjs";

/** Nanoseconds, by n and operation. docs/benchmarks.md says where they come from. */
const TARGETS = {
  10: {},
  100: { "single, first read": 200, "all, new user": 15_000 },
  1000: { init: 1_000_000 },
};

/** Prints a table of a runtime's figures, `{n: {operation: {name: [nanoseconds]}}}`. */
export function printSpeed(runtime, figures) {
  console.log(`\nIn ${runtime}, median round (best):\n`);
  const rows = Object.entries(figures).flatMap(([n, operations]) =>
    Object.entries(operations).map(([operation, rounds]) => {
      const [ours, ...peers] = NAMES.map((name) => median(rounds[name]));
      const target = TARGETS[n][operation];
      return [
        `n = ${n}: ${operation}`,
        ...NAMES.map((name) => `${time(median(rounds[name]))} (${time(Math.min(...rounds[name]))})`),
        ...peers.map((peer) => (peer / ours).toFixed(2)),
        target
          ? `${time(target)}, ${ours <= target ? "met" : `missed ${(ours / target).toFixed(1)} times`}`
          : "",
      ];
    }),
  );
  table(["", ...NAMES, "growthbook / lotwise", "configcat / lotwise", "target"], rows);
}

/** Prints what fresh pages took, milliseconds by name. */
export function printFresh(fresh) {
  console.log("\nA fresh page, n = 100: from importing the script to the first decision, median (best):\n");
  const row = NAMES.map(
    (name) => `${time(median(fresh[name]) * 1e6)} (${time(Math.min(...fresh[name]) * 1e6)})`,
  );
  table(["", ...NAMES], [["", ...row]]);
}

/** The same for programs. */
export function summary(speed) {
  const short = (rounds) => ({
    median_ns: Math.round(median(rounds)),
    best_ns: Math.round(Math.min(...rounds)),
  });
  const each = (object, change) =>
    Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
  return each(speed, ({ version, figures, fresh }) => ({
    version,
    fresh_ms: fresh && each(fresh, (starts) => ({ median: median(starts), best: Math.min(...starts) })),
    figures: each(figures, (operations) => each(operations, (rounds) => each(rounds, short))),
  }));
}

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}
