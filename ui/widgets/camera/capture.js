// The capture component: opens one camera and makes of it the preview, the stream for the server, and lossless stills.
// Or, for an onlooker, it shows what the session's camera sees, wherever that is.
//
// Parts, in this order: words and settings, camera, stills, stream by JPEG POSTs, stream by WebRTC, pictures for an
// onlooker, messages from the server, screen, and the Capture that ties them together. Nothing here decides anything:
// the server does.

const FRAME_SIDE = 640; // pixels on the longer side of a streamed frame; the server refuses more
const FRAMES_PER_S = 15;
const EARLY_S = 0.02; // by so much a frame may come before its time
const JPEG_QUALITY = 0.8;
const NO_STREAM_S = 6; // without a view for so long, WebRTC is given up
const SILENT_S = 12; // the server says something every 5 s at least
const LOST_S = 5; // a broken connection is told after so long
const MUTED_S = 2;
const TOLD_S = 4; // between two pieces of advice that a screen reader reads: the prompt comes first
const STEADY_S = 0.3; // advice that lasts shorter is not shown: it would only flicker
const NOTE_S = 8;
const HOLD_STILL_S = 0.8; // the hint is readable, however fast the stills were
const QUIET_S = 3; // without a view for so long, an onlooker is told that the camera is paused

// Modes that cameras have, largest first. Asked for one by one, exactly: a rescaled picture has lost the pattern.
const MODES = [
  [1920, 1080],
  [1600, 1200],
  [1600, 900],
  [1280, 960],
  [1280, 800],
  [1280, 720],
  [1024, 768],
  [800, 600],
  [640, 480],
];
const ALOUD = "lenslock.aloud"; // in sessionStorage: prompts are read aloud in this tab
const MEMORY = "lenslock.camera"; // in localStorage: the camera that was chosen, and each camera's mode

const ICONS = {
  camera: "M4 8h3l2-3h6l2 3h3v11H4z M12 16.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7z",
  blocked: "M4 8h3l2-3h6l2 3h3v11H4z M3 3l18 18",
  warning: "M12 3.5 2.5 20h19z M12 10v4.5 M12 17.2v.1",
  pause: "M8 5v14 M16 5v14",
};

// What stands in the way: title, text (a function where it depends on the browser), button, icon. The last five end by
// themselves, and the camera goes on meanwhile.
const PROBLEMS = {
  denied: { title: "The camera is blocked", text: howToAllow, button: "Try again", icon: "blocked" },
  "system-denied": {
    title: "The system blocks the camera",
    text:
      "Your computer does not let this browser use the camera. " +
      "Allow it in the system's privacy settings, then try again.",
    button: "Try again",
    icon: "blocked",
  },
  "no-camera": {
    title: "No camera found",
    text: "Connect a camera or open the lid, then try again. You can also use a phone, or upload photos instead.",
    button: "Try again",
    icon: "blocked",
  },
  busy: {
    title: "The camera is busy",
    text: "Another program or tab is using it. Close video calls and other camera programs, then try again.",
    button: "Try again",
    icon: "warning",
  },
  insecure: {
    title: "This page cannot use a camera",
    text:
      "Browsers open a camera only on https pages and on this computer itself. " +
      "Use the address that begins with https, or http://localhost.",
    icon: "blocked",
  },
  unsupported: {
    title: "This browser cannot use a camera",
    text: "Open this page in a current Chrome, Edge, Firefox or Safari, not inside another app.",
    icon: "blocked",
  },
  "other-mode": {
    title: "This camera has another picture size",
    text:
      "It does not offer the size that was enrolled. " +
      "Choose the camera that was enrolled, and hold a phone as you did then.",
    button: "Try again",
    icon: "warning",
  },
  "no-picture": {
    title: "The camera sends no picture",
    text: "It was opened, but nothing came. Check its cover or switch, plug it in again, then try again.",
    button: "Try again",
    icon: "warning",
  },
  ended: {
    title: "The camera was disconnected",
    text: "Plug it in again, or choose another one, then try again.",
    button: "Try again",
    icon: "warning",
  },
  failed: {
    title: "The camera could not be opened",
    text: "Reload the page, then try again.",
    button: "Try again",
    icon: "warning",
  },
  expired: {
    title: "This session has expired",
    text: "Nothing was decided. Start again: the camera opens when you press the button.",
    button: "Start again",
    icon: "pause",
  },
  muted: {
    title: "The camera is paused",
    text: "The system or a switch on the camera has muted it. It goes on as soon as the picture is back.",
    icon: "pause",
  },
  "mode-changed": {
    title: "The picture has another size now",
    text: "The phone was turned, or the mode was changed. Turn it back: pictures of two sizes cannot be compared.",
    icon: "warning",
  },
  background: { title: "Paused", text: "This tab is in the background. Come back to it to go on.", icon: "pause" },
  unreachable: {
    title: "The server cannot be reached",
    text: "Check your connection. This page goes on trying, and tells you when it is back.",
    icon: "warning",
  },
  quiet: {
    title: "No picture at the moment",
    text: "The page with the camera is paused, or its connection is lost. It goes on as soon as pictures come again.",
    icon: "pause",
  },
};

const VOTES = { live: "\u2713", "not live": "\u2715", unusable: "\u2013" };

const seconds = () => performance.now() / 1000;
const wait = (s) => new Promise((resolve) => setTimeout(resolve, s * 1000));
const isPhone = () => matchMedia("(pointer: coarse)").matches || Math.min(screen.width, screen.height) < 600;

