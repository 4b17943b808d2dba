// What the programs of this directory share: a connection, questions that are the same on every run, wrk, and one measurement at a time.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';

const env = process.env;
const port = Number(env.STOA_HTTP_PORT);
export const api = '/api/v1';
export const origin = env.STOA_PUBLIC_URL;
export const directory = `${env.STOA_VAR}/run`;

// --- The same questions on every run ---------------------------------------------------------------------------------
let state = 20260101;
export const below = (n) => { state = (Math.imul(state, 1664525) + 1013904223) >>> 0; return Math.floor((state / 2 ** 32) * n); };
export const shuffle = (list) => { for (let i = list.length; i > 1; i--) { const j = below(i); [list[i - 1], list[j]] = [list[j], list[i - 1]]; } return list; };

export class Connection {
  constructor() { this.agent = new http.Agent({ keepAlive: true, maxSockets: 1 }); this.cookie = ''; }
  async ask(method, path, body, headers = {}) { return (await this.versioned(method, path, body, headers)).row; }
  // The answer with its ETag.
  versioned(method, path, body, headers = {}) {
    const text = body === undefined ? undefined : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const request = http.request({
        host: '127.0.0.1', port, method, path, agent: this.agent, timeout: 20000,
        headers: { ...headers, ...(this.cookie && { cookie: this.cookie }),
          ...(text !== undefined && { 'content-type': 'application/json', origin, 'content-length': Buffer.byteLength(text) }) },
      }, (answer) => {
        const parts = [];
        answer.on('data', (part) => parts.push(part));
        answer.on('end', () => {
          for (const cookie of answer.headers['set-cookie'] ?? []) this.keep(cookie.split(';')[0]);
          const content = Buffer.concat(parts).toString();
          if (answer.statusCode >= 400) return reject(new Error(`${method} ${path}: ${answer.statusCode} ${content.slice(0, 300)}`));
          resolve({ row: content ? JSON.parse(content) : undefined, etag: answer.headers.etag });
        });
        answer.on('error', reject);
      });
      request.on('timeout', () => request.destroy(new Error(`${method} ${path}: no answer in 20 s`)));
      request.on('error', reject);
      request.end(text);
    });
  }
  // A cookie replaces the one of its name.
  keep(cookie) {
    const name = cookie.slice(0, cookie.indexOf('=') + 1);
    this.cookie = [...this.cookie.split('; ').filter((other) => other && !other.startsWith(name)), cookie].join('; ');
  }
  close() { this.agent.destroy(); }
}
export const must = (what, held) => { if (!held) throw new Error(`not the right answer: ${what}`); };

// 30,000 different lists of a category with filters, sorts and prices: no answer can be kept from one to the next.
export async function filtered(one, get, count) {
  const tree = await one.ask('GET', `${api}/catalog/categories`);
  const categories = [''];
  for (const walk = [...tree.items]; walk.length > 0;) { const node = walk.pop(); categories.push(`&category=${node.slug}`); walk.push(...node.children); }
  const { facets, price } = await one.ask('GET', `${api}/catalog/listing?limit=1`);
  must('facets to choose from', facets.filter((facet) => facet.kind === 'values').length >= 5 && price);
  const sorts = ['popular', 'newest', 'price_asc', 'price_desc', 'name', 'discount'];
  const out = new Set();
  while (out.size < count) {
    let path = `${api}/catalog/listing?limit=24${categories[below(3) === 0 ? 0 : below(categories.length)]}&sort=${sorts[below(sorts.length)]}`;
    for (const facet of facets) {
      if (facet.kind !== 'values' || below(4) > 0) continue;
      path += `&f.${facet.code}=${[...new Set([0, 1].map(() => facet.values[below(facet.values.length)].value))].sort().join(',')}`;
    }
    if (below(3) === 0) { const low = price.min.amount + below(price.max.amount - price.min.amount); path += `&price=${low}..${low + 500 + below(5000)}`; }
    out.add(path);
  }
  return [...out].map(get);
}

// --- Measuring -----------------------------------------------------------------------------------------------------
const cpu = () => {
  const ticks = fs.readFileSync('/proc/stat', 'utf8').split('\n')[0].split(/\s+/).slice(1).map(Number);
  return { idle: ticks[3] + ticks[4], all: ticks.slice(0, 8).reduce((a, b) => a + b) };
};
const processTicks = (pid) => {
  try { const f = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').pop().split(' '); return Number(f[11]) + Number(f[12]); } catch { return 0; }
};
const children = (parent) => fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name)).filter((pid) => {
  try { return fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').pop().split(' ')[1] === String(parent); } catch { return false; }
});
export const postgres = () => [env.BENCH_POSTGRES, ...children(env.BENCH_POSTGRES)];
export const shares = () => ({ ...cpu(), serve: processTicks(env.BENCH_SERVE), worker: processTicks(env.BENCH_WORKER),
  postgres: Object.fromEntries(postgres().map((pid) => [pid, processTicks(pid)])) });
export function between(a, b) {
  const all = b.all - a.all, percent = (ticks) => Math.round((100 * ticks) / all);
  const database = Object.entries(b.postgres).reduce((sum, [pid, ticks]) => sum + ticks - (a.postgres[pid] ?? 0), 0);
  return { busy: percent(all - (b.idle - a.idle)), serve: percent(b.serve - a.serve), worker: percent(b.worker - a.worker), postgres: percent(database) };
}

// Linux shares processors by session first, so a compiler in another session would be measured along. What belongs to the
// measurement goes first while it lasts; only root may ask for that.
const boost = (nice) => {
  for (const pid of [env.BENCH_SERVE, env.BENCH_WORKER, env.BENCH_SANDBOX, process.pid, ...postgres()]) {
    try { fs.writeFileSync(`/proc/${pid}/autogroup`, String(nice)); } catch { /* not root, or gone */ }
  }
};

// Runs `body` while nobody else measures on this machine.
export async function locked(body) {
  const holder = spawn('flock', [env.BENCH_LOCK, 'sh', '-c', 'echo held; cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
  await new Promise((resolve, reject) => { holder.stdout.once('data', resolve); holder.once('error', reject); });
  boost(-15);
  const again = setInterval(() => boost(-15), 1000); // each new database connection is a session of its own
  try { return await body(); } finally { clearInterval(again); boost(0); holder.stdin.end(); await new Promise((resolve) => holder.once('close', resolve)); }
}

export function wrk(scenario, width, duration, skip, at = port) {
  return new Promise((resolve, reject) => {
    const child = spawn('wrk', [`-t${Math.min(2, width)}`, `-c${width}`, `-d${duration}s`, '--timeout', '10s', '-s', new URL('replay.lua', import.meta.url).pathname, `http://127.0.0.1:${at}`],
      { stdio: ['ignore', 'pipe', 'inherit'], env: { ...env, REQUESTS: `${directory}/${scenario}.requests`, SKIP: String(skip) } });
    let text = '';
    child.stdout.on('data', (part) => { text += part; });
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve(JSON.parse(text.trim().split('\n').pop())) : reject(new Error(`wrk ended with ${code}`))));
  });
}

// --- The tables ------------------------------------------------------------------------------------------------------
export const number = (value) => (value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toFixed(value >= 10 ? 1 : 2));
export const line = (cells) => process.stdout.write(`| ${cells.join(' | ')} |\n`);
