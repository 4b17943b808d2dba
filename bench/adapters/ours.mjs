// Our shop beside other platforms in the comparison's driver (../shared/bench/peers): how to ask for each page, how to tell
// that an answer is right, and a guest's way to an order. docs/reference/performance.md says how to use it.
import { BUYER, expect } from '../common/http.mjs';

const base = `http://127.0.0.1:${process.env.OURS_PORT || 8001}`;
const api = '/api/v1';
// What a browser on the shop's own page sends.
const json = { 'content-type': 'application/json', origin: process.env.OURS_ORIGIN || 'http://localhost:8000' };
const inCart = (cart) => ({ ...json, cookie: `stoa_cart=${cart}` });
const card = { number: '4111111111111111', expiry_month: '05', expiry_year: '2031', cvv: '123', holder: 'ADA GUEST' };

export default {
  name: 'ours', base,
  groups: ['ours'],

  async init(http) {
    // Pages follow each other by cursor; each is asked for by its own address. The sandbox plays a broken provider for totals
    // that end in 77, 78 or 79 cents, which no sum of prices in steps of five does.
    this.variants = [];
    this.cursors = [''];
    for (let page = 0; page < 50; page++) {
      const { json: list } = await http.ok(this.list(page));
      this.cursors.push(list.next_cursor);
      this.variants.push(...list.items.filter((p) => p.price.amount.amount % 5 === 0).map((p) => p.default_variant_id));
    }
  },

  list(page) { return { path: `${api}/catalog/listing?limit=24${this.cursors[page] ? `&cursor=${encodeURIComponent(this.cursors[page])}` : ''}` }; },
  detail: (handle) => ({ path: `${api}/catalog/products/${handle}` }),
  search: (term) => ({ path: `${api}/catalog/listing?q=${encodeURIComponent(term)}&limit=24` }),
  createCart: () => ({ method: 'POST', path: `${api}/cart`, headers: json, body: '{}' }),
  addLine: (cart, variant) => ({
    method: 'POST', path: `${api}/cart/lines`, headers: inCart(cart), body: JSON.stringify({ variant_id: variant, quantity: 1 }),
  }),
  cartOf: (res) => /stoa_cart=([^;]+)/.exec([].concat(res.headers['set-cookie']).join(';'))[1],

  check: {
    list: ({ json: j }) => expect('24 products with prices', j.items.length === 24 && j.items.every((p) => p.price.amount.amount > 0)),
    detail: ({ json: j }, handle) => expect('the product asked for', j.slug === handle && j.variants.length === 2 && j.variants[1].price.amount.amount > 0),
    search: ({ json: j }, term) => expect('hits', j.items.length > 0 && j.items[0].name.toLowerCase().includes(term.split(' ')[0])),
    createCart: ({ json: j }) => expect('a cart', !!j.id),
    addLine: ({ json: j }) => expect('a line', j.lines.length >= 1 && j.totals.total.amount > 0),
  },

  async checkout(http, variants, email) {
    const cart = this.cartOf(await http.ok(this.createCart()));
    for (const v of variants) await http.ok(this.addLine(cart, v));
    const send = async (method, path, body, more) =>
      (await http.ok({ method, path: `${api}/checkout${path}`, headers: { ...inCart(cart), ...more }, body })).json;
    await send('POST', '', {});
    await send('PUT', '/contact', { email, phone: BUYER.phone });
    await send('PUT', '/address', {
      shipping: { first_name: BUYER.first, last_name: BUYER.last, line1: BUYER.line1, city: BUYER.city, postal_code: BUYER.zip, country: BUYER.country },
    });
    const options = await send('GET', '/shipping-options');
    const ready = await send('PUT', '/shipping', { option_id: options.items[0].id });
    const order = await send('POST', '/complete',
      { expected_total: ready.totals.total, terms_accepted: true, payment: { method: 'card', card } },
      { 'idempotency-key': email });
    expect('an order', order.status === 'completed' && order.order_number && ready.cart.lines.length === variants.length);
    return order.order_number;
  },
  checkoutRequests: 9,
};
