/* Small comforts; every page works without them. */
"use strict";

// A list that somebody is working in, or that nobody sees, is not renewed under their hands.
document.addEventListener("htmx:beforeRequest", (event) => {
  const place = event.detail.elt;
  const isWorkedIn = place.querySelector("details[open], .panel section");
  const asksByItself = event.detail.requestConfig.verb === "get" && place.id === "queue";
  if (asksByItself && (document.hidden || isWorkedIn)) event.preventDefault();
  if (place.id === "presence" && document.hidden) event.preventDefault();
});

// The seconds in which a decision can be taken back.
setInterval(() => {
  for (const banner of document.querySelectorAll("[data-seconds]")) {
    const left = Math.max(0, Number(banner.dataset.seconds) - 1);
    banner.dataset.seconds = String(left);
    const words = banner.querySelector("[data-countdown]");
    if (words) words.textContent = String(left);
    if (left === 0) banner.querySelector("form")?.remove();
  }
}, 1000);

// Escape, or a press elsewhere, closes what a button has opened.
document.addEventListener("keydown", (event) => {
  const opened = document.querySelector("details.more[open]");
  if (event.key !== "Escape" || !opened) return;
  opened.open = false;
  opened.querySelector("summary").focus();
});
document.addEventListener("click", (event) => {
  for (const opened of document.querySelectorAll("details.more[open]")) {
    if (!opened.contains(event.target)) opened.open = false;
  }
});

// What is there to be pasted elsewhere is copied by one press, where the browser lets us.
for (const button of navigator.clipboard ? document.querySelectorAll("[data-copies]") : []) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).value);
    button.textContent = button.dataset.done;
  });
}
