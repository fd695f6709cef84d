import type { ApiRequest, ApiResponse, Pieces } from '../api/protocol/api-message.ts';
import {
  badRequest,
  methodNotAllowed,
  pathNotFound,
  respondStatus,
  StatusError,
} from '../api/protocol/status.ts';
import { checkTimeout } from '../api/selectors/list-options.ts';

/** What the aggregator knows of its nodes, as values that JSON has. */
export interface NodeListing {
  /** Of this replica itself. */
  readonly replica: () => object;
  /** Each node of the cluster or with a stream, in the order of their names. */
  readonly nodes: () => Iterable<object>;
  readonly node: (name: string) => object | undefined;
}

export const debugNodesPath = '/debug/nodes';

const headers = {
  'Cache-Control': 'no-cache, private',
  'Content-Type': 'application/json',
  // Names in it come from agents.
  'X-Content-Type-Options': 'nosniff',
};
const nodesPerPiece = 100;

/**
 * Answers /debug/nodes and /debug/nodes/NAME, for those who may read them; errors are a Status.
 * @returns undefined for any other path
 */
export function respondDebugNodes(request: ApiRequest, listing: NodeListing): ApiResponse | undefined {
  const { path } = request;
  if (path !== debugNodesPath && !path.startsWith(`${debugNodesPath}/`)) return undefined;
  try {
    checkTimeout(request.query);
    if (request.method !== 'GET' && request.method !== 'HEAD') throw methodNotAllowed();
    if (path === debugNodesPath) return { status: 200, headers, body: listed(listing) };
    const node = listing.node(nameIn(path));
    if (node === undefined) throw pathNotFound();
    return { status: 200, headers, body: `${JSON.stringify(node, undefined, 2)}\n` };
  } catch (error) {
    if (error instanceof StatusError) return respondStatus(error.status, request);
    throw error;
  }
}

function nameIn(path: string): string {
  try {
    return decodeURIComponent(path.slice(debugNodesPath.length + 1));
  } catch {
    throw badRequest('the path of the request is not valid percent-encoding');
  }
}

/** A node on each line, so that the page can be read and searched as it is. */
function* listed({ replica, nodes }: NodeListing): Pieces {
  let text = `{"replica":${JSON.stringify(replica())},"nodes":[\n`;
  let count = 0;
  for (const node of nodes()) {
    text += `${count === 0 ? '' : ',\n'}${JSON.stringify(node)}`;
    count += 1;
    if (count % nodesPerPiece !== 0) continue;
    yield Buffer.from(text);
    text = '';
  }
  yield Buffer.from(`${text}\n]}\n`);
}
