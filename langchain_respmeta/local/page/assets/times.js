// Times in the reader's own zone, or in UTC: the server writes UTC, and this says the same moment otherwise.
// A switch in the header is kept in this browser. After a part of the page was replaced: dispatch "respmeta:changed".
(() => {
  "use strict";
  const KEY = "respmeta-zone";
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
  const button = document.querySelector("[data-zone-switch]");

  const kept = (name) => {
    try { return localStorage.getItem(name); } catch { return null; }
  };
  const keep = (name, value) => {
    try { localStorage.setItem(name, value); } catch { /* a browser that keeps nothing: the switch holds for this page */ }
  };
  let utc = kept(KEY) === "utc";

  const zone = () => (utc ? "UTC" : own);
  const parts = (when, options) => {
    const format = new Intl.DateTimeFormat("en-GB", { timeZone: zone(), hourCycle: "h23", ...options });
    return Object.fromEntries(format.formatToParts(when).map((part) => [part.type, part.value]));
  };
  const ALL = {
    year: "numeric", month: "short", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit",
    fractionalSecondDigits: 3,
  };
  const zoneName = (when) => parts(when, { timeZoneName: "short" }).timeZoneName;
  const day = (at) => `${at.day} ${at.month} ${at.year}`;
  const full = (when) => {
    const at = parts(when, ALL);
    return `${day(at)} ${at.hour}:${at.minute}:${at.second}.${at.fractionalSecond} ${zoneName(when)}`;
  };
  const short = (when) => {
    const at = parts(when, ALL);
    const now = parts(new Date(), ALL);
    if (day(at) === day(now)) return `${at.hour}:${at.minute}:${at.second}`;
    return at.year === now.year ? `${at.day} ${at.month} ${at.hour}:${at.minute}` : day(at);
  };
  const FORMS = { short, full, day: (when) => day(parts(when, ALL)) };

  const show = () => {
    for (const element of document.querySelectorAll("time[data-form]")) {
      const when = new Date(element.dateTime);
      if (Number.isNaN(when.getTime())) continue;
      element.textContent = FORMS[element.dataset.form](when);
      element.title = `${full(when)} (${element.dateTime})`;
    }
    const name = zoneName(new Date());
    for (const element of document.querySelectorAll("[data-zone]")) element.textContent = name;
    if (button) {
      button.hidden = own === "UTC";
      button.textContent = `Times: ${utc ? "UTC" : name}`;
      button.title = utc ? `Show times of ${own}` : "Show times in UTC";
    }
  };

  button?.addEventListener("click", () => {
    utc = !utc;
    keep(KEY, utc ? "utc" : "local");
    show();
  });
  document.addEventListener("respmeta:changed", show);
  show();
})();
