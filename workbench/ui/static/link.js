// The whole set-up as an address: a link gives somebody else the same race. Choices are written as on the command
// line: lora:rank=4:alpha=8.

export function parseChoice(text) {
  const [name, ...settings] = text.split(":");
  const knobs = {};
  for (const setting of settings) {
    const at = setting.indexOf("=");
    if (at > 0) knobs[setting.slice(0, at)] = setting.slice(at + 1);
  }
  return { name, knobs };
}

export function writeChoice({ name, knobs }) {
  return [name, ...Object.entries(knobs).map(([knob, value]) => `${knob}=${value}`)].join(":");
}

// What an address says: {model, task, methods, budget, seed, seeds, race, hide, lock}; what it does not say is left out.
export function readLink(search) {
  const parameters = new URLSearchParams(search);
  const link = { budget: {}, hide: new Set(split(parameters.get("hide"))), lock: new Set(split(parameters.get("lock"))) };
  for (const [name, value] of parameters) {
    if (name === "m") link.methods = [...(link.methods ?? []), ...value.split(",").filter(Boolean).map(parseChoice)];
    else if (name === "task") link.task = parseChoice(value);
    else if (name === "model" || name === "race") link[name] = value;
    else if (name === "predict") link.predict = value === "1";
    else if (name === "seed" || name === "seeds") link[name] = /^\d+$/.test(value) ? Number(value) : undefined;
    else if (name.startsWith("b.")) link.budget[name.slice(2)] = value;
  }
  return link;
}

export function writeLink(setup, kept = new URLSearchParams()) {
  const parameters = new URLSearchParams();
  parameters.set("model", setup.model);
  parameters.set("task", writeChoice(setup.task));
  for (const method of setup.methods) parameters.append("m", writeChoice(method));
  for (const [name, value] of Object.entries(setup.budget)) parameters.set(`b.${name}`, value);
  if (setup.seed) parameters.set("seed", setup.seed);
  if (setup.seeds > 1) parameters.set("seeds", setup.seeds);
  for (const name of ["hide", "lock", "predict", "__theme"]) if (kept.get(name)) parameters.set(name, kept.get(name));
  return `?${parameters}`;
}

// The set-up that gives these specs again; what they leave at its default is left out.
export function setupOf(specs, budgetKnobs) {
  const [first] = specs;
  const turned = budgetKnobs.filter((knob) => first.budget[knob.name] !== knob.default).map((knob) => [knob.name, String(first.budget[knob.name])]);
  return { model: first.model, task: first.task, methods: specs.map((spec) => spec.method), budget: Object.fromEntries(turned), seed: first.seed, seeds: 1 };
}

export function asCommand(setup) {
  const quote = (text) => (/^[\w.,:=+/-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
  const flags = [`--model ${quote(setup.model)}`, `--task ${quote(writeChoice(setup.task))}`];
  flags.push(...setup.methods.map((method) => `-m ${quote(writeChoice(method))}`));
  flags.push(...Object.entries(setup.budget).map(([name, value]) => `--budget ${quote(`${name}=${value}`)}`));
  return `workbench race ${flags.join(" ")} --seed ${setup.seed}`;
}

export function asPython(setup) {
  const literal = (value) => JSON.stringify(value);
  const choice = (part) => `parse_choice(${literal(writeChoice(part))})`;
  const budget = Object.entries(setup.budget).map(([name, value]) => `${literal(name)}: ${literal(value)}`).join(", ");
  return [
    "from workbench.knobs import configure",
    "from workbench.spec import Budget, RunSpec, parse_choice",
    "from workbench.training.race import race",
    "",
    `budget = configure(Budget, {${budget}}, "budget")`,
    "specs = [",
    `    RunSpec(${literal(setup.model)}, ${choice(setup.task)}, method, budget=budget, seed=${setup.seed})`,
    `    for method in [${setup.methods.map(choice).join(", ")}]`,
    "]",
    "for event in race(specs):",
    "    print(event)",
  ].join("\n");
}

function split(text) {
  return (text ?? "").split(",").filter(Boolean);
}
