import { parseFieldSelector } from '../api/selectors/field-selector.ts';
import { type LabelRequirement, parseLabelSelector } from '../api/selectors/label-selector.ts';

interface Requirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

/** To what a list is narrowed, in the words of a SubjectAccessReview (KEP-4601, Kubernetes 1.31 and later). */
export interface SelectorAttributes {
  readonly fieldSelector?: { readonly requirements: readonly Requirement[] };
  readonly labelSelector?: { readonly requirements: readonly Requirement[] };
}

/**
 * In characters. Whoever asks is not known to be allowed anything yet, and a longer one would be read for long and
 * become a review of ten times its length.
 */
export const longestReviewedSelector = 4_096;

const verbsWithSelectors: readonly string[] = ['list', 'watch', 'deletecollection'];

/**
 * The selectors of a list, for an authorizer that allows it only when it is narrowed. One that cannot be read, is too
 * long, or whose operator a review has no word for, is left out: then more is asked for than is wanted, never less.
 */
export function selectorAttributes(verb: string, query: URLSearchParams): SelectorAttributes {
  if (!verbsWithSelectors.includes(verb)) return {};
  const fields = read(query.get('fieldSelector'), parseFieldSelector).map(({ field, operator, value }) => ({
    ...{ key: field, operator: operator === '=' ? 'In' : 'NotIn', values: [value] },
  }));
  const labels = read(query.get('labelSelector'), parseLabelSelector).flatMap(labelRequirement);
  return {
    ...(fields.length === 0 ? {} : { fieldSelector: { requirements: fields } }),
    ...(labels.length === 0 ? {} : { labelSelector: { requirements: labels } }),
  };
}

function read<Selector>(
  text: string | null,
  parse: (text: string) => readonly Selector[],
): readonly Selector[] {
  if (text === null || text === '' || text.length > longestReviewedSelector) return [];
  try {
    return parse(text);
  } catch {
    return [];
  }
}

function labelRequirement({ key, operator, values }: LabelRequirement): readonly Requirement[] {
  switch (operator) {
    case '>':
    case '<':
      return [];
    case 'exists':
      return [{ key, operator: 'Exists' }];
    case '!':
      return [{ key, operator: 'DoesNotExist' }];
    case '!=':
    case 'notin':
      return [{ key, operator: 'NotIn', values }];
    default:
      return [{ key, operator: 'In', values }];
  }
}
