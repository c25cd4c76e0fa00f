/* The camera: its picture on the page, and its frames one by one. */

/** What is asked for; the reader shrinks larger frames to find the number and reads the digits from the full ones. */
const WANTED = { video: { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } }, audio: false };

/** Why there is no camera. @typedef {"denied"|"missing"|"insecure"|"busy"} CameraProblem */

const PROBLEMS = {
  NotAllowedError: "denied",
  SecurityError: "denied",
  NotFoundError: "missing",
  OverconstrainedError: "missing",
};

export class CameraError extends Error {
  /** @param {CameraProblem} problem */
  constructor(problem) {
    super(problem);
    this.problem = problem;
  }
}

export class Camera {
  #stream = null;
  #video;

  /** @param {HTMLVideoElement} video - shows what the camera sees */
  constructor(video) {
    this.#video = video;
  }

  get on() {
    return this.#stream !== null;
  }

  /** @throws {CameraError} */
  async start() {
    // browsers show cameras to pages with a secure connection only
    if (!navigator.mediaDevices) throw new CameraError("insecure");
    try {
      this.#stream = await navigator.mediaDevices.getUserMedia(WANTED);
      this.#video.srcObject = this.#stream;
      await this.#video.play();
    } catch (error) {
      this.stop();
      throw new CameraError(PROBLEMS[error.name] ?? "busy");
    }
  }

  stop() {
    this.#stream?.getTracks().forEach((track) => track.stop());
    this.#stream = null;
    this.#video.srcObject = null;
  }

  /** The next frame; waits for as long as the page is not seen. @returns {Promise<ImageBitmap>} */
  async frame() {
    await new Promise((resolve) => {
      if ("requestVideoFrameCallback" in this.#video) this.#video.requestVideoFrameCallback(resolve);
      else requestAnimationFrame(resolve);
    });
    return createImageBitmap(this.#video);
  }
}
