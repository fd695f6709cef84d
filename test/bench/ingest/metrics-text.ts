/**
 * The value of one series of a page in Prometheus' text format.
 * @param series name and labels as the page writes them: `up`, `reports_total{result="accepted"}`
 * @throws when the page does not have it
 */
export function metricValue(page: string, series: string): number {
  const line = page.split('\n').find((each) => each.startsWith(`${series} `));
  if (line === undefined) throw new Error(`expected the series ${series}, found none in /metrics`);
  return Number(line.slice(series.length + 1).split(' ', 1)[0]);
}
