/* The page: what a person does, and what is shown. Everything about reading happens in the reader's thread. */

import { Refused } from "./reader/picture.js";
import { Camera, CameraError } from "./ui/camera.js";
import { ReaderClient } from "./ui/client.js";
import { onPicture } from "./ui/intake.js";
import { drawPhoto } from "./ui/photo.js";
import { scan } from "./ui/scan.js";
import { stages } from "./ui/stages.js";
import { apply, keep, load, preferred } from "./ui/texts.js";
import { failure, verdict, waiting } from "./ui/verdict.js";

// Inside the hub's page, which has a heading and a footer of its own.
document.documentElement.classList.toggle("framed", self !== top);

const part = Object.fromEntries([...document.querySelectorAll("[id]")].map((element) => [element.id, element]));
const client = new ReaderClient();
client.ready.then(() => performance.mark("ready"), () => {});
const camera = new Camera(part.video);

let language = preferred();
let text = await load(language);
/** What is shown: an answer, a problem, or neither yet. */
let shown = { answer: null, problem: null, revealed: false };
/** Grows with whatever a person starts, so that an answer that comes too late is not shown. */
let turn = 0;

function show(change) {
  const old = shown.answer;
  shown = { answer: null, problem: null, revealed: false, ...change };
  if (old && old !== shown.answer) old.picture.close();
  render();
}

function render() {
  const { answer, problem, revealed } = shown;
  part.photo.hidden = !answer || camera.on;
  part.how.hidden = !answer;
  part.video.hidden = part.aim.hidden = !camera.on;
  part.camera.textContent = text(camera.on ? "camera_stop" : "camera_start");
  if (problem) return part.verdict.replaceChildren(failure(problem(), text));
  if (!answer) return part.verdict.replaceChildren(waiting(text(camera.on ? "waiting_camera" : "waiting")));
  const { reading, picture, scale, frames } = answer;
  drawPhoto(part.photo, picture, reading, scale, revealed);
  part.photo.ariaLabel = text("photo");
  part.verdict.replaceChildren(verdict(reading, revealed, frames, text, toggle));
  part.stages.replaceChildren(...stages(reading, revealed, text));
}

/** Shows an answer a person asked for where it can be seen: on a phone the result is below the picture. */
function present(change) {
  show(change);
  part.verdict.scrollIntoView({ block: "nearest" });
}

function toggle() {
  show({ ...shown, revealed: !shown.revealed });
  document.getElementById("reveal").focus();
}

/** Sentences are looked up when they are shown: the language may change in between. */
function sentence(error) {
  if (error instanceof Refused) return () => text(`problem_${error.problem}`, error.values);
  if (error instanceof CameraError) return () => text(`camera_${error.problem}`);
  console.error(error);
  return () => text("problem_unexpected");
}

/** Reads one picture and shows the answer with `put`, unless a person started something else meanwhile. */
async function read(picture, put = present) {
  const mine = ++turn;
  stopCamera();
  part.view.ariaBusy = "true";
  try {
    const answer = await client.read(await picture);
    if (mine === turn) put({ answer });
    else answer.picture.close();
  } catch (error) {
    if (mine === turn) put({ problem: sentence(error) });
  }
  part.view.ariaBusy = String(mine !== turn);
  performance.mark("answered");
}

async function useCamera() {
  const mine = ++turn;
  const current = () => mine === turn && camera.on;
  try {
    part.camera.disabled = true;
    await camera.start().finally(() => (part.camera.disabled = false));
    if (mine !== turn) return stopCamera();
    show({});
    part.view.scrollIntoView({ block: "nearest" });
    part.guidance.textContent = text("advice_none");
    const tell = (advice) => (part.guidance.textContent = text(`advice_${advice}`));
    const answer = await scan(camera, client, current, tell);
    if (!answer) return undefined;
    stopCamera();
    return present({ answer });
  } catch (error) {
    if (mine !== turn) return undefined;
    stopCamera();
    return show({ problem: sentence(error) });
  }
}

function stopCamera() {
  camera.stop();
  part.guidance.textContent = "";
}

const example = async () => (await fetch("example.jpg")).blob();

async function speak(chosen) {
  text = await load(chosen);
  language = part.language.value = chosen;
  apply(text, language);
  render();
}

part.camera.addEventListener("click", () => {
  if (!camera.on) return useCamera();
  turn += 1;
  stopCamera();
  return render();
});
part.example.addEventListener("click", () => read(example()));
part.language.addEventListener("change", () => {
  keep(part.language.value);
  speak(part.language.value);
});
onPicture(part.file, (file) => read(file));
part.language.value = language;
apply(text, language);
render();
await read(example(), show);

// Not before the first answer, which should not wait for it. Inside another site's frame a browser may forbid it; the
// page then needs the network each time.
navigator.serviceWorker?.register("service-worker.js").then(
  () => navigator.serviceWorker.ready.then(() => (part.offline.hidden = false)),
  (error) => console.info(`Not kept for offline use: ${error.message}`),
);
