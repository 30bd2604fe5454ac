// Tables for people.

/** Prints rows in aligned columns, the first to the left. */
export function table(header, rows) {
  const lines = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  for (const line of lines) {
    const cells = line.map((cell, column) =>
      column ? cell.padStart(widths[column]) : cell.padEnd(widths[column]),
    );
    console.log(cells.join("  ").trimEnd());
  }
}

/** A duration in the unit that suits it. */
export function time(nanoseconds) {
  const [unit, size] = [
    ["ms", 1e6],
    ["µs", 1e3],
    ["ns", 1],
  ].find(([, size]) => nanoseconds >= size) ?? ["ns", 1];
  const value = nanoseconds / size;
  return `${value >= 100 || unit === "ns" ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2)} ${unit}`;
}
