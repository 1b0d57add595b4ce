// Small kindnesses for a browser with scripts; every page works without them.
"use strict";

// The clock of the person's device, when they have not chosen a zone themselves.
for (const select of document.querySelectorAll("select[data-detect-zone]")) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!zone) continue;
  if (![...select.options].some((option) => option.value === zone)) {
    select.add(new Option(zone.replaceAll("_", " "), zone), 0);
  }
  select.value = zone;
}

// After another week has come, whoever listens or uses the keyboard goes on at its heading.
document.addEventListener("htmx:afterSettle", () => document.querySelector("#week")?.focus());

// What went wrong is read out first.
document.querySelector("[data-focus]")?.focus();

// In a frame of another site: tell that site how high this page is, and nothing else.
if (parent !== window) {
  const tell = (news) => parent.postMessage(news, "*");
  new ResizeObserver(() => tell({ firstcallHeight: document.documentElement.offsetHeight })).observe(document.body);
  if (!location.pathname.endsWith("/embed/")) tell({ firstcallMoved: true });
}
