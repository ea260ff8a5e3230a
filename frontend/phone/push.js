// Messages on this phone: how it stands with them, honestly, and switching them on.
import { keep, kept } from "../shared/kept.js";
import { call, view } from "./store.js";

const PATIENCE = 10_000; // ms: without its maker's service a browser waits for ever

/** Return works, off, blocked, unsupported or install (iPhones: only from the home screen). */
export async function standing() {
  if (!("serviceWorker" in navigator) || !("Notification" in window)) return absent();
  if (!("PushManager" in window)) return absent();
  if (Notification.permission === "denied") return "blocked";
  const known = await kept("push");
  const found = await subscription();
  return found && known?.endpoint === found.endpoint && known.who === view.state.who ? "works" : "off";
}

function absent() {
  const apple = /iP(hone|ad|od)/.test(navigator.userAgent);
  return apple && !navigator.standalone ? "install" : "unsupported";
}

/** Have messages shown here. Return how it stands with them then; `failed` where it did not work. */
export async function switchOn() {
  if ((await Notification.requestPermission()) !== "granted") return "blocked";
  const key = await call("GET", "/v1/push-key");
  if (key.failed) return "failed";
  try {
    const worker = await within(navigator.serviceWorker.ready);
    const wanted = { userVisibleOnly: true, applicationServerKey: bytes(key.public_key) };
    return await tellServer(await within(worker.pushManager.subscribe(wanted)));
  } catch {
    return "failed";
  }
}

/** Say again whose browser this is: after somebody else signed in here. */
export async function renew() {
  if (!("PushManager" in window) || Notification.permission !== "granted") return;
  const [known, found] = [await kept("push"), await subscription()];
  const same = known?.endpoint === found?.endpoint && known?.who === view.state.who;
  if (found && !same) await tellServer(found);
}

export async function sendTest() {
  const { id } = (await kept("push")) ?? {};
  return call("POST", `/v1/push-subscriptions/${id}/test`, {});
}

/** Show nothing here any more: before signing out. */
export async function switchOff() {
  const { id } = (await kept("push")) ?? {};
  if (id) await call("DELETE", `/v1/push-subscriptions/${id}`);
  const found = "PushManager" in window && (await subscription());
  if (found) await found.unsubscribe().catch(() => {});
}

async function tellServer(found) {
  const made = await call("POST", "/v1/push-subscriptions", found.toJSON());
  if (made.failed) return "failed";
  await keep("push", { id: made.id, endpoint: found.endpoint, who: view.state.who });
  return "works";
}

async function subscription() {
  const worker = await navigator.serviceWorker.getRegistration("/app");
  return worker?.pushManager?.getSubscription() ?? null;
}

const within = (promise) =>
  Promise.race([promise, new Promise((_, no) => setTimeout(no, PATIENCE, new Error("no answer")))]);

function bytes(text) {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (one) => one.charCodeAt(0));
}