/** Tell in one sentence how this browser's block is lifted. */
function howToAllow() {
  const agent = navigator.userAgent;
  let how = "Click the icon left of the address, allow the camera for this page";
  if (/iPhone|iPad/.test(agent))
    how = "Tap the page menu beside the address, then Website Settings, set Camera to Allow";
  else if (/Android/.test(agent)) how = "Tap the icon left of the address, then Permissions, allow the camera";
  else if (/Firefox/.test(agent)) how = "Click the crossed-out camera left of the address, remove the block";
  else if (!/Chrome/.test(agent)) how = "In the menu Safari, choose Settings for This Website, set Camera to Allow";
  return `${how}, then try again.`;
}

/** What was remembered: {device, modes: {device: [width, height]}}. */
function recall() {
  try {
    return { modes: {}, ...JSON.parse(localStorage.getItem(MEMORY)) };
  } catch {
    return { modes: {} }; // storage is blocked, or holds something else
  }
}

function remember(device, mode) {
  if (!device) return;
  try {
    const kept = recall();
    localStorage.setItem(MEMORY, JSON.stringify({ device, modes: { ...kept.modes, [device]: mode } }));
  } catch {
    // storage is blocked: the camera is chosen anew next time
  }
}

// ---- camera

class Problem extends Error {
  constructor(code, cause) {
    super(`${code}: ${cause ?? ""}`);
    this.code = code;
  }
}

/** Wait for the video's next frame; when it was captured, as far as the browser tells, or 0 if none comes in time. */
function nextFrame(video, limit_s) {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(0), limit_s * 1000);
    const there = (now, about) => {
      clearTimeout(timer);
      resolve(Math.min(about?.captureTime ?? about?.presentationTime ?? now ?? Infinity, performance.now()) / 1000);
    };
    if (video.requestVideoFrameCallback) video.requestVideoFrameCallback(there);
    else setTimeout(() => video.readyState >= 2 && there(performance.now()), 1000 / FRAMES_PER_S);
  });
}

function problemOf(error) {
  if (error instanceof Problem) return error;
  const bySystem = /system/i.test(error.message);
  if (error.name === "NotAllowedError") return new Problem(bySystem ? "system-denied" : "denied", error);
  const codes = { NotFoundError: "no-camera", NotReadableError: "busy", AbortError: "busy", SecurityError: "denied" };
  if (!codes[error.name]) console.error(error);
  return new Problem(codes[error.name] ?? "failed", error);
}

function stopTracks(stream) {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

/** Open a camera at its native mode and show it on a video; the result is the stream. */
async function openCamera(video, device, demanded) {
  if (!window.isSecureContext) throw new Problem("insecure");
  const media = navigator.mediaDevices;
  if (!media?.getUserMedia) throw new Problem("unsupported");
  const which = device ? { deviceId: { exact: device } } : { facingMode: "user" };
  const whole = media.getSupportedConstraints().resizeMode ? { resizeMode: { exact: "none" } } : {};
  const exact = ([width, height]) => ({ width: { exact: width }, height: { exact: height } });
  const kept = device && recall().modes[device];
  const sizes = demanded ? [exact(demanded)] : [...(kept ? [kept] : []), ...MODES].map(exact);
  if (!demanded) sizes.push({ width: { ideal: 1280 } }); // a camera with unusual modes
  let opened = false;
  for (const size of sizes) {
    const stream = await tryCamera({ ...which, ...whole, ...size, frameRate: { ideal: 30 } });
    if (!stream) continue;
    opened = true;
    if (await showsPicture(video, stream)) return stream;
  }
  if (opened) throw new Problem("no-picture");
  if (device) return openCamera(video, "", demanded); // that camera has gone
  throw new Problem(demanded ? "other-mode" : "no-camera");
}

/** Ask for a camera; null if none has that mode. */
async function tryCamera(constraints) {
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: false, video: constraints });
  } catch (error) {
    if (error.name === "OverconstrainedError") return null;
    throw error;
  }
}

/** Show a stream on a video; it is stopped if no picture comes of it. */
async function showsPicture(video, stream) {
  video.srcObject = stream;
  let shown = false;
  try {
    await video.play();
    shown = Boolean(await nextFrame(video, 3));
  } finally {
    if (!shown) stopTracks(stream);
  }
  return shown;
}

/** What to tell the page of an open camera. */
async function describeCamera(video, stream) {
  const track = stream.getVideoTracks()[0];
  const settings = track.getSettings();
  return {
    camera: track.label,
    width: video.videoWidth,
    height: video.videoHeight,
    frame_rate: Math.round((settings.frameRate ?? 0) * 10) / 10,
    native: settings.resizeMode ? settings.resizeMode === "none" : null,
    pixel_format: (await copyFrame(video)).headers["X-Format"],
  };
}

// ---- stills

/** Copy the frame that the video shows, bit by bit where the browser can, else as PNG. */
async function copyFrame(video) {
  if (!window.VideoFrame) return pngOf(video);
  const frame = new VideoFrame(video);
  try {
    if (!["I420", "NV12"].includes(frame.format)) return await pngOf(video);
    const bytes = new Uint8Array(frame.allocationSize());
    const layout = await frame.copyTo(bytes);
    const { width, height } = frame.visibleRect;
    const size = { "X-Width": width, "X-Height": height };
    const headers = { "X-Format": frame.format, ...size, "X-Layout": JSON.stringify(layout) };
    return { body: new Blob([bytes]), headers }; // a bare array would be sent ten times more slowly
  } finally {
    frame.close();
  }
}

async function pngOf(video) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  canvas.getContext("2d", { alpha: false }).drawImage(video, 0, 0);
  const body = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  return { body, headers: { "X-Format": "PNG", "X-Width": canvas.width, "X-Height": canvas.height } };
}

