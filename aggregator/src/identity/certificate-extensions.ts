/** What of a certificate's extensions decides on a chain and node:crypto does not tell (RFC 5280 section 4.2). */
export interface CertificateExtensions {
  /** How many CAs may stand between this one and the leaf; undefined: any number. */
  readonly pathLength: number | undefined;
  readonly hasNameConstraints: boolean;
  /** Last number of the OID below 2.5.29, or the whole OID in hexadecimal, of each critical extension. */
  readonly critical: readonly (number | string)[];
}

interface Element {
  readonly tag: number;
  readonly content: Buffer;
}

const sequence = 0x30;
const objectIdentifier = 0x06;
const boolean = 0x01;
const integer = 0x02;
/** `extensions [3] EXPLICIT` of TBSCertificate. */
const extensionsTag = 0xa3;
const basicConstraints = 19;
const nameConstraints = 30;

/**
 * Reads them from DER. The library that could do it costs megabytes, and the aggregator loads it only to sign.
 * @throws when it is no certificate
 */
export function certificateExtensions(der: Buffer): CertificateExtensions {
  const [certificate] = elements(der);
  const [toBeSigned] = elements(expect(certificate, sequence));
  const explicit = elements(expect(toBeSigned, sequence)).find(({ tag }) => tag === extensionsTag);
  const critical: (number | string)[] = [];
  let pathLength: number | undefined;
  let hasNameConstraints = false;
  for (const extension of explicit === undefined
    ? []
    : elements(expect(elements(explicit.content)[0], sequence))) {
    const parts = elements(expect(extension, sequence));
    const id = shortId(expect(parts[0], objectIdentifier));
    // DER leaves a FALSE out, but not everybody writes DER.
    if (parts[1]?.tag === boolean && parts[1].content[0] !== 0) critical.push(id);
    if (id === nameConstraints) hasNameConstraints = true;
    if (id === basicConstraints) pathLength = pathLengthOf(parts.at(-1)?.content);
  }
  return { pathLength, hasNameConstraints, critical };
}

function pathLengthOf(value: Buffer | undefined): number | undefined {
  const [constraints] = value === undefined ? [] : elements(value);
  const length = elements(expect(constraints, sequence)).find(({ tag }) => tag === integer);
  if (length === undefined || length.content.length > 4) return undefined;
  if (length.content.length === 0) throw new Error('Cannot read a certificate: a DER integer is empty');
  return length.content.readIntBE(0, length.content.length);
}

function shortId(oid: Buffer): number | string {
  const isOfCertificates = oid.length === 3 && oid[0] === 0x55 && oid[1] === 0x1d;
  return isOfCertificates ? (oid[2] ?? 0) : oid.toString('hex');
}

function expect(element: Element | undefined, tag: number): Buffer {
  if (element?.tag === tag) return element.content;
  throw new Error(`Cannot read a certificate: expected DER tag ${tag}, found ${element?.tag ?? 'its end'}`);
}

/** The elements that stand side by side; of the length forms those that fit into four bytes. */
function elements(der: Buffer): Element[] {
  const found: Element[] = [];
  let at = 0;
  while (at < der.length) {
    const tag = der[at] ?? 0;
    const first = der[at + 1] ?? 0;
    const more = first < 0x80 ? 0 : first - 0x80;
    const start = at + 2 + more;
    if (more > 4 || start > der.length) throw new Error('Cannot read a certificate: a DER length is cut off');
    const length = more === 0 ? first : der.readUIntBE(at + 2, more);
    // 0x80 is BER's unknown length, which no certificate has.
    if (first === 0x80 || start + length > der.length) {
      throw new Error('Cannot read a certificate: a DER element is longer than what holds it');
    }
    found.push({ tag, content: der.subarray(start, start + length) });
    at = start + length;
  }
  return found;
}
