import { type AddressInfo, createServer, type Socket } from 'node:net';

export interface SmtpServer {
  port: number;
  /** Messages as they came, headers and all. */
  messages: string[];
  recipients: string[];
  /** Every line but those of messages. */
  commands: string[];
  /** Answers by command, in place of those that take everything; '' says nothing. */
  replies: Record<string, string>;
  close(): Promise<void>;
}

/** As much of RFC 5321 as it takes to send one message. */
export async function startSmtpServer(): Promise<SmtpServer> {
  const sockets = new Set<Socket>();
  const state: SmtpServer = {
    port: 0,
    messages: [],
    recipients: [],
    commands: [],
    replies: {},
    close: async () => undefined,
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    const say = (command: string, usual: string) => {
      const reply = state.replies[command] ?? usual;
      if (reply !== '') socket.write(`${reply}\r\n`);
    };
    let buffered = '';
    let isMessage = false;
    say('CONNECT', '220 mail.test ESMTP');
    socket.on('data', (chunk) => {
      buffered += chunk;
      for (;;) {
        const end = isMessage ? buffered.indexOf('\r\n.\r\n') : buffered.indexOf('\r\n');
        if (end === -1) return;
        const text = buffered.slice(0, end);
        buffered = buffered.slice(end + (isMessage ? 5 : 2));
        if (isMessage) {
          isMessage = false;
          state.messages.push(text);
          say('MESSAGE', '250 taken');
          continue;
        }
        state.commands.push(text);
        const command = text.split(/[ :]/, 1)[0]?.toUpperCase() ?? '';
        if (command === 'RCPT') state.recipients.push(/<(.*)>/.exec(text)?.[1] ?? '');
        if (command === 'DATA') isMessage = true;
        say(command, command === 'DATA' ? '354 go on' : command === 'QUIT' ? '221 bye' : '250 fine');
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  state.port = (server.address() as AddressInfo).port;
  state.close = () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  return state;
}
