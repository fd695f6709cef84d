/**
 * Preloaded into the programs that a run starts: when the run dies, however, its IPC channel closes, and what it
 * started ends too.
 */
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
process.channel?.unref();
