import type { IncomingMessage } from 'node:http';
import { type Agent, type RequestOptions, request } from 'node:https';
import type { ApiServerAccess } from './api-server-access.ts';

/** An answer of the API server that is not a success. */
export class KubeApiError extends Error {
  override readonly name = 'KubeApiError';
  readonly status: number;
  /** The server's own words; undefined where it answered no Status. They may quote what it was sent. */
  readonly said: string | undefined;
  /** When the server asked to be asked again: its Retry-After. */
  readonly retryAfterMs: number | undefined;

  constructor(method: string, path: string, status: number, body: string, retryAfterMs?: number) {
    const said = messageOf(body);
    super(`Cannot ${method} ${path}: API server answered ${status}${said === undefined ? '' : `: ${said}`}`);
    this.status = status;
    this.said = said;
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * Why a call failed, fit for the log where its body held a key or a token: the API server's own words may quote what it
 * was sent, its refusal of a right does not.
 */
export function unquotedReason(error: unknown): string {
  if (!(error instanceof KubeApiError)) return error instanceof Error ? error.message : String(error);
  return error.status === 403 ? error.message : `API server answered ${error.status}`;
}

function messageOf(body: string): string | undefined {
  try {
    const { message } = JSON.parse(body) as { message?: unknown };
    return typeof message === 'string' ? message : undefined;
  } catch {
    return undefined;
  }
}

const answerMs = 10_000;

interface Body {
  readonly type: string;
  readonly value: object;
}

/** The few calls that tacho makes to kube-apiserver, as JSON. */
export class KubeClient {
  readonly #access: ApiServerAccess;
  readonly #server: string;
  readonly #agent: Agent;

  constructor(access: ApiServerAccess, agent: Agent) {
    this.#access = access;
    // One behind a proxy may have a path of its own, as with Rancher.
    this.#server = access.server.replace(/\/+$/, '');
    this.#agent = agent;
  }

  async get(path: string, signal: AbortSignal): Promise<unknown> {
    return parse(await readAll(await this.#send('GET', path, undefined, bounded(signal))));
  }

  async post(path: string, body: object, signal: AbortSignal): Promise<unknown> {
    return this.#write('POST', path, { type: 'application/json', value: body }, signal);
  }

  /** Replaces an object; with a resourceVersion in it only if nobody else did since: otherwise 409. */
  async put(path: string, body: object, signal: AbortSignal): Promise<unknown> {
    return this.#write('PUT', path, { type: 'application/json', value: body }, signal);
  }

  /** Changes fields of an object by a merge patch (RFC 7386): null removes a field. */
  async patch(path: string, body: object, signal: AbortSignal): Promise<unknown> {
    return this.#write('PATCH', path, { type: 'application/merge-patch+json', value: body }, signal);
  }

  /**
   * Events of a watch, one parsed JSON object at a time, until the server ends it.
   * @param longestMs after that it ends in any case: a connection that died without a word must not hold for ever.
   * @param beginsMs how long the answer may take to begin: the kernel would knock ever more rarely at a server that is away
   */
  async *watch(
    path: string,
    longestMs: number,
    signal: AbortSignal,
    beginsMs = answerMs,
  ): AsyncGenerator<unknown> {
    const late = new AbortController();
    const bound = AbortSignal.any([signal, late.signal, AbortSignal.timeout(longestMs)]);
    const giveUp = setTimeout(() => late.abort(), beginsMs);
    const sent = this.#send('GET', path, undefined, bound);
    const response = await sent.finally(() => clearTimeout(giveUp));
    response.setEncoding('utf8');
    let rest = '';
    // Leaving this loop, in whatever way, closes the connection.
    for await (const chunk of response) {
      const lines = `${rest}${chunk}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line !== '') yield parse(line);
    }
  }

  async #write(method: string, path: string, body: Body, signal: AbortSignal): Promise<unknown> {
    return parse(await readAll(await this.#send(method, path, body, bounded(signal))));
  }

  async #send(
    method: string,
    path: string,
    body: Body | undefined,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const options: RequestOptions = {
      method,
      headers: {
        accept: 'application/json',
        'user-agent': 'tacho-aggregator',
        ...(body === undefined ? {} : { 'content-type': body.type }),
      },
    };
    await this.#access.applyTo(options);
    options.agent ??= this.#agent;
    options.signal = signal;
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request(`${this.#server}${path}`, options, resolve)
        .on('error', reject)
        .end(body && JSON.stringify(body.value));
    });
    const status = response.statusCode ?? 0;
    if (status < 200 || status > 299) {
      const retryAfter = retryAfterMs(response.headers['retry-after']);
      throw new KubeApiError(method, path, status, await readAll(response), retryAfter);
    }
    return response;
  }
}

/** Seconds; the other form, a date, kube-apiserver does not use. */
function retryAfterMs(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,6}$/.test(header) ? Number(header) * 1_000 : undefined;
}

function bounded(signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(answerMs)]);
}

/** An error of JSON.parse() quotes what it was given, which may be a Secret. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(
      `Cannot read what the API server answered: expected JSON, found ${text.length} other characters`,
    );
  }
}

async function readAll(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
