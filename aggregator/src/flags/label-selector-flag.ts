import type { Outcome } from '@tacho/command-line';
import { errorWords } from '@tacho/command-line';
import { parseLabelSelector } from '../api/selectors/label-selector.ts';

/** A label selector as of kubectl -l; undefined where it is blank and selects everything. */
export function labelSelector(text: string): Outcome<string | undefined> {
  const selector = text.trim();
  if (selector === '') return { value: undefined };
  try {
    parseLabelSelector(selector);
    return { value: selector };
  } catch (error) {
    const reason = errorWords(error);
    return { problem: `expected a label selector such as a=b,c!=d, found "${text}": ${reason}` };
  }
}
