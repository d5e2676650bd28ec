// Phrases for an instruction; on the duty board clocks that count, a sound and a number in the title. Works without it.
"use strict";
(() => {
  for (const list of document.querySelectorAll("[data-phrases]")) {
    list.hidden = false;
    list.addEventListener("click", (event) => {
      const chosen = event.target.closest("button");
      if (!chosen) return;
      const text = chosen.form.elements.text;
      text.value = chosen.textContent;
      text.focus();
    });
  }
})();

(() => {
  if (!document.querySelector("[data-board]")) return;
  const TICK_MS = 1000;
  const RENEW_MS = 30000;
  const NEAR_MIN = 15;
  const PITCHES = [880, 660, 880];
  const BEEP_S = 0.22;

  // The instance's clock and not this machine's: it may be another time there, or a played day. What is left is told
  // from the moment the page was made, so a reload and the next renewal say the same.
  let base = null;
  const now = () => {
    const said = document.getElementById("clock")?.dataset.now;
    if (said && said !== base?.said) base = { said, at: Date.parse(said), seen: performance.now() };
    return base ? base.at + (performance.now() - base.seen) : Date.now();
  };
  const words = (ms) => {
    const seconds = Math.floor(Math.abs(ms) / 1000);
    const [h, m, s] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60];
    const two = (number) => String(number).padStart(2, "0");
    return `${ms < 0 ? "已超时 " : "还剩 "}${h}:${two(m)}:${two(s)}`;
  };
  const tick = () => {
    const moment = now();
    for (const one of document.querySelectorAll("[data-deadline]")) {
      const left = Date.parse(one.dataset.deadline) - moment;
      one.textContent = words(left);
      one.toggleAttribute("data-over", left < 0);
      one.toggleAttribute("data-near", left >= 0 && left < NEAR_MIN * 60000);
    }
  };
  tick();
  setInterval(tick, TICK_MS);

  const title = document.title;
  const badge = (count) => { document.title = count > 0 ? `(${count}) ${title}` : title; };
  const open = () => Number(document.querySelector('[data-count="open_alerts"]')?.textContent || 0);
  badge(open());
  document.addEventListener("huiyao:counts", (event) => badge(event.detail.open_alerts));
  document.addEventListener("huiyao:renewed", () => { tick(); badge(open()); });
  setInterval(() => document.dispatchEvent(new Event("huiyao:renew")), RENEW_MS);

  // Browsers let a page sound only after a person asked for it.
  const button = document.getElementById("sound");
  const Audio = window.AudioContext || window.webkitAudioContext;
  let context = null;
  const beep = () => {
    if (!context) return;
    PITCHES.forEach((pitch, number) => {
      const [tone, volume] = [context.createOscillator(), context.createGain()];
      const begin = context.currentTime + number * BEEP_S;
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0.0001, begin);
      volume.gain.exponentialRampToValueAtTime(0.3, begin + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.0001, begin + BEEP_S);
      tone.connect(volume).connect(context.destination);
      tone.start(begin);
      tone.stop(begin + BEEP_S);
    });
    button.dataset.sounded = String(Number(button.dataset.sounded || 0) + 1);
  };
  if (!button || !Audio) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    if (context) {
      await context.close();
      context = null;
    } else {
      context = new Audio();
      await context.resume();
      beep();
    }
    button.setAttribute("aria-pressed", String(context !== null));
    button.textContent = context ? "提示音已开" : "打开提示音";
  });
  document.addEventListener("huiyao:alert", beep);
})();
