import { expect, test } from 'vitest';
import { render } from './chart.ts';

test.each([
  [
    { aggregator: { hostNetwork: { enabled: true } } },
    /the kubelet has port 10250 already.*containerPort=10260/,
  ],
  [
    { aggregator: { hostNetwork: { enabled: true }, containerPort: 10_260, ingestPort: 10_250 } },
    /the kubelet has port 10250 already.*ingestPort=10251/,
  ],
  [{ aggregator: { ingestPort: 10250 } }, /are both 10250: they are ports of one pod/],
  [{ tls: { type: 'existingSecret' } }, /tls\.existingSecret\.name does not say which Secret/],
  [
    { tls: { type: 'existingSecret', existingSecret: { name: 'mine' } } },
    /apiService\.caBundle is empty.*--set-file apiService\.caBundle=ca\.crt/,
  ],
  [{ apiService: { caBundle: 'PEM' } }, /with tls\.type self-managed the CA is written by the one who makes/],
  [
    { tls: { type: 'cert-manager', certManager: { existingIssuer: { enabled: true } } } },
    /existingIssuer\.enabled is set, and its name is empty/,
  ],
])('%j is refused with a sentence', async (values, sentence) => {
  await expect(render(values)).rejects.toThrow(sentence);
});
