/** What one check said in the guest; a line of JSON after a marker, between whatever else the console shows. */
export interface CheckOutcome {
  readonly name: string;
  readonly ok: boolean;
  /** Why the check had nothing to check in this kernel. */
  readonly skipped?: string;
  readonly error?: string;
  readonly ms: number;
}

const MARKER = 'tacho-check ';

export function formatCheckLine(outcome: CheckOutcome): string {
  return `${MARKER}${JSON.stringify(outcome)}\n`;
}

export function parseCheckLines(output: string): ReadonlyMap<string, CheckOutcome> {
  const lines = output.split('\n').filter((line) => line.startsWith(MARKER));
  const outcomes = lines.map((line) => JSON.parse(line.slice(MARKER.length)) as CheckOutcome);
  return new Map(outcomes.map((outcome) => [outcome.name, outcome]));
}
