/**
 * Kubernetes quantities in canonical form (k8s.io/apimachinery `resource.Quantity`).
 *
 * Inputs are non-negative integers; a bigint serves where the value may pass 2^53.
 */
const nanoSuffixes = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
const decimalSuffixes = ['', 'k'];
const binarySuffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

/** CPU in cores, DecimalSI: 250000000 is "250m", 1000000000 is "1". */
export function formatNanocores(nanocores: number | bigint): string {
  return withLargestSuffix(nanocores, 1000, nanoSuffixes);
}

/** Bytes, BinarySI; below 1024 the canonical form is decimal, so 1000 is "1k". */
export function formatBytes(bytes: number | bigint): string {
  return bytes < 1024
    ? withLargestSuffix(bytes, 1000, decimalSuffixes)
    : withLargestSuffix(bytes, 1024, binarySuffixes);
}

/** Only a suffix that divides the value exactly is canonical: nothing is ever rounded. */
function withLargestSuffix(value: number | bigint, radix: number, suffixes: readonly string[]): string {
  const last = suffixes.length - 1;
  let step = 0;
  if (typeof value === 'bigint' && value > Number.MAX_SAFE_INTEGER) {
    const bigRadix = BigInt(radix);
    let rest = value;
    for (; step < last && rest % bigRadix === 0n; step += 1) rest /= bigRadix;
    return `${rest}${suffixes[step]}`;
  }
  let rest = Number(value);
  if (rest === 0) return '0';
  for (; step < last && rest % radix === 0; step += 1) rest /= radix;
  return `${rest}${suffixes[step]}`;
}
