// Asks a running shop the judged queries and prints one line of a table: node bench/relevance.mjs JUDGMENTS LABEL. tools/relevance/run starts the shop and this.
// The first line's scores by query are kept in $RELEVANCE_FULL; the lines after it are compared with them query by query.
import fs from 'node:fs';

const [file, label] = process.argv.slice(2);
const base = `http://127.0.0.1:${process.env.STOA_HTTP_PORT}/api/v1/catalog/listing`;
const depth = 10, good = 2;

// --- Judgements: query, docid, rating; cells may be quoted ----------------------------------------------------------
function rows(text) {
  const out = [];
  let row = [], cell = '', quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (quoted) {
      if (c !== '"') cell += c;
      else if (text[i + 1] === '"') { cell += c; i++; }
      else quoted = false;
    } else if (c === '"') quoted = true;
    else if (c === ',') { row.push(cell); cell = ''; }
    else if (c === '\n') { row.push(cell.replace(/\r$/, '')); out.push(row); row = []; cell = ''; }
    else cell += c;
  }
  if (cell || row.length) { row.push(cell); out.push(row); }
  return out;
}
const [header, ...lines] = rows(fs.readFileSync(file, 'utf8').replace(/^\uFEFF/, ''));
const column = (name) => {
  const at = header.indexOf(name);
  if (at < 0) throw new Error(`${file} has no column ${name}`);
  return at;
};
const [queryAt, docAt, ratingAt] = ['query', 'docid', 'rating'].map(column);
const judged = new Map();
for (const line of lines) {
  if (line.length < header.length) continue;
  if (!judged.has(line[queryAt])) judged.set(line[queryAt], new Map());
  judged.get(line[queryAt]).set(line[docAt], Number(line[ratingAt]));
}

// --- Measures -------------------------------------------------------------------------------------------------------
const dcg = (ratings) => ratings.slice(0, depth).reduce((sum, rating, i) => sum + (2 ** rating - 1) / Math.log2(i + 2), 0);
const mean = (list) => (list.length ? list.reduce((a, b) => a + b, 0) / list.length : 0);
let state = 20260101;
const random = () => { state = (Math.imul(state, 1664525) + 1013904223) >>> 0; return state / 2 ** 32; };
// Means of queries drawn with replacement: 90 % of them lie between the two.
function bounds(list) {
  const means = Array.from({ length: 2000 }, () => mean(list.map(() => list[Math.floor(random() * list.length)]))).sort((a, b) => a - b);
  return [means[100], means[1899]];
}

const scores = {}, reciprocal = [], precision = [], share = [], condensed = [];
let nothing = 0;
for (const [query, ratings] of judged) {
  const answer = await fetch(`${base}?${new URLSearchParams({ q: query, sort: 'relevance', limit: '100' })}`);
  if (!answer.ok) throw new Error(`${query}: ${answer.status} ${await answer.text()}`);
  const found = (await answer.json()).items.map((item) => item.slug);
  if (found.length === 0) nothing++;
  // A query without any product that fits cannot be answered well or badly.
  if (Math.max(...ratings.values()) <= 0) continue;
  const ideal = dcg([...ratings.values()].sort((a, b) => b - a));
  const top = found.slice(0, depth);
  scores[query] = dcg(top.map((id) => ratings.get(id) ?? 0)) / ideal;
  const first = top.findIndex((id) => (ratings.get(id) ?? 0) >= good);
  reciprocal.push(first < 0 ? 0 : 1 / (first + 1));
  precision.push(top.filter((id) => (ratings.get(id) ?? 0) >= good).length / depth);
  share.push(top.length ? top.filter((id) => ratings.has(id)).length / top.length : 0);
  condensed.push(dcg(found.filter((id) => ratings.has(id)).map((id) => ratings.get(id))) / ideal);
}

const shown = (number) => number.toFixed(4);
const [low, high] = bounds(Object.values(scores));
let gain = '';
const full = process.env.RELEVANCE_FULL;
if (full && fs.existsSync(full)) {
  const best = JSON.parse(fs.readFileSync(full, 'utf8'));
  const differences = Object.keys(scores).map((query) => best[query] - scores[query]);
  const [from, to] = bounds(differences);
  const signed = (number) => (number < 0 ? '' : '+') + shown(number);
  gain = `${signed(mean(differences))}  (${signed(from)} to ${signed(to)})`;
} else if (full) fs.writeFileSync(full, JSON.stringify(scores));
console.log([label.padEnd(34), shown(mean(Object.values(scores))).padStart(8), `${shown(low)}-${shown(high)}`.padStart(15),
  shown(mean(reciprocal)).padStart(8), shown(mean(precision)).padStart(8), shown(mean(share)).padStart(9), shown(mean(condensed)).padStart(10),
  `${nothing}/${judged.size}`.padStart(7), ' ' + gain].join(' '));
