import type { AuthorizationAttributes, AuthorizationRule, ResourceAttributes } from './authorization.ts';
import { badRequest, StatusError } from './status.ts';
import type { TokenIssuer, User } from './tokens.ts';

/** How a review goes wrong. `hang`: no answer ever; `throttle`: 429 and Retry-After of a second. */
export type Fault = 'error' | 'hang' | 'throttle';

/** Reviews that go wrong, changeable while the stand-in runs. */
export interface Faults {
  tokenReview?: Fault | undefined;
  subjectAccessReview?: Fault | undefined;
}

type Json = Record<string, unknown>;

/** Answers a POSTed authentication.k8s.io/v1 TokenReview. @throws StatusError 400 or 422 */
export function reviewToken(body: unknown, tokens: TokenIssuer): Json {
  const review = expectKind(body, 'authentication.k8s.io/v1', 'TokenReview');
  const spec = record(review['spec']);
  const { token } = spec;
  if (typeof token !== 'string' || token === '') {
    throw invalid('TokenReview.authentication.k8s.io "" is invalid: spec.token: Required value');
  }
  const result = tokens.review(token, strings(spec['audiences']));
  const status =
    'user' in result
      ? { authenticated: true, user: result.user, audiences: result.audiences }
      : { user: {}, error: result.error };
  return { ...review, metadata: {}, status };
}

/** Answers a POSTed authorization.k8s.io/v1 SubjectAccessReview. @throws StatusError 400 or 422 */
export function reviewAccess(body: unknown, allows: AuthorizationRule): Json {
  const review = expectKind(body, 'authorization.k8s.io/v1', 'SubjectAccessReview');
  const attributes = attributesOf(record(review['spec']));
  const status = allows(attributes) ? { allowed: true } : { allowed: false, reason: 'no rule allows it' };
  return { ...review, metadata: {}, status };
}

function attributesOf(spec: Json): AuthorizationAttributes {
  const { resourceAttributes, nonResourceAttributes } = spec;
  if ((resourceAttributes === undefined) === (nonResourceAttributes === undefined)) {
    throw invalid(
      'SubjectAccessReview.authorization.k8s.io "" is invalid: spec: expected exactly one of resourceAttributes and ' +
        'nonResourceAttributes',
    );
  }
  const user: User = {
    username: text(spec['user']),
    groups: strings(spec['groups']),
    extra: Object.fromEntries(
      Object.entries(record(spec['extra'])).map(([key, values]) => [key, strings(values)]),
    ),
  };
  if (user.username === '' && user.groups.length === 0) {
    throw invalid(
      'SubjectAccessReview.authorization.k8s.io "" is invalid: spec.user: at least one of user or group must be specified',
    );
  }
  if (nonResourceAttributes !== undefined) {
    const { path, verb } = record(nonResourceAttributes);
    return { user, verb: text(verb), path: text(path) };
  }
  const asked = record(resourceAttributes);
  const resource: ResourceAttributes = {
    group: text(asked['group']),
    version: text(asked['version']),
    resource: text(asked['resource']),
    subresource: text(asked['subresource']),
    namespace: text(asked['namespace']),
    name: text(asked['name']),
  };
  return { user, verb: text(asked['verb']), resource };
}

function expectKind(body: unknown, apiVersion: string, kind: string): Json {
  const object = record(body);
  if (object['apiVersion'] !== apiVersion || object['kind'] !== kind) {
    throw badRequest(
      `Cannot read the review: expected ${apiVersion} ${kind}, found ${object['apiVersion']} ${object['kind']}`,
    );
  }
  return object;
}

/** An absent field is empty; one of another type is refused, so that a client's mistake does not pass as a denial. */
function record(value: unknown = {}): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw badRequest(`Cannot read the review: expected an object, found ${JSON.stringify(value)}`);
}

function text(value: unknown = ''): string {
  if (typeof value === 'string') return value;
  throw badRequest(`Cannot read the review: expected a string, found ${JSON.stringify(value)}`);
}

function strings(value: unknown = []): string[] {
  if (Array.isArray(value)) return value.map(text);
  throw badRequest(`Cannot read the review: expected an array of strings, found ${JSON.stringify(value)}`);
}

function invalid(message: string): StatusError {
  return new StatusError(422, 'Invalid', message);
}
