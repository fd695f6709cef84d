import { DebugPage } from './debug-page.ts';
import { byId } from './element.ts';
import { showMachine } from './machine-section.ts';
import { StateStream } from './state-stream.ts';
import { StreamControl } from './stream-control.ts';
import { wireThemeSwitch } from './theme-switch.ts';

// Where the page is put together: the only file that looks at the clock and opens connections.
const page = new DebugPage({
  nowMs: () => performance.now(),
  fetchPod: (namespace, name) =>
    fetch(`/debug/pods/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`),
});
const stream = new StateStream({
  open: () => new EventSource('/debug/events'),
  nowMs: () => Date.now(),
  later: (run, ms) => window.setTimeout(run, ms),
  cancel: (timer) => window.clearTimeout(timer),
  onState: (json) => stream.setPeriod(page.takeState(json).periodUsec),
  onHealth: (health) => page.showHealth(health),
});
wireThemeSwitch(() => page.recolour());

const control = new StreamControl({
  stream,
  later: (run, ms) => window.setTimeout(run, ms),
  cancel: (timer) => window.clearTimeout(timer),
  onStopped: () => page.showPaused(),
  onStarted: () => page.showHealth({ kind: 'connecting' }),
});
const pause = byId<HTMLButtonElement>('pause');
pause.addEventListener('click', () => {
  const isPaused = pause.getAttribute('aria-pressed') !== 'true';
  pause.setAttribute('aria-pressed', String(isPaused));
  control.setPaused(isPaused);
});

control.follow(document);
void showMachine(() => fetch('/debug/machine'));
