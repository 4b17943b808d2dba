import { existsSync } from 'node:fs'
import { defineConfig } from '@playwright/test'

// Debian's Chromium where there is one; no browser is ever downloaded.
const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => existsSync(path))

/** Against a running shop: BASE_URL is its origin, SANDBOX_URL plays the payment provider and keeps the mails. */
export default defineConfig({
  testDir: './journeys',
  outputDir: process.env.PLAYWRIGHT_OUTPUT_DIR ?? './.results',
  fullyParallel: false,
  workers: 1,
  retries: 0,
  // A page is rendered on its first visit, and nobody may have been there before.
  timeout: 300_000,
  expect: { timeout: 30_000 },
  forbidOnly: Boolean(process.env.CI),
  reporter: 'line',
  use: {
    baseURL: process.env.BASE_URL ?? 'http://localhost:8000',
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    actionTimeout: 30_000,
    navigationTimeout: 60_000,
    viewport: { width: 1280, height: 900 },
    launchOptions: {
      ...(chromium ? { executablePath: chromium } : {}),
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
})
