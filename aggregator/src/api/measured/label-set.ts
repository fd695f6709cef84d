/**
 * The labels of one or many objects. Pods of one ReplicaSet have the same: where equal labels are one object, a
 * selector is asked once for all of them, and their encoded forms are kept once.
 */
export class LabelSet {
  readonly labels: Readonly<Record<string, string>>;
  /** The encoders' own, made when first wanted. */
  json: Uint8Array | undefined;
  protobuf: Uint8Array | undefined;

  constructor(labels: Readonly<Record<string, string>>) {
    this.labels = labels;
  }
}
