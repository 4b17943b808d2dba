// What a shopper on a phone waits for, per kind of page: node vitals.mjs [runs]   (BASE_URL, default localhost:8000)
//
// A throttled phone: processor four times slower, 150 ms of latency, 1.6 Mbit/s down, 750 kbit/s up, nothing cached.
// Each page is opened `runs` times (5) and scrolled to its end, since layout shifts count there as well. Printed are
// medians, and the worst layout shift. Fails above the budgets: 190 kB of JavaScript, a layout shift of 0.02.
import { gzipSync } from 'node:zlib'
import { chromium } from '@playwright/test'

const origin = process.env.BASE_URL ?? 'http://localhost:8000'
const runs = Number(process.argv[2] ?? 5)
const BUDGET_JS = 190 * 1024
const BUDGET_CLS = 0.02
const pages = [
  ['Home', '/en'],
  ['Category', '/en/c/chairs'],
  ['Filtered', '/en/c/chairs?f=colour:oak'],
  ['Search', '/en/search?q=lamp'],
  ['Product', '/en/products/isar-chair'],
  ['Cart', '/en/cart'],
  ['Story', '/en/stories/oak-takes-its-time'],
  ['Sign in', '/en/login'],
  ['Checkout', '/en/checkout/address'],
]

/** Scripts that the HTML names, as gzip sends them. Old browsers alone load what is marked nomodule. */
async function firstLoad(page) {
  const html = await (await fetch(new URL(page, origin))).text()
  const tags = [...html.matchAll(/<script[^>]*\ssrc="([^"]+)"[^>]*>/g)]
  const sources = new Set(tags.filter(([tag]) => !/\snomodule/i.test(tag)).map(([, source]) => source))
  let bytes = 0
  for (const source of sources)
    bytes += gzipSync(Buffer.from(await (await fetch(new URL(source, origin))).arrayBuffer()), {
      level: 6,
    }).length
  return { scripts: sources.size, js: bytes, html: gzipSync(html, { level: 6 }).length }
}

function observe() {
  window.vitals = { lcp: 0, cls: 0, tbt: 0 }
  const seen = (type, take) =>
    new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true })
  seen('largest-contentful-paint', (entry) => {
    window.vitals.lcp = entry.startTime
  })
  seen('layout-shift', (entry) => {
    if (!entry.hadRecentInput) window.vitals.cls += entry.value
  })
  seen('longtask', (entry) => {
    window.vitals.tbt += Math.max(0, entry.duration - 50)
  })
}

async function visit(browser, address) {
  const context = await browser.newContext({
    baseURL: origin,
    viewport: { width: 412, height: 823 },
    deviceScaleFactor: 1.75,
    isMobile: true,
    hasTouch: true,
  })
  const page = await context.newPage()
  await page.addInitScript(observe)
  const session = await context.newCDPSession(page)
  await session.send('Network.enable')
  await session.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 150,
    downloadThroughput: (1.6 * 1024 * 1024) / 8,
    uploadThroughput: (750 * 1024) / 8,
  })
  await session.send('Emulation.setCPUThrottlingRate', { rate: 4 })
  let bytes = 0
  session.on('Network.loadingFinished', ({ encodedDataLength }) => {
    bytes += encodedDataLength
  })
  await page.goto(address, { waitUntil: 'load' })
  await page.waitForLoadState('networkidle')
  const transferred = bytes
  const { lcp, tbt } = await page.evaluate(() => ({ ...window.vitals }))
  await page.evaluate(async () => {
    for (let y = 0; y < document.body.scrollHeight; y += innerHeight / 2) {
      scrollTo(0, y)
      await new Promise((resolve) => setTimeout(resolve, 120))
    }
  })
  await page.waitForLoadState('networkidle')
  const cls = await page.evaluate(() => window.vitals.cls)
  await context.close()
  return { lcp, tbt, cls, transferred }
}

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)]
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
})
const kb = (bytes) => (bytes / 1024).toFixed(1)
let over = false
console.log('| Page | JavaScript kB | HTML kB | All at load kB | LCP ms | CLS worst | TBT ms |')
console.log('| --- | --: | --: | --: | --: | --: | --: |')
try {
  for (const [name, address] of pages) {
    const load = await firstLoad(address)
    await visit(browser, address) // warms the shop's caches and is not counted
    const visits = []
    for (let run = 0; run < runs; run++) visits.push(await visit(browser, address))
    const of = (key) => median(visits.map((visit) => visit[key]))
    const cls = Math.max(...visits.map((visit) => visit.cls))
    over ||= load.scripts === 0 || load.js > BUDGET_JS || cls > BUDGET_CLS
    console.log(
      `| ${name} | ${kb(load.js)} | ${kb(load.html)} | ${kb(of('transferred'))} | ${Math.round(of('lcp'))} | ${cls.toFixed(3)} | ${Math.round(of('tbt'))} |`,
    )
  }
} finally {
  await browser.close()
}
if (over) {
  console.error(`Over the budget: ${BUDGET_JS / 1024} kB of JavaScript, a layout shift of ${BUDGET_CLS}.`)
  process.exit(1)
}
