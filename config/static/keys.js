/* The keys of the desk. A key presses what bears it as aria-keyshortcuts, in the row that has the focus first. */
"use strict";

(() => {
  const GO_MILLISECONDS = 1500;
  const rows = () => [...document.querySelectorAll("[data-row]")];
  const shown = (element) => element.checkVisibility();
  let going = 0;
  let place = 0; // which row had the focus

  const isTyping = (target) => target.matches?.("input:not([type=checkbox], [type=radio]), textarea, select");

  function bearing(key, within) {
    const all = [...within.querySelectorAll("[aria-keyshortcuts]")];
    return all.filter((element) => element.getAttribute("aria-keyshortcuts") === key && shown(element));
  }

  function press(element) {
    element.click();
    if (element.matches("summary")) element.parentElement.querySelector("input:not([type=hidden])")?.focus();
  }

  function focusRow(number) {
    const all = rows();
    place = Math.max(0, Math.min(number, all.length - 1));
    all[place]?.querySelector("[data-first]").focus();
  }

  function act(key, row) {
    if (key === "j" || key === "k") {
      const from = row ? rows().indexOf(row) : place - (key === "j" ? 1 : 0);
      focusRow(from + (key === "j" ? 1 : -1));
      return rows().length > 0;
    }
    const inRow = row ? bearing(key, row) : [];
    const found = inRow[0] ?? bearing(key, document).find((element) => !element.closest("[data-row]"));
    if (found) press(found);
    else if (!row && rows().some((each) => bearing(key, each).length)) focusRow(place); // say first which one is meant
    else return false;
    return true;
  }

  document.addEventListener("keydown", (event) => {
    const off = !("keys" in document.body.dataset) || event.defaultPrevented || document.querySelector("dialog[open]");
    if (off || event.ctrlKey || event.metaKey || event.altKey || event.key.length > 1 || isTyping(event.target)) return;
    const isGoing = Date.now() - going < GO_MILLISECONDS;
    going = !isGoing && event.key === "g" ? Date.now() : 0;
    if (isGoing) document.querySelector(`[data-go="${CSS.escape(event.key)}"]`)?.click();
    else if (going || act(event.key, event.target.closest?.("[data-row]"))) event.preventDefault();
  });

  document.addEventListener("focusin", (event) => {
    const row = event.target.closest("[data-row]");
    if (row) place = rows().indexOf(row);
  });

  // What was chosen stays chosen when the list is renewed, unless it has changed; the focus goes to the row that follows.
  let chosen = [];
  document.addEventListener("htmx:beforeSwap", () => {
    chosen = [...document.querySelectorAll("[name=chosen]:checked")].map((box) => box.value);
    if (document.activeElement?.closest("[data-row], .panel")) document.body.dataset.follow = "";
  });
  document.addEventListener("htmx:afterSettle", () => {
    for (const box of document.querySelectorAll("[name=chosen]")) box.checked ||= chosen.includes(box.value);
    count();
    const lost = document.activeElement === document.body;
    if ("follow" in document.body.dataset && lost && rows().length) focusRow(place);
    delete document.body.dataset.follow;
  });

  function count() {
    const number = document.querySelectorAll("[name=chosen]:checked").length;
    const words = document.querySelector("[data-chosen]");
    if (words) words.textContent = number ? `(${number})` : "";
  }
  document.addEventListener("change", count);

  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id === "keys-shown") document.getElementById("keys").showModal();
  });
})();
