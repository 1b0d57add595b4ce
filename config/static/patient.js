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

// From when somebody begins to fill in the form, their browser looks for the proof that is asked for in a flood of
// forms (`inquiries/suspicion.py`). Only then does sending wait for it, and only as long as it is found.
const form = document.querySelector("form[data-worker]");
if (form && window.Worker) {
  const proof = form.elements.proof;
  let working, waiting;
  const done = (found) => {
    proof.value = found;
    working.terminate();
    if (waiting) form.submit();
  };
  const begin = () => {
    if (working || proof.value) return;
    working = new Worker(form.dataset.worker);
    working.onmessage = ({ data }) => done(data);
    working.onerror = () => done("");
    working.postMessage({ key: form.elements.form_key.value, bits: Number(form.dataset.bits) });
  };
  form.addEventListener("focusin", begin);
  form.addEventListener("submit", (event) => {
    if (proof.value || !("flood" in form.dataset)) return;
    event.preventDefault();
    begin();
    waiting = true;
    form.setAttribute("aria-busy", "true");
  });
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
