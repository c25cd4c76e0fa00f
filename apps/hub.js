/* What pages need beyond Gradio: copying, walking through a heat map by keyboard, counting characters. */
(() => {
  const copyText = async (text) => {
    if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
    // Browsers give pages without a secure connection no clipboard; a selection can be copied all the same.
    const area = Object.assign(document.createElement("textarea"), { value: text });
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  };

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button || button.dataset.label) return;
    await copyText(button.dataset.copy);
    button.dataset.label = button.textContent;
    button.textContent = button.dataset.done;
    setTimeout(() => {
      button.textContent = button.dataset.label;
      delete button.dataset.label;
    }, 1600);
  });

  const cellOf = (event) => event.target.closest?.(".ph-map td[role=gridcell]");

  const readOut = (cell) => {
    const map = cell.closest(".ph-map"), row = cell.parentElement;
    const column = map.querySelector(`thead tr > :nth-child(${cell.cellIndex + 1})`);
    const line = map.querySelector(".ph-readout");
    const weight = cell.textContent ? Number(cell.textContent).toFixed(2) : line.dataset.none;
    const shown = `${column.textContent} → ${row.cells[0].textContent}: ${weight}`;
    if (line.textContent !== shown) line.textContent = shown;
  };

  for (const kind of ["mouseover", "focusin", "click"]) {
    document.addEventListener(kind, (event) => {
      const cell = cellOf(event);
      if (cell) readOut(cell);
    });
  }

  document.addEventListener("keydown", (event) => {
    const cell = cellOf(event);
    if (!cell) return;
    const row = cell.parentElement, rows = row.parentElement.rows;
    const down = { ArrowUp: -1, ArrowDown: 1 }[event.key] ?? 0;
    const right = { ArrowLeft: -1, ArrowRight: 1 }[event.key] ?? 0;
    let next = rows[row.rowIndex - 1 + down]?.cells[cell.cellIndex + right];
    if (event.key === "Home") next = row.cells[1];
    if (event.key === "End") next = row.cells[row.cells.length - 1];
    if (!next || next === cell || next.tagName !== "TD") return;
    event.preventDefault();
    cell.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  });

  window.planetCount = (text) => {
    const count = [...(text ?? "")].length;
    for (const line of document.querySelectorAll(".ph-count")) {
      line.querySelector("b").textContent = count.toLocaleString("en");
      line.classList.toggle("ph-over", count > Number(line.dataset.limit));
    }
  };
})();
