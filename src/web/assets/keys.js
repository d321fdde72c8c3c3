// Keys for those who like them; everything works without. See /keys.
"use strict";
(() => {
  const list = () => [...document.querySelectorAll(".event")];
  const current = () => document.querySelector(".event.here");
  const go = (row) => {
    if (!row) return;
    current()?.classList.remove("here");
    row.classList.add("here");
    const link = row.querySelector(".what");
    link.focus();
    row.scrollIntoView({ block: "nearest" });
  };
  const step = (by) => {
    const rows = list();
    const at = rows.indexOf(current());
    go(at < 0 ? rows[0] : rows[Math.min(Math.max(at + by, 0), rows.length - 1)]);
  };
  const press = (selector) => (current() ?? document.querySelector(".one-event"))?.querySelector(selector)?.click();
  // After a row has gone the one that took its place is the next.
  const remember = () => {
    const at = list().indexOf(current());
    if (at >= 0) sessionStorage.setItem("row", String(at));
  };
  const keys = {
    j: () => step(1),
    k: () => step(-1),
    o: () => current()?.querySelector(".what").click(),
    e: () => { remember(); press(".done"); },
    s: () => { remember(); press(".star"); },
    u: () => location.assign("/"),
    v: () => document.querySelector(".change input[type=radio]:not(:checked)")?.click(),
    "/": () => (document.getElementById("find") ?? document.getElementById("q"))?.focus(),
    "?": () => location.assign("/keys"),
  };
  document.addEventListener("keydown", (press) => {
    const writes = press.target.closest("input:not([type=radio]), textarea, select");
    if (press.ctrlKey || press.metaKey || press.altKey) return;
    if (writes) {
      if (press.key === "Escape") press.target.blur();
      return;
    }
    const act = keys[press.key];
    if (act) {
      press.preventDefault();
      act();
    }
  });
  document.addEventListener("focusin", (event) => {
    const row = event.target.closest(".event");
    if (row && row !== current()) {
      current()?.classList.remove("here");
      row.classList.add("here");
    }
  });
  const row = sessionStorage.getItem("row");
  sessionStorage.removeItem("row");
  if (row !== null && list().length) go(list()[Math.min(Number(row), list().length - 1)]);
})();
