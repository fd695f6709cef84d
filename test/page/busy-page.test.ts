import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundlePage } from '../../image/page-bundle.ts';
import { chromiumRefusal, startChromium } from './chromium.ts';
import { openPage, rowsOfTable } from './opened-page.ts';

const refusal = chromiumRefusal('busy-page.test.ts');
const containers = 250;
const ticks = 40;

describe.skipIf(refusal !== undefined)('the debug page of a busy node', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startChromium();
  });
  afterAll(async () => browser?.close());

  test(`shows ${containers} containers, changes rows in place, and keeps no more than it did at first`, async () => {
    await using opened = await openPage(browser, { containers });
    const { page } = opened;
    expect(await page.locator(rowsOfTable).count()).toBe(containers);
    await page.locator(`${rowsOfTable} .open`).nth(3).click();
    await page.locator('#panel pre').first().waitFor();
    await opened.tick();
    const marked = await page.evaluate((rows) => {
      for (const row of document.querySelectorAll(rows)) row.setAttribute('data-seen', '');
      return document.querySelectorAll('*').length;
    }, rowsOfTable);
    for (let tick = 0; tick < ticks; tick += 1) await opened.tick();
    expect(await page.locator(`${rowsOfTable}[data-seen]`).count()).toBe(containers);
    expect(await page.evaluate(() => document.querySelectorAll('*').length)).toBe(marked);
    const tookMs = await page.evaluate(() =>
      performance.getEntriesByName('tacho-update').map(({ duration }) => duration),
    );
    const sorted = tookMs.slice(-ticks).sort((a, b) => a - b);
    const at = (part: number) => (sorted[Math.floor((sorted.length - 1) * part)] ?? 0).toFixed(1);
    process.stdout.write(
      `an update of ${containers} containers took ${at(0.5)} ms of script, at most ${at(1)}, the 90th percentile ${at(0.9)}; the first ${tookMs[0]?.toFixed(1)}\n`,
    );
  });

  test('is the same bundled, as the image has it', async () => {
    const { module } = await bundlePage(join(import.meta.dirname, '../..'));
    const { pageFiles: files } = await import(`data:text/javascript,${encodeURIComponent(module)}`);
    await using opened = await openPage(browser, { containers, files });
    const { page, complaints } = opened;
    expect(await page.locator(rowsOfTable).count()).toBe(containers);
    await page.locator(`${rowsOfTable} .open`).first().click();
    await page.locator('#panel pre').first().waitFor();
    await opened.tick();
    await page.locator('#machine-facts dt').first().waitFor();
    expect(await page.locator('.u-wrap canvas').count()).toBe(4);
    expect(complaints).toEqual([]);
  });

  test('holds the order of rows under the pointer, and sorts again when it has left', async () => {
    await using opened = await openPage(browser, { containers });
    const { page } = opened;
    const keys = () =>
      page.locator(rowsOfTable).evaluateAll((rows) => rows.map((row) => row.getAttribute('data-key')));
    await page.locator(rowsOfTable).nth(5).hover();
    const before = await keys();
    for (let tick = 0; tick < 10; tick += 1) await opened.tick();
    expect(await keys()).toEqual(before);
    expect(await page.locator('#held').isVisible()).toBe(true);
    await page.locator('h1').hover();
    await opened.tick();
    expect(await keys()).not.toEqual(before);
    expect(new Set(await keys())).toEqual(new Set(before));
  });

  test('shows the first 300 rows of more, and the rest when asked', async () => {
    await using opened = await openPage(browser, { containers: 420 });
    const { page } = opened;
    expect(await page.locator(rowsOfTable).count()).toBe(300);
    await page.getByRole('button', { name: 'Show 120 more rows' }).click();
    expect(await page.locator(rowsOfTable).count()).toBe(420);
  });
});
