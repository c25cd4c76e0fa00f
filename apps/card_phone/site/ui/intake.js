/* Pictures a person hands over: chosen, dropped anywhere on the page, or pasted. */

/**
 * @param {HTMLInputElement} input
 * @param {(file: File) => void} take
 */
export function onPicture(input, take) {
  input.addEventListener("change", () => {
    const [file] = input.files;
    // the same file may be chosen again
    input.value = "";
    if (file) take(file);
  });
  const root = document.documentElement;
  root.addEventListener("dragover", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    root.classList.add("dropping");
  });
  root.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) root.classList.remove("dropping");
  });
  root.addEventListener("drop", (event) => {
    root.classList.remove("dropping");
    const [file] = event.dataTransfer.files;
    if (!file) return;
    event.preventDefault();
    take(file);
  });
  document.addEventListener("paste", (event) => {
    const [file] = event.clipboardData.files;
    if (file) take(file);
  });
}
