// What stays on the phone: what was last known, and what waits to be sent. The page and its
// worker share it. Two small databases, because idb-keyval keeps one store in each.
import { clear, createStore, del, entries, get, set, update } from "idb-keyval";

const known = createStore("interpreters-known", "known");
const queue = createStore("interpreters-queue", "queue");

export const keep = (name, value) => set(name, value, known);
export const kept = (name) => get(name, known);
/** Change what is kept in one step: two changes at once both count. */
export const alter = (name, change) => update(name, change, known);

/** Forget whoever used this phone, and with `unsent` also what they said and was not sent. */
export async function forget({ unsent = false } = {}) {
  await clear(known);
  if (unsent) await clear(queue);
}

/** A key for something that is to happen once; older browsers make none by themselves. */
export const newKey = () =>
  crypto.randomUUID?.() ?? [...crypto.getRandomValues(new Uint8Array(16))].join("-");

/**
 * Write down something to be sent. `who` says for whom, `about` what it is about; `late` is the
 * body to send instead when it goes out long after it was said, or several, the best first.
 */
export async function write({ who, about, verb, path, method = "POST", body = {}, late = null }) {
  const key = newKey();
  const entry = { key, at: Date.now(), who, about, verb, path, method, body, late };
  await set(`${String(entry.at).padStart(15, "0")} ${key}`, entry, queue);
  return entry;
}

/** Return what waits, the oldest first, as [place, entry]. */
export async function waiting() {
  return (await entries(queue)).sort(([a], [b]) => (a < b ? -1 : 1));
}

export const remove = (place) => del(place, queue);
