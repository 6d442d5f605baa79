import { createServer } from 'node:net';

/** Below those that systems give to connections and to servers that ask for any: nobody gets it but who names it. */
const FIRST = 10_000;
const COUNT = 20_000;

/** A port for a server that has to be told which, or that comes back on the same one. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
