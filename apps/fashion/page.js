/* Fashion search: on phones one way to search is shown at a time, chosen by its tab; arrow keys walk through tabs and
   through the garments to choose from. */
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

  const after = (all, one, key) => {
    const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[key];
    return step && all[(all.indexOf(one) + step + all.length) % all.length];
  };

  document.addEventListener("keydown", (event) => {
    const tab = event.target.closest?.(".ph-tablist [data-tab]");
    // Gradio makes every choice a group of its own, in which the browser's arrow keys lead nowhere.
    const garment = event.target.closest?.("#fashion-garments input");
    if (!tab && !garment) return;
    const all = tab ? tab.parentElement.children : document.querySelectorAll("#fashion-garments input");
    const next = after([...all], tab ?? garment, event.key);
    if (!next) return;
    event.preventDefault();
    next.focus();
    next.click();
  });
})();
