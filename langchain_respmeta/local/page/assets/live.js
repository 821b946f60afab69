// Keeps an open page up to date: asks whether anything was written, fetches the page again and changes only what differs.
// Focus, scroll, selection, open details and filled fields stay. Tells other scripts by "respmeta:changed".
(() => {
  "use strict";
  const control = document.querySelector("[data-live]");
  if (!control) return;
  const SHORTEST = 1000 * Number(control.dataset.every || 2); // milliseconds between two questions
  const LONGEST = 30000; // while the server does not answer
  const SHARE = 20; // a page that takes long is fetched less often: a twentieth of the time at most
  const OWN = "button[type=button], [data-live], [data-live-told]";
  const label = control.querySelector("[data-live-label]");
  const told = document.querySelector("[data-live-told]");
  const main = document.getElementById("main");
  const header = document.querySelector("header.top");
  let version = control.dataset.live;
  let wait = SHORTEST;
  let timer = 0;
  let busy = false;

  const address = (on) => {
    const url = new URL(location.href);
    if (on) url.searchParams.delete("refresh");
    else url.searchParams.set("refresh", "off");
    return url;
  };
  const isOn = () => new URL(location.href).searchParams.get("refresh") !== "off";
  const say = (text) => {
    if (told.textContent !== text) told.textContent = text;
  };
  const show = () => {
    control.hidden = false;
    control.classList.toggle("on", isOn());
    label.textContent = isOn() ? "Live" : "Live: off";
    control.href = address(!isOn()).href;
    control.title = isOn() ? "Do not show new runs by itself" : "Show new runs by itself";
  };

  // One element or text becomes like another; returns how many changes that took.
  const isSame = (one, other) =>
    one.nodeType === other.nodeType && one.nodeName === other.nodeName && (one.id || "") === (other.id || "");
  const attributes = (from, to) => {
    const isOpen = (name) => name === "open" && from.tagName === "DETAILS"; // the reader's
    let changes = 0;
    for (const { name } of [...from.attributes]) {
      if (!to.hasAttribute(name) && !isOpen(name)) changes += (from.removeAttribute(name), 1);
    }
    for (const { name, value } of to.attributes) {
      if (from.getAttribute(name) !== value && !isOpen(name)) changes += (from.setAttribute(name, value), 1);
    }
    return changes;
  };
  const become = (from, to) => {
    if (from.nodeType !== Node.ELEMENT_NODE) {
      if (from.nodeValue === to.nodeValue) return 0;
      from.nodeValue = to.nodeValue;
      return 1;
    }
    // A time is written by its own script, as are buttons; a part of the charts is filled by theirs.
    if (from.matches(OWN) || (from.tagName === "TIME" && from.dateTime === to.dateTime)) return 0;
    const changes = attributes(from, to);
    return from.hasAttribute("data-part") ? changes : changes + children(from, to);
  };
  const children = (from, to) => {
    const coming = new Set([...to.children].map((child) => child.id).filter(Boolean));
    const known = new Map([...from.children].filter((child) => child.id).map((child) => [child.id, child]));
    let changes = 0;
    let at = from.firstChild;
    const drop = () => {
      const gone = at;
      at = at.nextSibling;
      gone.remove();
      changes += 1;
    };
    for (const wanted of [...to.childNodes]) {
      // What has an id and does not come back goes first, so that its neighbours need not move.
      while (at?.id && !coming.has(at.id)) drop();
      const kept = wanted.id ? known.get(wanted.id) : at && isSame(at, wanted) ? at : null;
      if (!kept || !isSame(kept, wanted)) {
        from.insertBefore(document.importNode(wanted, true), at);
        changes += 1;
        continue;
      }
      if (kept === at) at = at.nextSibling;
      else changes += (from.insertBefore(kept, at), 1);
      changes += become(kept, wanted);
    }
    while (at) drop();
    return changes;
  };

  const rows = () => new Set([...main.querySelectorAll("tr[id^='run-'], li[id^='run-']")].map((row) => row.id));
  const renew = async () => {
    const answer = await fetch(location.href, { cache: "no-store" });
    if (answer.status === 404) return stop("This is no longer there.");
    if (!answer.ok) throw new Error(answer.statusText);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("[data-live]");
    if (!fresh) throw new Error("another page");
    const before = rows();
    const changes = children(main, page.getElementById("main"));
    children(header, page.querySelector("header.top"));
    version = fresh.dataset.live;
    if (!changes) return undefined;
    document.title = page.title;
    document.dispatchEvent(new Event("respmeta:changed"));
    const added = [...rows()].filter((id) => !before.has(id)).length;
    say(added && before.size ? `${added} new run${added === 1 ? "" : "s"}` : "Updated");
    return undefined;
  };

  const stop = (why) => {
    control.classList.remove("on");
    clearTimeout(timer);
    timer = -1;
    say(why);
  };
  const later = (ms) => {
    if (timer === -1) return;
    clearTimeout(timer);
    if (isOn() && !document.hidden) timer = setTimeout(turn, ms);
  };
  const turn = async () => {
    if (busy) return;
    busy = true;
    const began = performance.now();
    try {
      const answer = await fetch("/changes", { cache: "no-store" });
      if (!answer.ok) throw new Error(answer.statusText);
      if ((await answer.json()).version !== version) await renew();
      if (control.classList.contains("lost")) say("The server is back.");
      control.classList.remove("lost");
      wait = Math.max(SHORTEST, SHARE * (performance.now() - began));
    } catch {
      control.classList.add("lost");
      say("The server does not answer.");
      wait = Math.min(LONGEST, 2 * Math.max(wait, SHORTEST));
    } finally {
      busy = false;
    }
    later(wait);
  };

  control.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || timer === -1) return;
    event.preventDefault();
    history.replaceState(history.state, "", address(!isOn()));
    show();
    say(isOn() ? "Live updates on" : "Live updates off");
    version = ""; // the page's links have to know, too
    if (isOn()) turn();
    else renew().catch(() => {});
  });
  document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : later(0)));
  show();
  later(SHORTEST);
})();
