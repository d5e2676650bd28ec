// Live counts and alerts by server-sent events; the page works without it.
"use strict";
(() => {
  const banner = document.getElementById("live");
  if (!banner || !window.EventSource) return;
  const title = document.title;
  let unread = 0;
  const source = new EventSource("/api/v1/events");
  source.addEventListener("alert", (event) => {
    const alert = JSON.parse(event.data);
    unread += 1;
    document.title = `(${unread}) ${title}`;
    banner.hidden = false;
    banner.textContent = `新预警：${alert.title} ${alert.text}`;
  });
  source.addEventListener("counts", (event) => {
    const counts = JSON.parse(event.data);
    const tiles = document.querySelector(".tiles[data-day]");
    if (tiles && tiles.dataset.day !== counts.day) delete counts.items; // another day is on the screen
    for (const [name, value] of Object.entries(counts)) {
      const tile = document.querySelector(`[data-count="${name}"]`);
      if (tile && typeof value === "number") tile.textContent = value;
    }
  });
  source.addEventListener("unavailable", () => {
    banner.hidden = false;
    banner.textContent = "索引暂时不可用：页面上的数字可能不是最新的，报送和预警不受影响。";
  });
  window.addEventListener("focus", () => { unread = 0; document.title = title; });
})();
