import { parseArgs } from 'node:util';

export const usage = `Usage: npm run cluster -- [--name NAME] COMMAND

Makes a real Kubernetes cluster on this machine, as root and without a container engine. It goes on until "down".

  up [--nodes n1,s2,v3] [--image FILE]...
                     a new cluster; each FILE, an OCI archive such as that of npm run image, is given to every node
  build              only the programs: of a cluster, which the first "up" builds otherwise (15 to 20 minutes, once), and
                     metrics-server and the recommender, which the tests build
  down               takes it down and leaves nothing of it
  status             what there is, and how it does
  kubectl ARGUMENT...  kubectl 1.37 in the network of the cluster, as its administrator
  helm ARGUMENT...     Helm 4, likewise
  import FILE        one more image, an OCI archive, onto every node
  cut NODE, heal NODE    the network of a node drops everything; lets it through again
  kill NODE, start NODE  pulls the plug of a node; boots it again with the same disk

  --name NAME   of the cluster, where there are several or none yet; by default the only one, or "dev"
  --nodes LIST  the letter is the kind of a node, the digit (1 to 9) its number, from which come its addresses:
                  n  a kernel of its own (User-Mode Linux) with cgroup v2 and the cgroupfs driver
                  s  the same with systemd and its driver
                  v  this machine's kernel with cgroup v1, in namespaces
`;

const nodeCommands = ['cut', 'heal', 'kill', 'start'] as const;
const passedOn = ['kubectl', 'helm'] as const;

/** What a person asked for. */
export type ClusterCommand = { readonly name: string | undefined } & (
  | { readonly command: 'help' }
  | { readonly command: 'status' }
  | { readonly command: 'build' }
  | { readonly command: 'down' }
  | { readonly command: 'up'; readonly nodes: readonly string[]; readonly images: readonly string[] }
  | { readonly command: (typeof passedOn)[number]; readonly args: readonly string[] }
  | { readonly command: 'import'; readonly file: string }
  | { readonly command: (typeof nodeCommands)[number]; readonly node: string }
  /** For a run of the tests that was interrupted. */
  | { readonly command: 'down-owned'; readonly ownerPid: number }
);

/** @throws with what was expected and what was found */
export function parseClusterCommand(args: readonly string[], defaultNodes: string): ClusterCommand {
  const at = args.findIndex((word) => isOneOf(passedOn, word));
  // What follows kubectl or helm is theirs, with all of its flags.
  const [own, rest] = at === -1 ? [args, []] : [args.slice(0, at + 1), args.slice(at + 1)];
  const { values, positionals } = parseArgs({
    args: [...own],
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      name: { type: 'string' },
      nodes: { type: 'string' },
      image: { type: 'string', multiple: true },
      owner: { type: 'string' },
    },
  });
  const { name } = values;
  if (name !== undefined && !/^[a-z0-9]{1,20}$/.test(name))
    throw new Error(`--name expected 1 to 20 small letters and digits, found "${name}"`);
  const [command, operand, ...more] = positionals;
  if (values.help === true || command === undefined) return { name, command: 'help' };
  if (more.length > 0) throw new Error(`${command} expected at most one word, found "${more.join(' ')}" too`);
  if (command !== 'up' && (values.nodes !== undefined || values.image !== undefined))
    throw new Error(`--nodes and --image are for up, found them with ${command}`);
  if (isOneOf(passedOn, command)) return { name, command, args: rest };
  if (isOneOf(nodeCommands, command)) {
    if (operand === undefined) throw new Error(`${command} expected a node, such as ${command} n1`);
    return { name, command, node: operand };
  }
  if (command === 'import') {
    if (operand === undefined) throw new Error('import expected a file, such as dist/tacho-image.tar');
    return { name, command, file: operand };
  }
  if (operand !== undefined) throw new Error(`${command} expected nothing more, found "${operand}"`);
  if (command === 'down' && values.owner !== undefined)
    return { name, command: 'down-owned', ownerPid: Number(values.owner) };
  if (command === 'down') return { name, command };
  if (command === 'status') return { name, command };
  if (command === 'build') return { name, command };
  if (command === 'up')
    return { name, command, nodes: (values.nodes ?? defaultNodes).split(','), images: values.image ?? [] };
  throw new Error(`there is no command "${command}"`);
}

function isOneOf<Word extends string>(words: readonly Word[], word: string): word is Word {
  return words.some((each) => each === word);
}
