/* Fashion search: on phones one way to search is shown at a time; its tab is chosen by touch or arrow keys. */
(() => {
  const show = (tab) => {
    const list = tab.closest(".ph-found");
    for (const other of list.querySelectorAll("[data-tab]")) {
      const chosen = other === tab;
      other.setAttribute("aria-selected", String(chosen));
      other.tabIndex = chosen ? 0 : -1;
      list.querySelector(`[data-kind="${other.dataset.tab}"]`).toggleAttribute("data-shown", chosen);
    }
  };

  document.addEventListener("click", (event) => {
    const tab = event.target.closest(".ph-tablist [data-tab]");
    if (tab) show(tab);
  });

  document.addEventListener("keydown", (event) => {
    const tab = event.target.closest?.(".ph-tablist [data-tab]");
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!tab || !step) return;
    const tabs = [...tab.parentElement.children];
    const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
    event.preventDefault();
    show(next);
    next.focus();
  });
})();
