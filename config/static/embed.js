// Puts the clinic's form on another site. Paste where it should appear:
//   <script src="https://book.example.org/embed.js" data-firstcall="inline" data-language="en" async></script>
// data-firstcall: "button" a link to the form, "popup" a button that opens it in a dialog, "inline" the form itself.
// data-label: the button's words. It sets no cookie, loads nothing from elsewhere, and tells the form only which page
// it stands on, the site that linked to that page, and the page's own utm_… marks.
"use strict";

(() => {
  const script = document.currentScript;
  const clinic = new URL(script.src).origin;
  const spanish = (script.dataset.language || document.documentElement.lang || "en").toLowerCase().startsWith("es");
  const words = spanish
    ? { label: "Pedir una llamada", title: "Pedir una llamada", close: "Cerrar" }
    : { label: "Ask for a call", title: "Ask for a call", close: "Close" };
  const MARKS = ["utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"];

  const address = (page) => {
    const url = new URL((spanish ? "/es" : "") + page, clinic);
    const here = new URL(location.href);
    for (const mark of MARKS) {
      const value = here.searchParams.get(mark);
      if (value) url.searchParams.set(mark, value);
    }
    if (document.referrer) url.searchParams.set("referrer", document.referrer.split(/[?#]/)[0]);
    url.searchParams.set("page", here.origin + here.pathname);
    return url.href;
  };

  const styled = (element, style) => Object.assign(element.style, style) && element;
  const made = (tag, style, facts = {}) => Object.assign(styled(document.createElement(tag), style), facts);

  const looks = {
    font: "600 1rem/1.2 system-ui, sans-serif",
    display: "inline-block",
    padding: "0.75rem 1.25rem",
    border: "0",
    borderRadius: "8px",
    background: "#1b5e5a",
    color: "#ffffff",
    textDecoration: "none",
    cursor: "pointer",
  };
  const label = script.dataset.label || words.label;

  // The frame is as high as what it shows; only our own frame's word counts.
  const frame = () => {
    const inside = made("iframe", { width: "100%", height: "42rem", border: "0", colorScheme: "normal" });
    inside.title = words.title;
    inside.src = address("/embed/");
    addEventListener("message", (event) => {
      if (event.origin !== clinic || event.source !== inside.contentWindow) return;
      const height = event.data && event.data.firstcallHeight;
      if (Number.isFinite(height) && height > 0) inside.style.height = `${Math.ceil(height)}px`;
      if (event.data && event.data.firstcallMoved) inside.scrollIntoView({ block: "start" });
    });
    return inside;
  };

  const popup = () => {
    const dialog = made("dialog", {
      width: "min(46rem, 100vw)",
      maxWidth: "100vw",
      maxHeight: "100vh",
      padding: "0",
      border: "0",
      borderRadius: "12px",
      overflow: "auto",
      background: "#ffffff",
    });
    dialog.setAttribute("aria-label", words.title);
    const close = made("button", { ...looks, margin: "0.5rem", background: "transparent", color: "#1b5e5a" });
    Object.assign(close, { type: "button", textContent: words.close });
    close.addEventListener("click", () => dialog.close());
    const open = made("button", looks, { type: "button", textContent: label });
    open.addEventListener("click", () => {
      if (!dialog.querySelector("iframe")) dialog.append(frame());
      dialog.showModal();
    });
    dialog.append(close);
    const both = document.createElement("span");
    both.append(open, dialog);
    return both;
  };

  const button = () => made("a", looks, { href: address("/contact/"), textContent: label });

  const kinds = { button, inline: frame, popup };
  script.after((kinds[script.dataset.firstcall] || button)());
})();
