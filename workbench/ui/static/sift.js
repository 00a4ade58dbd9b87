// Which runs of a list are shown, and in what order: pure functions over the rows that the server sends.

const STATES = ["running", "queued", "finished", "stopped", "failed", "interrupted", "damaged"];
const COLLATOR = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

export const labelOf = (row) => row.name || `${row.method}, seed ${row.seed}`;

// What a filter can ask for: its name, and the values that a run has there.
export const FILTERS = [
  ["state", (row) => [row.state]],
  ["task", (row) => [row.task]],
  ["method", (row) => [row.method.split(":")[0]]],
  ["tag", (row) => row.tags],
];

// What a list can be sorted by: its head, what is compared, and whether the largest comes first at the first click.
export const COLUMNS = [
  ["run", labelOf],
  ["state", (row) => STATES.indexOf(row.state)],
  ["held-out loss", (row) => row.loss],
  ["task", (row) => row.task],
  ["model", (row) => row.model],
  ["created", (row) => row.created, true],
  ["tags", (row) => row.tags.join(", ")],
];

// [value, how many runs have it] for one filter, in the order in which they are offered.
export function offered(rows, valuesOf) {
  const counts = new Map();
  for (const row of rows) for (const value of valuesOf(row)) counts.set(value, (counts.get(value) ?? 0) + 1);
  const place = ([value]) => STATES.indexOf(value);
  return [...counts].sort((one, other) => place(one) - place(other) || COLLATOR.compare(one[0], other[0]));
}

// The rows in which every word stands somewhere, and which have the picked value of every filter.
export function sifted(rows, text, picked) {
  const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
  const asked = FILTERS.filter(([name]) => picked[name]);
  const said = (row) => [row.run, row.name, row.state, row.model, row.task, row.method, ...row.tags].join(" ").toLowerCase();
  return rows.filter((row) => wanted.every((word) => said(row).includes(word)) && asked.every(([name, valuesOf]) => valuesOf(row).includes(picked[name])));
}

// The rows by one column; runs that have nothing there come last either way, equal ones stay as they were.
export function sorted(rows, head, isDown) {
  const [, valueOf] = COLUMNS.find(([name]) => name === head);
  const isEmpty = (value) => value === null || value === "";
  const compare = (one, other) => (typeof one === "number" ? one - other : COLLATOR.compare(one, other));
  return [...rows].sort((first, second) => {
    const [one, other] = [valueOf(first), valueOf(second)];
    if (isEmpty(one) || isEmpty(other)) return isEmpty(one) - isEmpty(other);
    return isDown ? compare(other, one) : compare(one, other);
  });
}
