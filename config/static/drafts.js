/* Keeps what is being typed at the desk, sealed on the server, so that an ended session loses nothing. */
"use strict";

const waiting = new Map();
document.addEventListener("input", (event) => {
  const form = event.target.closest("main form[method='post']");
  if (!form || !form.querySelector("textarea")) return;
  clearTimeout(waiting.get(form));
  waiting.set(form, setTimeout(() => keep(form), 1500));
});
document.addEventListener("submit", (event) => clearTimeout(waiting.get(event.target)));

function keep(form) {
  const typed = new FormData(form);
  typed.append("draft-of", new URL(form.action, location.href).pathname);
  fetch("/desk/drafts/", { method: "POST", body: typed }).catch(() => {});
}
