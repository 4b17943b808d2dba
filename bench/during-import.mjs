// How long readers wait while prices are imported: node bench/during-import.mjs URL PRICES.csv COMMAND...
//
// Asks for lists with facets, searches and suggestions at a fixed pace on connections of its own, first for ten seconds as it is, then while
// COMMAND imports PRICES.csv (columns sku, price) and until every reader's process shows the last of them. What a request waited is counted
// from when it should have been sent, so that a pause is not hidden by the questions that it held up.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import http from "node:http";
import os from "node:os";
import { performance } from "node:perf_hooks";

const [url, file, ...command] = process.argv.slice(2);
const rate = Number(process.env.BENCH_RATE ?? 200);
// Who measures must not wait for a processor; the import starts at the usual priority. Only root may do this.
const kHurry = 10;
let ahead = [];
try {
  os.setPriority(0, -kHurry);
  ahead = ["nice", "-n", String(kHurry)];
} catch (error) {
  console.error(`measured at the usual priority: ${error.message}`);
}
// Made before anything is measured, because making a process stops this one for as long as a slow answer takes; it begins when told.
const importing = spawn("sh", ["-c", 'read -r go && exec "$@"', "sh", ...ahead, ...command, file], { stdio: ["pipe", "inherit", "inherit"] });
// The article that stands last in the file is seen when all are.
const rows = readFileSync(file, "utf8").trim().split("\n");
const [sku, price] = rows.at(-1).split(",");
const slug = process.env.BENCH_LAST_SLUG;
const wanted = Math.round(Number(price) * 100);
const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
const get = (path) =>
  new Promise((resolve, reject) => {
    http
      .get(url + path, { agent }, (response) => {
        const parts = [];
        response.on("data", (part) => parts.push(part));
        response.on("end", () => resolve({ status: response.statusCode, body: Buffer.concat(parts) }));
        response.on("error", reject);
      })
      .on("error", reject);
  });

const first = JSON.parse((await get("/api/v1/catalog/listing?limit=100")).body);
const words = first.items.flatMap((item) => item.name.toLowerCase().split(/\s+/)).filter((word) => word.length > 3);
const facets = first.facets.flatMap((facet) => (facet.values ?? []).map((value) => `f.${facet.code}=${encodeURIComponent(value.value)}`));
let asked = 0;
const question = () => {
  const n = asked++;
  const filter = facets.length ? `&${facets[n % facets.length]}` : "";
  const price = `&price=${(n * 37) % 5000}..`;
  switch (n % 4) {
    case 0:
      return `/api/v1/catalog/listing?limit=24&sort=price_asc${filter}${price}`;
    case 1:
      return `/api/v1/catalog/listing?limit=24${filter}${price}`;
    case 2:
      return `/api/v1/catalog/listing?limit=24&q=${encodeURIComponent(words[n % words.length])}${price}`;
    default:
      return `/api/v1/catalog/suggest?q=${encodeURIComponent(words[n % words.length].slice(0, 2 + (n % 3)))}`;
  }
};

let waits = [];
let errors = 0;
let ended = false;
const reading = (async () => {
  const start = performance.now();
  const open = new Set();
  for (let n = 0; !ended; ++n) {
    const due = start + (n * 1000) / rate;
    const early = due - performance.now();
    if (early > 0.5) await new Promise((resolve) => setTimeout(resolve, early));
    const one = get(question())
      .then((answer) => {
        if (answer.status !== 200) ++errors;
        waits.push(performance.now() - due);
      })
      .catch(() => ++errors)
      .finally(() => open.delete(one));
    open.add(one);
  }
  await Promise.all(open);
})();
// What this program's own clock was late, with nothing asked at all: no request can be measured better than that.
let own = [];
const ticking = (async () => {
  while (!ended) {
    const due = performance.now() + 5;
    await new Promise((resolve) => setTimeout(resolve, 5));
    own.push(performance.now() - due);
  }
})();

const report = (what) => {
  const of = (list, part) => {
    const sorted = [...list].sort((a, b) => a - b);
    return sorted.length ? sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))].toFixed(1) : "-";
  };
  const over = waits.filter((wait) => wait > 20).length;
  console.log(
    `${what}: ${waits.length} requests, p50 ${of(waits, 0.5)} ms, p99 ${of(waits, 0.99)} ms, p99.9 ${of(waits, 0.999)} ms, longest ${of(waits, 1)} ms, ` +
      `${over} above 20 ms, ${errors} errors; the measuring program itself was late by p99 ${of(own, 0.99)} ms, longest ${of(own, 1)} ms`,
  );
  waits = [];
  own = [];
  errors = 0;
};

await new Promise((resolve) => setTimeout(resolve, 2000));
waits = [];
own = [];
await new Promise((resolve) => setTimeout(resolve, 10000));
report("before");

const shown = async () => {
  const page = JSON.parse((await get(`/api/v1/catalog/products/${slug}`)).body);
  return page.variants.find((variant) => variant.sku === sku)?.price.amount.amount === wanted;
};
const started = performance.now();
await new Promise((resolve, reject) => {
  importing.on("exit", (code) => (code === 0 ? resolve() : reject(new Error(`the import ended with ${code}`))));
  importing.stdin.end("go\n");
});
const imported = performance.now();
while (!(await shown()) && performance.now() - imported < 60000) await new Promise((resolve) => setTimeout(resolve, 20));
const seen = performance.now();
report("during the import");
console.log(`${rows.length - 1} prices imported in ${((imported - started) / 1000).toFixed(1)} s, all of them visible ${((seen - imported) / 1000).toFixed(1)} s later`);
await new Promise((resolve) => setTimeout(resolve, 10000));
report("afterwards");
ended = true;
await Promise.all([reading, ticking]);
agent.destroy();
