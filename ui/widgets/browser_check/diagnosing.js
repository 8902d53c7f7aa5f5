// What this browser, its connection and its camera can do. Each check measures; the page says what it means.
//
// Parts, in this order: settings, test picture, copies of it, checks, camera, and the Diagnosing that ties them together.

const SIZE = [1280, 720]; // of the test picture: that of a usual still
const ROUNDS = 5; // of which the median round trip counts
const WAIT_S = 6; // for a connection, an event or a frame
const CAMERA_S = 3;
const RATE = 10; // test pictures a second
const MEMORY = "lenslock.camera"; // in localStorage, as ui/widgets/camera/capture.js keeps it

const seconds = () => performance.now() / 1000;
const ms = (since_s) => Math.round((seconds() - since_s) * 1000);
const wait = (s) => new Promise((resolve) => setTimeout(resolve, s * 1000));
const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** A promise that gives up. */
function soon(promise, what) {
  const late = wait(WAIT_S).then(() => {
    throw new Error(`${what}: nothing in ${WAIT_S} s`);
  });
  return Promise.race([promise, late]);
}

function nextFrame(video) {
  const there = new Promise((resolve) => {
    if (video.requestVideoFrameCallback) video.requestVideoFrameCallback((_now, frame) => resolve(frame));
    else setTimeout(() => resolve(null), 1000 / RATE);
  });
  return soon(there, "a frame");
}

// ---- test picture: noise whose luma is known bit by bit, as ui/widgets/browser_check/pattern.py has it

/** Luma of a pixel: 16 + step * (0 .. 219 / step). */
function luma(x, y, step) {
  const mixed = Math.imul(x, 0x9e3779b1) ^ Math.imul(y, 0x85ebca77);
  return 16 + step * ((Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d) >>> 8) % (219 / step + 1));
}

/** Shows the test picture as a camera would. Chromium takes planes of luma and colour as they are. */
class PlanesSource {
  static step = 1; // every level that video has

  constructor() {
    const [width, height] = SIZE;
    this.planes = new Uint8Array((width * height * 3) / 2).fill(128);
    for (let y = 0, i = 0; y < height; y++) for (let x = 0; x < width; x++) this.planes[i++] = luma(x, y, 1);
    this.track = new MediaStreamTrackGenerator({ kind: "video" });
    this.writer = this.track.writable.getWriter();
    this.stream = new MediaStream([this.track]);
    this.shown = 0;
  }

  show() {
    const [codedWidth, codedHeight] = SIZE;
    const timestamp = (this.shown++ * 1e6) / RATE;
    this.writer
      .write(new VideoFrame(this.planes, { format: "I420", codedWidth, codedHeight, timestamp }))
      .catch(() => {});
  }
}

/** The same from a canvas, elsewhere. Its greys are those four whose luma is whole, however a browser converts. */
class CanvasSource {
  static step = 73;

  constructor() {
    const [width, height] = SIZE;
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    this.pen = canvas.getContext("2d", { alpha: false });
    this.image = this.pen.createImageData(width, height);
    for (let y = 0, i = 0; y < height; y++) {
      for (let x = 0; x < width; x++, i += 4) {
        const grey = ((luma(x, y, 73) - 16) / 219) * 255;
        this.image.data.set([grey, grey, grey, 255], i);
      }
    }
    this.stream = canvas.captureStream(RATE);
  }

  show() {
    this.pen.putImageData(this.image, 0, 0);
  }
}

/** Play the test picture on a video while something is done with it. */
async function withPattern(act) {
  const Source = window.MediaStreamTrackGenerator && window.VideoFrame ? PlanesSource : CanvasSource;
  const source = new Source();
  const video = Object.assign(document.createElement("video"), { muted: true, playsInline: true });
  video.srcObject = source.stream;
  const showing = setInterval(() => source.show(), 1000 / RATE);
  source.show();
  try {
    await soon(video.play(), "the test picture");
    await nextFrame(video);
    await nextFrame(video);
    return await act(video, Source.step);
  } finally {
    clearInterval(showing);
    for (const track of source.stream.getTracks()) track.stop();
    video.srcObject = null;
  }
}

// ---- copies of it, made as ui/widgets/camera/capture.js makes stills

async function copyPlanes(video) {
  const frame = new VideoFrame(video);
  try {
    if (!["I420", "NV12"].includes(frame.format)) return { format: frame.format ?? "unknown" };
    const bytes = new Uint8Array(frame.allocationSize());
    const layout = JSON.stringify(await frame.copyTo(bytes));
    return { format: frame.format, body: new Blob([bytes]), headers: { "X-Format": frame.format, "X-Layout": layout } };
  } finally {
    frame.close();
  }
}

