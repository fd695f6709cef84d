import { goJson } from '../text/go-json.ts';
import { goQuote } from '../text/go-quote.ts';
import type { ApiRequest, ApiResponse } from './api-message.ts';
import { type Document, respond, respondIndentedJson } from './document.ts';
import { emptyListMeta, messageType, protobufBody } from './k8s-protobuf.ts';
import { groupName, type MetricsResource } from './metrics-group.ts';
import { mediaTypes, negotiate, untransformed } from './negotiation.ts';

export interface StatusCause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

/** In the order of the JSON keys. */
export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}

/** A failure as Kubernetes reports it (meta/v1 Status). */
export interface Status {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  /** Empty details and none at all are two different bodies. */
  readonly details?: StatusDetails;
}

/** Ends the handling of a request; createMetricsApi() answers with the status. */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  readonly status: Status;

  constructor(status: Status) {
    super(status.message);
    this.status = status;
  }
}

export function badRequest(message: string): StatusError {
  return new StatusError({ code: 400, reason: 'BadRequest', message });
}

/** No such path below an API group that is served. */
export function pathNotFound(): StatusError {
  const message = 'the server could not find the requested resource';
  return new StatusError({ code: 404, reason: 'NotFound', message, details: {} });
}

/** The cluster has no such node or pod. */
export function ownerNotFound(resource: MetricsResource, name: string): StatusError {
  const message = `${resource.ownerName} ${goQuote(name)} not found`;
  const details = { name, kind: resource.ownerName };
  return new StatusError({ code: 404, reason: 'NotFound', message, details });
}

/** The cluster has it, but there are no metrics of it. A pod's `name` is NAMESPACE/NAME. */
export function metricsNotFound(resource: MetricsResource, name: string): StatusError {
  const message = `${resource.metricsName}.${groupName} ${goQuote(name)} not found`;
  const details = { name, group: groupName, kind: resource.metricsName };
  return new StatusError({ code: 404, reason: 'NotFound', message, details });
}

export function methodNotAllowed(): StatusError {
  const message = 'the server does not allow this method on the requested resource';
  return new StatusError({ code: 405, reason: 'MethodNotAllowed', message, details: {} });
}

export function watchNotSupported(resource: MetricsResource): StatusError {
  const message = `watch is not supported on resources of kind "${resource.name}.${groupName}"`;
  const details = { group: groupName, kind: resource.name };
  return new StatusError({ code: 405, reason: 'MethodNotAllowed', message, details });
}

/** A watch from a resourceVersion that is no number. */
export function invalidResourceVersion(resource: MetricsResource, value: string, why: string): StatusError {
  const field = 'resourceVersion';
  const fault = `Invalid value: ${goQuote(value)}: ${why}`;
  const causes = [{ reason: 'FieldValueInvalid', message: fault, field }];
  const details = { group: groupName, kind: resource.name, causes };
  const message = `${resource.name}.${groupName} "" is invalid: ${field}: ${fault}`;
  return new StatusError({ code: 422, reason: 'Invalid', message, details });
}

/** What happened after the resourceVersion is not known to the end any more. */
export function resourceExpired(revision: number, oldestRevision: number): Status {
  const message = `too old resource version: ${revision} (${oldestRevision})`;
  return { code: 410, reason: 'Expired', message };
}

/** The client is to try again after a while; Retry-After says when. */
export function tooManyRequests(message: string, retryAfterSeconds: number): StatusError {
  return new StatusError({ code: 429, reason: 'TooManyRequests', message, details: { retryAfterSeconds } });
}

/** The router's 406: nothing that the path produces is named in Accept. */
export function notProduced(produced: readonly string[]): Status {
  const message = `406: Not Acceptable\n\nAvailable representations: ${produced.join(', ')}`;
  return { code: 406, reason: 'NotAcceptable', message, details: {} };
}

export function notAcceptable(
  message = `only the following media types are accepted: ${mediaTypes.join(', ')}`,
): StatusError {
  return new StatusError({ code: 406, reason: 'NotAcceptable', message });
}

/** Errors are negotiated as well, but among the plain forms only; where none fits, they are indented JSON. */
export function respondStatus(status: Status, request: ApiRequest): ApiResponse {
  const form = negotiate(request, untransformed);
  const document = statusDocument(status);
  const response =
    form === undefined
      ? respondIndentedJson(status.code, document.json())
      : respond(status.code, document, form);
  const retryAfterSeconds = status.details?.retryAfterSeconds;
  if (retryAfterSeconds === undefined) return response;
  return { ...response, headers: { ...response.headers, 'Retry-After': String(retryAfterSeconds) } };
}

export function statusDocument({ code, reason, message, details }: Status): Document {
  return {
    json: () =>
      goJson({
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message,
        reason,
        details,
        code,
      }),
    protobuf: () => {
      const fields = { metadata: emptyListMeta, status: 'Failure', message, reason, code };
      const encodable = details === undefined ? fields : { ...fields, details: protobufDetails(details) };
      return protobufBody('v1', 'Status', messageType('Status').encode(encodable).finish());
    },
  };
}

function protobufDetails(details: StatusDetails): object {
  return { name: '', group: '', kind: '', retryAfterSeconds: 0, uid: '', ...details };
}
