// Refreshes the page in place, and follows the links that sort, filter and turn pages without loading it anew. The
// server renders everything; without this script the same links and the form do the same.
"use strict";

(() => {
  const every = Number(document.body.dataset.refresh) * 1000;
  const parts = "[data-live]";
  const live = document.querySelector(".live");
  const updated = document.querySelector("[data-updated]");
  const pause = document.querySelector("[data-pause]");
  const filter = document.querySelector("[data-filter]");
  // ahead is by how much this browser's clock is before the server's.
  let ahead = Date.now() - Date.parse(document.body.dataset.now);
  let fresh = Date.now();
  let asked = 0;
  let paused = false;
  let pending = null;

  // span writes a length of time as the server does: in its two largest units.
  const span = (seconds) => {
    const two = (large, name, small, smallName) => {
      const rest = Math.floor((seconds % large) / small);
      return Math.floor(seconds / large) + name + (rest > 0 ? " " + rest + smallName : "");
    };
    if (seconds < 60) return Math.floor(seconds) + "s";
    if (seconds < 3600) return two(60, "m", 1, "s");
    if (seconds < 48 * 3600) return two(3600, "h", 60, "m");
    if (seconds >= 1000 * 86400) return "over 1000d";
    return two(86400, "d", 3600, "h");
  };

  // tick keeps the words of moments true between two refreshes.
  const tick = () => {
    const now = Date.now() - ahead;
    for (const time of document.querySelectorAll("time[data-rel]")) {
      const away = (Date.parse(time.dateTime) - now) / 1000;
      let text = away > 0 ? "in " + span(away) : "now";
      if (time.dataset.rel === "ago") text = away < 0 ? span(-away) + " ago" : "just now";
      if (time.textContent !== text) time.textContent = text;
    }
    const age = Math.round((Date.now() - fresh) / 1000);
    const late = !paused && age > (3 * every) / 1000;
    live.classList.toggle("late", late);
    updated.textContent = (late ? "no answer, figures are from " : "updated ") + (age < 2 ? "just now" : span(age) + " ago");
  };

  // key names an element so that it is found again after a refresh.
  const key = (element) => {
    if (!element || !element.closest(parts)) return null;
    const named = element.closest("[data-key]");
    return named ? named.dataset.key + " " + element.tagName : null;
  };

  const swap = (page) => {
    const selection = window.getSelection();
    if (selection && !selection.isCollapsed && selection.anchorNode && selection.anchorNode.parentElement.closest(parts)) return false;
    const place = [window.scrollX, window.scrollY];
    const sideways = new Map();
    for (const box of document.querySelectorAll("[data-scroll]")) sideways.set(box.dataset.scroll, box.scrollLeft);
    const open = new Set();
    for (const details of document.querySelectorAll(parts + " details[open]")) open.add(details.dataset.key);
    const focused = key(document.activeElement);
    for (const part of document.querySelectorAll(parts)) {
      const other = page.querySelector('[data-live="' + part.dataset.live + '"]');
      if (other) part.replaceChildren(...document.importNode(other, true).childNodes);
    }
    for (const details of document.querySelectorAll(parts + " details")) details.open = open.has(details.dataset.key);
    for (const box of document.querySelectorAll("[data-scroll]")) box.scrollLeft = sideways.get(box.dataset.scroll) || 0;
    if (focused) {
      for (const element of document.querySelectorAll(parts + " a, " + parts + " summary")) {
        if (key(element) !== focused) continue;
        element.focus({ preventScroll: true });
        break;
      }
    }
    window.scrollTo(place[0], place[1]);
    return true;
  };

  // load shows what a URL has now. Of several that are under way the last one counts.
  const load = async (url) => {
    const number = ++asked;
    if (pending) pending.abort();
    pending = new AbortController();
    try {
      const response = await fetch(url, { headers: { Accept: "text/html" }, cache: "no-store", signal: pending.signal });
      const text = await response.text();
      if (number !== asked || !response.ok) return false;
      const page = new DOMParser().parseFromString(text, "text/html");
      if (!swap(page)) return true;
      ahead = Date.now() - Date.parse(page.body.dataset.now);
      fresh = Date.now();
      tick();
      return true;
    } catch {
      return false; // The age of the figures tells it.
    }
  };

  // go follows a link of the page to itself.
  const go = async (url, replace) => {
    if (!(await load(url))) {
      if (url !== location.href) location.assign(url);
      return;
    }
    if (replace) history.replaceState(null, "", url);
    else history.pushState(null, "", url);
    if (filter) fill(new URL(url).searchParams);
  };

  const fill = (values) => {
    for (const name of ["q", "provider"]) {
      const field = filter.elements[name];
      if (field !== document.activeElement) field.value = values.get(name) || "";
    }
  };

  // wanted is the URL of what the form says.
  const wanted = () => {
    const values = new URLSearchParams();
    for (const [name, value] of new FormData(filter)) if (value) values.append(name, value);
    return new URL("./?" + values, location.href).href;
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-nav]");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(link.href, false);
  });

  if (filter) {
    let typing;
    filter.addEventListener("input", (event) => {
      clearTimeout(typing);
      typing = setTimeout(() => go(wanted(), true), event.target.name === "q" ? 200 : 0);
    });
    filter.addEventListener("submit", (event) => {
      event.preventDefault();
      clearTimeout(typing);
      go(wanted(), false);
    });
    window.addEventListener("popstate", () => {
      fill(new URLSearchParams(location.search));
      load(location.href);
    });
  }

  document.addEventListener("submit", async (event) => {
    if (!event.target.matches("[data-poll]")) return;
    event.preventDefault();
    const said = event.target.querySelector("[data-said]");
    const button = event.target.querySelector("button");
    button.disabled = true;
    said.textContent = "asking the vendor";
    try {
      const response = await fetch(event.target.action, { method: "POST" });
      const answer = await response.json();
      if (answer.status !== "success") said.textContent = answer.error;
      else if (answer.data.failure) said.textContent = "failed: " + answer.data.failure.reason;
      else said.textContent = "done";
    } catch {
      said.textContent = "no answer";
    }
    button.disabled = false;
    load(location.href);
  });

  pause.addEventListener("click", () => {
    paused = !paused;
    pause.setAttribute("aria-pressed", String(paused));
    pause.textContent = paused ? "Resume" : "Pause";
    if (!paused) load(location.href);
  });

  live.hidden = false;
  tick();
  setInterval(tick, 1000);
  setInterval(() => {
    if (!paused && document.visibilityState === "visible") load(location.href);
  }, every);
  document.addEventListener("visibilitychange", () => {
    if (!paused && document.visibilityState === "visible" && Date.now() - fresh > every) load(location.href);
  });
})();
