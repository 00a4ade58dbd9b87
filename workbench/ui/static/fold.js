// The state of a run, folded from its events; the same rules as workbench/history.py, which a test holds it to.

export function emptyHistory(run) {
  return {
    run, state: "queued", seq: -1, step: 0, steps: 0, seconds: 0, counts: {}, device: "", precision: "",
    losses: [], evaluations: [], untouched: null, baseLosses: [], scores: [], samples: [], movement: [],
    tokens: 0, stepSeconds: 0, peakMemory: 0, artifact: "", error: "", hint: "",
  };
}

export function fold(history, events) {
  for (const event of events) {
    if (event.seq > history.seq) take(history, event);
  }
  return history;
}

function take(history, event) {
  history.seq = event.seq;
  history.step = event.step;
  history.seconds = Math.max(history.seconds, event.seconds);
  switch (event.event) {
    case "started":
      return start(history, event);
    case "stepped":
      history.losses.push([event.step, event.loss]);
      history.tokens += event.tokens;
      if (event.tokens_per_second) history.stepSeconds += event.tokens / event.tokens_per_second;
      return undefined;
    case "evaluated":
      history.evaluations.push([event.step, event.loss]);
      if (event.base_loss !== null) history.baseLosses.push([event.step, event.base_loss]);
      if (Object.keys(event.scores).length) history.scores.push([event.step, event.scores]);
      return undefined;
    case "sampled":
      history.samples.push([event.step, event.samples]);
      return undefined;
    case "measured":
      history.peakMemory = Math.max(history.peakMemory, event.peak_memory_bytes);
      history.movement.push([event.step, event.movement]);
      return undefined;
    case "finished":
      history.state = "finished";
      history.artifact = event.artifact;
      return undefined;
    case "stopped":
      history.state = "stopped";
      return undefined;
    case "failed":
      Object.assign(history, { state: "failed", error: event.error, hint: event.hint });
  }
  return undefined;
}

function start(history, event) {
  Object.assign(history, {
    state: "running", error: "", hint: "", steps: event.steps, counts: event.counts, device: event.device,
    precision: event.precision, untouched: event.base_loss,
  });
  // Goes on from a checkpoint: what was measured after it will be measured again.
  for (const name of ["losses", "evaluations", "baseLosses", "scores", "samples", "movement"]) {
    history[name] = history[name].filter(([step]) => event.resumed_from && step <= event.resumed_from);
  }
}

// How much the loss on the base's own domain rose by each evaluation, as (step, nats per token) pairs.
export function forgotten(history) {
  if (!history.baseLosses.length) return [];
  const before = history.untouched ?? history.baseLosses[0][1];
  return history.baseLosses.map(([step, loss]) => [step, loss - before]);
}

export function tokensPerSecond(history) {
  return history.stepSeconds ? history.tokens / history.stepSeconds : 0;
}

export const latest = (curve) => (curve.length ? curve[curve.length - 1][1] : null);
