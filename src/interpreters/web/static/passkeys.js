// Passkeys in the browser: gives its questions to it, and its answers to the server.
// Nothing here ever sees a token: the server answers the last form with a cookie.
"use strict";

const bytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));

const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

async function post(address, body) {
  const answer = await fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.code);
  return said;
}

function written(credential, names) {
  const response = {};
  for (const name of names) {
    if (credential.response[name]) response[name] = text(credential.response[name]);
  }
  return { id: credential.id, rawId: text(credential.rawId), type: credential.type, response };
}

async function create(form) {
  const { options } = await post("/v1/passkeys/options", {});
  options.challenge = bytes(options.challenge);
  options.user.id = bytes(options.user.id);
  for (const one of options.excludeCredentials) one.id = bytes(one.id);
  const made = await navigator.credentials.create({ publicKey: options });
  const body = { credential: written(made, ["clientDataJSON", "attestationObject"]) };
  if (form.elements.name.value) body.name = form.elements.name.value;
  await post("/v1/passkeys", body);
  location.reload();
}

async function get(form) {
  const network = form.elements.network.disabled ? {} : { network: form.elements.network.value };
  const { options } = await post("/v1/sign-in/passkey/options", network);
  options.challenge = bytes(options.challenge);
  delete options.allowCredentials;
  const got = await navigator.credentials.get({ publicKey: options });
  form.elements.credential.value = JSON.stringify(
    written(got, ["clientDataJSON", "authenticatorData", "signature", "userHandle"]),
  );
  form.submit();
}

const doing = { create, get };

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const problems = [...form.querySelectorAll("[role=alert]")];
    const button = form.querySelector("button");
    for (const one of problems) one.hidden = true;
    button.disabled = true;
    doing[form.dataset.passkey](form)
      .catch((trouble) => {
        const own = problems.find((one) => one.dataset.code === trouble.message);
        (own ?? problems[0]).hidden = false;
      })
      .finally(() => { button.disabled = false; });
  });
}