/** Takes stills when the server asks for them, and hands them in one after another. */
class Stills {
  constructor(video, url, on) {
    Object.assign(this, { video, url, on, queue: [], sending: false, closed: false, taken: Promise.resolve() });
  }

  /** Take one still of each of the next frames. Two of the same frame would be copies of one shot: askings queue up. */
  take(numbers) {
    this.taken = this.taken.catch(() => null).then(() => this.takeEach(numbers));
    return this.taken;
  }

  async takeEach(numbers) {
    for (const number of numbers) {
      const captured_s = this.closed ? 0 : await nextFrame(this.video, 2);
      if (!captured_s || !this.on.allowed()) return;
      this.on.taking();
      this.queue.push({ number, captured_s, ...(await copyFrame(this.video)) });
      this.send();
    }
  }

  async send() {
    if (this.sending) return;
    this.sending = true;
    while (this.queue.length && !this.closed) await this.handIn(this.queue.shift());
    this.sending = false;
  }

  async handIn({ number, captured_s, body, headers: made }) {
    for (let attempt = 0; attempt < 3 && !this.closed; attempt++) {
      const headers = { ...made, "X-Captured": captured_s, "X-Sent": seconds() };
      const answer = await fetch(`${this.url}&number=${number}`, { method: "POST", body, headers }).catch(() => null);
      if (answer?.ok) return;
      if (answer && answer.status !== 429) return this.on.refused(await reasonOf(answer));
      await wait(0.5);
    }
  }

  close() {
    this.closed = true;
    this.queue = [];
  }
}

/** Why a request that does not say so was refused; null if it is not refused any more. */
async function refusalOf(url) {
  const asking = new AbortController();
  const answer = await fetch(url, { signal: asking.signal }).catch(() => null);
  const reason = answer && !answer.ok ? await reasonOf(answer) : null;
  asking.abort();
  return reason;
}

async function reasonOf(answer) {
  const said = await answer.json().catch(() => ({}));
  return { status: answer.status, code: said.code ?? "", text: said.text ?? `The server answered ${answer.status}.` };
}

// ---- the stream, way 1: JPEG POSTs, one under way at a time

class PostStream {
  constructor(video, url, on) {
    Object.assign(this, { video, url, on, paused: false, closed: false, canvas: document.createElement("canvas") });
    this.run();
  }

  async run() {
    let due_s = 0;
    let failing_s = null;
    while (!this.closed) {
      const captured_s = await nextFrame(this.video, 1);
      const now_s = seconds();
      // Frames come when the screen is drawn, a little early or late: what is counted is the mean rate.
      if (!captured_s || this.paused || this.closed || now_s < due_s - EARLY_S) continue;
      due_s = Math.max(due_s, now_s - 1 / FRAMES_PER_S) + 1 / FRAMES_PER_S;
      const body = await this.shrink();
      const headers = { "X-Captured": captured_s, "X-Sent": seconds() };
      const answer = await fetch(this.url, { method: "POST", body, headers }).catch(() => null);
      failing_s = answer ? null : (failing_s ?? now_s);
      if (!this.closed) this.on.lost(failing_s !== null && seconds() - failing_s > LOST_S);
      if (answer?.ok) continue;
      if (answer && answer.status !== 429 && !this.closed) this.on.refused(await reasonOf(answer));
      await wait(0.5);
    }
  }

  shrink() {
    const { video, canvas } = this;
    const scale = Math.min(1, FRAME_SIDE / Math.max(video.videoWidth, video.videoHeight));
    const [width, height] = [Math.round(video.videoWidth * scale), Math.round(video.videoHeight * scale)];
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    canvas.getContext("2d", { alpha: false }).drawImage(video, 0, 0, width, height);
    return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", JPEG_QUALITY));
  }

  pause(paused) {
    this.paused = paused;
  }

  close() {
    this.closed = true;
  }
}

// ---- the stream, way 2: streamlit-webrtc, whose frame on this page gets a copy of our track in place of a camera.
// The page makes that frame when it hears of the stream's name, and each attempt has a name and a frame of its own.

class WebRtcStream {
  constructor(track, name, on) {
    Object.assign(this, { track: track.clone(), name, on, peer: null, closed: false });
    this.run().catch((error) => this.on.failed(error));
  }

  async run() {
    const button = await this.find(() => {
      const frame = document.querySelector(`.st-key-lenslock-webrtc-${this.name} iframe`);
      const buttons = frame?.contentDocument?.querySelectorAll("button:not([disabled])") ?? [];
      return [...buttons].find((one) => one.textContent.trim().toUpperCase() === "START");
    });
    if (this.closed) return;
    this.lendCamera(button.ownerDocument.defaultView);
    button.click();
  }

  /** Make the frame's getUserMedia return our track, and its connection known to us. */
  lendCamera(inner) {
    inner.navigator.mediaDevices.getUserMedia = async () => new inner.MediaStream([this.track]);
    const connect = (peer) => this.connect(peer);
    inner.RTCPeerConnection = class extends inner.RTCPeerConnection {
      constructor(...settings) {
        super(...settings);
        connect(this);
      }
    };
  }

  /** Look for something until it is there. */
  async find(look) {
    for (const end = seconds() + NO_STREAM_S; seconds() < end && !this.closed; await wait(0.1)) {
      const found = look();
      if (found) return found;
    }
    if (!this.closed) throw new Error("The page shows no streamlit-webrtc widget.");
    return null;
  }

  /** Learn of the connection that the widget makes. */
  connect(peer) {
    this.peer = peer;
    peer.addEventListener("connectionstatechange", () => {
      if (peer.connectionState === "connected") limitSenders(peer, this.track);
      if (["failed", "closed"].includes(peer.connectionState) && !this.closed) this.on.failed(peer.connectionState);
    });
  }

