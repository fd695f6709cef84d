/** Numbers of IANA's registry of TLS groups, which Go's CurveID takes, and OpenSSL's names. */
const groups: Readonly<Record<string, string>> = {
  '23': 'P-256',
  '24': 'P-384',
  '25': 'P-521',
  '29': 'X25519',
  '4587': 'SecP256r1MLKEM768',
  '4588': 'X25519MLKEM768',
  '4589': 'SecP384r1MLKEM1024',
};

/** What OpenSSL would choose first: the order that was given is of no account, as with Go. */
const preference = ['4588', '4587', '4589', '29', '23', '24', '25'];

/** Numbers of key exchange groups, comma-separated, as OpenSSL's names for Node's `ecdhCurve`. */
export function keyExchangeGroups(text: string): { value: string | undefined } | { problem: string } {
  const numbers = text
    .replace(/^\[(.*)\]$/, '$1')
    .split(',')
    .map((number) => number.trim())
    .filter((number) => number !== '');
  const unknown = numbers.filter((number) => groups[number] === undefined);
  if (unknown.length > 0) {
    return { problem: `expected some of ${Object.keys(groups).join(', ')}, found ${unknown.join(', ')}` };
  }
  if (numbers.length === 0) return { value: undefined };
  const chosen = preference.filter((number) => numbers.includes(number));
  return { value: chosen.map((number) => groups[number]).join(':') };
}
