/** Whether two lists hold the same items in the same order. */
export function isSameList<Item>(items: readonly Item[], others: readonly Item[]): boolean {
  return (
    items === others ||
    (items.length === others.length && items.every((item, index) => item === others[index]))
  );
}
