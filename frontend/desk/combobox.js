// A list to choose from beside a text field (ARIA 1.2, combobox with a listbox): the server finds
// what fits, under any name, and the field stays a plain text field for who does not choose.
const WAIT = 150; // milliseconds after the last key

export function combobox(box) {
  const input = box.querySelector("input:not([type=hidden])");
  const code = box.querySelector("input[type=hidden]");
  const list = document.createElement("ul");
  const said = document.createElement("p");
  let active = -1;
  let waiting = 0;
  let asked = 0;

  list.id = `${input.id}-list`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", box.querySelector("label").textContent);
  list.hidden = true;
  said.setAttribute("role", "status");
  said.className = "unseen";
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-controls", list.id);
  input.after(list, said);

  const options = () => [...list.querySelectorAll("[role=option]")];

  function close() {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function point(at) {
    const all = options();
    if (!all.length) return;
    active = (at + all.length) % all.length;
    all.forEach((one, place) => one.setAttribute("aria-selected", String(place === active)));
    input.setAttribute("aria-activedescendant", all[active].id);
    all[active].scrollIntoView({ block: "nearest" });
  }

  function choose(option) {
    input.value = option.dataset.name;
    code.value = option.dataset.code;
    close();
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  async function find() {
    const mine = ++asked;
    const address = new URL(box.dataset.combobox, location.href);
    address.searchParams.set("q", input.value.trim());
    let found;
    try {
      found = await fetch(address, { headers: { "HX-Request": "true" } });
    } catch {
      return; // no network: the field is still a text field
    }
    if (mine !== asked || !found.ok) return;
    list.innerHTML = await found.text(); // our own server's, escaped there
    active = -1;
    const some = options().length > 0;
    list.hidden = !some;
    input.setAttribute("aria-expanded", String(some));
    input.removeAttribute("aria-activedescendant");
    if (some) said.textContent = `${options().length} ${box.dataset.some}`;
    else said.textContent = input.value.trim() ? box.dataset.none : "";
  }

  input.addEventListener("input", () => {
    code.value = ""; // what is typed counts, not what was chosen before
    clearTimeout(waiting);
    waiting = setTimeout(find, WAIT);
  });
  input.addEventListener("focus", () => {
    if (!input.value) find();
  });
  input.addEventListener("blur", () => {
    asked += 1; // an answer that comes now opens nothing
    clearTimeout(waiting);
    close();
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) find();
      else point(event.key === "ArrowDown" ? active + 1 : active < 0 ? -1 : active - 1);
    } else if (event.key === "Enter" && !list.hidden && active >= 0) {
      event.preventDefault();
      choose(options()[active]);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    }
  });
  // A press on the list must not take the focus from the field.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) choose(option);
  });
}

document.querySelectorAll("[data-combobox]").forEach(combobox);
