import protobuf from 'protobufjs';
import current from '../gen/ingest.json' with { type: 'json' };
import released from './fixture-released-contract.json' with { type: 'json' };

/** The contract of version 0.1, as agents and aggregators of it were built with. */
export const releasedContract = (): protobuf.Root =>
  protobuf.Root.fromJSON(structuredClone(released) as protobuf.INamespace).resolveAll() as protobuf.Root;

export const currentContract = (): protobuf.Root =>
  protobuf.Root.fromJSON(structuredClone(current) as protobuf.INamespace).resolveAll() as protobuf.Root;

/** Beyond all numbers that are given away. */
const firstNewNumber = 90;

/** Today's contract a minor version later: each message has a new text, number, message and list more. */
export function laterContract(): protobuf.Root {
  const root = protobuf.Root.fromJSON(structuredClone(current) as protobuf.INamespace);
  for (const type of messagesOf(root)) {
    type.add(new protobuf.Field('newText', firstNewNumber, 'string'));
    type.add(new protobuf.Field('newCount', firstNewNumber + 1, 'uint64'));
    type.add(new protobuf.Field('newMessage', firstNewNumber + 2, 'Usage'));
    type.add(new protobuf.Field('newList', firstNewNumber + 3, 'uint32', 'repeated'));
  }
  return root.resolveAll() as protobuf.Root;
}

/** All messages of the contract. */
export const messagesOf = (root: protobuf.Root): readonly protobuf.Type[] =>
  (root.lookup('tacho.v1') as protobuf.Namespace).nestedArray.filter(
    (each): each is protobuf.Type => each instanceof protobuf.Type,
  );

/** Bytes of a message, with something in each new field of every message in it where the contract has them. */
export function encodedBy(root: protobuf.Root, name: string, message: object): Buffer {
  const type = root.lookupType(`tacho.v1.${name}`);
  return Buffer.from(type.encode(type.fromObject(withNewFields(type, message))).finish());
}

function withNewFields(type: protobuf.Type, message: object): object {
  const own = Object.entries(message).map(([name, value]) => {
    const resolved = type.fields[name]?.resolve().resolvedType;
    if (!(resolved instanceof protobuf.Type)) return [name, value];
    const inner = (each: object) => withNewFields(resolved, each);
    return [name, Array.isArray(value) ? value.map(inner) : inner(value as object)];
  });
  const isLater = type.fields['newText'] !== undefined;
  const added = { newText: 'x', newCount: 7, newMessage: { cpuNanocores: 1 }, newList: [1, 2, 3] };
  return { ...Object.fromEntries(own), ...(isLater ? added : {}) };
}
