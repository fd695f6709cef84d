import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { errorWords } from '@tacho/command-line';

/** What a process can be told, by name, and what it answers. All of it travels as JSON. */
export type Orders = Readonly<Record<string, (given: never) => unknown>>;

interface Order {
  readonly id: number;
  readonly name: string;
  readonly given: unknown;
}

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

/** To be called by the process: answers orders until its parent is no more, and ends then. */
export function obey(orders: Orders, end: () => Promise<void>): void {
  process.on('message', async ({ id, name, given }: Order) => {
    let answer: Answer;
    try {
      answer = { id, result: await (orders[name] as (given: unknown) => unknown)(given) };
    } catch (error) {
      answer = { id, error: errorWords(error) };
    }
    if (process.connected) process.send?.(answer);
  });
  process.once('disconnect', () => void end().finally(() => process.exit(0)));
}

const politeMs = 5_000;

/** A process of the bench's own that does as it is told. */
export class OrderedProcess<Known extends Orders> implements AsyncDisposable {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #ended: Promise<never>;
  readonly #exit: Promise<unknown>;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #orders = 0;
  #how: Error | undefined;

  constructor(main: URL, what: string, nodeFlags: readonly string[] = []) {
    // Ctrl-C reaches the whole terminal: the bench ends what it has started itself, in order.
    this.#child = fork(fileURLToPath(main), { execArgv: [...nodeFlags], detached: true });
    this.pid = this.#child.pid ?? -1;
    this.#exit = once(this.#child, 'exit');
    this.#ended = this.#exit.then((how) => {
      const [code, signal] = how as [number | null, string | null];
      this.#how = new Error(`${what} ended with ${signal ?? `exit code ${code}`}`);
      throw this.#how;
    });
    this.#ended.catch(() => undefined);
    this.#child.on('message', (answer: Answer) => this.#waiting.get(answer.id)?.(answer));
  }

  /** @throws when it has ended */
  check(): void {
    if (this.#how !== undefined) throw this.#how;
  }

  /** @throws what the order threw, or when the process has ended */
  async tell<Name extends keyof Known & string>(
    name: Name,
    given: Parameters<Known[Name]>[0],
  ): Promise<Awaited<ReturnType<Known[Name]>>> {
    this.#orders += 1;
    const order: Order = { id: this.#orders, name, given };
    const answered = new Promise<Answer>((resolve) => this.#waiting.set(order.id, resolve));
    this.#child.send(order);
    const { error, result } = await Promise.race([answered, this.#ended]);
    this.#waiting.delete(order.id);
    if (error !== undefined) throw new Error(error);
    return result as Awaited<ReturnType<Known[Name]>>;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    const insist = setTimeout(() => this.#child.kill('SIGKILL'), politeMs);
    await this.#exit;
    clearTimeout(insist);
  }
}