  pause(paused) {
    for (const sender of this.peer?.getSenders() ?? []) {
      sender.replaceTrack(paused ? null : this.track).catch(() => {}); // the connection is closed
    }
  }

  close() {
    this.closed = true;
    this.peer?.close();
    this.track.stop();
  }
}

/** Send no more than the server looks at. */
function limitSenders(peer, track) {
  const { width = FRAME_SIDE, height = 0 } = track.getSettings();
  for (const sender of peer.getSenders()) {
    const wanted = sender.getParameters();
    for (const encoding of wanted.encodings ?? []) {
      encoding.scaleResolutionDownBy = Math.max(1, Math.max(width, height) / FRAME_SIDE);
      encoding.maxFramerate = FRAMES_PER_S;
    }
    sender.setParameters(wanted).catch(() => {}); // a wish: the server shrinks what is too large
  }
}

// ---- pictures for an onlooker

/** Shows the session's pictures on an img: one answer that never ends, asked for again when it breaks. */
class Pictures {
  constructor(img, url, on) {
    Object.assign(this, { img, url, on, closed: false, failing: false, attempt: 0, look: "", changed_s: 0 });
    img.onload = () => this.on.shown();
    img.onerror = () => this.again();
    this.timer = setInterval(() => this.watch(), 1000);
    // A page counts as loaded only after the pictures that it began with, and these never end.
    if (document.readyState === "complete") this.open();
    else window.addEventListener("load", () => this.closed || this.open(), { once: true });
  }

  open() {
    this.changed_s = seconds();
    this.img.src = `${this.url}&attempt=${++this.attempt}`;
  }

  async again() {
    this.failing = true;
    const reason = await refusalOf(this.url);
    if (reason && !this.closed) this.on.refused(reason);
    await wait(1);
    this.failing = false;
    if (!this.closed) this.open();
  }

  /** Browsers do not tell when such an answer breaks off: the picture vanishes, or stands still while others do not. */
  watch() {
    const { img } = this;
    if (!this.attempt || !img.complete || this.failing || document.hidden) return;
    const look = img.naturalWidth ? lookOf(img) : "";
    if (look !== this.look || !this.on.lively()) this.changed_s = seconds();
    this.look = look;
    if (!look || seconds() - this.changed_s > QUIET_S) this.open();
  }

  close() {
    this.closed = true;
    clearInterval(this.timer);
    this.img.onload = this.img.onerror = null;
    this.img.removeAttribute("src");
  }
}

/** A few of a picture's pixels: two pictures of a camera never have the same. */
function lookOf(img) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [32, 32];
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.drawImage(img, 0, 0, 32, 32);
  return pen.getImageData(0, 0, 32, 32).data.join();
}

// ---- messages from the server

/** Listens to the session's messages, and comes back by itself. */
class Messages {
  constructor(url, last, on) {
    Object.assign(this, { url, last, on, closed: false, lost_s: null });
    this.open();
    this.timer = setInterval(() => this.watch(), 1000);
  }

  open() {
    this.source?.close();
    this.heard_s = seconds();
    this.source = new EventSource(`${this.url}&after=${this.last}`);
    this.source.onopen = () => this.heard();
    this.source.addEventListener("beat", () => this.heard());
    this.source.onmessage = (event) => {
      this.heard();
      this.last = Number(event.lastEventId);
      this.on.message(JSON.parse(event.data));
    };
    this.source.onerror = () => {
      this.lost_s ??= seconds();
      if (this.source.readyState === EventSource.CLOSED) this.examine();
    };
  }

  heard() {
    this.heard_s = seconds();
    this.lost_s = null;
    this.on.lost(false);
  }

  watch() {
    if (document.hidden) {
      this.heard_s = seconds(); // browsers slow hidden pages down: no reason to worry
      return;
    }
    if (seconds() - this.heard_s > SILENT_S) {
      this.lost_s ??= this.heard_s;
      this.open();
    }
    if (this.lost_s !== null && seconds() - this.lost_s > LOST_S) this.on.lost(true);
  }

  /** An EventSource does not say why it was refused: ask, and come back if it was not for good. */
  async examine() {
    const reason = await refusalOf(`${this.url}&after=${this.last}`);
    if (this.closed) return;
    if (reason?.status === 401) return this.on.gone();
    await wait(2);
    if (!this.closed) this.open();
  }

  close() {
    this.closed = true;
    clearInterval(this.timer);
    this.source.close();
  }
}

// ---- screen

/** Everything that is seen and read out. */
class Screen {
  constructor(root) {
    this.root = root;
    const parts =
      ".capture video img canvas .prompt .advice .ring .share .seconds .shutter .caption .count .icon .title .text .go " +
      ".note .tally .label .votes .growth .score .controls select .mode .stop .asked .told .ways .cannot .aloud";
    for (const part of parts.split(" ")) this[part.replace(".", "")] = root.querySelector(part);
    this.advised = { text: "", since_s: 0 };
    this.votesShown = "";
    this.toldAt_s = 0;
    this.voice = new Voice(this.aloud);
  }

