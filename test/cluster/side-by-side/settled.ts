/** Parsed JSON, or a protobuf message as a tree. */
export type Tree = string | number | boolean | null | readonly Tree[] | { readonly [key: string]: Tree };

const quantity = /^\d+(?:[numkMGTPE]|[KMGTPE]i)?$/;
const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const duration = /^(?:\d+h)?(?:\d+m)?\d+(?:\.\d+)?(?:s|ms|µs|ns)$/;
const sha512 = /\b[0-9A-F]{128}\b/g;

/** By name of the field: what may stand there and is never the same twice. What does not look like it stays as it is. */
const replaced: Readonly<Record<string, readonly [RegExp, string]>> = {
  timestamp: [time, '<time>'],
  creationTimestamp: [time, '<time>'],
  window: [duration, '<duration>'],
  cpu: [quantity, '<quantity>'],
  memory: [quantity, '<quantity>'],
  swap: [quantity, '<quantity>'],
};

/**
 * The same document without what differs between two moments and two machines: instants, usage, windows, ports, tags; with
 * containers in the order of their names, since metrics-server has them in any.
 */
export function settled(value: Tree, field = ''): Tree {
  if (typeof value === 'string') return settledText(value, field);
  if (Array.isArray(value)) return settledList(value as readonly Tree[], field);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value as { readonly [key: string]: Tree });
  if (field === 'timestamp' || field === 'creationTimestamp')
    return Object.fromEntries(entries.map(([name, part]) => [name, name === 'seconds' ? '<seconds>' : part]));
  if (field === 'window') return Object.fromEntries(entries.map(([name]) => [name, '<nanoseconds>']));
  // A quantity in protobuf is a message.
  const inner = quantityOf(value as { readonly [key: string]: Tree });
  if (inner !== undefined && field in replaced) return { string: settledText(inner, field) };
  return Object.fromEntries(entries.map(([name, part]) => [name, settled(part, name)]));
}

function quantityOf(value: { readonly [key: string]: Tree }): string | undefined {
  const { string: inner } = value;
  return typeof inner === 'string' && Object.keys(value).length === 1 ? inner : undefined;
}

/** Text of a body that is no document, and of messages inside of one. */
export function settledText(text: string, field = ''): string {
  const [pattern, placeholder] = replaced[field] ?? [];
  if (pattern?.test(text) && placeholder !== undefined) return placeholder;
  if (field === 'serverAddress') return text.replace(/:\d+$/, ':<port>');
  return text.replace(sha512, '<sha512>');
}

function settledList(values: readonly Tree[], field: string): Tree {
  if (field === 'cells') return settledCells(values);
  const parts = values.map((value) => settled(value));
  return field === 'containers' ? parts.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)) : parts;
}

/** The cells of a row as one line, the name first: another column is one difference. */
function settledCells(values: readonly Tree[]): string {
  return values
    .map((cell, index) => (index === 0 || typeof cell !== 'string' ? JSON.stringify(cell) : shapeOf(cell)))
    .join(' ');
}

function shapeOf(cell: string): string {
  if (quantity.test(cell)) return '<quantity>';
  return duration.test(cell) ? '<duration>' : cell;
}

function nameOf(value: Tree): string {
  return value !== null && typeof value === 'object' && 'name' in value ? String(value.name) : '';
}
