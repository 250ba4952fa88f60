/* What the explorer does beside htmx: it keeps links to forms and the list of one's own calls in this browser. A
   list has no value that was filled in, unless its form was kept, and never a secret. */
(() => {
  "use strict";
  const KEPT = "waypost.explorer.kept";
  const CALLS = "waypost.explorer.calls";
  const MOST = 50;

  const load = (name) => {
    try {
      const found = JSON.parse(localStorage.getItem(name) ?? "[]");
      return Array.isArray(found) ? found : [];
    } catch {
      return [];
    }
  };
  const save = (name, entries) => {
    try {
      localStorage.setItem(name, JSON.stringify(entries.slice(0, MOST)));
      return true;
    } catch {
      // A browser that keeps nothing, or is full.
      return false;
    }
  };
  // What stands in the browser may be of another hand: only paths of this host are followed.
  const isPath = (link) => typeof link === "string" && /^\/(?![/\\])/.test(link);

  const showKept = () => {
    const section = document.getElementById("kept");
    if (!section) return;
    const list = section.querySelector("ul");
    const entries = load(KEPT).filter((entry) => isPath(entry?.link));
    list.replaceChildren(
      ...entries.map((entry) => {
        const row = section.querySelector("template").content.cloneNode(true);
        const link = row.querySelector("a");
        link.textContent = String(entry.name);
        link.href = entry.link;
        row.querySelector("button").addEventListener("click", () => {
          save(KEPT, load(KEPT).filter((each) => each?.name !== entry.name || each?.link !== entry.link));
          showKept();
        });
        return row;
      }),
    );
    section.hidden = entries.length === 0;
  };

  const showCalls = () => {
    const section = document.getElementById("history");
    if (!section) return;
    const entries = load(CALLS).filter((entry) => isPath(entry?.path));
    section.querySelector("ol").replaceChildren(
      ...entries.map((entry) => {
        const row = section.querySelector("template").content.cloneNode(true);
        const time = row.querySelector("time");
        time.dateTime = String(entry.at);
        time.textContent = new Date(entry.at).toLocaleString(document.documentElement.lang);
        const link = row.querySelector("a");
        link.textContent = String(entry.operation);
        link.href = entry.path;
        row.querySelector("span").textContent = String(entry.code);
        row.querySelector("code").textContent = String(entry.requestId);
        return row;
      }),
    );
    section.hidden = entries.length === 0;
  };

  const noteCall = () => {
    const answer = document.getElementById("answer");
    const requestId = answer?.dataset.requestId;
    const calls = load(CALLS);
    if (!requestId || calls.some((call) => call?.requestId === requestId)) return;
    const path = document.getElementById("call").getAttribute("action");
    const { operation, code } = answer.dataset;
    save(CALLS, [{ operation, code: code || "OK", requestId, path, at: new Date().toISOString() }, ...calls]);
  };

  const showKeeping = () => {
    const keep = document.getElementById("keep");
    if (keep) keep.hidden = false;
  };

  const keepForm = (keep) => {
    const name = keep.querySelector("input").value.trim() || document.querySelector("h1").textContent;
    const link = document.getElementById("link").getAttribute("href");
    const others = load(KEPT).filter((entry) => entry?.link !== link);
    const status = keep.querySelector("[data-kept]");
    if (save(KEPT, [{ name, link }, ...others])) status.textContent = status.dataset.kept;
  };

  document.addEventListener("click", (event) => {
    const keep = event.target.closest?.("#keep button");
    if (keep) keepForm(keep.parentElement);
    if (event.target.id === "forget-history") {
      save(CALLS, []);
      showCalls();
    }
  });

  // A secret leaves the page with the call that it signs, and not when fields or code are asked for.
  document.addEventListener("htmx:config:request", (event) => {
    const body = event.detail?.ctx?.request?.body;
    if (body?.get && body.get("do") !== "run") {
      for (const name of ["secret", "security-token"]) body.delete(name);
    }
  });

  const show = () => {
    noteCall();
    showKeeping();
  };
  document.addEventListener("htmx:after:swap", show);
  // What was asked for comes into view; the focus stays where it is.
  document.addEventListener("htmx:after:swap", (event) => {
    if (event.detail?.ctx?.target?.id === "explorer") document.getElementById("answer").scrollIntoView({ block: "nearest" });
  });
  const begin = () => {
    document.documentElement.classList.add("scripted");
    show();
    showKept();
    showCalls();
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
