// Writes packaging/licenses.txt.gz: what `maru version --licenses` prints. Run `make licenses`
// after a change of Cargo.lock or of web/package-lock.json.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const LICENCE_FILE = /^(licen[cs]e|copying|notice|unlicense)/i;

/** The texts of all licence files in a folder. */
function texts(folder) {
  const files = existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : [];
  return files
    .filter((file) => file.isFile() && LICENCE_FILE.test(file.name))
    .map((file) => readFileSync(join(folder, file.name), "utf8").replaceAll("\r\n", "\n").trim());
}

function rustPackages() {
  const options = { maxBuffer: 1 << 30, encoding: "utf8" };
  const flags = ["metadata", "--format-version", "1", "--locked"];
  flags.push("--filter-platform", "x86_64-unknown-linux-gnu");
  const metadata = JSON.parse(execFileSync("cargo", flags, options));
  // Only what is linked: neither tests nor build scripts.
  const linked = new Set();
  const nodes = new Map(metadata.resolve.nodes.map((node) => [node.id, node]));
  const visit = (id) => {
    if (linked.has(id)) return;
    linked.add(id);
    for (const dep of nodes.get(id).deps) {
      if (dep.dep_kinds.some((kind) => kind.kind === null)) visit(dep.pkg);
    }
  };
  visit(metadata.resolve.root);
  return metadata.packages
    .filter((p) => linked.has(p.id) && p.id !== metadata.resolve.root)
    .map((p) => ({
      name: `${p.name} ${p.version}`,
      licence: p.license ?? "see its text",
      texts: texts(join(p.manifest_path, "..")),
    }));
}

function webPackages() {
  const lockfile = "web/package-lock.json";
  if (!existsSync(lockfile)) return [];
  const packages = Object.entries(JSON.parse(readFileSync(lockfile, "utf8")).packages);
  return packages
    .filter(([path, p]) => path !== "" && !p.dev)
    .map(([path, p]) => ({
      name: `${path.replace(/^.*node_modules\//, "")} ${p.version}`,
      licence: p.license ?? "see its text",
      texts: texts(join("web", path)),
    }));
}

const all = [...rustPackages(), ...webPackages()];
const holders = new Map();
for (const p of all) {
  for (const text of p.texts) holders.set(text, [...(holders.get(text) ?? []), p.name]);
}
const rule = "=".repeat(80);
const parts = [
  "Maru is licensed under the Apache License 2.0; its text is below. It contains:",
  "mecab-ko-dic 2.1.1-20180720: Apache-2.0 (the Korean dictionary of the search)",
  ...all.map((p) => `${p.name}: ${p.licence}`),
  `${rule}\nMaru, mecab-ko-dic\n${rule}\n\n${readFileSync("LICENSE", "utf8").trim()}`,
  ...[...holders].map(([text, names]) => `${rule}\n${names.join(", ")}\n${rule}\n\n${text}`),
];
writeFileSync("packaging/licenses.txt.gz", gzipSync(parts.join("\n"), { level: 9 }));
console.log(`${all.length} packages, ${holders.size} texts`);