  /** Cover the picture (state "idle", "problem" or "over"), veil it ("paused"), or show it ("opening", "running"). */
  state(name, { title = "", text = "", button = "", icon = "camera" } = {}) {
    const focused = this.root.activeElement;
    this.capture.dataset.state = name;
    put(this.title, title);
    put(this.text, typeof text === "function" ? text() : text);
    put(this.go, button);
    this.go.hidden = !button;
    this.icon.firstElementChild.setAttribute("d", ICONS[icon]);
    const on = ["running", "paused"].includes(name);
    this.controls.hidden = !(on || (name === "problem" && this.select.options.length > 1));
    this.stop.hidden = this.mode.hidden = !on;
    this.ways.hidden = !on || this.capture.dataset.source === "watch";
    put(this.told, title && `${title}. ${this.text.textContent}`);
    // Whoever works with the keyboard stays here when a button vanishes, and is led to the one that comes.
    if (focused && (focused === this.capture || !focused.offsetParent)) {
      (button ? this.go : this.capture).focus({ preventScroll: true });
    }
  }

  /** Show the preview, or what another page's camera sees. */
  source(name, caption) {
    this.capture.dataset.source = name;
    this.video.hidden = name === "watch";
    this.img.hidden = name !== "watch";
    this.caption.hidden = !caption;
    put(this.caption, caption);
  }

  /** Fit the stage to a picture. */
  fit(width, height, mirrored) {
    this.capture.style.setProperty("--wide", width);
    this.capture.style.setProperty("--high", height);
    this.capture.toggleAttribute("data-mirrored", mirrored);
    this.video.setAttribute("aria-label", mirrored ? "Your camera, mirrored" : "Your camera");
    this.mirrored = mirrored;
  }

  cameras(devices, chosen) {
    const options = devices.map(({ label, deviceId }, i) => new Option(label || `Camera ${i + 1}`, deviceId));
    this.select.replaceChildren(...options);
    this.select.value = chosen ?? "";
  }

  /** A remark for a while. */
  tell(text) {
    put(this.note, text);
    clearTimeout(this.telling);
    this.telling = setTimeout(() => put(this.note, ""), NOTE_S * 1000);
  }

  /** Show a view message. */
  show(view, guide) {
    put(this.prompt, view.prompt);
    this.advise(view.advice);
    this.ask(view.prompt);
    this.decline = view.decline;
    if (view.decline) this.cannot.hidden = false; // a registration never offers it
    this.cannot.toggleAttribute("data-idle", !view.decline);
    this.ring.hidden = !(view.progress > 0 || view.remaining_s !== null);
    this.ring.setAttribute("aria-valuenow", Math.round(view.progress * 100));
    this.share.style.strokeDasharray = `${view.progress * 100} 100`;
    this.share.style.visibility = view.progress > 0 ? "visible" : "hidden";
    put(this.seconds, view.remaining_s === null ? "" : `${Math.ceil(view.remaining_s)}`);
    this.vote(view.votes, view.verdict);
    this.grow(view.growth, view.enough);
    this.draw(view, guide);
    if (view.remark && ["", view.remark].includes(this.note.textContent)) this.tell(view.remark);
  }

  /** Have a prompt read, once for each: by a screen reader, and aloud if that is wished for. Advice comes after it. */
  ask(prompt) {
    const advice = this.advice.textContent;
    if (prompt !== this.asked.textContent) {
      put(this.asked, prompt);
      this.voice.say(prompt);
      this.toldAt_s = seconds();
    } else if (advice && advice !== this.told.textContent && seconds() - this.toldAt_s > TOLD_S) {
      put(this.told, advice);
      this.toldAt_s = seconds();
    }
  }

  /** Show what became of a still. */
  examined({ count, text }) {
    this.count.hidden = false;
    const last = count > 1 ? `${count} stills, the last one` : "1 still,";
    put(this.count, `${last} ${text ? "not used" : "fine"}`);
    if (text && text !== this.advised.text) this.tell(text);
  }

  /** Advice that comes and goes within a moment is not shown. */
  advise(text) {
    if (text !== this.advised.text) this.advised = { text, since_s: seconds() };
    if (seconds() - this.advised.since_s >= STEADY_S) put(this.advice, text);
  }

  vote(votes, verdict) {
    const key = votes.join();
    this.tally.hidden = !votes.length;
    put(this.label, `A vote every 10 frames${verdict ? `, so far ${verdict}` : ""}`);
    if (key === this.votesShown) return;
    this.votesShown = key;
    const cells = votes.slice(-24).map((vote) => cell(VOTES[vote], vote.replace(" ", "-"), `10 frames: ${vote}`));
    this.votes.replaceChildren(...cells, cell("", "next", "The next 10 frames"));
  }

  /** Show how the fingerprint grows: a bar for each still, and a line where it is enough. */
  grow(scores, enough) {
    this.growth.hidden = !scores.length;
    const last = Math.round(scores.at(-1) ?? 0);
    const rest = last >= enough ? "that is clear enough." : `${enough} is clear enough.`;
    const text = scores.length ? `A later photo would score about ${last} (expected PCE); ${rest}` : "";
    if (this.score.textContent === text) return;
    put(this.score, text);
    const chart = this.growth.querySelector("svg");
    const top = 1.1 * Math.max(enough, ...scores);
    const wide = 100 / Math.max(scores.length, 15);
    const bars = scores.map((score, i) => {
      const height = (100 * score) / top;
      return shape("rect", { x: (i + 0.1) * wide, y: 100 - height, width: 0.8 * wide, height });
    });
    const y = 100 - (100 * enough) / top;
    chart.replaceChildren(...bars, shape("line", { x1: 0, x2: 100, y1: y, y2: y }));
    chart.setAttribute("aria-label", `Expected score after each still, growing to ${last}; dashed line: ${enough}`);
  }

