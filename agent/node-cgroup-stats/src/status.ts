/** What a parser says of a text: the number is there, the key is not there, or the text is not what the kernel writes. */
export type ParseStatus = 'ok' | 'absent' | 'malformed';

/** Why a kernel file gave no text. `gone`: its cgroup was removed. `unreadable`: see `KernelFile.errorCode`. */
export type ReadFailure = 'absent' | 'gone' | 'unreadable';

/** What is known of one quantity. Whatever is not `ok` has NaN as its number, never 0. */
export type QuantityStatus = ParseStatus | ReadFailure;
