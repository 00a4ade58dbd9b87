// The whole set-up as an address: a link gives somebody else the same race. Choices are written as on the command
// line: lora:rank=4:alpha=8. A colon that no knob=value follows belongs to the value before it, as in C:/mine.csv.

export const WORDS = "language_modelling"; // the objective where nothing else is said: answers are words

export function parseChoice(text) {
  const [name, ...pieces] = text.split(":");
  const knobs = {};
  let knob = "";
  for (const piece of pieces) {
    const setting = piece.match(/^\s*(\w+)\s*=([^]+)$/);
    if (setting) knobs[(knob = setting[1])] = setting[2];
    else if (knob) knobs[knob] += `:${piece}`;
  }
  return { name, knobs };
}

export function writeChoice({ name, knobs }) {
  return [name, ...Object.entries(knobs).map(([knob, value]) => `${knob}=${value}`)].join(":");
}

// What an address says: {model, task, objective, methods, budget, seed, seeds, race, also, hide, lock}; what it does not say is left out.
export function readLink(search) {
  const parameters = new URLSearchParams(search);
  const link = { budget: {}, hide: new Set(split(parameters.get("hide"))), lock: new Set(split(parameters.get("lock"))) };
  for (const [name, value] of parameters) {
    if (name === "m") link.methods = [...(link.methods ?? []), ...value.split(",").filter(Boolean).map(parseChoice)];
    else if (name === "task") link.task = parseChoice(value);
    else if (name === "objective") link.objective = parseChoice(value);
    else if (name === "model" || name === "race") link[name] = value;
    else if (name === "also") link.also = split(value);
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
  if (setup.objective.name !== WORDS) parameters.set("objective", writeChoice(setup.objective));
  for (const method of setup.methods) parameters.append("m", writeChoice(method));
  for (const [name, value] of Object.entries(setup.budget)) parameters.set(`b.${name}`, value);
  if (setup.seed) parameters.set("seed", setup.seed);
  if (setup.seeds > 1) parameters.set("seeds", setup.seeds);
  for (const name of ["hide", "lock", "predict", "learn", "tour", "__theme"]) if (kept.get(name)) parameters.set(name, kept.get(name));
  return `?${parameters}`;
}

// The set-up that gives these specs again; what they leave at its default is left out.
export function setupOf(specs, budgetKnobs) {
  const [first] = specs;
  const turned = budgetKnobs.filter((knob) => first.budget[knob.name] !== knob.default).map((knob) => [knob.name, String(first.budget[knob.name])]);
  return { model: first.model, task: first.task, objective: first.objective, methods: specs.map((spec) => spec.method), budget: Object.fromEntries(turned), seed: first.seed, seeds: 1 };
}

export function asCommand(setup) {
  const quote = (text) => (/^[\w.,:=+/-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
  const flags = [`--model ${quote(setup.model)}`, `--task ${quote(writeChoice(setup.task))}`];
  if (setup.objective.name !== WORDS) flags.push(`--objective ${quote(writeChoice(setup.objective))}`);
  flags.push(...setup.methods.map((method) => `-m ${quote(writeChoice(method))}`));
  flags.push(...Object.entries(setup.budget).map(([name, value]) => `--budget ${quote(`${name}=${value}`)}`));
  const seeds = setup.seeds > 1 ? ` --seeds ${setup.seeds}` : "";
  return `workbench race ${flags.join(" ")} --seed ${setup.seed}${seeds}`;
}

function seedsOf(setup) {
  return Array.from({ length: setup.seeds }, (_, place) => setup.seed + place);
}

export function asPython(setup) {
  const literal = (value) => JSON.stringify(value);
  const choice = (part) => `parse_choice(${literal(writeChoice(part))})`;
  const budget = Object.entries(setup.budget).map(([name, value]) => `${literal(name)}: ${literal(value)}`).join(", ");
  const objective = setup.objective.name === WORDS ? "" : `objective=${choice(setup.objective)}, `;
  return [
    "from workbench.knobs import configure",
    "from workbench.spec import Budget, RunSpec, parse_choice",
    "from workbench.training.race import race",
    "",
    `budget = configure(Budget, {${budget}}, "budget")`,
    `methods = [${setup.methods.map(choice).join(", ")}]`,
    `for seed in [${seedsOf(setup).join(", ")}]:`,
    `    specs = [RunSpec(${literal(setup.model)}, ${choice(setup.task)}, method, ${objective}budget=budget, seed=seed) for method in methods]`,
    "    for event in race(specs):",
    "        print(event)",
  ].join("\n");
}

// The two lines by which a notebook reaches a server; no token where nobody logs in.
export function asConnection(address, token) {
  const words = [address, ...(token ? [token] : [])].map((word) => JSON.stringify(word)).join(", ");
  return `import workbench.widgets as wb\nclassroom = wb.connect(${words})`;
}

function split(text) {
  return (text ?? "").split(",").filter(Boolean);
}
