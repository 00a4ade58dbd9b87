// Plotly's own script comes by itself, and late on a slow line: whoever draws waits for it.

const LOOK = 50; // milliseconds between looks

export async function plotly() {
  while (!window.Plotly) await new Promise((resolve) => setTimeout(resolve, LOOK));
  return window.Plotly;
}
