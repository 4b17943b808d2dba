// What a catalogue of a size answers, and how soon it shows a change: node bench/catalogue.mjs. tools/bench/catalogue starts the shop and this.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { api, below, Connection, directory, filtered, line, locked, must, number, shuffle, wrk, between, shares } from './shop.mjs';

const env = process.env;
const seconds = Math.min(24, Number(env.BENCH_SECONDS || 10));
const parts = env.BENCH_PARTS.split(' ');
const count = Number(env.BENCH_PRODUCTS);
const one = new Connection();
const get = (path, cookie = '') => `GET\t${path}\t${cookie && `cookie: ${cookie}`}\t`;
const write = (name, lines) => fs.writeFileSync(`${directory}/${name}.requests`, `${lines.join('\n')}\n`);
const at = (times, part) => times[Math.min(times.length - 1, Math.floor(times.length * part))];

// --- Questions -----------------------------------------------------------------------------------------------------
// What shoppers type: every adjective, material and noun of the catalogue alone and together, one in ten with a letter left out.
function typed() {
  const words = { adjective: new Set(), material: new Set(), noun: new Set() };
  for (const slug of slugs) {
    const [adjective, material, noun] = slug.split('-');
    words.adjective.add(adjective); words.material.add(material); words.noun.add(noun);
  }
  const queries = [...words.noun];
  for (const noun of words.noun) {
    for (const material of words.material) {
      queries.push(`${material} ${noun}`);
      for (const adjective of words.adjective) queries.push(`${adjective} ${material} ${noun}`);
    }
    for (const adjective of words.adjective) queries.push(`${adjective} ${noun}`);
  }
  return shuffle(queries).map((query, index) => {
    if (index % 10 > 0) return query;
    const cut = 1 + below(query.length - 1);
    return query.slice(0, cut) + query.slice(cut + 1);
  });
}
async function addresses() {
  const out = [];
  for (let cursor = ''; cursor !== null && cursor !== undefined && out.length < 60000;) {
    const part = await one.ask('GET', `${api}/catalog/sitemap?limit=1000${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    out.push(...part.items.filter((item) => item.kind === 'product').map((item) => item.slugs.en));
    cursor = part.next_cursor;
  }
  must('addresses of products', out.length >= Math.min(count, 60000));
  return out;
}
// The middle of what answers weigh, in bytes.
async function weight(lines) {
  const sizes = [];
  for (let i = 0; i < 200; i++) sizes.push(Buffer.byteLength(JSON.stringify(await one.ask('GET', lines[i].split('\t')[1]))));
  sizes.sort((a, b) => a - b);
  return at(sizes, 0.5);
}

// --- Answers -------------------------------------------------------------------------------------------------------
const load = (scenario, width, at = undefined) => locked(async () => {
  const warm = await wrk(scenario, Math.min(width, 8), 3, 0, at);
  const before = shares();
  const result = await wrk(scenario, width, seconds, Math.ceil(warm.requests / 2) + 8, at);
  const after = shares();
  // Ticks of 10 ms; what other programs take of the machine is not in it.
  return { ...result, rate: result.requests / result.seconds, each: ((after.serve - before.serve) * 10000) / result.requests, cpu: between(before, after) };
});
const head = () => { line(['What', 'Connections', 'per second', 'p50 ms', 'p99 ms', 'errors', 'processor, µs each', 'CPU %: serve / everything']); line(['---', '--:', '--:', '--:', '--:', '--:', '--:', '---']); };
async function row(title, scenario, width, where = undefined) {
  const r = await load(scenario, width, where);
  line([title, width, number(r.rate), number(r.p50), number(r.p99), r.errors, where ? '' : number(r.each), `${where ? '' : r.cpu.serve} / ${r.cpu.busy}`]);
  return r;
}

const slugs = await addresses();
const lists = await filtered(one, get, 150000);
write('filters', shuffle(lists));
if (parts.includes('answers')) {
  const queries = typed();
  write('search', queries.map((q) => get(`${api}/catalog/listing?q=${encodeURIComponent(q)}&limit=24`)));
  write('suggest', shuffle([...new Set(queries.map((q) => q.slice(0, 2 + below(q.length - 1))))]).map((q) => get(`${api}/catalog/suggest?q=${encodeURIComponent(q)}`)));
  const bytes = await weight(lists);
  write('limit', [get(`/bytes/${bytes}`)]);
  process.stdout.write('\n');
  head();
  const listing = await row('Lists of 24 with all counts, every one with other filters', 'filters', 32);
  await row('the same', 'filters', 1);
  await row('Text searches, every one another', 'search', 32);
  await row('the same', 'search', 1);
  await row('Suggestions while typing', 'suggest', 32);
  await row('the same', 'suggest', 1);
  const limit = await row(`The limit: ${bytes.toLocaleString('en-US')} bytes of nothing from the same server`, 'limit', 32, Number(env.STOA_SANDBOX_PORT));
  process.stdout.write(`\nA list is answered at ${(100 * listing.rate / limit.rate).toFixed(0)} % of the limit.\n`);
}

// --- A buyer with prices of their own ------------------------------------------------------------------------------
if (parts.includes('buyer')) {
  const guest = new Connection();
  await guest.ask('POST', `${api}/account/register`,
    { email: env.BENCH_BUYER, password: env.BENCH_PASSWORD, first_name: 'Bea', last_name: 'Trade', locale: 'en', accepts_marketing: false });
  // As the link in the mail does; the account is made by the worker.
  const confirm = () => spawnSync(new URL('../tools/cluster', import.meta.url).pathname, ['psql', '-qAtc',
    `update customers.customer c set email_verified_at = now(), password_hash = t.password_hash from customers.token t
      where t.customer_id = c.id and t.purpose = 'verify_email' and c.email_key = '${env.BENCH_BUYER}' returning 'confirmed'`], { encoding: 'utf8' }).stdout;
  for (let tries = 0; !confirm().includes('confirmed'); tries++) {
    must('an account', tries < 100);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  must('a buyer in a group', spawnSync(`${env.BENCH_BIN}/stoa`, ['buyer', env.BENCH_BUYER, '--groups', 'trade'], { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0);
  await guest.ask('POST', `${api}/account/login`, { email: env.BENCH_BUYER, password: env.BENCH_PASSWORD });
  const own = (text) => text.replace(`${api}/catalog/`, `${api}/account/catalog/`);
  const timed = async (path) => { const began = performance.now(); await guest.ask('GET', path); return performance.now() - began; };
  const cheapest = `${api}/account/catalog/listing?limit=24&sort=price_asc`;
  const first = await timed(cheapest), second = await timed(cheapest);
  const mine = lists.slice(0, 15000).map((text) => get(own(text.split('\t')[1]), guest.cookie));
  let differing = 0;
  for (const text of lists.slice(0, 100)) {
    const path = text.split('\t')[1];
    if (JSON.stringify(await guest.ask('GET', own(path))) !== JSON.stringify(await one.ask('GET', path))) differing++;
  }
  must('answers with the buyer\'s own prices', differing > 50);
  write('buyer', mine);
  process.stdout.write('\n');
  head();
  await row('The same lists for a buyer with prices of a group', 'buyer', 32);
  await row('the same', 'buyer', 1);
  process.stdout.write(`\nThe first question of such a buyer after a change: ${number(first)} ms; the next: ${number(second)} ms.\n`);
}

// --- How soon a change is visible ----------------------------------------------------------------------------------
// A thousand names a minute, changed through the back office, and each looked for in the product's page every 5 ms from when it was stored.
if (parts.includes('lag')) {
  const desk = new Connection();
  const admin = `${api}/admin`;
  await desk.ask('POST', `${admin}/session`, { email: env.BENCH_STAFF, password: env.BENCH_PASSWORD });
  const session = await desk.ask('GET', `${admin}/session`);
  if (session.staff.must_change_password) await desk.ask('PUT', `${admin}/me/password`, { current: env.BENCH_PASSWORD, new: `${env.BENCH_PASSWORD} 2` });
  const ids = [];
  for (let i = 0; i < 1000; i++) ids.push((await one.ask('GET', `${api}/catalog/products/${slugs[(i * 59) % slugs.length]}`)));
  const lags = [], stored = [];
  let lost = 0;
  await locked(async () => {
    const start = performance.now();
    const watching = [];
    for (let i = 0; i < ids.length; i++) {
      const due = start + i * 60;
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
      const began = performance.now();
      const page = ids[i];
      const name = `${page.name.split(' ').slice(0, 4).join(' ')} ${Date.now().toString(36)}`;
      const { etag, row: current } = await desk.versioned('GET', `${admin}/resources/products/${page.id}`);
      await desk.ask('PATCH', `${admin}/resources/products/${page.id}`, { name: { ...current.name, en: name } }, { 'if-match': etag });
      const at = performance.now();
      stored.push(at - began);
      watching.push((async () => {
        const watcher = new Connection();
        for (;;) {
          if ((await watcher.ask('GET', `${api}/catalog/products/${page.slug}`)).name === name) break;
          if (performance.now() - at > 30000) { lost++; break; }
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        lags.push(performance.now() - at);
        watcher.close();
      })());
    }
    await Promise.all(watching);
    const took = (performance.now() - start) / 1000;
    for (const list of [lags, stored]) list.sort((a, b) => a - b);
    process.stdout.write(`\n${ids.length.toLocaleString('en-US')} products changed in ${took.toFixed(0)} s: visible after p50 ${number(at(lags, 0.5))} ms, p99 ${number(at(lags, 0.99))} ms, ` +
      `at most ${number(lags.at(-1))} ms; ${lost} not within 30 s. Storing one took p50 ${number(at(stored, 0.5))} ms.\n`);
  });
  desk.close();
}
one.close();
