// Live counts, lists and alerts by server-sent events; the page works without it.
"use strict";
(() => {
  const banner = document.getElementById("live");
  if (!banner || !window.EventSource) return;
  const RENEW_PAUSE_MS = 2000;
  const title = document.title;
  const tiles = document.querySelector("[data-day]");
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
      if (next && !part.contains(document.activeElement)) part.replaceWith(document.adoptNode(next));
    }
  };
  const renewSoon = () => {
    if (tiles && renewing === null) renewing = setTimeout(() => renew().catch(() => {}), RENEW_PAUSE_MS);
  };

  const source = new EventSource("/api/v1/events");
  let first = true;
  source.addEventListener("alert", (event) => {
    const alert = JSON.parse(event.data);
    unread += 1;
    document.title = `(${unread}) ${title}`;
    say(`新预警：${alert.title}。${alert.text}`, "alert");
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
    if (!first) renewSoon();
    first = false;
  });
  source.addEventListener("unavailable", () => {
    say("索引暂时不可用：页面上的数字可能不是最新的，报送和预警不受影响。", "away");
  });
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) say("登录已过期，请刷新页面重新登录。", "away");
  });
  window.addEventListener("focus", () => { unread = 0; document.title = title; });
})();
