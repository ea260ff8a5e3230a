// The phone app's worker: the app without a network, what waits sent in the background, messages
// shown. Nothing of anybody is in its cache: what a person has lies in the page's own store.
import { kept } from "../shared/kept.js";
import { flush } from "../shared/outbox.js";

const FILES = ["phone.js", "phone.css"].map((name) => `/static/dist/${ASSETS[name]}`);
const CACHE = `app ${FILES.join(" ")}`;
const SHELL = "/app";
const SLOW = 4000; // ms to wait for a fresh shell when there is one already

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll([SHELL, ...FILES]))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  const drop = async () => {
    const names = await caches.keys();
    await Promise.all(names.filter((one) => one !== CACHE).map((one) => caches.delete(one)));
    await self.clients.claim();
  };
  event.waitUntil(drop());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate" && url.pathname === SHELL) event.respondWith(shell(request));
  else if (FILES.includes(url.pathname)) event.respondWith(file(request));
});

/** The newest shell, or the one that is kept where the network is slow or away. */
async function shell(request) {
  const cache = await caches.open(CACHE);
  const old = await cache.match(SHELL);
  const fresh = fetch(request).then(async (response) => {
    if (response.ok && !response.redirected) await cache.put(SHELL, response.clone());
    return response;
  });
  if (!old) return fresh;
  const waited = new Promise((resolve) => setTimeout(resolve, SLOW, old));
  return Promise.race([fresh.catch(() => old), waited]);
}

async function file(request) {
  const found = await caches.match(request);
  return found ?? fetch(request);
}

self.addEventListener("message", (event) => {
  if (event.data === "flush") event.waitUntil(flushed());
});
self.addEventListener("sync", (event) => {
  if (event.tag === "outbox") event.waitUntil(flushed(true));
});

async function flushed(mustBeAll = false) {
  if (!(await stillTheirs())) return; // it waits for its own person, and for the page
  const { done, left } = await flush();
  const pages = await self.clients.matchAll({ type: "window" });
  pages.forEach((page) => page.postMessage({ kind: "flushed", done }));
  const taken = done.find((one) => one.entry.verb === "accept" && one.ok);
  if (taken && !pages.length) await sayYouHaveIt(taken.entry.about);
  if (left && mustBeAll) throw new Error("not all was sent"); // the browser tries again
}

/** Whether the browser is signed in as whoever used the app last: no page is there to look. */
async function stillTheirs() {
  const state = await fetch("/app/state").then((answer) => answer.json()).catch(() => null);
  return !state || state.who === (await kept("who")); // without a network nothing is sent anyway
}

/** The app is closed: say what became of a yes that had waited for the network. */
async function sayYouHaveIt(offer) {
  const told = await kept("told");
  if (!told || Notification.permission !== "granted") return;
  const { lang, dir, text } = told;
  await self.registration.showNotification(text, { lang, dir, tag: offer, icon: ICON });
}

const ICON = "/app/icon-192.png";

// A push is one JSON that is two things: a declarative notification, and ours beside it.
self.addEventListener("push", (event) => {
  let pushed = {};
  try {
    pushed = event.data.json();
  } catch {
    // whatever came, something must be shown, or the browser takes the permission away
  }
  event.waitUntil(show(pushed));
});

async function show({ notification = {}, urgent = false }) {
  const { title = "Interpreters", body = "", lang, dir = "auto", tag, silent, navigate } = notification;
  const pages = await self.clients.matchAll({ type: "window" });
  pages.forEach((page) => page.postMessage({ kind: "look" }));
  await self.registration.showNotification(title, {
    body,
    lang,
    dir,
    tag,
    renotify: Boolean(tag) && !silent,
    silent: Boolean(silent),
    requireInteraction: Boolean(urgent),
    icon: ICON,
    badge: ICON,
    data: { navigate, tag },
  });
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data ?? {}));
});

/** Open what it is about: in the app for whoever is signed in, else where the message points. */
async function open({ navigate, tag = "" }) {
  const place = { off: "#offer/", bkg: "#job/" }[tag.slice(0, 3)];
  const known = place && (await kept("who"));
  const address = known ? `${SHELL}${place}${tag}` : own(navigate);
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const page = pages.find((one) => new URL(one.url).pathname === SHELL);
  if (page && address.startsWith(SHELL)) {
    page.postMessage({ kind: "go", hash: address.slice(SHELL.length) });
    return page.focus();
  }
  return self.clients.openWindow(address);
}

/** Only addresses of this site are opened. */
function own(address) {
  const url = new URL(address ?? SHELL, self.location.origin);
  return url.origin === self.location.origin ? url.href : SHELL;
}
