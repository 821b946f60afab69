// The keyboard: j and k go from run to run, / to the search, ? tells all keys. Off in fields, and with one click for good.
(() => {
  "use strict";
  const KEY = "respmeta-keys";
  const help = document.getElementById("keys");
  const opener = document.querySelector("[data-keys]");
  const box = help?.querySelector("[type=checkbox]");

  const kept = () => {
    try { return localStorage.getItem(KEY); } catch { return null; }
  };
  let on = kept() !== "off";

  const step = (by) => {
    const links = [...document.querySelectorAll("[data-open]")];
    if (!links.length) return;
    const row = document.activeElement?.closest("[data-row]");
    const at = row ? links.findIndex((link) => row.contains(link)) : -1;
    const next = at < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, at + by));
    links[next].focus();
    links[next].scrollIntoView({ block: "nearest" });
  };
  const follow = (selector) => document.querySelector(selector)?.click();
  const KEYS = {
    j: () => step(1),
    k: () => step(-1),
    "/": () => {
      const field = document.querySelector("[type=search]");
      field?.closest("details")?.setAttribute("open", "");
      field?.focus();
      field?.select();
    },
    n: () => follow("a[rel=next]"),
    p: () => follow("a[rel=prev]"),
    r: () => follow(".nav a:nth-of-type(1)"),
    c: () => follow(".nav a:nth-of-type(2)"),
    "?": () => help?.showModal(),
  };
  const isTyping = (element) =>
    element?.isContentEditable || ["INPUT", "SELECT", "TEXTAREA"].includes(element?.tagName);

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || help?.open) return;
    if (event.key === "Escape" && document.activeElement?.type === "search") {
      document.activeElement.blur();
      return;
    }
    if (!on || isTyping(document.activeElement) || !Object.hasOwn(KEYS, event.key)) return;
    event.preventDefault();
    KEYS[event.key]();
  });

  if (opener && help) {
    opener.hidden = false;
    opener.addEventListener("click", () => help.showModal());
  }
  if (box) {
    box.checked = on;
    box.addEventListener("change", () => {
      on = box.checked;
      try { localStorage.setItem(KEY, on ? "on" : "off"); } catch { /* holds for this page */ }
    });
  }
})();
