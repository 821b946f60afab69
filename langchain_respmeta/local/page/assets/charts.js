// Loads the charts' parts one after the other, and again when runs have changed; `vega.js` draws what is there.
const PATIENCE = 40;
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function asked(address) {
  for (let turn = 0; ; turn += 1) {
    const answer = await fetch(address);
    if (answer.status !== 503 || turn === PATIENCE) return answer;
    await pause(1000 * Number(answer.headers.get("Retry-After") || 1));
  }
}

function said(text) {
  const told = document.createElement("p");
  told.className = "card wide";
  told.textContent = text;
  return [told];
}

async function cards(address) {
  try {
    const answer = await asked(address);
    if (!answer.ok) return said(`These charts could not be made: ${(await answer.json()).detail}`);
    return [...new DOMParser().parseFromString(await answer.text(), "text/html").body.childNodes];
  } catch (fault) {
    return said(`These charts could not be loaded: ${fault.message}`);
  }
}

async function fill(part) {
  part.setAttribute("aria-busy", "true");
  const fresh = await cards(part.dataset.part);
  const open = [...part.querySelectorAll("details")].map((fold) => fold.open);
  part.replaceChildren(...fresh);
  part.querySelectorAll("details").forEach((fold, number) => (fold.open = Boolean(open[number])));
  part.removeAttribute("aria-busy");
  document.dispatchEvent(new Event("charts"));
}

async function load(isWanted) {
  for (const part of document.querySelectorAll("[data-part]")) if (isWanted(part)) await fill(part);
  document.documentElement.dataset.parts = "loaded";
}

let loading = load((part) => !part.querySelector("h3"));
// `live.js` has brought the rest of the page up to date.
document.addEventListener("respmeta:changed", () => {
  loading = loading.then(() => load(() => true));
});
