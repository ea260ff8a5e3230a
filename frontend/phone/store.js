// What the page knows, and how it comes to know: from the phone at once, from the server as soon
// as there is a network. The screens read `view` and are drawn again by `changed()`.
import { forget, keep, kept, newKey, waiting, write } from "../shared/kept.js";
import { flush } from "../shared/outbox.js";
import { lang, t, trouble } from "./told.js";

const EVERY = 20_000; // ms between looks while the page is seen: who is asked for now has minutes
const SHORTEST = 500;
const LONGEST = 30_000;

export const view = {
  state: null, // as /app/state answers
  fresh: false, // whether it came from the server just now
  waiting: [], // what is not sent yet
  tries: 0, // how often in vain
  out: false, // whether somebody has to sign in before it can be sent
  outcomes: {}, // what became of what was sent: by what it was about
  said: "", // for the status line
};

let draw = () => {};
let skew = 0;
let timer = null;
let pumping = null;

export const drawnBy = (callback) => (draw = callback);
export function changed(values = {}) {
  Object.assign(view, values);
  draw();
}

/** The time by the server's clock: a phone's own may be wrong. */
export const now = () => Date.now() + skew;
export const instant = (at) => new Date(at).toISOString();

export async function begin() {
  const looking = look();
  const [state, last] = await Promise.all([kept("state"), kept("skew")]);
  if (state && !view.fresh) {
    skew = last ?? 0;
    changed({ state });
  }
  await looking;
  // Messages come in the language of the app, where nobody has chosen another one for them.
  if (view.fresh && view.state.me?.is_person && !view.state.me.language) call("PATCH", "/v1/me", { language: lang });
  await pump();
  setInterval(() => document.visibilityState === "visible" && look(), EVERY);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") awake();
  });
  window.addEventListener("online", awake);
}

/** Look and send at once: the network may be back, and somebody else signed in meanwhile. */
export async function awake() {
  changed({ tries: 0 });
  await look();
  await pump();
}

let asked = null; // of looks at once only the last one counts

/** Ask the server how things are. Without a network what was known stays. */
export async function look() {
  const own = (asked = {});
  let state;
  try {
    const response = await fetch(`/app/state?lang=${lang}`, { signal: patience() });
    if (!response.ok) throw new Error(response.status);
    state = await response.json();
  } catch {
    changed({ fresh: false, state: view.state ?? (await kept("state")) ?? null, looked: true });
    return;
  }
  if (own !== asked) return;
  if (state.who) skew = Date.parse(state.now) - Date.now();
  changed({ state, fresh: true, looked: true }); // shown first: phones are slow to write
  if (state.who) await remember(state);
  else await forget(); // what was not sent stays: it is theirs who said it, when they are back
}

/** Return what gives a call up that is not answered. */
export function patience() {
  const stop = new AbortController();
  setTimeout(() => stop.abort(), LONGEST);
  return stop.signal;
}

async function remember(state) {
  await Promise.all([
    keep("state", state),
    keep("skew", skew),
    keep("who", state.who),
    keep("told", { lang: state.lang, dir: state.dir, text: t("you-have-it") }),
  ]);
}

/** Say something to the server, now or as soon as it can be reached; exactly once. */
export async function say(about, verb, path, body = {}, late = null) {
  await write({ who: view.state.who, about, verb, path, body, late });
  const { [about]: _, ...outcomes } = view.outcomes;
  changed({ outcomes, tries: 0 });
  await pump();
}

/** What waits about something: its verb, or undefined. */
export const pending = (about) => view.waiting.find((one) => one.about === about)?.verb;

/** Send what waits, and try again until nothing is left: the `online` event is not enough. */
export function pump() {
  clearTimeout(timer);
  pumping ??= pumped().finally(() => (pumping = null));
  return pumping;
}

async function pumped() {
  await count();
  if (!view.waiting.length) return;
  const { done, left, out } = await flush();
  await count();
  heard(done);
  if (!left && !view.waiting.length) {
    changed({ tries: 0, out: false });
    return;
  }
  changed({ tries: view.tries + 1, out });
  const pause = Math.min(LONGEST, SHORTEST * 2 ** view.tries);
  timer = setTimeout(pump, pause);
  inBackground();
}

async function count() {
  const found = (await waiting()).map(([, entry]) => entry);
  const who = view.state?.who;
  changed({ waiting: who ? found.filter((one) => one.who === who) : found });
}

/** Note what the server answered, and look at how things are now. */
export function heard(done) {
  if (!done.length) return;
  const outcomes = { ...view.outcomes };
  for (const { entry, ok, code, answer } of done) {
    outcomes[entry.about] = { verb: entry.verb, ok, code, answer };
  }
  const last = outcomes[done[done.length - 1].entry.about];
  changed({ outcomes, said: last.ok ? t("sent") : trouble(last.code) });
  look();
}

/** Have the browser send it when the page is closed, where it can (not in Safari or Firefox). */
function inBackground() {
  navigator.serviceWorker?.ready
    .then((one) => one.sync?.register("outbox"))
    .catch(() => {}); // then the page alone sends
}

/** Ask the API something that cannot wait. Return its answer, or {failed: text}. */
export async function call(method, path, body, headers = {}) {
  try {
    const response = await fetch(path, {
      method,
      headers: {
        Role: "interpreter",
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...(method === "POST" ? { "Idempotency-Key": newKey() } : {}),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (response.ok && headers.Accept) return { file: await response.blob() };
    const answer = response.status === 204 ? {} : await response.json();
    if (response.ok) return answer;
    const { code, user_message: message, errors } = answer;
    return { failed: trouble(code), code, message, pointer: errors?.[0]?.pointer };
  } catch {
    return { failed: t("needs-network") };
  }
}
