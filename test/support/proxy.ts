import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { freePort } from './port.js';

/** A link that can break: `refused` cuts it and takes no connections, `frozen` keeps them and lets nothing through. */
export type LinkState = 'open' | 'refused' | 'frozen';

/** A TCP proxy in front of a database. */
export interface DatabaseProxy {
  /** The database's URL by way of the proxy. */
  url: string;
  set(state: LinkState): Promise<void>;
  close(): Promise<void>;
}

export async function startProxy(databaseUrl: string): Promise<DatabaseProxy> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let isFrozen = false;
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('data', (chunk) => to.write(chunk));
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      if (isFrozen) from.pause();
    }
  });
  const port = await freePort();
  const listen = () => once(server.listen(port, '127.0.0.1'), 'listening');
  const cut = async () => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  await listen();
  const url = new URL(databaseUrl);
  url.host = `127.0.0.1:${port}`;
  return {
    url: url.href,
    set: async (state) => {
      isFrozen = state === 'frozen';
      if (state === 'refused') return cut();
      if (!server.listening) await listen();
      for (const socket of sockets) isFrozen ? socket.pause() : socket.resume();
    },
    close: cut,
  };
}
