/** The Services behind which the aggregator listens. */
export interface ServiceNames {
  readonly namespace: string;
  /** Of the metrics API: kube-apiserver asks for `<service>.<namespace>.svc`, whatever address it dials. */
  readonly service: string;
  /** Of the port that agents push to. */
  readonly ingestService: string;
}

/** Every DNS name by which a pod may know one of the Services; a serving certificate must carry all of them. */
export function servingNames({ namespace, service, ingestService }: ServiceNames): readonly string[] {
  return [service, ingestService].flatMap((name) => [
    `${name}.${namespace}.svc`,
    name,
    `${name}.${namespace}`,
    `${name}.${namespace}.svc.cluster.local`,
  ]);
}
