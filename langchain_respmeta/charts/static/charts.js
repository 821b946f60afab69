// Draws each chart of a page from the specification that stands beside it. `vegaEmbed` comes with the bundle.
// A page that adds charts later says so by the event `charts`.
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
const drawn = new Map();

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
    const { finalize } = await vegaEmbed(plot, JSON.parse(figure.querySelector("script").textContent), OPTIONS);
    drawn.set(figure, finalize);
    named(plot, name);
  } catch (fault) {
    drawn.set(figure, () => {});
    plot.textContent = `This chart could not be drawn: ${fault.message}`;
  }
}

async function drawAll() {
  root.dataset.charts = "drawing";
  for (const [figure, finalize] of drawn) {
    if (!figure.isConnected) {
      drawn.delete(figure);
      finalize();
    }
  }
  for (const figure of document.querySelectorAll("[data-chart]")) if (!drawn.has(figure)) await draw(figure);
  root.dataset.charts = "drawn";
}

let last = drawAll();
document.addEventListener("charts", () => {
  last = last.then(drawAll);
});
