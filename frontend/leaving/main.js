// Where somebody signs in or out: what the phone app keeps goes with its person. The server asks
// for the same by a header, which some browsers do not know and others take over TLS alone.
import { forget, kept, waiting } from "../shared/kept.js";

const out = document.querySelector("form[data-leave]");
if (out) out.querySelectorAll("button").forEach((button) => button.addEventListener("click", leave));
else left().then((some) => some && forget()).catch(() => {}); // what waits is theirs when back

let warned = false;
let gone = false;

/** Whether the app was ever used here, as far as the browser says. */
async function left() {
  const all = (await indexedDB.databases?.()) ?? [{ name: "interpreters-known" }];
  return all.some(({ name }) => name.startsWith("interpreters-"));
}

async function leave(event) {
  if (gone) return;
  event.preventDefault();
  const button = event.currentTarget;
  const unsent = await waiting().catch(() => []);
  if (unsent.length && !warned) {
    warned = true;
    const warning = out.querySelector("[data-unsent]");
    warning.hidden = false;
    warning.scrollIntoView({ block: "nearest" });
    return;
  }
  await Promise.all([silence(), drop()]).catch(() => {}); // signing out must work all the same
  await forget({ unsent: true }).catch(() => {});
  gone = true;
  button.click();
}

/** No messages on this phone any more: they would be the last person's. */
async function silence() {
  const { id } = (await kept("push")) ?? {};
  if (!id) return;
  await fetch(`/v1/push-subscriptions/${id}`, { method: "DELETE", headers: { Role: "interpreter" } });
}

/** The app itself, with its language, and what runs beside it. */
async function drop() {
  const names = "caches" in window ? await caches.keys() : [];
  await Promise.all(names.map((one) => caches.delete(one)));
  await (await navigator.serviceWorker?.getRegistration("/app"))?.unregister();
}