async function copyPng(video) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  canvas.getContext("2d", { alpha: false }).drawImage(video, 0, 0);
  const body = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  return { format: "PNG", body, headers: { "X-Format": "PNG" } };
}

/** Hand a copy in, and hear from the server how it differs from what it should be. */
async function examine(video, step, copy) {
  let since_s = seconds();
  const { format, body, headers } = await copy(video);
  const found = { format, copy_ms: ms(since_s) };
  if (!body) return found;
  since_s = seconds();
  const size = { "X-Width": video.videoWidth, "X-Height": video.videoHeight };
  const request = { method: "POST", body, headers: { ...headers, ...size } };
  const answer = await fetch(`/diagnosing/still?step=${step}`, request);
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.text ?? `the server answered ${answer.status}`);
  return { ...found, ...said, send_ms: ms(since_s), bytes: body.size };
}

// ---- checks. Each returns what it found; what it throws is told beside it.

const CHECKS = {
  page: async () => ({
    secure: window.isSecureContext,
    media: Boolean(navigator.mediaDevices?.getUserMedia),
    video_frame: Boolean(window.VideoFrame?.prototype.copyTo),
    frame_callback: "requestVideoFrameCallback" in HTMLVideoElement.prototype,
  }),

  cameras: async () => {
    const devices = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
    return { cameras: devices.filter((device) => device.kind === "videoinput").length };
  },

  server: async () => {
    const rounds = [];
    for (let round = 0; round < ROUNDS; round++) {
      const since_s = seconds();
      const answer = await fetch("/_stcore/health", { cache: "no-store" });
      if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
      rounds.push(ms(since_s));
    }
    return { round_trip_ms: median(rounds) };
  },

  // The server sends some, a moment apart: a proxy that keeps them back hands them out all at once.
  events: async () => {
    const source = new EventSource("/diagnosing/events");
    const times = [];
    const all = new Promise((resolve, reject) => {
      source.onmessage = () => times.push(seconds());
      source.addEventListener("last", resolve);
      source.onerror = () => reject(new Error("the stream of messages broke off"));
    });
    try {
      await soon(all, "messages");
    } finally {
      source.close();
    }
    return { events: times.length, events_spread_ms: Math.round((times.at(-1) - times[0]) * 1000) };
  },

  connection: async () => {
    const since_s = seconds();
    const [one, other] = [new RTCPeerConnection({ iceServers: [] }), new RTCPeerConnection({ iceServers: [] })];
    const kinds = new Set();
    const lend = (from, to) => {
      from.onicecandidate = ({ candidate }) => {
        if (!candidate?.candidate) return;
        const hidden = candidate.address?.endsWith(".local") ? " (address hidden)" : "";
        kinds.add(`${candidate.type} ${candidate.protocol}${hidden}`);
        to.addIceCandidate(candidate).catch(() => {}); // it is closed
      };
    };
    lend(one, other);
    lend(other, one);
    try {
      const channel = one.createDataChannel("check");
      const open = new Promise((resolve) => (channel.onopen = resolve));
      await one.setLocalDescription();
      await other.setRemoteDescription(one.localDescription);
      await other.setLocalDescription();
      await one.setRemoteDescription(other.localDescription);
      await soon(open, "a connection");
      return { connected: true, connect_ms: ms(since_s), candidates: [...kinds].sort().join(", ") };
    } catch (error) {
      error.found = { connected: false, candidates: [...kinds].sort().join(", ") };
      throw error;
    } finally {
      one.close();
      other.close();
    }
  },

  still: () =>
    withPattern(async (video, step) => ({
      levels: 219 / step + 1,
      planes: window.VideoFrame ? await examine(video, step, copyPlanes) : {},
      png: await examine(video, step, copyPng),
    })),
};

const WORDS = {
  page: "what the browser has",
  cameras: "cameras",
  server: "the way to the server",
  events: "messages from the server",
  connection: "a direct connection",
  still: "whether stills are exact",
};

// ---- camera

