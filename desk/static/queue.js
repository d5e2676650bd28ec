// The queue by keys: up and down from item to item, wherever in an item the focus is; Enter follows its link as always.
"use strict";
(() => {
  const queue = document.getElementById("queue");
  if (!queue) return;
  const titles = [...queue.querySelectorAll("a.title")];
  queue.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
    const here = titles.findIndex((title) => title.closest("li").contains(document.activeElement));
    const next = titles[here + step];
    if (!next) return;
    next.focus();
    event.preventDefault();
  });
})();
