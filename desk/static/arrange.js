// The table of a bulletin: changes without leaving the page, keys, drag, and a preview that follows what is typed.
// Everything works without it: each change is a form of its own.
"use strict";
(() => {
  let root = document.getElementById("arrange");
  if (!root) return;
  const words = { up: "已上移", down: "已下移", place: "已移动", take_out: "已撤下", add: "已加入", reword: "文字已保存", seen: "已标为看过", renew: "已更新" };
  const find = (key) => (key ? document.getElementById(`e-${key}`) : null);
  let working = false;

  // What was typed and not saved outlives the exchange of the page.
  const typed = () => [...root.querySelectorAll(".entry form.stack")]
    .filter((form) => [...form.elements].some((one) => one.defaultValue !== undefined && one.value !== one.defaultValue))
    .map((form) => [form.elements.key.value, form.elements.title.value, form.elements.text.value]);
  const restore = (kept) => {
    for (const [key, title, text] of kept) {
      const form = find(key)?.querySelector("form.stack");
      if (!form) continue;
      form.elements.title.value = title;
      form.elements.text.value = text;
      form.closest("details").open = true;
      follow(form);
    }
  };

  // The preview shows what is typed, saved or not: nothing is proposed over words that are not saved.
  const unsaved = () => {
    for (const old of root.querySelectorAll(".unsaved")) old.remove();
    const forms = typed().map(([key]) => find(key).querySelector("form.stack"));
    for (const form of forms) {
      form.closest("details").open = true;
      form.append(notice("这条改了文字还没有保存：先点“保存文字”，再送签。", "unsaved"));
    }
    forms[0]?.querySelector("button").focus();
    return forms.length > 0;
  };
  const notice = (text, kind) => {
    const said = document.createElement("p");
    said.className = `notice ${kind}`;
    said.setAttribute("role", "alert");
    said.textContent = text;
    return said;
  };

  const follow = (form) => {
    const shown = root.querySelector(`[data-shows="${CSS.escape(form.elements.key.value)}"]`);
    if (!shown) return;
    shown.querySelector(".title").textContent = form.elements.title.value;
    shown.querySelector(".body").textContent = form.elements.text.value;
  };

  const send = async (fields) => {
    if (working) return;
    working = true;
    const [action, key] = [fields.get("action"), fields.get("key")];
    const kept = typed().filter(([one]) => !(action === "reword" && one === key));
    const own = typed().filter(([one]) => action === "reword" && one === key);
    try {
      const answer = await fetch(root.dataset.path, { method: "POST", body: new URLSearchParams(fields) });
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("arrange");
      if (!fresh) { location.reload(); return; }
      root.replaceWith(document.adoptNode(fresh));
      root = fresh;
      listen();
      restore(answer.ok ? kept : [...kept, ...own]);
      document.getElementById("said").textContent = answer.ok ? words[action] || "" : "没有执行，请看页面上方的说明";
      const entry = find(key);
      const again = entry?.querySelector(`button[value="${action}"]`);
      const target = !answer.ok || !entry ? root.querySelector("h1") : action === "up" || action === "down" ? again || entry : entry;
      target.focus({ preventScroll: answer.ok });
      (answer.ok ? entry : root)?.scrollIntoView({ block: "nearest" });
    } catch {
      document.getElementById("said").textContent = "";
      alertAway();
    } finally {
      working = false;
    }
  };
  const alertAway = () => {
    if (root.querySelector(".offline")) return;
    root.prepend(notice("网络不通，这一步没有执行；写的文字还在页面上，恢复后再试。", "offline"));
  };

  const fieldsOf = (action, key, more = {}) =>
    new Map(Object.entries({ action, key, revision: root.dataset.revision, ...more }));

  const listen = () => {
    root.addEventListener("submit", (event) => {
      if (event.submitter?.value === "propose" && unsaved()) event.preventDefault();
      if (!event.target.matches("form[data-arrange]")) return;
      event.preventDefault();
      send(new Map(new FormData(event.target, event.submitter)));
    });
    root.addEventListener("input", (event) => {
      const form = event.target.closest(".entry form.stack");
      if (form) follow(form);
    });
    root.addEventListener("keydown", (event) => {
      const entry = event.target.closest(".entry");
      const writing = event.target.matches("input, textarea, select");
      const step = { ArrowUp: "up", ArrowDown: "down" }[event.key];
      if (!entry || !step || writing) return;
      if (event.altKey) {
        event.preventDefault();
        send(fieldsOf(step, entry.dataset.key));
      } else if (event.target === entry) {
        const all = [...root.querySelectorAll(".entry")];
        const next = all[all.indexOf(entry) + (step === "up" ? -1 : 1)];
        if (next) { event.preventDefault(); next.focus(); }
      }
    });
    let dragged = null;
    root.addEventListener("dragstart", (event) => {
      dragged = event.target.closest?.(".entry")?.dataset.key || null;
      if (dragged) event.dataTransfer.setData("text/plain", dragged);
    });
    root.addEventListener("dragover", (event) => {
      if (dragged && event.target.closest(".entries")) event.preventDefault();
    });
    root.addEventListener("drop", (event) => {
      const list = event.target.closest(".entries");
      if (!dragged || !list) return;
      event.preventDefault();
      const others = [...list.querySelectorAll(".entry")].filter((one) => one.dataset.key !== dragged);
      const before = others.findIndex((one) => {
        const box = one.getBoundingClientRect();
        return event.clientY < box.top + box.height / 2;
      });
      const position = before < 0 ? others.length : before;
      send(fieldsOf("place", dragged, { section: list.dataset.section, position }));
      dragged = null;
    });
  };
  listen();
  addEventListener("beforeunload", (event) => { if (typed().length) event.preventDefault(); });
})();
