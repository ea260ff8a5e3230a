// Small help with forms of the desk; without it every field is there and works.
const ask = document.getElementById("ask");

function showLater() {
  const now = ask.querySelector("#when-now")?.checked;
  ask.querySelectorAll("[data-later]").forEach((one) => {
    one.hidden = Boolean(now);
  });
}

if (ask) {
  ask.addEventListener("change", showLater);
  showLater();
}

// What only helps who has no script.
document.querySelectorAll("[data-without-script]").forEach((one) => {
  one.hidden = true;
});

// What was wrong, or what became of it, is where reading goes on.
const wrong = "main [aria-invalid='true'], main .problem[role='alert']:not([hidden])";
const here = document.querySelector("[data-focus]") ?? document.querySelector(wrong);
if (here?.matches("p, div")) here.tabIndex = -1;
here?.focus();

// A form is sent once, however often its button is pressed (the server counts it once, too).
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
});

// Who was signed out meanwhile sees the page to sign in, not a piece of it inside this one.
document.addEventListener("htmx:beforeSwap", (event) => {
  const address = event.detail.xhr.responseURL;
  if (address && new URL(address).pathname === "/sign-in") {
    event.detail.shouldSwap = false;
    location.reload();
  }
});

// Of a picture that is wider than the screen the newest months are seen first.
document.querySelectorAll(".chart").forEach((one) => {
  const sign = document.dir === "rtl" ? -1 : 1;
  one.scrollLeft = sign * one.scrollWidth;
});
