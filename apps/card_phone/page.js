/* Keeps the reader's frame as tall as what it shows, so that the page scrolls and the frame does not. */
window.planetPhone = () => {
  const frame = document.querySelector("#card-phone iframe");
  if (!frame) return;
  const follow = () => {
    const body = frame.contentDocument.body;
    const fit = () => { frame.style.height = `${Math.ceil(body.getBoundingClientRect().height) + 24}px`; };
    new frame.contentWindow.ResizeObserver(fit).observe(body);
    fit();
  };
  if (frame.contentDocument?.readyState === "complete" && frame.contentDocument.body?.childElementCount) follow();
  frame.addEventListener("load", follow);
};