/** Open a camera as it is, look at it for a moment, and let go of it. */
async function lookAt(video, device) {
  const whole = navigator.mediaDevices.getSupportedConstraints().resizeMode ? { resizeMode: { exact: "none" } } : {};
  const which = device ? { deviceId: { ideal: device } } : { facingMode: "user" };
  const size = { width: { ideal: 1920 }, height: { ideal: 1080 }, frameRate: { ideal: 30 } };
  const stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { ...which, ...whole, ...size } });
  try {
    video.srcObject = stream;
    video.hidden = false;
    await soon(video.play(), "a picture");
    const settings = stream.getVideoTracks()[0].getSettings();
    const rate = await measureRate(video);
    const { format } = window.VideoFrame ? await copyPlanes(video) : { format: "" };
    return {
      device: settings.deviceId,
      width: video.videoWidth,
      height: video.videoHeight,
      promised_rate: Math.round((settings.frameRate ?? 0) * 10) / 10,
      native: settings.resizeMode ? settings.resizeMode === "none" : null,
      rate,
      format,
    };
  } finally {
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
    video.hidden = true;
  }
}

async function measureRate(video) {
  if (!video.requestVideoFrameCallback) return null;
  const first = await nextFrame(video);
  const since_s = seconds();
  let last = first;
  while (seconds() - since_s < CAMERA_S) last = await nextFrame(video);
  return Math.round(((last.presentedFrames - first.presentedFrames) / (seconds() - since_s)) * 10) / 10;
}

function chosenDevice() {
  try {
    return JSON.parse(localStorage.getItem(MEMORY))?.device ?? "";
  } catch {
    return ""; // storage is blocked, or holds something else
  }
}

// ---- what ties them together

class Diagnosing {
  constructor(root) {
    for (const part of ["browser", "camera", "note"]) this[part] = root.querySelector(`.${part}`);
    for (const part of ["label", "select", "video"]) this[part] = root.querySelector(part);
    this.found = {};
    this.listeners = new AbortController();
    const listen = (button, act) => button.addEventListener("click", act, { signal: this.listeners.signal });
    listen(this.browser, () => this.run(() => this.checkBrowser()));
    listen(this.camera, () => this.run(() => this.checkCamera()));
  }

  /** Do something with the buttons off, then tell the page. */
  async run(act) {
    this.browser.disabled = this.camera.disabled = true;
    try {
      await act();
    } finally {
      this.browser.disabled = this.camera.disabled = false;
    }
    if (this.closed) return;
    this.note.textContent = "Done. The result is below.";
    this.send({ ...this.found });
  }

  async checkBrowser() {
    const errors = {};
    let facts = {};
    for (const [name, check] of Object.entries(CHECKS)) {
      this.note.textContent = `Checking ${WORDS[name]}`;
      try {
        facts = { ...facts, ...(await check()) };
      } catch (error) {
        errors[name] = `${error.name}: ${error.message}`;
        facts = { ...facts, ...error.found };
      }
    }
    this.found = { ...this.found, ...facts, errors };
  }

  async checkCamera() {
    this.note.textContent = `The camera is on for ${CAMERA_S} seconds. Nothing is sent or kept.`;
    this.found.camera = {};
    try {
      const { device, ...camera } = await lookAt(this.video, this.select.value || chosenDevice());
      await this.listCameras(device);
      this.found.camera = camera;
    } catch (error) {
      this.found.camera = { problem: error.name, text: error.message };
    }
  }

  async listCameras(chosen) {
    const devices = await navigator.mediaDevices.enumerateDevices();
    const cameras = devices.filter((device) => device.kind === "videoinput" && device.deviceId);
    const options = cameras.map(({ label, deviceId }, i) => new Option(label || `Camera ${i + 1}`, deviceId));
    this.select.replaceChildren(...options);
    this.select.value = chosen ?? "";
    this.label.hidden = cameras.length < 2;
  }

  close() {
    this.closed = true;
    this.listeners.abort();
    for (const track of this.video.srcObject?.getTracks() ?? []) track.stop();
  }
}

// Streamlit calls this on each run of the page, and the latest result when the component leaves it. A call that was
// overtaken by the next one is cleaned up late, so each cleans up only if it is still the latest.
const mounted = new WeakMap();

export default function ({ parentElement, setStateValue }) {
  const diagnosing = mounted.get(parentElement) ?? new Diagnosing(parentElement);
  mounted.set(parentElement, diagnosing);
  diagnosing.send = (found) => setStateValue("found", found);
  const turn = (diagnosing.turn ?? 0) + 1;
  diagnosing.turn = turn;
  return () => {
    if (diagnosing.turn !== turn) return;
    mounted.delete(parentElement);
    diagnosing.close();
  };
}
