/* The administrator's page: links and forms are answered by the server with HTML for the panel or a part of it. */
(() => {
  const part = (name) => document.querySelector(`#raters-admin [data-${name}]`);
  const say = (message) => { part("note").textContent = message ?? ""; };

  const ask = async (path, options = {}, into = part("panel")) => {
    const panel = part("panel");
    panel.setAttribute("aria-busy", "true");
    part("status").textContent = panel.dataset.busy;
    try {
      const answer = await window.planetCall(`admin${path}`, { signal: AbortSignal.timeout(120000), ...options });
      say(answer.message);
      if (!answer.html || answer.state === "bad") return;
      const target = answer.state === "login" ? panel : into;
      target.innerHTML = answer.html;
      for (const link of target.querySelectorAll("[data-link]"))
        link.textContent = new URL(link.dataset.link, document.baseURI).href;
      for (const button of target.querySelectorAll("[data-copy-links]"))
        button.dataset.copy = [...target.querySelectorAll("[data-link]")].map((link) => link.textContent).join("\n");
      target.querySelector("h2")?.focus({ preventScroll: target === panel });
    } catch {
      say(panel.dataset.lost);
    } finally {
      panel.removeAttribute("aria-busy");
      part("status").textContent = "";
    }
  };

  const target = (element) => element.dataset.into && part(element.dataset.into);

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("#raters-admin [data-get]");
    if (!link) return;
    event.preventDefault();
    ask(link.dataset.get, {}, target(link) ?? undefined);
  });

  document.addEventListener("submit", (event) => {
    const form = event.target.closest?.("#raters-admin form[data-post]");
    if (!form) return;
    event.preventDefault();
    if (form.dataset.sure && !window.confirm(form.dataset.sure)) return;
    ask(form.dataset.post, { method: "POST", body: new FormData(form) }, target(form) ?? undefined);
  });

  window.planetRatersAdmin = async () => {
    for (let n = 0; n < 600 && !part("panel"); n++) await new Promise(requestAnimationFrame);
    if (part("panel")) ask("/campaigns");
  };
})();
