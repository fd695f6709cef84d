import { badRequest, type StatusCause, StatusError } from '../protocol/status.ts';
import { goDurationNsec } from '../text/go-duration.ts';
import { goQuote } from '../text/go-quote.ts';
import { checkFields, type FieldSelector, parseFieldSelector } from './field-selector.ts';
import { type LabelSelector, parseLabelSelector } from './label-selector.ts';

export interface ListOptions {
  readonly watch: boolean;
  readonly labelSelector: LabelSelector;
  readonly fieldSelector: FieldSelector;
}

/**
 * What a list is asked for (meta/v1 ListOptions). Of a parameter given twice the first counts; `limit`, `continue`
 * and `resourceVersion` are checked as far as Kubernetes does and otherwise ignored: a list is always whole.
 *
 * @throws StatusError 400 or 422.
 */
export function parseListOptions(query: URLSearchParams): ListOptions {
  // In the order in which Kubernetes decodes: the first fault is the one that is reported.
  checkInt64(query, 'timeoutSeconds');
  checkInt64(query, 'limit');
  const labelSelector = parseLabelSelector(query.get('labelSelector') ?? '');
  const fieldSelector = parseFieldSelector(query.get('fieldSelector') ?? '');
  const watch = isWatch(query);
  if (watch) checkWatchOnly(query);
  else checkListOnly(query);
  checkFields(fieldSelector);
  return { watch, labelSelector, fieldSelector };
}

/** Everything that is neither absent nor a plain no means yes. */
export function isWatch(query: URLSearchParams): boolean {
  const watch = query.get('watch')?.toLowerCase();
  return watch !== undefined && watch !== 'false' && watch !== '0';
}

/** Any request may shorten its deadline. Answers are immediate, so only nonsense is of consequence. */
export function checkTimeout(query: URLSearchParams): void {
  const timeout = query.get('timeout') ?? '';
  if (timeout === '') return;
  try {
    goDurationNsec(timeout);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw badRequest(`invalid timeout specified in the request URL - ${reason}`);
  }
}

function checkInt64(query: URLSearchParams, parameter: string): void {
  const text = query.get(parameter);
  if (text === null) return;
  const fault = (reason: string) => badRequest(`strconv.ParseInt: parsing ${goQuote(text)}: ${reason}`);
  if (!/^[+-]?\d+$/.test(text)) throw fault('invalid syntax');
  const value = BigInt(text.replace(/^\+/, ''));
  if (BigInt.asIntN(64, value) !== value) throw fault('value out of range');
}

/** Combinations that Kubernetes refuses for a list. */
function checkListOnly(query: URLSearchParams): void {
  const match = query.get('resourceVersionMatch') ?? '';
  const resourceVersion = query.get('resourceVersion') ?? '';
  const causes: StatusCause[] = [];
  const forbid = (field: string, rule: string) => {
    causes.push({ reason: 'FieldValueForbidden', message: `Forbidden: ${field} ${rule}`, field });
  };
  if (match !== '') {
    const field = 'resourceVersionMatch';
    if (resourceVersion === '') forbid(field, 'is forbidden unless resourceVersion is provided');
    if ((query.get('continue') ?? '') !== '') forbid(field, 'is forbidden when continue is provided');
    if (match !== 'Exact' && match !== 'NotOlderThan') {
      const message = `Unsupported value: ${goQuote(match)}: supported values: "Exact", "NotOlderThan", ""`;
      causes.push({ reason: 'FieldValueNotSupported', message, field });
    }
    if (match === 'Exact' && resourceVersion === '0') {
      forbid(field, '"exact" is forbidden for resourceVersion "0"');
    }
  }
  if (query.has('sendInitialEvents')) forbid('sendInitialEvents', 'is forbidden for list');
  if (causes.length > 0) throw invalidListOptions(causes);
}

/** Combinations that Kubernetes refuses for a watch. */
function checkWatchOnly(query: URLSearchParams): void {
  const match = query.get('resourceVersionMatch') ?? '';
  const sendsInitial = query.has('sendInitialEvents');
  const causes: StatusCause[] = [];
  const field = 'resourceVersionMatch';
  const forbid = (rule: string) => {
    causes.push({ reason: 'FieldValueForbidden', message: `Forbidden: ${rule}`, field });
  };
  if (sendsInitial && match !== 'NotOlderThan') {
    forbid('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan');
  }
  if (match !== '') {
    if (!sendsInitial) {
      forbid('resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided');
    }
    if (match !== 'NotOlderThan') {
      const message = `Unsupported value: ${goQuote(match)}: supported values: "NotOlderThan"`;
      causes.push({ reason: 'FieldValueNotSupported', message, field });
    }
    if ((query.get('continue') ?? '') !== '') {
      forbid('resourceVersionMatch is forbidden when continue is provided');
    }
  }
  if (causes.length > 0) throw invalidListOptions(causes);
}

function invalidListOptions(causes: readonly StatusCause[]): StatusError {
  const faults = causes.map(({ field, message }) => `${field}: ${message}`);
  const together = faults.length === 1 ? faults.join() : `[${faults.join(', ')}]`;
  return new StatusError({
    code: 422,
    reason: 'Invalid',
    message: `ListOptions.meta.k8s.io "" is invalid: ${together}`,
    details: { group: 'meta.k8s.io', kind: 'ListOptions', causes },
  });
}
