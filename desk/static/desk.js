// Live counts, lists and alerts by server-sent events; the page works without it.
"use strict";
// The menu on a phone goes on to the right: the entry of the page one is on stands in sight.
(() => {
  const here = document.querySelector("header.top nav a[aria-current]");
  if (here) here.parentElement.scrollLeft = here.offsetLeft - (here.parentElement.clientWidth - here.offsetWidth) / 2;
})();
// The reporter's form: verdicts while typing, one-click fixes, and a draft that outlives a broken line.
(() => {
  const form = document.getElementById("report");
  const filed = document.querySelector("[data-filed]");
  // A draft belongs to an account: several people may use one machine.
  localStorage.removeItem("draft-report");
  if (filed) localStorage.removeItem(`draft-${filed.dataset.filed}`);
  if (!form) return;
  const PAUSE_MS = 600;
  const LINE_MS = 10000;
  const CHINA_MS = 8 * 3600 * 1000;
  const opened = Date.now();
  const verdict = document.getElementById("verdict");
  const kept = document.getElementById("kept");
  const brief = document.getElementById("brief");
  const key = `draft-${form.dataset.keep}`;
  const fields = ["kind", "title", "text", "incident", "phoned_at", "known_at"];
  const values = () => Object.fromEntries(fields.map((name) => [name, form.elements[name].value]));
  const keep = () => localStorage.setItem(key, JSON.stringify(values()));

  if (!form.elements.text.value) {
    try {
      const draft = JSON.parse(localStorage.getItem(key) || "{}");
      const followed = form.elements.incident.value;  // a follow-up is not filled with words on another incident
      const fits = !followed || followed === draft.incident;
      for (const name of fits ? fields : []) if (draft[name]) form.elements[name].value = draft[name];
      if (fits && draft.text) kept.textContent = "已恢复上次没有报完的草稿。";
    } catch { localStorage.removeItem(key); }
  }

  let asked = 0;
  const check = async () => {
    const mine = ++asked;
    if (!form.elements.text.value.trim()) return;
    try {
      const typed = [...new FormData(form)].filter(([, value]) => typeof value === "string");  // files stay here
      const answer = await fetch(form.dataset.check, { method: "POST", body: new URLSearchParams(typed) });
      const text = await answer.text();
      if (mine !== asked || !answer.ok) return;
      if (answer.redirected) {
        kept.textContent = "登录已过期，草稿已存在本机，请刷新页面重新登录。";
        return;
      }
      const fresh = new DOMParser().parseFromString(text, "text/html");
      verdict.replaceChildren(...[...fresh.body.childNodes].map((node) => document.adoptNode(node)));
      // On a phone the verdicts are below the button.
      brief.textContent = verdict.querySelector("[data-brief]")?.dataset.brief ?? "";
      brief.hidden = brief.textContent === "";
    } catch {
      kept.textContent = "网络不通，草稿已存在本机，恢复后再报送。";
    }
  };
  let timer = null;
  form.addEventListener("input", () => {
    keep();
    kept.textContent = "草稿已存在本机。";
    clearTimeout(timer);
    timer = setTimeout(check, PAUSE_MS);
  });
  for (const button of form.querySelectorAll("button[data-now]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const now = new Date(form.dataset.clock).getTime() + Date.now() - opened;  // the instance's clock, not the phone's
      form.elements[button.dataset.now].value = new Date(now + CHINA_MS).toISOString().slice(0, 16);
      form.dispatchEvent(new Event("input"));
    });
  }
  // A form that is sent over a broken line, or after the login ended, costs the page and the files chosen on it: asked
  // before, everything stays.
  const sender = form.querySelector("button[type=submit]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    sender.disabled = true;
    try {
      // Browsers of offices are years old: where this cannot be given up by itself, the browser's own patience holds.
      const signal = AbortSignal.timeout ? AbortSignal.timeout(LINE_MS) : undefined;
      const answer = await fetch("/account", { cache: "no-store", signal });
      if (answer.redirected && new URL(answer.url).pathname === "/login") {
        const link = Object.assign(document.createElement("a"), { href: "/login", target: "_blank", textContent: "重新登录" });
        kept.replaceChildren("登录已过期，还没有报上去。请", link, "（另开一页），再回来点“报送”。");
        return;
      }
      form.submit();
    } catch {
      kept.textContent = "网络不通，还没有报上去。草稿已存在本机，恢复后再点“报送”。";
    } finally {
      sender.disabled = false;
    }
  });
  // A Word or Excel file pasted into the text is read as if it had been chosen below.
  const reader = document.getElementById("import");
  form.elements.text.addEventListener("paste", (event) => {
    const files = [...event.clipboardData.files].filter((file) => /\.(docx|xlsx)$/i.test(file.name));
    if (files.length !== 1 || !reader) return;
    event.preventDefault();
    const chosen = new DataTransfer();
    chosen.items.add(files[0]);
    reader.elements.file.files = chosen.files;
    reader.requestSubmit();
  });
  // Offsets count code points, as the verdicts do; what was changed meanwhile is left alone.
  verdict.addEventListener("click", (event) => {
    const declared = event.target.closest("button[data-kind]");
    if (declared) {
      form.elements.kind.value = declared.dataset.kind;
      form.querySelector("details").open = true;
      form.elements.phoned_at.focus();
      form.dispatchEvent(new Event("input"));
      check();
      return;
    }
    const fix = event.target.closest("button.fix");
    if (!fix) return;
    const input = form.elements[fix.dataset.field];
    const signs = [...input.value];
    const [start, end] = [Number(fix.dataset.start), Number(fix.dataset.end)];
    if (signs.slice(start, end).join("") === fix.dataset.was) {
      input.value = [...signs.slice(0, start), fix.dataset.new, ...signs.slice(end)].join("");
    }
    input.focus();
    form.dispatchEvent(new Event("input"));
    check();
  });
  if (form.elements.text.value) {
    if (!localStorage.getItem(key)) keep();  // typed before this script came, or given back with an error
    check();
  }
})();

