// The workload's names, and who decides it.

export const SIZES = [10, 100, 1000];

export const NAMES = ["lotwise", "growthbook", "configcat"];

export function keysOf(size) {
  return Array.from({ length: size }, (_, place) => `exp-${String(place).padStart(4, "0")}`);
}
