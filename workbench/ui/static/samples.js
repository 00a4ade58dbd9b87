// What every run wrote for the same prompts; a slider goes back to earlier steps.

import { fill, h } from "./dom.js";

export function samplesPanel(place, runs) {
  let chosen = null; // a step, or null: the latest of each run
  const slider = h("input", { type: "range", id: "sample-step", min: 0, max: 0, step: 1, value: 0, oninput: () => choose(Number(slider.value)) });
  const told = h("output", { for: "sample-step" });
  const table = h("div", { class: "wide", tabIndex: 0, role: "region", "aria-label": "Samples" });
  fill(place, h("div", { class: "slider" }, h("label", { for: "sample-step" }, "step (time machine)"), slider, told), table);

  const steps = () => [...new Set(runs.flatMap((run) => run.history.samples.map(([step]) => step)))].sort((a, b) => a - b);

  function choose(place) {
    const all = steps();
    chosen = place >= all.length - 1 ? null : all[place];
    draw(true);
  }

  function draw(isForced = false) {
    const all = steps();
    const key = runs.map((run) => run.history.samples.length).join();
    if (!isForced && table.dataset.key === key) return;
    table.dataset.key = key;
    slider.max = String(Math.max(0, all.length - 1));
    if (chosen === null) slider.value = slider.max;
    const step = chosen ?? all[all.length - 1];
    told.textContent = all.length ? `after step ${step}` : "no samples yet";
    slider.setAttribute("aria-valuetext", told.textContent);
    fill(table, all.length ? grid(step) : null);
  }

  function grid(step) {
    const base = baseSamples();
    const shown = runs.map((run) => [run, at(run.history.samples, step)]).filter(([, samples]) => samples);
    const prompts = shown[0]?.[1] ?? base ?? [];
    const head = [h("th", { scope: "col" }, "prompt"), base && h("th", { scope: "col" }, "base model, untuned"),
      ...shown.filter(([run]) => run.trains).map(([run]) => h("th", { scope: "col" }, h("span", { class: "swatch", style: `background:${run.style.colour}` }), run.label)),
      h("th", { scope: "col" }, "answer in the data")];
    const rows = prompts.map((sample, number) =>
      h("tr", {}, h("th", { scope: "row", dir: "auto" }, text(sample.prompt)), base && h("td", { dir: "auto" }, text(base[number]?.text)),
        shown.filter(([run]) => run.trains).map(([, samples]) => h("td", { dir: "auto" }, text(samples[number]?.text))), h("td", { class: "soft", dir: "auto" }, text(sample.target))));
    return h("table", { class: "texts" }, h("thead", {}, h("tr", {}, head)), h("tbody", {}, rows));
  }

  // The samples before the first step of a run that starts as the base.
  function baseSamples() {
    const run = runs.find((other) => other.starts_at_base && other.history.samples.length && other.history.samples[0][0] === 0);
    return run ? run.history.samples[0][1] : null;
  }

  return { draw };
}

// The latest samples at or before a step.
function at(samples, step) {
  return samples.filter(([other]) => other <= step).pop()?.[1];
}

function text(value) {
  return (value ?? "").trim() || "(nothing)";
}
