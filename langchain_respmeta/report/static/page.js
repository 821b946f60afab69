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

// The chart is one picture with a name; its numbers stand in the table below it.
function named(plot, name) {
  plot.setAttribute("role", "img");
  plot.setAttribute("aria-label", name);
  plot.removeAttribute("aria-roledescription");
  plot.querySelector("svg").setAttribute("aria-hidden", "true");
}

async function draw(figure) {
  const plot = figure.querySelector(".plot");
  const name = plot.getAttribute("aria-label");
  try {
    await vegaEmbed(plot, JSON.parse(figure.querySelector("script").textContent), OPTIONS);
    named(plot, name);
  } catch (fault) {
    plot.textContent = `This chart could not be drawn: ${fault.message}`;
  }
}

(async () => {
  for (const figure of document.querySelectorAll("[data-chart]")) await draw(figure);
  root.dataset.charts = "drawn";
})();
