/* What the pages do beside htmx: keys, live parts, the pane of the latest calls, and where the focus is. */
(() => {
  "use strict";
  const isTyping = (target) => target.matches?.("input, textarea, select, [contenteditable]");
  const hasModifier = (event) => event.ctrlKey || event.metaKey || event.altKey;

  /* Live parts. What is marked `data-changes` is asked for again when an event of that address says that something
     has changed; the server says so at most once a second. Whether pages are live is chosen for all of them. */
  const CHOICE = "waypost-live";
  const AGAIN_MS = 5000;
  // Somebody who moves the pointer over a control is about to press it: it stays where it is for that long.
  const AIMING_MS = 1000;
  // Who has moved it lately reads what is under it; later somebody only watches, and wants to see what is new.
  const READING_MS = 5000;
  const LOOK_AGAIN_MS = 200;
  const AIMED_AT = ":is(a, button, input, select, summary):hover";
  const followed = [];
  let isOn = true;
  let movedAt = 0;
  try {
    isOn = localStorage.getItem(CHOICE) !== "off";
  } catch {
    // A browser that keeps nothing is live.
  }
  document.addEventListener("pointermove", () => { movedAt = Date.now(); }, { passive: true });

  const follow = (part, address) => {
    let source = null;
    let again = null;
    let isWanted = false;
    const isAimedAt = () => Date.now() - movedAt < AIMING_MS && part.querySelector(AIMED_AT) !== null;
    const refresh = () => {
      clearTimeout(again);
      if (isAimedAt()) again = setTimeout(refresh, LOOK_AGAIN_MS);
      else part.dispatchEvent(new CustomEvent("refresh"));
    };
    const stop = () => {
      source?.close();
      source = null;
      clearTimeout(again);
    };
    const start = () => {
      // A page that nobody sees costs nothing.
      if (source || !isWanted || !isOn || document.hidden) return;
      source = new EventSource(address);
      source.addEventListener("change", refresh);
      // What came while nobody looked.
      source.addEventListener("open", refresh);
      source.addEventListener("error", () => {
        if (source?.readyState !== EventSource.CLOSED) return;
        stop();
        again = setTimeout(start, AGAIN_MS);
      });
    };
    const follower = {
      refresh,
      start: () => { isWanted = true; start(); },
      stop: () => { isWanted = false; stop(); },
      adapt: () => { if (isOn && !document.hidden) start(); else stop(); },
    };
    followed.push(follower);
    return follower;
  };

  const adapt = () => {
    for (const follower of followed) follower.adapt();
    for (const button of document.querySelectorAll(".live-switch")) {
      button.hidden = false;
      button.setAttribute("aria-pressed", String(isOn));
    }
  };
  const turn = () => {
    isOn = !isOn;
    try {
      localStorage.setItem(CHOICE, isOn ? "on" : "off");
    } catch {
      // It is chosen for this page alone.
    }
    adapt();
  };

  /* The pane: its content is fetched when it is opened. The browser closes it by Esc and gives the focus back. */
  const openPane = (pane, follower) => {
    if (pane.open) {
      pane.close();
      return;
    }
    pane.showModal();
    follower.refresh();
    follower.start();
  };

  const begin = () => {
    document.querySelectorAll("[data-changes]").forEach((part) => follow(part, part.dataset.changes).start());
    const pane = document.getElementById("calls-pane");
    const opener = document.getElementById("calls-open");
    const latest = document.getElementById("calls-latest");
    const follower = pane && follow(latest, latest.dataset.opened);
    if (pane) {
      pane.addEventListener("close", follower.stop);
      // A click beside it, which is one on the backdrop.
      pane.addEventListener("click", (event) => {
        if (event.target === pane && event.clientX < pane.getBoundingClientRect().left) pane.close();
      });
      opener.addEventListener("click", (event) => {
        if (hasModifier(event) || event.shiftKey) return;
        event.preventDefault();
        openPane(pane, follower);
      });
    }
    document.querySelectorAll(".live-switch").forEach((button) => button.addEventListener("click", turn));
    document.addEventListener("visibilitychange", adapt);
    adapt();

    document.addEventListener("keydown", (event) => {
      const key = event.key.toLowerCase();
      const isCtrlK = (event.ctrlKey || event.metaKey) && key === "k";
      const isFree = !isTyping(event.target) && !hasModifier(event) && !event.repeat;
      if (isCtrlK || (isFree && key === "/")) {
        event.preventDefault();
        pane?.close();
        const field = document.getElementById("find");
        field.focus();
        field.select();
      } else if (isFree && key === "c" && pane) {
        event.preventDefault();
        openPane(pane, follower);
      }
    });
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();

  /* The focus stays where it was, or goes to the nearest thing around it that is still there. What is under the
     pointer, or has the focus, stays where it is on the screen. */
  const FOCUSABLE = "a[href], button, input, select, textarea, summary, [tabindex]";
  let path = [];
  let anchor = null;
  let top = 0;
  const still = (element) => (element.isConnected ? element : element.id ? document.getElementById(element.id) : null);

  document.addEventListener("htmx:before:swap", () => {
    path = [];
    for (let each = document.activeElement; each && each !== document.body; each = each.parentElement) path.push(each);
    const isReading = Date.now() - movedAt < READING_MS;
    const hovered = isReading ? [...document.querySelectorAll("main :hover, dialog :hover")].at(-1) : null;
    anchor = (hovered ?? path[0])?.closest("li[id], article[id], section, form") ?? null;
    top = anchor?.getBoundingClientRect().top ?? 0;
  });
  document.addEventListener("htmx:after:swap", () => {
    const now = document.activeElement;
    if (path.length && (!now || now === document.body || now.disabled)) {
      const kept = path.map(still).find((each) => each && !each.disabled && each.matches(FOCUSABLE));
      kept?.focus({ preventScroll: true });
    }
    if (anchor?.isConnected) {
      const by = anchor.getBoundingClientRect().top - top;
      if (by) (anchor.closest("dialog") ?? document.scrollingElement).scrollBy({ top: by, behavior: "instant" });
    }
  });

  /* A form that was sent is empty again; what it sent is on its way by then. */
  document.addEventListener("htmx:before:request", (event) => event.target.reset?.());
})();

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