  draw(view, guide) {
    const { canvas } = this;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight].map((n) => Math.round(n * devicePixelRatio));
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    const pen = canvas.getContext("2d");
    pen.clearRect(0, 0, width, height);
    if (guide === "face") drawOval(pen, width, height, view);
    if (!view?.face) return;
    pen.setLineDash([]);
    const place = ([x, y]) => [(this.mirrored ? 1 - x : x) * width, y * height];
    for (const eye of view.face.eyes) drawEye(pen, eye.map(place));
  }

  clear() {
    for (const part of [this.prompt, this.advice, this.seconds, this.note, this.asked, this.told]) put(part, "");
    this.decline = null;
    this.cannot.hidden = true;
    this.voice.hush();
    this.ring.hidden = this.tally.hidden = this.growth.hidden = this.count.hidden = this.shutter.hidden = true;
    this.votesShown = "";
    put(this.score, "");
    this.canvas.getContext("2d").clearRect(0, 0, this.canvas.width, this.canvas.height);
  }
}

/** The browser's own voice, if it has one: off at first, and remembered while the tab is open. */
class Voice {
  constructor(label) {
    this.box = label.querySelector("input");
    this.last = "";
    label.hidden = !window.speechSynthesis;
    try {
      this.box.checked = sessionStorage.getItem(ALOUD) === "on";
    } catch {
      // storage is blocked: it is off
    }
    this.box.onchange = () => this.switched();
  }

  switched() {
    try {
      sessionStorage.setItem(ALOUD, this.box.checked ? "on" : "off");
    } catch {
      // storage is blocked: it is chosen anew next time
    }
    if (this.box.checked) this.say(this.last);
    else window.speechSynthesis?.cancel();
  }

  /** Say a prompt; one that is being said gives way to it. */
  say(text) {
    this.last = text;
    if (!text || !this.box.checked || !window.speechSynthesis) return;
    speechSynthesis.cancel();
    const said = new SpeechSynthesisUtterance(text);
    said.lang = "en";
    speechSynthesis.speak(said);
  }

  hush() {
    this.last = "";
    window.speechSynthesis?.cancel();
  }
}

/** Change a text only if it is another: screen readers read every change. */
function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function cell(sign, kind, label) {
  const made = document.createElement("li");
  Object.assign(made, { textContent: sign, className: kind, title: label });
  made.setAttribute("aria-label", label);
  return made;
}

