// Runs inside the cluster's network: node port-forwarded-get.ts KUBECTL NAMESPACE POD PORT PATH
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const [kubectl = '', namespace = '', pod = '', port = '', path = ''] = process.argv.slice(2);
const forward = spawn(kubectl, ['-n', namespace, 'port-forward', `pod/${pod}`, `:${port}`], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
// Until there is an answer: where kubectl ends before, it has said why.
process.exitCode = 1;
try {
  for await (const line of createInterface({ input: forward.stdout })) {
    const local = /^Forwarding from 127\.0\.0\.1:(\d+)/.exec(line)?.[1];
    if (local === undefined) continue;
    const answer = await fetch(`http://127.0.0.1:${local}${path}`);
    const body = await answer.text();
    if (answer.ok) process.stdout.write(body);
    else process.stderr.write(`${path} answered ${answer.status}: ${body}\n`);
    process.exitCode = answer.ok ? 0 : 1;
    break;
  }
} finally {
  forward.kill();
}
