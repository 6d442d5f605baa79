// The limit of fan-out: a process that sends one string to every open WebSocket and does nothing else.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { WebSocketServer } from 'ws';

const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false }, () => {
  process.send({ port: server.address().port });
});

process.on('message', async ({ text, times }) => {
  for (let sent = 0; sent < times; sent += 1) {
    for (const client of server.clients) client.send(text);
    await nextTurn();
  }
});
