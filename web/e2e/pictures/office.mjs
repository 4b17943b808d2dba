// The back office's pictures.
// The demo's account, as seeding prints it.
async function toOffice(page, path) {
  await page.goto('/admin/')
  await page.getByLabel('Email address').fill('admin@stoa.example')
  await page.getByLabel('Password').fill('a key for every door')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Today' }).waitFor()
  await page.goto(path)
}

const office = { viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1 }

const pictures = [
  {
    name: 'office-list',
    device: office,
    async run(page) {
      await toOffice(page, '/admin/r/products?q=chair')
      await page.getByRole('row').nth(3).waitFor()
    },
  },
  {
    name: 'office-record-dark',
    device: { ...office, viewport: { width: 820, height: 1100 }, colorScheme: 'dark' },
    async run(page) {
      await toOffice(page, '/admin/r/products?q=isar%20chair')
      await page.getByRole('link', { name: 'Isar chair', exact: true }).first().click()
      await page.getByRole('heading', { level: 1, name: 'Isar chair' }).waitFor()
    },
  },
  {
    name: 'office-home',
    device: office,
    async run(page) {
      await toOffice(page, '/admin/')
      await page.getByRole('link', { name: /Orders today/ }).waitFor()
    },
  },
  // The order desk needs orders: run the journeys buy-as-guest, changed-order, exchange, order-desk and returns first, in this order.
  {
    name: 'office-desk',
    device: office,
    async run(page) {
      await toOffice(page, '/admin/orders?q=S-10000')
      await page.getByRole('row').nth(3).waitFor()
    },
  },
  {
    name: 'office-order',
    device: { ...office, viewport: { width: 1280, height: 960 } },
    async run(page) {
      await toOffice(page, '/admin/orders?state=delivered')
      await page.getByRole('row').nth(1).getByRole('link').first().click()
      await page.getByRole('heading', { name: 'Documents' }).waitFor()
    },
  },
  {
    name: 'office-picking',
    device: { ...office, viewport: { width: 1024, height: 768 } },
    async run(page) {
      await toOffice(page, '/admin/orders?state=confirmed')
      const boxes = page.getByRole('checkbox', { name: /^Choose S/ })
      await boxes.first().waitFor()
      for (let at = 0; at < Math.min(6, await boxes.count()); at++) await boxes.nth(at).check()
      await page.getByRole('button', { name: 'Picking list' }).click()
      const plan = page.getByRole('button', { name: 'Put all that is left into shipments' })
      await plan.click()
      await page.getByRole('table', { name: 'Shipments and their labels' }).waitFor()
    },
  },
  {
    name: 'office-picture',
    device: office,
    async run(page) {
      await toOffice(page, '/admin/r/media?q=isar')
      await page.getByRole('row').nth(1).getByRole('link').first().click()
      await page.getByRole('button', { name: 'Press where the subject is' }).waitFor()
    },
  },
  {
    name: 'office-prices',
    device: { ...office, viewport: { width: 820, height: 1100 } },
    async run(page) {
      await toOffice(page, '/admin/r/prices')
      await page.getByRole('row').nth(3).waitFor()
    },
  },
  {
    name: 'office-rights',
    device: office,
    async run(page) {
      await toOffice(page, '/admin/r/roles/clerk')
      await page.getByLabel('Orders: Refund').waitFor()
      await page.getByRole('heading', { name: 'What they may do' }).scrollIntoViewIfNeeded()
    },
  },
  {
    name: 'office-webhooks',
    device: office,
    async run(page) {
      await toOffice(page, '/admin/webhooks')
      await page.getByRole('heading', { name: 'Webhooks' }).waitFor()
      if ((await page.getByRole('button', { name: 'Deliveries' }).count()) === 0) {
        await page.getByRole('button', { name: 'Add an endpoint' }).click()
        await page.getByLabel('Address').fill('https://books.example.com/stoa')
        await page.getByLabel('What it is for').fill('Bookkeeping')
        await page.getByLabel('Events').fill('order.confirmed\norder.refunded\norder.cancelled')
        await page.getByRole('button', { name: 'Add it' }).click()
        await page.getByRole('button', { name: 'I have kept them' }).click()
        await page.getByRole('button', { name: 'Add an endpoint' }).click()
        await page.getByLabel('Address').fill('https://wms.example.com/events')
        await page.getByLabel('What it is for').fill('The other warehouse')
        await page.getByLabel('Events').fill('shipment.*\nstock.*')
        await page.getByRole('button', { name: 'Add it' }).click()
        await page.getByRole('button', { name: 'I have kept them' }).click()
      }
      await page.getByRole('button', { name: 'Deliveries' }).first().waitFor()
    },
  },
  {
    name: 'office-account',
    device: { ...office, viewport: { width: 820, height: 1000 } },
    async run(page) {
      await toOffice(page, '/admin/account')
      await page.getByRole('button', { name: 'Turn it on' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByLabel('Your password').fill('a key for every door')
      await dialog.getByRole('button', { name: 'Continue' }).click()
      await dialog.getByRole('img').waitFor()
      // Nobody's key belongs into a picture: this one is begun and never confirmed.
    },
  },
