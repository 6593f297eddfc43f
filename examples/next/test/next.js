// `next start` on a free port, again with other variables where a test changes them.

import { spawn } from 'node:child_process';
import { createServer } from 'node:net';

const port = await new Promise((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});
let running;

export const site = `http://127.0.0.1:${port}`;

/** Starts it, in the place of the one that runs. */
export async function start(variables = {}) {
  await stop();
  running = spawn(process.execPath, ['node_modules/next/dist/bin/next', 'start', '--hostname', '127.0.0.1', '--port', port], {
    cwd: new URL('..', import.meta.url).pathname,
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve, reject) => {
    running.stdout.on('data', (text) => String(text).includes('Ready') && resolve());
    running.once('exit', (code) => reject(new Error(`next start ended with ${code}`)));
  });
}

export async function stop() {
  if (!running || running.exitCode !== null) return;
  const ended = new Promise((resolve) => running.once('exit', resolve));
  running.kill('SIGTERM');
  await ended;
}
