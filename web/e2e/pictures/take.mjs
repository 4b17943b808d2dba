// Pictures of the running demo shop for the documentation: node take.mjs FOLDER [part of a name]. tools/pictures calls it.
import { mkdir, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { chromium } from '@playwright/test'
import { office } from './office.mjs'
import { shop } from './shop.mjs'

const origin = process.env.BASE_URL ?? 'http://localhost:8000'
const folder = path.resolve(process.argv[2])
// Only those whose name holds this
const wanted = process.argv[3] ?? ''
const MOST_BYTES = 120 * 1024

/** As good as fits. Chromium writes WebP itself. */
async function take(page, name) {
  // Nothing is pointed at.
  await page.mouse.move(0, 0)
  await page.waitForLoadState('networkidle')
  // Every picture that can be seen.
  await page.waitForFunction(() =>
    [...document.images].every((image) => {
      const { top, bottom, width } = image.getBoundingClientRect()
      return image.complete || width === 0 || top > innerHeight || bottom < 0
    }),
  )
  await page.waitForTimeout(400)
  const session = await page.context().newCDPSession(page)
  // Without a clip the picture is in CSS pixels.
  const clip = await page.evaluate(() => ({
    x: scrollX,
    y: scrollY,
    width: innerWidth,
    height: innerHeight,
    scale: devicePixelRatio,
  }))
  for (const quality of [88, 80, 70, 60, 50]) {
    const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality, clip })
    const bytes = Buffer.from(data, 'base64')
    if (bytes.length > MOST_BYTES) continue
    const file = path.join(folder, `${name}.webp`)
    await writeFile(file, bytes)
    console.log(`${name}.webp  ${Math.round((await stat(file)).size / 1024)} KB, quality ${quality}`)
    return
  }
  throw new Error(`${name} does not fit into ${MOST_BYTES / 1024} KB`)
}

await mkdir(folder, { recursive: true })
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  // Dates as Europeans write them, also in the browser's own fields
  env: { ...process.env, LANGUAGE: 'en_GB', LANG: 'en_GB.UTF-8' },
  args: [
    '--lang=en-GB',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
})
try {
  for (const { name, device, run } of [...office, ...shop].filter((picture) =>
    picture.name.includes(wanted),
  )) {
    const context = await browser.newContext({
      baseURL: origin,
      reducedMotion: 'reduce',
      locale: 'en-GB',
      ...device,
    })
    const page = await context.newPage()
    await run(page)
    await take(page, name)
    await context.close()
  }
} finally {
  await browser.close()
}
