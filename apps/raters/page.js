/* The rater's desk: shows what the server sends, takes keys and touches, and keeps a vote until it is stored. */
(() => {
  const NOW = "planet-rater-now", JOINED = "planet-rater-joined", KEYS = "planet-rater-keys";
  const BLINK = 300; // milliseconds in which nobody has read anything: a second tap was meant for the task before
  const memory = {};
  const keep = (name, value) => {
    memory[name] = value;
    try { value == null ? localStorage.removeItem(name) : localStorage.setItem(name, value); } catch { /* private mode */ }
  };
  const kept = (name) => {
    try { return localStorage.getItem(name); } catch { return memory[name] ?? null; }
  };
  const joined = () => { try { return JSON.parse(kept(JOINED)) ?? {}; } catch { return {}; } };
  const wait = (ms) => new Promise((done) => {
    const timer = setTimeout(done, ms);
    addEventListener("online", () => { clearTimeout(timer); done(); }, { once: true });
  });

  let desk, view = {}, vote = null, busy = false, scores = [], at = 0, shownAt = 0, seen = 0, since = 0;
  const part = (name) => document.querySelector(`#raters [data-${name}]`);
  const say = (message) => { part("note").textContent = message ?? ""; };

  window.planetCall = async (path, options = {}) => {
    const { token, ...rest } = options;
    const headers = { ...(token && { Authorization: `Bearer ${token}` }), ...rest.headers };
    const answer = await fetch(new URL(`./raters-api/${path}`, document.baseURI),
      { cache: "no-store", credentials: "same-origin", signal: AbortSignal.timeout(30000), ...rest, headers });
    return { status: answer.status, after: Number(answer.headers.get("Retry-After")), ...(await answer.json()) };
  };
  const post = (path, body) => window.planetCall(path, { method: "POST", body: JSON.stringify(body), token: kept(NOW) });

  /* Tries until the server has answered: the vote of a lost connection is sent again, under the same key. */
  const surely = async (ask) => {
    for (let pause = 1000; ; pause = Math.min(2 * pause, 15000)) {
      try {
        const answer = await ask();
        if (answer.state !== "later") return answer;
        say(answer.message);
        await wait(answer.after ? 1000 * answer.after : pause);
      } catch {
        say(desk.dataset.lost);
        await wait(pause);
      }
    }
  };

  const tick = () => {
    const clock = desk?.querySelector(".ph-clock");
    if (!clock || !vote) return;
    const seconds = Math.floor(elapsed() / 1000);
    clock.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  };
  const elapsed = () => Math.round(seen + (since ? performance.now() - since : 0));

  const show = (answer, focus = true) => {
    view = answer;
    scores = Array(answer.sides ?? 0).fill(null);
    at = 0;
    vote = answer.state === "task" ? { key: answer.key, client_key: crypto.getRandomValues(new Uint32Array(4)).join("-") } : null;
    desk.innerHTML = answer.html;
    desk.dataset.state = answer.state;
    const title = part("title");
    if (answer.title) title.textContent = answer.title;
    title.hidden = !kept(NOW) || !title.textContent;
    for (const button of desk.querySelectorAll("[data-join]"))
      if (joined()[button.dataset.join]) button.firstChild.textContent = button.dataset.again;
    seen = 0;
    since = document.hidden ? 0 : performance.now();
    shownAt = performance.now();
    mark();
    if (focus) {
      desk.querySelector(".ph-question")?.focus({ preventScroll: true });
      (title.hidden ? desk : title).scrollIntoView({ block: "start" });
    }
  };

  const settle = async (ask, focus = true) => {
    if (busy) return;
    busy = true;
    desk.setAttribute("aria-busy", "true");
    try {
      const answer = await surely(ask);
      if (answer.state === "refused") keep(NOW, null);
      say(answer.state === "bad" || answer.problem ? answer.message : "");
      part("status").textContent = answer.stored ? `${desk.dataset.stored} ${answer.stored.done} / ${answer.stored.total}` : "";
      if (answer.html && answer.state !== "bad") show(answer, focus);
      else if (vote) scores.fill(null), mark();
    } finally {
      busy = false;
      desk.removeAttribute("aria-busy");
    }
  };

  const ready = () => vote && !busy && performance.now() - shownAt > BLINK;

  const send = (choice) => {
    const body = { ...vote, choice, milliseconds: elapsed() };
    return settle(() => post("vote", body));
  };

  const mark = () => {
    desk.querySelectorAll(".ph-side").forEach((side, n) => {
      side.toggleAttribute("data-current", view.protocol === "score012" && scores.length > 1 && n === at);
      for (const button of side.querySelectorAll("[data-score]"))
        button.setAttribute("aria-pressed", String(scores[n] === Number(button.dataset.score)));
    });
  };

  const score = (n, value) => {
    scores[n] = value;
    const open = scores.indexOf(null);
    at = open < 0 ? n : open;
    mark();
    if (open < 0) return send(scores);
    const side = desk.querySelectorAll(".ph-side")[at];
    side.scrollIntoView({ block: "nearest" });
    part("status").textContent = side.getAttribute("aria-label");
  };

  const undo = () => {
    if (!busy && view.last) settle(() => post("undo", { key: view.last }));
  };

  const leave = () => {
    keep(NOW, null);
    settle(() => window.planetCall("offers"));
  };

  const join = (campaign) => settle(async () => {
    let token = joined()[campaign];
    if (!token) {
      const answer = await window.planetCall("join", { method: "POST", body: JSON.stringify({ campaign }) });
      if (answer.state !== "joined") return answer;
      token = answer.token;
      keep(JOINED, JSON.stringify({ ...joined(), [campaign]: token }));
    }
    keep(NOW, token);
    const answer = await window.planetCall("task", { token });
    if (answer.state === "refused") keep(JOINED, JSON.stringify({ ...joined(), [campaign]: undefined }));
    return answer;
  });

  const keysOn = () => kept(KEYS) !== "off";
  const showKeys = () => {
    const button = part("keys");
    button.setAttribute("aria-pressed", String(keysOn()));
    button.textContent = keysOn() ? desk.dataset.keysOn : desk.dataset.keysOff;
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("#raters button");
    if (!button || !desk) return;
    const data = button.dataset;
    if ("keys" in data) { keep(KEYS, keysOn() ? "off" : "on"); showKeys(); }
    else if ("join" in data) join(data.join);
    else if ("leave" in data) leave();
    else if ("undo" in data) undo();
    else if ("reveal" in data) settle(() => post("reveal", {}));
    else if (!ready()) return;
    else if ("choice" in data) send(data.choice);
    else if ("score" in data) score([...desk.querySelectorAll(".ph-side")].indexOf(button.closest(".ph-side")), Number(data.score));
  });

  document.addEventListener("keydown", (event) => {
    if (!desk?.isConnected || !keysOn() || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest?.("input, textarea, select, [contenteditable]")) return;
    const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
    if (key === "U") return undo();
    if (!ready()) return;
    if (view.protocol === "pairwise") {
      const choice = { A: "A", ArrowLeft: "A", B: "B", ArrowRight: "B", T: "tie", N: "both_bad" }[key];
      if (choice) { event.preventDefault(); send(choice); }
      return;
    }
    if (/^[012]$/.test(key)) return score(at, Number(key));
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1 }[key] ?? (key.length === 1 ? "ABCDEF".indexOf(key) : -1);
    if (to < 0 || to >= scores.length) return;
    event.preventDefault();
    at = to;
    mark();
    desk.querySelectorAll(".ph-side")[at].scrollIntoView({ block: "nearest" });
  });

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) { seen = elapsed(); since = 0; } else since = performance.now();
  });
  setInterval(tick, 1000);

  window.planetRaters = async () => {
    for (let n = 0; n < 600 && !part("desk"); n++) await new Promise(requestAnimationFrame);
    desk = part("desk");
    if (!desk) return;
    showKeys();
    const address = new URL(location.href), invited = address.searchParams.get("rater");
    if (invited) {
      // Kept here and taken out of the address: whoever sees the screen, or gets the link of the page, has no vote.
      keep(NOW, invited);
      address.searchParams.delete("rater");
      history.replaceState(history.state, "", address);
    }
    settle(() => window.planetCall(kept(NOW) ? "task" : "offers", { token: kept(NOW) }), false);
  };
})();
