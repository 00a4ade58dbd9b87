// The curves of a race, drawn by plotly; zoom and hidden traces survive every update.

import { fill, h, words } from "./dom.js";
import { forgotten } from "./fold.js";
import { plotly } from "./plotly.js";

const SMOOTH = 0.8; // weight of what came before in the running mean of the training loss

const PLOTS = [
  { name: "held-out", title: "Held-out loss", unit: (board) => board.loss_unit, traces: (run) => [line(run, run.history.evaluations, true)] },
  { name: "training", title: "Training loss (smoothed; the raw one behind)", unit: (board) => board.loss_unit, traces: (run) => [raw(run), line(run, smoothed(run.history.losses), false)] },
  { name: "forgetting", title: "Forgetting: rise of the loss on the base's own texts", unit: () => "nats per token", traces: (run) => [line(run, forgotten(run.history), true)] },
  { name: "score", title: "Score", unit: () => "0 to 1", traces: (run, board) => [line(run, run.history.scores.map(([step, scores]) => [step, scores[board.metric] ?? null]), true)] },
];

export function drawCurves(place, runs, board) {
  if (!place.plots) build(place, board);
  const look = pageLook(), last = Math.max(1, ...runs.map((run) => run.history.step));
  for (const [plot, element] of place.plots) {
    const traces = runs.flatMap((run) => plot.traces({ ...run, last }, board)).filter((trace) => trace.x.length);
    const key = [traces.map((trace) => trace.x.length), look.font.color, place.scale, plot.name === "held-out" && Math.floor(last / 5)].join();
    if (element.dataset.key === key) continue;
    element.dataset.key = key;
    const isLog = place.scale === "log" && plot.name !== "score" && plot.name !== "forgetting";
    plotly().then((Plotly) => Plotly.react(element, traces, layout(plot, board, look, isLog), { responsive: true, displaylogo: false, modeBarButtonsToRemove: ["select2d", "lasso2d"] }));
  }
}

function build(place, board) {
  place.scale = "linear";
  const toggle = h("input", { type: "checkbox", id: "log-scale", onchange: (event) => (place.scale = event.target.checked ? "log" : "linear") });
  place.plots = PLOTS.filter((plot) => plot.name !== "score" || board.metric).map((plot) => [plot, h("div", { class: "plot", role: "group", "aria-label": `${plot.title} by step; the numbers stand in the table of runs` })]);
  fill(place, h("label", { class: "switch", for: "log-scale" }, toggle, "logarithmic losses"),
    h("div", { class: "plots" }, place.plots.map(([plot, element]) => h("figure", {}, h("figcaption", {}, plot.name === "score" ? `Score: ${words(board.metric)}` : plot.title), element))));
}

function line(run, points, hasMarkers) {
  const isFlat = !run.trains && points.length && run.history.steps === 0;
  const level = isFlat ? [[0, points[0][1]], [run.last, points[0][1]]] : points;
  return {
    x: level.map(([step]) => step), y: level.map(([, value]) => value), name: run.label, legendgroup: run.run, type: "scatter",
    mode: hasMarkers && !isFlat ? "lines+markers" : "lines", connectgaps: false,
    line: { color: run.style.colour, dash: isFlat ? "dot" : run.style.dash, width: 2 },
    marker: { color: run.style.colour, symbol: run.style.marker, size: 7 },
    hovertemplate: "%{fullData.name}<br>step %{x}: %{y:.3f}<extra></extra>",
  };
}

function raw(run) {
  return { ...line(run, run.history.losses, false), showlegend: false, opacity: 0.25, line: { color: run.style.colour, width: 1 }, hoverinfo: "skip", hovertemplate: undefined };
}

// An exponential running mean, corrected for its start (Kingma and Ba 2015, section 3); a gap stays a gap.
function smoothed(points) {
  let mean = 0, weight = 0;
  return points.map(([step, value]) => {
    if (value === null) return [step, null];
    mean = SMOOTH * mean + (1 - SMOOTH) * value;
    weight = SMOOTH * weight + (1 - SMOOTH);
    return [step, mean / weight];
  });
}

export function pageLook() {
  const style = getComputedStyle(document.querySelector(".workbench"));
  const of = (name) => style.getPropertyValue(name).trim();
  return { font: { family: "system-ui, sans-serif", size: 12, color: of("--ink") }, grid: of("--edge"), panel: of("--panel") };
}

function layout(plot, board, look, isLog) {
  const axis = { gridcolor: look.grid, linecolor: look.grid, zeroline: false, automargin: true };
  return {
    uirevision: `${board.race} ${isLog}`, // what a person zoomed or hid stays so
    height: 280, margin: { l: 8, r: 8, t: 8, b: 8 }, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", font: look.font,
    hoverlabel: { bgcolor: look.panel, font: { color: look.font.color }, namelength: -1 },
    legend: { orientation: "h", yanchor: "top", y: -0.34 }, showlegend: plot.name === "held-out",
    xaxis: { ...axis, title: { text: "optimizer step" }, rangemode: "tozero" },
    yaxis: { ...axis, title: { text: plot.unit(board) }, type: isLog ? "log" : "linear" },
  };
}
