// The metrics beside the leading score, folded below the table of runs: what each run has, and what each is.

import { fill, h, words } from "./dom.js";
import { latest } from "./fold.js";

// `measures` tell of every key its title, what it means and its decimals.
export function metricsPanel(place, runs, { metric, measures }) {
  const table = h("div", { class: "wide", tabIndex: 0, role: "region", "aria-label": "More metrics" });
  const glossary = h("ul", { class: "soft" });
  const fold = h("details", { hidden: true }, h("summary", {}, "More metrics"), table, glossary);
  fill(place, fold);
  let drawn = "";

  return function draw() {
    const values = runs.map((run) => measured(run.history, metric));
    if (JSON.stringify(values) === drawn) return;
    drawn = JSON.stringify(values);
    const shown = [...new Set(values.flatMap(Object.keys))].map((key) => [key, measures[key] ?? { title: words(key), means: "measured by another version of the workbench", decimals: 3 }]);
    fold.hidden = !shown.length;
    const heads = ["metric", ...runs.map((run) => run.label)].map((name) => h("th", { scope: "col" }, name));
    const rows = shown.map(([key, measure]) => h("tr", {}, h("th", { scope: "row", title: measure.means }, measure.title),
      values.map((own) => h("td", {}, text(own[key], measure.decimals)))));
    fill(table, h("table", {}, h("thead", {}, h("tr", {}, heads)), h("tbody", {}, rows)));
    fill(glossary, shown.map(([, measure]) => h("li", {}, h("b", {}, measure.title), `: ${measure.means}`)));
  };
}

// Perplexity, exp of the held-out loss, and all scores but the leading one.
function measured(history, leading) {
  const loss = latest(history.evaluations), perplexity = typeof loss === "number" ? Math.exp(loss) : Infinity;
  const { [leading]: _, ...scores } = latest(history.scores) ?? {};
  return Number.isFinite(perplexity) ? { perplexity, ...scores } : scores;
}

const text = (value, decimals) => typeof value === "number"
  ? value.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals })
  : "-";
