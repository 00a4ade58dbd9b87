// Find learning rates: a short run of each method in which the rate grows, its curve, and a rate to try.

import { pageLook } from "./curves.js";
import { ask, fill, h } from "./dom.js";
import { plotly } from "./plotly.js";

const HEADS = ["method", "rate to try", "breaks at", "own rate"];
const EXPLAINED = "Ring: the rate to try, where half of the fall of the loss is done. Dotted: the method's own rate. One short run is a hint, no proof. A rate of the budget holds for every method.";

// `runs` are specs with their label and style; where the budget is not locked, a rate can be put into it.
export async function findRates(place, title, runs, isLocked) {
  const told = h("p", { "aria-live": "polite" }), problems = h("div"), rows = h("tbody");
  const plot = h("div", { class: "plot", role: "group", "aria-label": "Loss by learning rate; the numbers stand in the table below" });
  const found = h("div", { hidden: true }, h("figure", {}, h("figcaption", {}, `Training loss, smoothed: ${title}`), plot),
    h("div", { class: "wide", tabIndex: 0, role: "region", "aria-label": "Learning rates" }, h("table", {}, h("thead", {}, h("tr", {}, HEADS.map((head) => h("th", { scope: "col" }, head)))), rows)));
  fill(place, told, problems, found);
  const curves = [];
  for (const run of runs) {
    told.textContent = `${run.label}: the rate grows from 0.00001 to 10 ...`;
    try {
      curves.push({ ...run, ...(await ask("/api/rates", run.spec)) });
    } catch (error) {
      problems.append(h("p", { class: "problem", role: "alert" }, `${run.label}: ${error.message}`));
      continue;
    }
    found.hidden = false;
    rows.append(row(curves.at(-1), isLocked));
    draw(plot, curves);
  }
  told.textContent = curves.length ? EXPLAINED : "No rate was found.";
}

const short = (rate) => (rate === null ? "-" : String(Number(rate.toPrecision(2))));

function row(curve, isLocked) {
  const rate = short(curve.suggested);
  const button = !isLocked && curve.suggested !== null ? [" ", h("button", { type: "button", "aria-label": `Use ${rate} for the race`, onclick: () => use(rate) }, "Use")] : null;
  return h("tr", {}, h("th", { scope: "row" }, curve.label), h("td", {}, rate, button), h("td", {}, short(curve.breaks)), h("td", {}, short(curve.default)));
}

// Put a rate into the budget's own field, as a person would type it.
function use(rate) {
  const field = document.getElementById("budget-learning_rate");
  field.closest("details").open = true;
  field.value = rate;
  field.dispatchEvent(new Event("input"));
  field.focus();
}

function draw(plot, curves) {
  const look = pageLook(), axis = { gridcolor: look.grid, linecolor: look.grid, zeroline: false, automargin: true };
  const drawn = curves.filter((curve) => curve.losses.length);
  const top = 1.3 * Math.max(1e-9, ...drawn.map((curve) => curve.losses[0])); // what broke is drawn no higher
  const layout = {
    height: 280, margin: { l: 8, r: 8, t: 8, b: 8 }, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", font: look.font,
    hoverlabel: { bgcolor: look.panel, font: { color: look.font.color }, namelength: -1 }, legend: { orientation: "h", yanchor: "top", y: -0.34 }, showlegend: true,
    xaxis: { ...axis, type: "log", exponentformat: "power", dtick: 1, title: { text: "learning rate of the step" } },
    yaxis: { ...axis, range: [0, top], title: { text: curves[0].unit } },
    shapes: drawn.map((curve) => ({ type: "line", x0: curve.default, x1: curve.default, y0: 0, y1: 1, yref: "paper", line: { color: curve.style.colour, dash: "dot", width: 1.5 } })),
  };
  plotly().then((Plotly) => Plotly.react(plot, drawn.flatMap(traces), layout, { responsive: true, displaylogo: false }));
}

// The curve, and a ring on it.
function traces(curve) {
  const shared = { type: "scatter", name: curve.label, legendgroup: curve.label, hovertemplate: "%{fullData.name}<br>rate %{x:.2g}: %{y:.3f}<extra></extra>" };
  const line = { ...shared, x: curve.rates, y: curve.losses, mode: "lines", line: { color: curve.style.colour, dash: curve.style.dash, width: 2 } };
  if (curve.suggested === null) return [line];
  const at = curve.losses[curve.rates.indexOf(curve.suggested)];
  return [line, { ...shared, x: [curve.suggested], y: [at], mode: "markers", showlegend: false, marker: { color: curve.style.colour, symbol: "circle-open", size: 12, line: { width: 2 } } }];
}
