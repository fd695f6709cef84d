/** A JSON web token, whatever it stands in. The first part begins with `{"` in base64. */
const jsonWebToken = /eyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g;
const bearer = /(bearer\s+)[^\s"'\\,;]+/gi;
const privateKey = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g;
const taken = '[taken out]';

/**
 * A text without what could open a door. Nothing of the kind is put into what goes out in the first place; this is for the day on
 * which a library writes one into an error that is logged.
 */
export function withoutSecrets(text: string): string {
  return text
    .replace(privateKey, taken)
    .replace(bearer, (_, word: string) => `${word}${taken}`)
    .replace(jsonWebToken, taken);
}
