// How long the lists of the back office take, one request after the other: node bench/office.mjs. tools/bench/office starts the shop and this.
import http from 'node:http';

const env = process.env;
const port = Number(env.STOA_HTTP_PORT);
const origin = env.STOA_PUBLIC_URL;
const api = '/api/v1/admin';
const asked = Math.min(500, Number(env.BENCH_REQUESTS || 100));
const most = Number(env.BENCH_MOST_MS || 100);

let state = 20260101;
const below = (n) => { state = (Math.imul(state, 1664525) + 1013904223) >>> 0; return Math.floor((state / 2 ** 32) * n); };
const one = (list) => list[below(list.length)];

const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
let cookie = '';
function ask(method, path, body) {
  const text = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const request = http.request({
      host: '127.0.0.1', port, method, path: encodeURI(path), agent, timeout: 30000,
      headers: { origin, ...(cookie && { cookie }), ...(text !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }) },
    }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () => {
        for (const set of answer.headers['set-cookie'] ?? []) cookie = set.split(';')[0];
        const content = Buffer.concat(parts).toString();
        if (answer.statusCode >= 400) return reject(new Error(`${method} ${path}: ${answer.statusCode} ${content.slice(0, 300)}`));
        resolve(content ? JSON.parse(content) : undefined);
      });
      answer.on('error', reject);
    });
    request.on('timeout', () => request.destroy(new Error(`${method} ${path}: no answer in 30 s`)));
    request.on('error', reject);
    request.end(text);
  });
}

const rows = (list) => list.rows ?? list.items;
async function measure(name, path, least = 1) {
  for (let i = 0; i < 8; i++) await ask('GET', path()); // statements are planned, pages are in memory
  const times = [];
  let found = 0;
  for (let i = 0; i < asked; i++) {
    const target = path();
    const began = process.hrtime.bigint();
    const list = await ask('GET', target);
    times.push(Number(process.hrtime.bigint() - began) / 1e6);
    found += rows(list).length;
  }
  if (found < least) throw new Error(`${name}: nothing was found, so nothing was measured`);
  times.sort((a, b) => a - b);
  const at = (part) => times[Math.min(times.length - 1, Math.floor(times.length * part))].toFixed(1);
  console.log(`| ${name} | ${at(0.5)} | ${at(0.95)} | ${at(1)} |`);
  return Number(at(0.95));
}

await ask('POST', `${api}/session`, { email: env.BENCH_STAFF, password: env.BENCH_PASSWORD });
const session = await ask('GET', `${api}/session`);
if (session.staff.must_change_password) {
  await ask('PUT', `${api}/me/password`, { current: env.BENCH_PASSWORD, new: `${env.BENCH_PASSWORD} 2` });
}
const orders = Number(env.BENCH_ORDERS);
const products = Number(env.BENCH_PRODUCTS);

const sampled = await ask('GET', `${api}/resources/orders?limit=200`);
const customers = (await ask('GET', `${api}/resources/customers?limit=200`)).rows.map((row) => row.id);
const handles = (await ask('GET', `${api}/resources/products?limit=200`)).rows;
const day = (back) => new Date(Date.now() - back * 86400000).toISOString().slice(0, 10);
async function walk(base, pages) {
  const cursors = [''];
  for (let i = 0; i < pages; i++) {
    const list = await ask('GET', `${base}${cursors.at(-1) && `&cursor=${encodeURIComponent(cursors.at(-1))}`}`);
    if (!list.next_cursor) break;
    cursors.push(list.next_cursor);
  }
  return cursors;
}

const slow = [];
async function table(title, list) {
  console.log(`\n${title}\n\n| list | p50 ms | p95 ms | most ms |\n| --- | --: | --: | --: |`);
  for (const [name, path, least] of list) {
    if ((await measure(name, path, least)) > most) slow.push(name);
  }
}

