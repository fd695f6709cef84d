import { trimmed } from '../text/trimmed.ts';
import { type AcceptClause, acceptEntries, parseAccept } from './accept-header.ts';
import type { ApiRequest } from './api-message.ts';

export type MediaType = 'application/json' | 'application/yaml' | 'application/vnd.kubernetes.protobuf';

export const mediaTypes: readonly MediaType[] = [
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
];

/** In which lists can be watched. */
export const streamedMediaTypes: readonly string[] = [
  'application/json;stream=watch',
  'application/vnd.kubernetes.protobuf;stream=watch',
];

/** What the parameters `as`, `g` and `v` of a media type ask for: another kind than the resource's own. */
export interface Transform {
  readonly kind: string;
  readonly group: string;
  readonly version: string;
}

export interface OutputForm {
  readonly mediaType: MediaType;
  /** Of consequence for JSON only. */
  readonly pretty: boolean;
  readonly transform?: Transform;
}

/**
 * Which transforms an endpoint knows; asked with undefined it says whether the untransformed answer will do.
 * `serverVersion`: the version of generic output (Table…) that the parameter `sv` asks for, if any.
 */
export type Allowed = (
  mediaType: MediaType,
  transform: Transform | undefined,
  serverVersion?: string,
) => boolean;

/** For endpoints that know no transform, and for every error. */
export const untransformed: Allowed = (_mediaType, transform, serverVersion) =>
  transform === undefined && serverVersion === undefined;

/** For NodeMetrics and PodMetrics. A Table has no protobuf form. */
export const itemTransforms: Allowed = (mediaType, transform, serverVersion) => {
  if (serverVersion !== undefined && serverVersion !== 'v1') return false;
  if (transform === undefined) return true;
  if (transform.group !== 'meta.k8s.io' || !['v1', 'v1beta1'].includes(transform.version)) return false;
  if (transform.kind === 'Table') return mediaType !== 'application/vnd.kubernetes.protobuf';
  return transform.kind === 'PartialObjectMetadata' || transform.kind === 'PartialObjectMetadataList';
};

/**
 * The first of two layers, as go-restful routes: one entry must name a type that the route produces. Case counts,
 * parameters and qualities do not, and `application/*` matches nothing.
 */
export function routeProduces(accept: string | undefined, produced: readonly string[]): boolean {
  if (accept === undefined || accept === '') return true;
  return acceptEntries(accept).some((entry) => {
    const type = trimmed(entry.split(';', 1)[0] ?? '', ' ');
    return type === '*/*' || produced.includes(type);
  });
}

/** The second layer, as k8s.io/apiserver picks a serializer. undefined: nothing that the client accepts (406). */
export function negotiate(request: ApiRequest, allowed: Allowed): OutputForm | undefined {
  const accept = request.header('accept');
  const pretty = wantsPretty(request);
  if (accept === undefined || accept === '') {
    return allowed('application/json', undefined) ? { mediaType: 'application/json', pretty } : undefined;
  }
  for (const clause of parseAccept(accept)) {
    const transform = transformOf(clause);
    for (const mediaType of mediaTypes) {
      const serverVersion = clause.parameters.get('sv') || undefined;
      if (!matches(clause, mediaType) || !allowed(mediaType, transform, serverVersion)) continue;
      const form = { mediaType, pretty: pretty || clause.parameters.get('pretty') === '1' };
      return transform === undefined ? form : { ...form, transform };
    }
  }
  return undefined;
}

function matches(clause: AcceptClause, mediaType: MediaType): boolean {
  const { type, subtype, parameters } = clause;
  const range = `${type}/${subtype}`;
  if (range !== mediaType && range !== 'application/*' && range !== '*/*') return false;
  const stream = parameters.get('stream') ?? '';
  // A watch has no form in YAML.
  return stream === '' || (stream === 'watch' && mediaType !== 'application/yaml');
}

function transformOf({ parameters }: AcceptClause): Transform | undefined {
  const [kind, group, version] = ['as', 'g', 'v'].map((name) => parameters.get(name));
  if (kind === undefined && group === undefined && version === undefined) return undefined;
  return { kind: kind ?? '', group: group ?? '', version: version ?? '' };
}

/** A `pretty` in the query decides; without one, tools that people read from get indented JSON. */
function wantsPretty(request: ApiRequest): boolean {
  const parameter = request.query.get('pretty') ?? '';
  if (parameter !== '') return ['1', 't', 'T', 'TRUE', 'true', 'True'].includes(parameter);
  return /^(?:curl|Wget|Mozilla\/5\.0)/.test(request.header('user-agent') ?? '');
}
