// Bundle what browsers run into src/interpreters/web/static/dist, each file under a name that
// changes with its content, and write manifest.json: {"phone.js": "phone-3K2J….js", …}.
// The service worker keeps its name: browsers look for changes under the same address.
import { build } from "esbuild";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const dist = path.join(here, "..", "src", "interpreters", "web", "static", "dist");
// One entry a page of the product: frontend/<entry>/main.js (which may import its main.css).
const entries = (await readdir(here, { withFileTypes: true }))
  .filter((one) => one.isDirectory() && !["node_modules", "shared"].includes(one.name))
  .map((one) => ({ in: path.join(here, one.name, "main.js"), out: one.name }));

const common = {
  absWorkingDir: here,
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2020", "chrome80", "safari15"],
  legalComments: "linked",
  charset: "utf8",
};

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
const pages = await build({
  ...common,
  entryPoints: entries.filter((one) => one.out !== "worker"),
  outdir: dist,
  entryNames: "[name]-[hash]",
  metafile: true,
});
const manifest = {};
for (const [file, made] of Object.entries(pages.metafile.outputs)) {
  const name = path.basename(file);
  const kind = path.extname(name);
  if (made.entryPoint || kind === ".css") {
    manifest[`${name.replace(/-[A-Z0-9]+\.(js|css)$/, "")}${kind}`] = name;
  }
}
if (entries.some((one) => one.out === "worker")) {
  await build({
    ...common,
    entryPoints: [path.join(here, "worker", "main.js")],
    outfile: path.join(dist, "worker.js"),
    define: { ASSETS: JSON.stringify(manifest) },
  });
  manifest["worker.js"] = "worker.js";
}
// What is built in is passed on with its licence.
const { dependencies } = JSON.parse(await readFile(path.join(here, "package.json"), "utf8"));
const licences = [];
for (const name of Object.keys(dependencies).sort()) {
  const folder = path.join(here, "node_modules", name);
  const { version, license } = JSON.parse(await readFile(path.join(folder, "package.json"), "utf8"));
  const file = (await readdir(folder)).find((one) => /^licen[cs]e/i.test(one));
  const text = file ? await readFile(path.join(folder, file), "utf8") : `Licence: ${license}\n`;
  licences.push(`${name} ${version}\n\n${text}`);
}
await writeFile(path.join(dist, "licences.txt"), licences.join("\n----\n\n"));
const sorted = Object.fromEntries(Object.entries(manifest).sort());
await writeFile(path.join(dist, "manifest.json"), `${JSON.stringify(sorted, null, 2)}\n`);
