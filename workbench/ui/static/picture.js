// Take a picture of the page away as a PNG: dark on white whatever the page looks like, with its title in it.

import { plotly } from "./plotly.js";

const WIDTH = 1000, SCALE = 2; // pixels, and how many of them for one

// `id` is the element that holds the plot; the file is named by the title.
export async function save(id, title) {
  const plot = document.querySelector(`#${id} .js-plotly-plot`);
  if (!plot) return;
  const layout = structuredClone(plot.layout);
  const height = Math.max(layout.height ?? 0, 420) + 60;
  Object.assign(layout, {
    paper_bgcolor: "#ffffff", plot_bgcolor: "#ffffff", autosize: false, width: WIDTH, height,
    font: { ...layout.font, color: "#1b1f24" }, title: { text: title, x: 0.01, xanchor: "left" },
    margin: { ...layout.margin, t: 60 }, legend: { x: 1.02, xanchor: "left", y: 1, yanchor: "top" }, // beside the plot
  });
  const filename = title.toLowerCase().replaceAll(" ", "-");
  await (await plotly()).downloadImage({ data: plot.data, layout }, { format: "png", filename, width: WIDTH, height, scale: SCALE });
}
