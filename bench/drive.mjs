// Asks a running shop for pages, carts and orders, and prints one table. tools/bench/run starts the shop and this.
import fs from 'node:fs';
import os from 'node:os';
import { api, below, Connection, between, directory, filtered, line, locked, must, number, origin, postgres, shares, shuffle, wrk } from './shop.mjs';

const env = process.env;
const connections = (env.BENCH_CONNECTIONS || '32 128').split(' ').map(Number);
const seconds = Math.min(24, Number(env.BENCH_SECONDS || 12));
const wanted = (env.BENCH_SCENARIOS || 'list detail popular filters search suggest cart line checkout').split(' ');
const count = Number(env.BENCH_PRODUCTS);
const shoppers = 8;

async function prepare() {
  const one = new Connection();
  const pages = [], slugs = [], variants = [], calm = [];
  for (let cursor = '', page = 0; page < 50; page++) {
    const path = `${api}/catalog/listing?limit=24${cursor && `&cursor=${encodeURIComponent(cursor)}`}`;
    const list = await one.ask('GET', path);
    must('24 products with prices', list.items.length === 24 && list.items.every((item) => item.price.amount.amount > 0));
    pages.push(path);
    variants.push(...list.items.map((item) => item.default_variant_id));
    calm.push(...list.items.filter((item) => item.price.amount.amount % 5 === 0).map((item) => item.default_variant_id));
    cursor = list.next_cursor;
  }
  for (let cursor = ''; cursor !== null && cursor !== undefined;) {
    const part = await one.ask('GET', `${api}/catalog/sitemap?limit=1000${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    slugs.push(...part.items.filter((item) => item.kind === 'product').map((item) => item.slugs.en));
    cursor = part.next_cursor;
  }
  must(`${count} product addresses`, slugs.length === count);
  const names = shuffle(slugs.slice()).slice(0, 4000).map((slug) => slug.split('-'));
  const words = [...new Set(names.map((name) => name[2]))].slice(0, 30);
  const pairs = [...new Set(names.map((name) => `${name[1]} ${name[2]}`))].slice(0, 600);
  for (const q of [words[0], pairs[0]]) {
    const found = await one.ask('GET', `${api}/catalog/listing?q=${encodeURIComponent(q)}&limit=24`);
    must(`hits for ${q}`, found.items.length > 0 && q.split(' ').every((word) => found.items[0].name.toLowerCase().includes(word)));
  }
  const page = await one.ask('GET', `${api}/catalog/products/${slugs[0]}`);
  must('the product with both variants', page.slug === slugs[0] && page.variants.length === 2);
  const get = (path) => `GET\t${path}\t\t`;
  const lists = {
    list: shuffle(pages).map(get),
    detail: shuffle(slugs).map((slug) => get(`${api}/catalog/products/${slug}`)),
    search: shuffle([...words, ...pairs]).map((q) => get(`${api}/catalog/listing?q=${encodeURIComponent(q)}&limit=24`)),
    cart: [`POST\t${api}/cart\tcontent-type: application/json|origin: ${origin}\t{}`],
  };
  lists.popular = lists.detail.slice(0, 100);
  if (wanted.includes('filters')) lists.filters = await filtered(one, get, 60000);
  lists.suggest = shuffle([...new Set([...words, ...pairs].flatMap((q) => [1, 2, 3, 4].map((cut) => q.slice(0, -cut))).filter((q) => q.length > 1))])
    .map((q) => get(`${api}/catalog/suggest?q=${encodeURIComponent(q)}`));
  if (wanted.includes('line')) {
    // Each cart gets three different goods in turn, so it never has more than three lines.
    const carts = [];
    for (let i = 0; i < 1000; i++) {
      const guest = new Connection();
      guest.agent = one.agent;
      await guest.ask('POST', `${api}/cart`, {});
      carts.push(guest.cookie);
    }
    lists.line = [0, 1, 2].flatMap((k) => carts.map((cookie, i) =>
      `POST\t${api}/cart/lines\tcontent-type: application/json|origin: ${origin}|cookie: ${cookie}\t${JSON.stringify({ variant_id: variants[(i * 7 + k * 331) % variants.length], quantity: 1 })}`));
  }
  for (const [name, lines] of Object.entries(lists)) fs.writeFileSync(`${directory}/${name}.requests`, lines.join('\n') + '\n');
  one.close();
  // The sandbox plays a broken provider for totals that end in 77, 78 or 79 cents; sums of these prices do not.
  return calm;
}

const load = (scenario, width) => locked(async () => {
  const warm = await wrk(scenario, 8, 3, 0);
  const before = shares();
  const result = await wrk(scenario, width, seconds, Math.ceil(warm.requests / 2) + 8);
  return { ...result, rate: result.requests / result.seconds, cpu: between(before, shares()) };
});

const card = { number: '4111111111111111', expiry_month: '05', expiry_year: '2031', cvv: '123', holder: 'ADA GUEST' };
async function buy(connection, variants, name) {
  connection.cookie = '';
  await connection.ask('POST', `${api}/cart`, {});
  for (const variant_id of variants) await connection.ask('POST', `${api}/cart/lines`, { variant_id, quantity: 1 });
  await connection.ask('POST', `${api}/checkout`, {});
  await connection.ask('PUT', `${api}/checkout/contact`, { email: `${name}@example.com` });
  await connection.ask('PUT', `${api}/checkout/address`,
    { shipping: { first_name: 'Ada', last_name: 'Guest', line1: 'Langer Weg 1', postal_code: '10115', city: 'Berlin', country: 'DE' } });
  const options = await connection.ask('GET', `${api}/checkout/shipping-options`);
  const ready = await connection.ask('PUT', `${api}/checkout/shipping`, { option_id: options.items[0].id });
  const order = await connection.ask('POST', `${api}/checkout/complete`,
    { expected_total: ready.totals.total, terms_accepted: true, payment: { method: 'card', card } }, { 'idempotency-key': `bench-${name}` });
  if (order.status !== 'completed' || !order.order_number) throw new Error(`the payment was '${order.status}'`);
}
const shop = (variants) => locked(async () => {
  const run = Date.now().toString(36);
  const from = Date.now() + 3000, until = from + Math.max(seconds, 15) * 1000;
  const times = [];
  let errors = 0, number = 0, reason = '', before;
  setTimeout(() => { before = shares(); }, 3000);
  await Promise.all(Array.from({ length: shoppers }, async () => {
    const connection = new Connection();
    while (Date.now() < until) {
      const mine = number++, began = performance.now();
      const first = below(variants.length);
      let failed = false;
      try { await buy(connection, [variants[first], variants[(first + 17) % variants.length]], `${run}-${mine}`); } catch (error) { failed = true; reason ||= error.message; }
      const now = Date.now();
      if (now < from || now >= until) continue;
      if (failed) errors++; else times.push(performance.now() - began);
    }
    connection.close();
  }));
  const after = shares();
  times.sort((a, b) => a - b);
  const at = (share) => times[Math.max(0, Math.ceil(times.length * share) - 1)] ?? 0;
  if (reason) process.stderr.write(`checkout: ${errors} failed, the first: ${reason}\n`);
  return { requests: times.length, rate: (times.length * 60000) / (until - from), p50: at(0.5), p99: at(0.99), errors, cpu: between(before, after) };
});

// --- The table -----------------------------------------------------------------------------------------------------
const memory = (pids) => {
  let rss = 0, pss = 0;
  for (const pid of pids) {
    let text = '';
    try { text = fs.readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'); } catch { continue; }
    rss += Number(/^Rss:\s+(\d+)/m.exec(text)?.[1] ?? 0);
    pss += Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0);
  }
  return `${Math.round(rss / 1024)} (${Math.round(pss / 1024)})`;
};
const titles = { list: 'Product list, 24 with prices', detail: `Product page, any of ${count.toLocaleString('en-US')}`, popular: 'Product page, 100 popular ones', filters: 'Product list, 24, every one with other filters', search: 'Search, 30 words and 600 pairs', suggest: 'Suggestions',
  cart: 'Create cart', line: 'Add to cart' };

const idle = memory([env.BENCH_SERVE]);
const variants = await prepare();
const model = /model name\s*: (.*)/.exec(fs.readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? os.arch();
process.stdout.write(`\nCommit ${env.BENCH_COMMIT}, ${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC. ${model}, ${os.cpus().length} cores, ${Math.round(os.totalmem() / 2 ** 30)} GiB; ` +
  `load before: ${os.loadavg()[0].toFixed(1)}. wrk on the same machine.\n`);
process.stdout.write('CPU: share of the whole machine taken by stoa serve / stoa worker / PostgreSQL / everything together.\n\n');
line(['What', 'Connections', 'per second', 'p50 ms', 'p99 ms', 'errors', 'CPU %']);
line(['---', '--:', '--:', '--:', '--:', '--:', '---']);
const used = (c) => `${c.serve} / ${c.worker} / ${c.postgres} / ${c.busy}`;
for (const scenario of Object.keys(titles).filter((name) => wanted.includes(name))) {
  for (const width of connections) {
    const r = await load(scenario, width);
    line([titles[scenario], width, number(r.rate), number(r.p50), number(r.p99), r.errors, used(r.cpu)]);
  }
}
if (wanted.includes('checkout')) {
  const r = await shop(variants);
  line([`**Guest checkout, orders a minute** (${r.requests} orders, 9 requests each)`, `${shoppers} shoppers`, `${number(r.rate)} a minute`, number(r.p50), number(r.p99), r.errors, used(r.cpu)]);
}
process.stdout.write('\n');
line(['Also', 'MB: RSS (PSS)']);
line(['---', '--:']);
line(['stoa serve, idle', idle]);
line(['stoa serve, after load', memory([env.BENCH_SERVE])]);
line(['stoa worker, after load', memory([env.BENCH_WORKER])]);
line(['PostgreSQL, after load', memory(postgres())]);
process.stdout.write(`\nCold start of stoa serve until the first product list: ${env.BENCH_COLD} s.\n`);
