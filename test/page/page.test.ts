import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumRefusal, startChromium } from './chromium.ts';
import { openPage, rowsOfTable } from './opened-page.ts';

const refusal = chromiumRefusal('page.test.ts');

describe.skipIf(refusal !== undefined)('the debug page in Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startChromium();
  });
  afterAll(async () => browser?.close());

  const podsInOrder = (page: Page) => page.locator(`${rowsOfTable} .open`).allTextContents();
  const focused = (page: Page) => page.evaluate(() => document.activeElement?.id);

  test.each(['light', 'dark'] as const)('has no serious fault for axe and no error in %s', async (theme) => {
    await using opened = await openPage(browser, { theme });
    const { page, complaints } = opened;
    await page.locator(`${rowsOfTable} .open`).first().click();
    await page.locator('#panel pre').first().waitFor();
    await opened.tick();
    await page.locator('#machine-facts dt').first().waitFor();
    // The page's own policy lets no foreign script in, and axe has to be put there all the same.
    const session = await page.context().newCDPSession(page);
    await session.send('Runtime.evaluate', { expression: axe.source });
    const { violations, passes } = await page.evaluate(() =>
      (globalThis as unknown as { axe: typeof axe }).axe.run(),
    );
    expect(
      violations.map(
        ({ id, impact, nodes }) => `${impact}: ${id} ${nodes.map(({ html }) => html).join(' ')}`,
      ),
    ).toEqual([]);
    expect(passes.length).toBeGreaterThan(20);
    expect(complaints).toEqual([]);
  });

  test('follows a container from the kernel’s text to the pushed value and the replicas’ answers', async () => {
    await using opened = await openPage(browser);
    const { page, server } = opened;
    const row = page.locator(rowsOfTable).first();
    await row.locator('.open').click();
    const steps = page.locator('.trail > li');
    await steps.locator('pre').first().waitFor();
    expect(await steps.locator('h3').allTextContents()).toEqual([
      'Kernel files',
      'Counters',
      'Rate',
      'Report',
      'Replicas',
    ]);
    const [files = '', counters = '', rate = '', report = '', replicas = ''] = await steps.allTextContents();
    const plain = (text: string) => text.replaceAll('\u202f', '');
    const usage = /usage_usec (\d+)/.exec(files)?.[1] ?? 'no usage_usec';
    const [, from = '', to = ''] = /(\d+) µs at \S+ → (\d+) µs/.exec(plain(counters)) ?? [];
    expect(to).toBe(usage);
    const [, counted = '', result = ''] = /(\d+) µs ÷ 10 s = (\S+ m) over/.exec(plain(rate)) ?? [];
    expect(Number(counted)).toBe(Number(to) - Number(from));
    // µs of CPU time in 10 s: 10,000 of them are a millicore.
    expect(Number.parseFloat(result)).toBeCloseTo(Number(counted) / 10_000, 0);
    expect(plain(report)).toContain(result);
    expect(plain((await row.locator('.cpu').textContent()) ?? '')).toBe(result);
    expect(replicas).toMatch(
      /10\.0\.0\.11:10251this report at 12:01:00.*no objection; spoke last at 12:00:55/,
    );
    expect(replicas).toMatch(/10\.0\.0\.12:10251the report of .*stream ended .*connection refused/);
    expect(server.failures).toEqual([]);
  });

  test('is worked by keyboard alone: filter, sort, open, close', async () => {
    await using opened = await openPage(browser);
    const { page } = opened;
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to containers');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('filter');
    await page.keyboard.type('payments');
    expect((await podsInOrder(page)).every((pod) => pod.startsWith('payments/'))).toBe(true);
    expect(await page.locator('#shown').textContent()).toMatch(/^\d+ of 30 containers$/);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    const header = page.locator('th[aria-sort="ascending"]');
    expect(await header.textContent()).toBe('Pod');
    const ascending = await podsInOrder(page);
    expect(ascending).toEqual(ascending.toSorted());
    await page.keyboard.press('Enter');
    expect(await podsInOrder(page)).toEqual(
      ascending.toReversed().toSorted((a, b) => (a < b ? 1 : a > b ? -1 : 0)),
    );
    for (let column = 0; column < 8; column += 1) await page.keyboard.press('Tab');
    const button = page.locator(`${rowsOfTable} .open`).first();
    expect(await button.evaluate((element) => element === document.activeElement)).toBe(true);
    await page.keyboard.press('Enter');
    expect(await button.getAttribute('aria-expanded')).toBe('true');
    expect(await focused(page)).toBe('panel');
    await page.keyboard.press('Escape');
    expect(await page.locator('#panel').isHidden()).toBe(true);
    expect(await button.evaluate((element) => element === document.activeElement)).toBe(true);
  });

  test('switches its theme and keeps it over a reload', async () => {
    await using opened = await openPage(browser, { theme: 'light' });
    const { page } = opened;
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await ground();
    await page.selectOption('#theme', 'dark');
    const dark = await ground();
    expect(dark).not.toBe(light);
    await page.reload();
    expect(await ground()).toBe(dark);
    await page.selectOption('#theme', 'system');
    expect(await ground()).toBe(light);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await ground()).toBe(dark);
  });

  test('says since when it is stale while the agent is away, and goes on when it is back', async () => {
    await using opened = await openPage(browser);
    const { page, server } = opened;
    const health = page.locator('#stream');
    expect(await health.textContent()).toBe('Live');
    await server.stop();
    await page.locator('#stream.stale').waitFor();
    expect(await health.textContent()).toBe('Stale since 12:01:00, connecting again');
    await server.start();
    await page.locator('#stream.live').waitFor();
    await opened.tick();
    expect(await health.textContent()).toBe('Live');
  });

  test('pauses when asked, keeps what it shows, and goes on', async () => {
    await using opened = await openPage(browser);
    const { page, server } = opened;
    const first = () => page.locator('#node-plots figcaption').first().textContent();
    await page.click('#pause');
    expect(await page.locator('#stream').textContent()).toBe('Paused at 12:01:00');
    const before = await first();
    server.tick();
    expect(await first()).toBe(before);
    await page.click('#pause');
    await page.locator('#stream.live').waitFor();
    expect(await first()).not.toBe(before);
  });

  test('shows names that try to be markup as text', async () => {
    await using opened = await openPage(browser, { hostile: true });
    const { page, complaints } = opened;
    await page.locator(`${rowsOfTable} .open`).first().click();
    await page.locator('#panel pre').first().waitFor();
    await opened.tick();
    expect(await page.title()).toBe('tacho agent');
    expect(await page.locator('img').count()).toBe(0);
    expect((await podsInOrder(page))[0]).toContain('<img src=x onerror=');
    expect(await page.locator('#panel-title').textContent()).toContain('<img src=x onerror=');
    expect(complaints).toEqual([]);
  });

  test('is served under a policy that lets nothing from elsewhere in', async () => {
    await using opened = await openPage(browser);
    const { headers } = await fetch(opened.server.url);
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'self';.*frame-ancestors 'none'/);
    const asked = await opened.page.evaluate(() =>
      performance.getEntriesByType('resource').map(({ name }) => name),
    );
    expect(asked.length).toBeGreaterThan(5);
    expect(asked.filter((url) => !url.startsWith(opened.server.url))).toEqual([]);
  });

  test('lists what is not reported by its reason, folded where it is usual', async () => {
    await using opened = await openPage(browser);
    const groups = opened.page.locator('#unreported-list details');
    const texts = await groups.locator('summary').allTextContents();
    expect(texts).toEqual([
      expect.stringMatching(/^1 first The CPU counter/),
      expect.stringMatching(/^12 sandbox Usual: /),
      expect.stringMatching(/^3 no-cgroup Usual: /),
    ]);
    expect(await groups.evaluateAll((all) => all.map((each) => (each as HTMLDetailsElement).open))).toEqual([
      true,
      false,
      false,
    ]);
  });
});
