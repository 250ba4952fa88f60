/* What the pages do beside htmx: Ctrl-K and "/" go to the field of the top bar, and what is marked `data-events`
   is asked for again when an event of that address says that something has changed, at most once a second. */
(() => {
  "use strict";
  const SHORTEST_MS = 1000;

  const isTyping = (target) => target.matches?.("input, textarea, select, [contenteditable]");

  document.addEventListener("keydown", (event) => {
    const isCtrlK = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k";
    const isSlash = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (isCtrlK || (isSlash && !isTyping(event.target))) {
      event.preventDefault();
      const field = document.getElementById("find");
      field.focus();
      field.select();
    }
  });

  const follow = (live) => {
    let source = null;
    let timer = null;
    let last = 0;
    const refresh = () => {
      timer = null;
      last = Date.now();
      live.dispatchEvent(new CustomEvent("refresh"));
    };
    const note = () => {
      timer ??= setTimeout(refresh, Math.max(50, last + SHORTEST_MS - Date.now()));
    };
    const start = () => {
      source = new EventSource(live.dataset.events);
      for (const kind of ["call", "message", "callback", "clock", "lost"]) source.addEventListener(kind, note);
      // What came while nobody looked.
      source.addEventListener("open", note);
    };
    const stop = () => {
      source?.close();
      source = null;
      clearTimeout(timer);
      timer = null;
    };
    const button = document.getElementById("live-switch");
    const show = () => button.setAttribute("aria-pressed", String(source !== null));
    button.hidden = false;
    button.addEventListener("click", () => {
      if (source) stop();
      else start();
      show();
    });
    // A page that nobody sees costs nothing.
    let wasOn = false;
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) {
        wasOn = source !== null;
        stop();
      } else if (wasOn) {
        start();
      }
      show();
    });
    start();
    show();
  };

  const begin = () => document.querySelectorAll("[data-events]").forEach(follow);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();

/* A form that was sent is empty again; what it sent is on its way by then. */
document.addEventListener("htmx:before:request", (event) => event.target.reset?.());

/* A button `data-copy` copies the text of the element before it. Without this script it is not shown. */
(() => {
  "use strict";
  document.documentElement.classList.add("scripted");

  const copied = async (source) => {
    try {
      await navigator.clipboard.writeText(source.textContent);
      return true;
    } catch {
      // Not HTTPS and not this machine, or not allowed: what is selected can be copied all the same.
      getSelection().selectAllChildren(source);
      return document.execCommand("copy");
    }
  };

  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-copy]");
    if (!button) return;
    const announced = document.getElementById("announced");
    const isCopied = await copied(button.previousElementSibling);
    const text = isCopied ? announced.dataset.copied : announced.dataset.notCopied;
    // Emptied first: the same words once more are read out once more.
    announced.textContent = "";
    requestAnimationFrame(() => {
      announced.textContent = text;
    });
    button.dataset.copy = text;
    setTimeout(() => {
      button.dataset.copy = "";
    }, 2000);
  });
})();