const list = `${api}/resources/orders?limit=50`;
const states = ['pending_payment', 'confirmed', 'processing', 'shipped', 'delivered', 'completed', 'cancelled'];
const payments = ['pending', 'authorized', 'paid', 'partially_refunded', 'refunded', 'failed', 'awaiting_invoice'];
const deep = await walk(`${list}&sort=-placed_at`, 40);
const number = () => `S-${1000001 + below(orders)}`;
await table(`All orders (${orders.toLocaleString('en')})`, [
  ['newest', () => list],
  ['sorted by when placed, any of 40 pages', () => `${list}&sort=-placed_at&cursor=${encodeURIComponent(one(deep))}`],
  ['sorted by number', () => `${list}&sort=${one(['', '-'])}number`],
  ['any state', () => `${list}&filter[state]=${one(states)}`],
  ['any state of payment', () => `${list}&filter[payment_state]=${one(payments)}`],
  ['any state and payment', () => `${list}&filter[state]=${one(states)}&filter[payment_state]=${one(payments)}`],
  ['placed within any week', () => { const back = below(700); return `${list}&filter[placed_at]=${day(back + 6)}..${day(back)}`; }],
  ['placed within any month and state', () => { const back = below(690); return `${list}&filter[placed_at]=${day(back + 30)}..${day(back)}&filter[state]=${one(states)}`; }],
  ['total in any range', () => { const from = 1000 + below(100000); return `${list}&filter[total]=${from}..${from + one([10, 1000, 20000])}`; }],
  ['total in any range and state', () => { const from = 1000 + below(100000); return `${list}&filter[total]=${from}..${from + one([1000, 20000])}&filter[state]=${one(states)}`; }, 0],
  ['placed within any month, total and payment', () => {
    const back = below(690), from = 1000 + below(100000);
    return `${list}&filter[placed_at]=${day(back + 30)}..${day(back)}&filter[total]=${from}..${from + 20000}&filter[payment_state]=${one(payments)}`;
  }, 0],
  ['one customer', () => `${list}&filter[customer]=${one(customers)}`],
  ['search: a whole number', () => `${list}&q=${number()}`],
  ['search: part of a number', () => `${list}&q=${number().slice(2, 6 + below(3))}`],
  ['search: beginning of a number', () => `${list}&q=${number().slice(0, 4 + below(5))}`],
  ['search: beginning of an address', () => `${list}&q=customer${1 + below(20000)}`],
  ['search: middle of an address', () => `${list}&q=ustomer${1 + below(20000)}`],
  ['search: a number and state', () => `${list}&q=${number().slice(2, 6)}&filter[state]=${one(states)}`, 0],
  ['search: what is nowhere', () => `${list}&q=zz${below(1000)}xyzzy`, 0],
]);
const desk = `${api}/orders?limit=50`;
const pages = await walk(desk, 40);
const names = sampled.rows.map((row) => row.email);
await table('Order desk', [
  ['newest', () => desk],
  ['any of 40 pages', () => { const cursor = one(pages); return cursor ? `${desk}&cursor=${encodeURIComponent(cursor)}` : desk; }],
  ['any state', () => `${desk}&state=${one(states)}`],
  ['any tag', () => `${desk}&tag=${one(['gift', 'vip', 'rings-first'])}`],
  ['search: number', () => `${desk}&q=${number()}`],
  ['search: address', () => `${desk}&q=${one(names)}`],
  ['search: last name', () => `${desk}&q=${one(['ruiz', 'maier', 'rossi', 'smith'])}${below(997)}`],
  ['search: last name and state', () => `${desk}&q=${one(['ruiz', 'maier', 'rossi', 'smith'])}${below(997)}&state=${one(states)}`, 0],
  ['search: first and last name', () => `${desk}&q=${one(['ana ruiz', 'bea maier', 'carl rossi', 'fay smith'])}${below(100)}`, 0],
  ['search: SKU', () => `${desk}&q=SKU-${below(200000)}`],
  ['search and state', () => `${desk}&q=customer${1 + below(20000)}&state=${one(states)}`, 0],
]);
const goods = `${api}/resources/products?limit=50`;
const words = ['Amber', 'Bold', 'Calm', 'Bamboo', 'Canvas', 'Oak', 'Chair', 'Lamp', 'Vase', 'Kettle'];
await table(`Products (${products.toLocaleString('en')})`, [
  ['newest', () => goods],
  ['sorted by handle', () => `${goods}&sort=${one(['', '-'])}handle`],
  ['any status', () => `${goods}&filter[status]=${one(['draft', 'active', 'archived'])}`],
  ['any type', () => `${goods}&filter[type]=${one(['scale', 'nothing'])}`],
  ['any brand', () => `${goods}&filter[brand]=${one([handles[0]?.brand ?? 'x', 'nobody', 'Kestrel', 'Isola'])}`, 0],
  ['type and status', () => `${goods}&filter[type]=scale&filter[status]=${one(['draft', 'active', 'archived'])}`],
  ['search: a word', () => `${goods}&q=${one(words)}`],
  ['search: a number in the name', () => `${goods}&q=${String(1 + below(products)).padStart(5, '0')}`],
  ['search: two letters', () => `${goods}&q=${one(['am', 'oa', 'la', 'ch'])}`],
  ['search: what is nowhere', () => `${goods}&q=zz${below(1000)}xyzzy`, 0],
  ['variants: search', () => `${api}/resources/variants?limit=50&q=${one(words)}`],
  ['stock: newest', () => `${api}/resources/stock?limit=50`],
  ['prices: newest', () => `${api}/resources/prices?limit=50`],
]);
agent.destroy();
if (slow.length) {
  console.error(`\nSlower than ${most} ms at p95: ${slow.join('; ')}`);
  process.exit(1);
}
