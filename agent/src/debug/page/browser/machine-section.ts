import type { MachineFacts } from '../../machine-facts.ts';
import { byId, element, facts } from './element.ts';
import { bytesWords, durationWords, plural } from './number-words.ts';

/** Shows what the agent's machine is. Read once: none of it changes while a page is open. */
export async function showMachine(fetchFacts: () => Promise<Response>): Promise<void> {
  const list = byId('machine-facts');
  try {
    const response = await fetchFacts();
    if (!response.ok) throw new Error(`the agent answered ${response.status}`);
    list.replaceChildren(...machineEntries((await response.json()) as MachineFacts));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    list.replaceChildren(element('p', { class: 'muted' }, `Not known: ${reason}`));
  }
}

function machineEntries(machine: MachineFacts): HTMLElement[] {
  const { kernel, architecture, cpu, memory, uptimeSeconds, nodeVersion, notKnown } = machine;
  return facts([
    ['Kernel', kernel],
    ['Architecture', architecture],
    ['Processor', cpu?.model],
    ['Processors', cpu === undefined ? undefined : processorWords(cpu)],
    ['Clock', cpu?.speedGhz === undefined ? undefined : `${cpu.speedGhz} GHz`],
    ['Memory', memory === undefined ? undefined : bytesWords(memory.totalBytes)],
    [
      'Swap',
      memory === undefined ? undefined : memory.swapBytes === 0 ? 'none' : bytesWords(memory.swapBytes),
    ],
    ['Up for', durationWords(uptimeSeconds * 1e6)],
    ['Node.js', nodeVersion],
    ...notKnown.map(({ what, why }) => [`Not known: ${what}`, why] as const),
  ]);
}

function processorWords({ logical, cores, sockets }: NonNullable<MachineFacts['cpu']>): string {
  return `${logical} logical, ${plural(cores, 'core')}, ${plural(sockets, 'socket')}`;
}
