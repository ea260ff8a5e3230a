// Tables on phones: what is too wide for the screen is laid out a card a row, each cell behind the
// name of its column (workplace.css, "cards"). It stays a table to who has it read aloud: the roles
// say so where the layout no longer does. Without this script such tables scroll sideways.
import htmx from "htmx.org";

const FEW = 2; // so many columns fit
const SHOWN = "input, select, textarea, button, img, svg";

htmx.onLoad((root) => {
  for (const table of root.querySelectorAll(".scroll > table")) lay(table);
});

function lay(table) {
  const heads = [...(table.tHead?.rows[0]?.cells ?? [])];
  const figures = heads.filter((one) => one.classList.contains("figure"));
  if (heads.length <= FEW || table.classList.contains("board")) return; // it has a layout of its own
  if (2 * figures.length > heads.length) return; // figures are compared down a column
  table.classList.add("cards");
  table.setAttribute("role", "table");
  for (const part of [table.tHead, ...table.tBodies, table.tFoot]) part?.setAttribute("role", "rowgroup");
  for (const row of table.rows) row.setAttribute("role", "row");
  for (const head of heads) if (head.tagName === "TH") head.setAttribute("role", "columnheader");
  for (const row of table.rows) if (row.parentElement !== table.tHead) name(row, heads);
}

function name(row, heads) {
  let column = 0;
  for (const cell of row.cells) {
    const head = heads[column];
    column += cell.colSpan;
    cell.setAttribute("role", cell.scope === "row" ? "rowheader" : "cell");
    cell.classList.toggle("bare", !cell.textContent.trim() && !cell.querySelector(SHOWN));
    // A heading that is not shown names nothing here either.
    if (head && !head.querySelector(".unseen, .visually")) cell.dataset.column = head.textContent.trim();
  }
}
