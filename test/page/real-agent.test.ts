import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../free-port.ts';
import { cgroupRefusal } from '../machine/cgroup-rights.ts';
import { demoPods } from '../stand-ins/kubelet/pod-spec.ts';
import { chromiumRefusal, startChromium } from './chromium.ts';
import { rowsOfTable } from './opened-page.ts';

/** What is needed here of test/one-machine: its WebCrypto types and a browser's do not go into one program for the compiler. */
interface OneMachine {
  readonly nodeName: string;
  readonly workloads?: { readonly pods: readonly { readonly name: string }[] };
  readonly agent: { logged(message: string): Promise<void> };
  close(): Promise<void>;
}
const oneMachine: string = '../one-machine/one-machine.ts';

const refusal = chromiumRefusal('real-agent.test.ts') ?? (await cgroupRefusal('real-agent.test.ts'));

describe.skipIf(refusal !== undefined)('the debug page of a running agent', () => {
  let machine: OneMachine;
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    const port = await freePort();
    const { startOneMachine } = await import(oneMachine);
    machine = await startOneMachine({
      pods: demoPods(3600),
      metricResolution: '1s',
      agentArgs: [`--debug-port=${port}`],
      onFailure: (what: string) => complaints.push(what),
    });
    await machine.agent.logged('stream to aggregator is open');
    browser = await startChromium();
    page = await browser.newPage({ timezoneId: 'UTC' });
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(`http://127.0.0.1:${port}/`);
  });
  afterAll(async () => {
    await browser?.close();
    await machine?.close();
    expect(complaints).toEqual([]);
  });

  test('follows a container from the kernel’s own text to what an aggregator was sent', async () => {
    await page.locator(`${rowsOfTable} .open`).first().click();
    await page.locator('.trail pre').first().waitFor();
    // Until there is a rate of two readings, in a report that a replica was sent.
    const shown = await page.waitForFunction(() => {
      const steps = [...document.querySelectorAll('.trail > li')].map((step) => step.textContent ?? '');
      const text = steps.join('');
      const isWhole =
        text.includes('÷') && text.includes('this report at') && !text.includes('read for this page');
      return isWhole && steps;
    });
    // All steps at one moment: the page writes them together.
    const steps = (await shown.jsonValue()) as string[];
    const [kernel = '', counters = '', rate = '', report = '', replicas = ''] = steps.map((text) =>
      text.replaceAll('\u202f', ''),
    );
    const [, from = '', to = ''] = /([\d.]+) µs at .* → ([\d.]+) µs/.exec(counters) ?? [];
    expect(Math.round(Number(to) * 1000)).toBe(kernelNsec(kernel));
    const [, counted = '', over = '', unit = '', result = ''] =
      /([\d.]+) µs ÷ ([\d.]+) (m?s) = (\S+ m) over/.exec(rate) ?? [];
    expect(Number(counted)).toBeCloseTo(Number(to) - (Number.parseFloat(from) || 0), 2);
    const windowMs = unit === 's' ? Number(over) * 1000 : Number(over);
    // The window is told with two decimals, the rate with three digits.
    expect(Number.parseFloat(result)).toBeCloseTo(Number(counted) / windowMs, -1);
    expect(report).toContain(result);
    expect(replicas).toMatch(/this report at \d\d:\d\d:\d\d, number \d+ of the stream.*no objection/);
  });

  test('shows node, pods, sandboxes without a name, and the machine', async () => {
    const names = machine.workloads?.pods.map(({ name }) => name).sort();
    const shown = await page.locator(`${rowsOfTable} .open`).allTextContents();
    expect(shown.map((text) => text.replace(/^.*\//, '')).sort()).toEqual(names);
    expect(await page.locator('#node-name').textContent()).toBe(machine.nodeName);
    expect(await page.locator('#node-plots figcaption').first().textContent()).toMatch(
      /^CPU now [\d.\u202f]+ m/,
    );
    expect(await page.locator('#unreported-list summary').first().textContent()).toContain('sandbox');
    await page.locator('#machine-facts dt', { hasText: 'Kernel' }).waitFor();
  });
});

/** CPU time in ns, as v2 or v1 writes it. */
function kernelNsec(files: string): number {
  const usec = /usage_usec (\d+)/.exec(files)?.[1];
  if (usec !== undefined) return Number(usec) * 1000;
  return Number(/cpuacct\.usage read at \d\d:\d\d:\d\d(\d+)/.exec(files)?.[1]);
}
