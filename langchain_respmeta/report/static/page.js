// Draws each chart of the page from the specification that stands beside it. `vegaEmbed` comes with the bundle.
const OPTIONS = {
  mode: "vega-lite",
  ast: true, // the interpreter of expressions: the page's policy forbids making code of text
  renderer: "svg",
  actions: false,
  defaultStyle: false,
  tooltip: { disableDefaultStyle: true },
};
const root = document.documentElement;
root.classList.add("js");

async function draw(figure) {
  const plot = figure.querySelector(".plot");
  try {
    await vegaEmbed(plot, JSON.parse(figure.querySelector("script").textContent), OPTIONS);
  } catch (fault) {
    plot.textContent = `This chart could not be drawn: ${fault.message}`;
  }
}

(async () => {
  for (const figure of document.querySelectorAll("[data-chart]")) await draw(figure);
  root.dataset.charts = "drawn";
})();
