import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { LayerEntry } from '../../../image/layer.ts';
import { writeOciArchive } from '../../../image/oci-archive.ts';

const execute = promisify(execFile);

/** The sandbox of every pod. */
export const pauseImage = 'tacho.test/pause:1';
/** A shell and the usual programs, for workloads of tests. */
export const busyboxImage = 'tacho.test/busybox:1';

const busybox = '/bin/busybox';

/** Makes both as archives in `folder`; a node imports those named `base-…` before its kubelet starts. */
export async function writeBaseImages(folder: string): Promise<void> {
  await Promise.all([writePause(folder), writeBusybox(folder)]);
}

async function writePause(folder: string): Promise<void> {
  const program = join(folder, 'pause');
  const source = join(import.meta.dirname, 'pause.c');
  await execute('cc', ['-static', '-Os', '-s', '-o', program, source]);
  await writeOciArchive({
    file: join(folder, 'base-pause.tar'),
    name: pauseImage,
    images: [
      {
        layers: [
          { createdBy: 'pause.c', entries: [{ type: 'file', path: '/pause', mode: 0o755, source: program }] },
        ],
        config: { entrypoint: ['/pause'], user: '65535:65535' },
      },
    ],
    compression: 'none',
  });
}

async function writeBusybox(folder: string): Promise<void> {
  const { stdout } = await execute(busybox, ['--list']);
  const applets = stdout.split('\n').filter((name) => name !== '' && name !== 'busybox');
  const entries: LayerEntry[] = [
    { type: 'file', path: '/bin/busybox', mode: 0o755, content: await readFile(busybox) },
    ...applets.map((name): LayerEntry => ({ type: 'symlink', path: `/bin/${name}`, target: 'busybox' })),
    { type: 'file', path: '/etc/passwd', content: 'root:x:0:0:root:/:/bin/sh\n' },
    { type: 'directory', path: '/tmp', mode: 0o1777 },
  ];
  await writeOciArchive({
    file: join(folder, 'base-busybox.tar'),
    name: busyboxImage,
    images: [
      { layers: [{ createdBy: 'busybox', entries }], config: { env: ['PATH=/bin'], cmd: ['/bin/sh'] } },
    ],
    compression: 'none',
  });
}
