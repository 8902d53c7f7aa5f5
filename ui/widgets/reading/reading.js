// For screen readers and keyboards. Headings get levels without gaps, whatever sizes they are written in; and when a
// verdict appears, the focus moves to it, so that it is read out and the next key goes on from there.

const HEADINGS = "h1, h2, h3, h4, h5, h6";
const VERDICT = '[class*="st-key-verdict-"]';
const PREFIX = "st-key-verdict-";

let watching = null; // one observer for the page, however often it runs
const led = new Set(); // verdicts that the focus was led to: coming back to a page is no news
let ready = false; // what was there when the browser loaded the page is no news either

function level(main) {
  const open = []; // headings above the current one, the outermost first
  for (const heading of main.querySelectorAll(HEADINGS)) {
    const size = Number(heading.tagName[1]);
    while (open.length && open.at(-1) >= size) open.pop();
    open.push(size);
    const wanted = open.length === size ? null : String(open.length);
    if (heading.getAttribute("aria-level") === wanted) continue;
    if (wanted) heading.setAttribute("aria-level", wanted);
    else heading.removeAttribute("aria-level");
  }
}

function lead(main) {
  for (const place of main.querySelectorAll(VERDICT)) {
    const name = [...place.classList].find((one) => one.startsWith(PREFIX));
    if (!place.textContent.trim() || led.has(name)) continue;
    led.add(name);
    if (!ready) continue;
    place.tabIndex = -1;
    place.setAttribute("role", "group");
    place.setAttribute("aria-label", "Result");
    place.focus();
  }
}

function look() {
  const main = document.querySelector('[data-testid="stMain"]');
  if (!main) return;
  level(main);
  lead(main);
}

export default function () {
  if (!watching) {
    let due = 0;
    watching = new MutationObserver(() => {
      cancelAnimationFrame(due);
      due = requestAnimationFrame(look);
    });
    watching.observe(document.body, { childList: true, subtree: true });
    setTimeout(() => {
      ready = true;
    }, 1000);
  }
  look();
}
