// The Runs tab: find, name, delete with undo, take away and hand in.

import { ask, fill, h, words } from "./dom.js";

const OVER = ["finished", "stopped", "failed", "interrupted", "damaged"];
const SHOWN = 200;

export async function mount(element) {
  const place = element.querySelector(".runs") ?? element;
  const page = { rows: [], told: h("p", { "aria-live": "polite" }), list: h("div"), search: h("input", { type: "search", id: "run-search", oninput: () => draw(page) }) };
  page.refresh = async () => {
    page.rows = await ask("/api/runs").catch((error) => {
      page.told.textContent = error.message;
      return page.rows;
    });
    draw(page);
  };
  fill(place, h("section", { class: "card" },
    h("h2", {}, "Runs"),
    h("div", { class: "slider" }, h("label", { for: "run-search" }, "Find"), page.search,
      h("button", { type: "button", onclick: page.refresh }, "Refresh"),
      h("label", { for: "run-import" }, "Hand in a zip"), h("input", { type: "file", id: "run-import", accept: ".zip", onchange: (event) => takeIn(page, event.target) })),
    page.told, page.list));
  new IntersectionObserver((seen) => seen.some((entry) => entry.isIntersecting) && page.refresh()).observe(place);
  await page.refresh();
}

function draw(page) {
  const wanted = page.search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const text = (row) => [row.run, row.name, row.state, row.model, row.task, row.method, ...row.tags].join(" ").toLowerCase();
  const rows = page.rows.filter((row) => wanted.every((word) => text(row).includes(word)));
  if (!rows.length) return fill(page.list, h("p", { class: "soft" }, page.rows.length ? "No run fits." : "There are no runs yet. Start a race."));
  const heads = ["run", "state", "held-out loss", "task", "model", "created", "tags", "actions"];
  return fill(page.list,
    h("div", { class: "wide", tabIndex: 0, role: "region", "aria-label": "Your runs" }, h("table", {}, h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))), h("tbody", {}, rows.slice(0, SHOWN).map((row) => line(page, row))))),
    rows.length > SHOWN ? h("p", { class: "soft" }, `${rows.length - SHOWN} more; find words narrow the list.`) : null);
}

function line(page, row) {
  const isOver = OVER.includes(row.state);
  const label = row.name || `${row.method}, seed ${row.seed}`;
  return h("tr", {},
    h("th", { scope: "row" }, h("a", { href: `?race=${encodeURIComponent(row.race)}` }, label)),
    h("td", {}, row.state === "running" ? `running, ${row.step} / ${row.steps}` : row.state),
    h("td", {}, row.loss === null ? "" : row.loss.toFixed(3)), h("td", {}, words(row.task)), h("td", {}, row.model),
    h("td", {}, row.created.slice(0, 16).replace("T", " ")), h("td", {}, row.tags.join(", ")),
    h("td", { class: "actions" },
      h("button", { type: "button", "aria-label": `Rename ${label}`, onclick: () => rename(page, row) }, "Rename"),
      h("button", { type: "button", "aria-label": `Tag ${label}`, onclick: () => tag(page, row) }, "Tag"),
      isOver ? h("a", { class: "button", href: `/api/runs/${row.run}/zip`, download: true, "aria-label": `Download ${label} as a zip` }, "Zip") : null,
      isOver ? h("button", { type: "button", "aria-label": `Delete ${label}`, onclick: () => remove(page, row) }, "Delete") : null));
}

async function change(page, path, body, told) {
  try {
    await ask(path, body);
    fill(page.told, ...[told ?? ""].flat());
  } catch (error) {
    page.told.textContent = error.message;
  }
  await page.refresh();
}

function rename(page, row) {
  const name = prompt("Name of the run (empty: its method)", row.name);
  if (name !== null) change(page, "/api/runs/label", { run: row.run, name });
}

function tag(page, row) {
  const tags = prompt("Tags, with commas between", row.tags.join(", "));
  if (tags !== null) change(page, "/api/runs/label", { run: row.run, tags: tags.split(",").map((word) => word.trim()).filter(Boolean) });
}

function remove(page, row) {
  const undo = h("button", { type: "button", onclick: () => change(page, "/api/runs/restore", [row.run], "It is back.") }, "Undo");
  change(page, "/api/runs/delete", [row.run], [`${row.name || row.method} is deleted. `, undo]);
}

async function takeIn(page, input) {
  const [file] = input.files;
  if (!file) return;
  page.told.textContent = "Looking at the file ...";
  await change(page, "/api/runs/import", file, "It is in the list.");
  input.value = "";
}
