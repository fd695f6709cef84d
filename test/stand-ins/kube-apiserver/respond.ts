import type { IncomingMessage, ServerResponse } from 'node:http';
import { badRequest, internalError, StatusError } from './status.ts';

/** kube-apiserver's limit for a request body. */
const bodyLimitBytes = 3 * 1024 * 1024;

export function respondJson(
  response: ServerResponse,
  code: number,
  body: unknown,
  contentType = 'application/json',
): void {
  response.writeHead(code, { 'Content-Type': contentType, 'Cache-Control': 'no-cache, private' });
  response.end(`${JSON.stringify(body)}\n`);
}

export function respondText(response: ServerResponse, code: number, text: string): void {
  response.writeHead(code, {
    'Content-Type': 'text/plain; charset=utf-8',
    'X-Content-Type-Options': 'nosniff',
  });
  response.end(`${text}\n`);
}

/** Answers with the Status of the error; an unexpected error becomes a 500, a started answer is cut off. */
export function respondError(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { status } = error instanceof StatusError ? error : internalError(String(error));
  respondJson(response, status.code, status);
}

/** @throws StatusError 400, 413 or 415 */
export async function readJson(
  request: IncomingMessage,
  expectedType = 'application/json',
): Promise<unknown> {
  const contentType = request.headers['content-type'] ?? 'application/json';
  if (!contentType.startsWith(expectedType)) {
    const message = `the body of the request was in an unknown format - accepted media types include: ${expectedType}`;
    throw new StatusError(415, 'UnsupportedMediaType', message);
  }
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request) {
    sizeBytes += chunk.length;
    if (sizeBytes > bodyLimitBytes) {
      const message = `Request entity too large: limit is ${bodyLimitBytes}`;
      throw new StatusError(413, 'RequestEntityTooLarge', message);
    }
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch (error) {
    throw badRequest(`Cannot read the body as JSON: ${String(error)}`);
  }
}
