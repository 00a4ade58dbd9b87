// Sort a table by a column: its heads are buttons, so that a mouse, a finger and a keyboard do the same.

export function mount(element) {
  element.addEventListener("click", (event) => {
    const head = event.target.closest("table.sortable thead button")?.closest("th");
    if (head) sort(head);
  });
}

// Upwards first, and the other way round the second time; what was not measured stays at the end.
function sort(head) {
  const body = head.closest("table").tBodies[0], isDown = head.getAttribute("aria-sort") === "ascending";
  for (const other of head.parentElement.cells) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", isDown ? "descending" : "ascending");
  const rows = [...body.rows].map((row) => [value(row.cells[head.cellIndex]), row]);
  const measured = rows.filter(([key]) => key !== "").sort(([one], [other]) => (isDown ? -1 : 1) * order(one, other));
  body.append(...[...measured, ...rows.filter(([key]) => key === "")].map(([, row]) => row));
}

// A number where the cell says one, else its text.
function value(cell) {
  const number = cell.dataset.value;
  if (number === undefined) return cell.textContent;
  return number === "" ? "" : Number(number);
}

function order(one, other) {
  return typeof one === "number" ? one - other : one.localeCompare(other);
}