function shape(name, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

/** Where the face should be: dashed until it is there, amber while something is amiss. */
function drawOval(pen, width, height, view) {
  const high = Math.min(height * 0.42, width * 0.52);
  pen.setLineDash(view?.face ? [] : [width / 40, width / 60]);
  const colour = !view?.face ? "#ffffff" : view.advice ? "#f7b76e" : "#7ed5b0";
  pen.beginPath();
  pen.ellipse(width / 2, height / 2, high * 0.74, high, 0, 0, 2 * Math.PI);
  const rim = ["rgb(11 16 22 / .6)", 3]; // dark: it is seen on any background
  for (const [style, extra] of [rim, [colour, 0]]) {
    pen.strokeStyle = style;
    pen.lineWidth = Math.max(2, width / 320) + extra;
    pen.stroke();
  }
}

function drawEye(pen, points) {
  pen.beginPath();
  for (const [x, y] of points) pen.lineTo(x, y);
  pen.closePath();
  pen.strokeStyle = "#8cc1f2";
  pen.lineWidth = Math.max(1.5, pen.canvas.width / 480);
  pen.stroke();
}

// ---- what ties them together

class Capture {
  constructor(root) {
    this.screen = new Screen(root);
    this.turn = 0;
    this.status = {};
    this.last = 0;
    this.reported = "";
    this.hindrances = new Set();
    this.lostBy = new Set();
    this.listeners = new AbortController();
    const listen = (target, name, act) => target.addEventListener(name, act, { signal: this.listeners.signal });
    listen(this.screen.go, "click", () => this.start());
    listen(this.screen.stop, "click", () => this.rest());
    listen(this.screen.cannot, "click", () => this.cannotDo());
    listen(this.screen.select, "change", () => this.start(this.screen.select.value));
    listen(this.screen.video, "resize", () => this.resized());
    listen(document, "visibilitychange", () => this.stream && this.hinder("background", document.hidden));
    listen(navigator.mediaDevices ?? window, "devicechange", () => this.stream && this.listCameras());
  }

  /** Take the page's arguments; returns the number of this call. */
  update(data, report) {
    this.send = report;
    const fresh = data.token !== this.data?.token || data.source !== this.data?.source;
    const expired = this.status.problem === "expired";
    this.data = data;
    this.screen.source(data.source, data.caption);
    if (fresh) {
      this.rest();
      this.last = 0;
      this.declined = null;
      this.seeing = false;
      this.asking = null;
      this.status = { token: data.token };
      if (data.source === "watch") this.watch();
      else if (expired) this.screen.state("idle", { ...PROBLEMS.expired, button: "Start camera" });
    }
    return ++this.turn;
  }

  /** Tell the page, once for changes that come together. */
  report(changes) {
    Object.assign(this.status, changes);
    clearTimeout(this.reporting);
    this.reporting = setTimeout(() => {
      const said = JSON.stringify(this.status);
      if (said !== this.reported) this.send({ ...this.status });
      this.reported = said;
    }, 30);
  }

  url(name) {
    return `/live/${name}?token=${encodeURIComponent(this.data.token)}`;
  }

  /** Camera off, and the start button shown. */
  rest() {
    this.release();
    this.screen.clear();
    if (this.status.started) this.report({ started: false, problem: "" });
    const text = "It is off until you press the button. What it sees goes to this LensLock server, and nowhere else.";
    this.screen.state("idle", { title: "Your camera", text, button: "Start camera" });
  }

  /** Open the camera, after a click. */
  async start(device) {
    if (this.status.problem === "expired") return this.renew();
    this.release(true);
    const run = {};
    this.run = run;
    this.screen.state("opening");
    this.screen.clear();
    put(this.screen.prompt, "Starting the camera");
    try {
      const stream = await openCamera(this.screen.video, device ?? recall().device, this.data.mode);
      if (run !== this.run) return stopTracks(stream);
      this.stream = stream;
      await this.begin(stream);
    } catch (error) {
      if (run === this.run) this.stumble(problemOf(error).code);
    }
  }

  /** The camera is open: watch it, and send what it sees. */
  async begin(stream) {
    const { video } = this.screen;
    const track = stream.getVideoTracks()[0];
    const settings = track.getSettings();
    const said = await describeCamera(video, stream);
    if (stream !== this.stream) return; // stopped meanwhile
    this.screen.state("running");
    this.mode = [said.width, said.height];
    this.screen.fit(...this.mode, settings.facingMode !== "environment");
    this.screen.draw(null, this.data.guide);
    put(this.screen.prompt, "Getting ready");
    remember(settings.deviceId, this.mode);
    await this.listCameras();
    if (stream !== this.stream) return;
    track.addEventListener("ended", () => this.stream === stream && this.stumble("ended"));
    track.addEventListener("mute", () => this.mutes(track));
    track.addEventListener("unmute", () => this.hinder("muted", false));
    this.stills = new Stills(video, this.url("still"), {
      allowed: () => !this.hindrances.size,
      taking: () => this.holdStill(),
      refused: (reason) => this.refused(reason),
    });
    this.listen();
    const first = this.data.transport === "auto" ? (isPhone() ? "post" : "webrtc") : this.data.transport;
    this.carry(this.status.transport || first);
    this.report({ ...said, started: true, problem: "", outcome: "" });
  }

  listen() {
    this.messages ??= new Messages(this.url("events"), this.last, {
      message: (message) => this.hear(message),
      lost: (lost) => this.lost("messages", lost),
      gone: () => this.stumble("expired"),
    });
  }

  /** Show what the session's camera sees. */
  watch() {
    const { img } = this.screen;
    this.screen.state("opening");
    const { title } = this.data;
    put(this.screen.prompt, title || "Waiting for the camera");
    img.alt = title || "What the camera sees, mirrored";
    this.pictures = new Pictures(img, this.url("picture"), {
      shown: () => {
        this.screen.fit(img.naturalWidth, img.naturalHeight, !title);
        if (this.screen.capture.dataset.state === "opening") this.screen.state("running");
      },
      lively: () => !this.hindrances.size && Boolean(this.viewing),
      refused: (reason) => this.refused(reason),
    });
    this.listen();
  }

  /** An onlooker hears by the views that the camera goes on, and by their absence that it does not. What is played has
   * no camera: it only takes longer on a busy machine. */
  keepViewing(played) {
    clearTimeout(this.viewing);
    this.hinder("quiet", false);
    this.viewing = setTimeout(() => {
      this.viewing = null;
      if (!played) this.hinder("quiet", true);
    }, QUIET_S * 1000);
  }

  /** Send the stream one way or the other. */
  carry(transport) {
    this.carrier?.close();
    clearTimeout(this.givingUp);
    this.viewed = false;
    const name = transport === "webrtc" ? crypto.randomUUID().slice(0, 8) : "";
    this.carrier =
      transport === "webrtc"
        ? new WebRtcStream(this.stream.getVideoTracks()[0], name, { failed: () => this.giveUp() })
        : new PostStream(this.screen.video, this.url("frame"), {
            refused: (reason) => this.refused(reason),
            lost: (lost) => this.lost("stream", lost),
          });
    this.carrier.pause(this.pausing());
    this.report({ transport, stream: name });
    const [width, height] = this.mode;
    const way = transport === "webrtc" ? "WebRTC" : "picture by picture";
    put(this.screen.mode, `${width} \u00d7 ${height} pixels, ${way}`);
    if (this.seeing) this.expectViews();
  }

  /** From now on views must come, or WebRTC is given up. */
  expectViews() {
    clearTimeout(this.givingUp);
    this.givingUp = setTimeout(() => !this.viewed && !this.hindrances.size && this.giveUp(), NO_STREAM_S * 1000);
  }

  giveUp() {
    if (this.status.transport !== "webrtc" || !this.stream) return;
    const other = this.data.transport === "auto";
    this.screen.tell(
      `The direct video connection did not work.${other ? " The pictures are sent one by one now." : ""}`,
    );
    if (other) this.carry("post");
  }

  /** Tell the server when a prompt was painted: the answer is measured from then. Onlookers' screens do not count. */
  painted({ number }) {
    if (number === this.asking) return;
    this.asking = number;
    if (number === null || !this.stream) return;
    const url = `${this.url("shown")}&number=${number}`;
    // The first callback comes before the picture with the prompt is drawn, the second one after it.
    requestAnimationFrame(() =>
      requestAnimationFrame((now) => {
        const headers = { "X-Painted": now / 1000, "X-Sent": seconds() };
        fetch(url, { method: "POST", headers }).catch(() => {}); // then it is measured from when it was sent
      }),
    );
  }

  /** Tell the server that the visitor cannot do what is asked. What comes instead comes with the next view. */
  async cannotDo() {
    const step = this.screen.decline;
    if (!step || step === this.declined) return; // a second press is for nothing
    this.declined = step;
    const url = `${this.url("decline")}&step=${encodeURIComponent(step)}`;
    const answer = await fetch(url, { method: "POST" }).catch(() => null);
    if (answer?.ok) this.screen.tell("You are asked for another movement instead, and for one more at the end.");
    else {
      this.declined = null;
      if (answer?.status !== 409) this.screen.tell("The server could not be told. Press it again.");
    }
  }

  /** Act on a message from the server. */
  hear(message) {
    if (message.type === "view") {
      this.viewed = true;
      if (this.pictures) this.keepViewing(message.played);
      if (!this.data.title) this.screen.show(message, this.data.guide); // else the prompts are shown beside it
      this.painted(message);
    } else if (message.type === "stills") {
      const failed = (error) => this.screen.tell(`A still could not be taken: ${error.message}`);
      this.stills?.take(message.numbers).catch(failed);
      if (this.pictures) this.holdStill();
    } else if (message.type === "still") {
      this.screen.examined(message);
    } else if (message.type === "notice" && message.code === "ready") {
      this.seeing = true;
      this.expectViews();
    } else if (message.type === "notice") {
      if (message.code === "loading") this.stream && put(this.screen.prompt, message.text);
      else this.screen.tell(message.text);
    } else if (message.type === "done") {
      this.finish(message);
    }
  }

  finish({ outcome, text }) {
    if (outcome === "expired") return this.stumble("expired");
    this.release();
    this.screen.clear();
    const icon = ["internal", "models"].includes(outcome) ? "warning" : "camera";
    const title = this.data.source === "watch" ? "Finished" : "Camera off";
    this.screen.state("over", { title, text, icon });
    this.report({ started: false, outcome });
  }

  /** Ask the page for a new session: it hears that this one has expired, and gives a new token. */
  renew() {
    this.reported = "";
    this.report({ started: false, problem: "expired" });
  }

  /** Something that needs a new start. */
  stumble(code) {
    this.release(code !== "expired");
    this.screen.clear();
    const watching = this.data.source === "watch";
    this.screen.state("problem", { ...PROBLEMS[code], ...(watching && { text: "Nothing was decided." }) });
    this.report({ started: false, problem: code });
    if (code !== "expired") this.offerCameras(code);
  }

  /** Another camera may do: show which there are, as far as the browser tells. */
  async offerCameras(code) {
    await this.listCameras().catch(() => {}); // this browser has none to list
    if (!this.stream && this.status.problem === code) this.screen.state("problem", PROBLEMS[code]);
  }

  /** Something that passes by itself: no stills are taken while it lasts. */
  hinder(code, there) {
    if (!(this.stream || this.pictures) || this.hindrances.has(code) === there) return;
    this.hindrances[there ? "add" : "delete"](code);
    const worst = [...this.hindrances].at(-1);
    this.carrier?.pause(this.pausing());
    if (worst) this.screen.state("paused", PROBLEMS[worst]);
    else {
      this.screen.state("running");
      if (code === "background") this.screen.tell("It was paused while this tab was in the background. Go on.");
      if (code === "unreachable") this.screen.tell("The server is back. Go on.");
      if (this.seeing && !this.viewed) this.expectViews();
    }
    if (!["background", "quiet"].includes(code)) this.report({ problem: worst ?? "" });
  }

  /** Whether the stream rests. While the server cannot be reached it goes on trying. */
  pausing() {
    return [...this.hindrances].some((code) => code !== "unreachable");
  }

  lost(by, lost) {
    this.lostBy[lost ? "add" : "delete"](by);
    this.hinder("unreachable", this.lostBy.size > 0);
  }

  mutes(track) {
    setTimeout(() => this.stream?.active && track.muted && this.hinder("muted", true), MUTED_S * 1000);
  }

  resized() {
    const { videoWidth, videoHeight } = this.screen.video;
    if (!this.stream || !this.mode || !videoWidth) return;
    this.hinder("mode-changed", videoWidth !== this.mode[0] || videoHeight !== this.mode[1]);
  }

  refused(reason) {
    if (reason?.status === 401) this.stumble("expired");
    else if (reason && reason.status !== 409) this.screen.tell(reason.text);
  }

  holdStill() {
    this.screen.shutter.hidden = false;
    clearTimeout(this.holding);
    this.holding = setTimeout(() => (this.screen.shutter.hidden = true), HOLD_STILL_S * 1000);
  }

  async listCameras() {
    const devices = await navigator.mediaDevices.enumerateDevices();
    const cameras = devices.filter((device) => device.kind === "videoinput" && device.deviceId);
    this.screen.cameras(cameras, this.stream?.getVideoTracks()[0].getSettings().deviceId ?? recall().device);
  }

  /** Let go of camera and connections; with `keep`, go on listening to the server. */
  release(keep = false) {
    this.run = null;
    clearTimeout(this.givingUp);
    clearTimeout(this.holding);
    clearTimeout(this.viewing);
    this.carrier?.close();
    this.stills?.close();
    this.pictures?.close();
    stopTracks(this.stream);
    this.screen.video.srcObject = null;
    this.carrier = this.stills = this.pictures = this.stream = this.viewing = null;
    this.hindrances.clear();
    this.lostBy.clear();
    if (keep || !this.messages) return;
    this.messages.close();
    this.last = this.messages.last;
    this.messages = null;
  }

  close() {
    clearTimeout(this.reporting);
    this.listeners.abort();
    this.release();
  }
}

// Streamlit calls this on each run of the page, and the latest result when the component leaves it. A call that was
// overtaken by the next one is cleaned up late, so each cleans up only if it is still the latest.
const captures = new WeakMap();

export default function ({ parentElement, data, setStateValue }) {
  const capture = captures.get(parentElement) ?? new Capture(parentElement);
  captures.set(parentElement, capture);
  const turn = capture.update(data, (status) => setStateValue("status", status));
  return () => {
    if (capture.turn !== turn) return;
    captures.delete(parentElement);
    capture.close();
  };
}