(() => {
  const banner = document.getElementById("live");
  if (!banner || !window.EventSource) return;
  const RENEW_PAUSE_MS = 2000;
  const title = document.title;
  const tiles = document.querySelector("[data-day]");
  const board = document.querySelector("[data-board]");  // the duty board keeps the number of its alerts in the title
  let unread = 0;
  let renewing = null;

  const say = (text, kind) => {
    banner.hidden = text === "";
    banner.textContent = text;
    banner.dataset.kind = kind;
  };

  // The lists come again from the server, so that there is one place that renders them. What a person works in stays.
  const renew = async () => {
    renewing = null;
    const answer = await fetch(location.href, { credentials: "same-origin" });
    if (!answer.ok || answer.redirected) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of document.querySelectorAll("[data-live]")) {
      const next = fresh.getElementById(part.id);
      if (!next || part.contains(document.activeElement)) continue;
      const opened = [...part.querySelectorAll("details")].map((one) => one.open);
      next.querySelectorAll("details").forEach((one, place) => { if (opened[place]) one.open = true; });
      part.replaceWith(document.adoptNode(next));  // what a person has opened stays open
    }
    document.dispatchEvent(new Event("huiyao:renewed"));
  };
  const renewSoon = () => {
    if (tiles && renewing === null) renewing = setTimeout(() => renew().catch(() => {}), RENEW_PAUSE_MS);
  };

  document.addEventListener("huiyao:renew", renewSoon);

  const source = new EventSource("/api/v1/events");
  let first = true;
  source.addEventListener("alert", (event) => {
    const alert = JSON.parse(event.data);
    unread += 1;
    if (!board) document.title = `(${unread}) ${title}`;
    say(`新预警：${alert.title}。${alert.text}`, "alert");
    document.dispatchEvent(new CustomEvent("huiyao:alert", { detail: alert }));
    renewSoon();
  });
  source.addEventListener("counts", (event) => {
    if (banner.dataset.kind === "away") say("", "");
    const counts = JSON.parse(event.data);
    if (tiles && counts.day === tiles.dataset.day) {
      for (const [name, value] of Object.entries(counts)) {
        const tile = tiles.querySelector(`[data-count="${CSS.escape(name)}"]`);
        if (tile && typeof value === "number") tile.textContent = value;
      }
    }
    document.dispatchEvent(new CustomEvent("huiyao:counts", { detail: counts }));
    if (!first) renewSoon();
    first = false;
  });
  source.addEventListener("unavailable", () => {
    say("索引暂时不可用：页面上的数字可能不是最新的，报送和预警不受影响。", "away");
  });
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) say("登录已过期，请刷新页面重新登录。", "away");
  });
  window.addEventListener("focus", () => { unread = 0; if (!board) document.title = title; });
})();
