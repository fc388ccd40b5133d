import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Stands between a ledger and its server, and can lose what the server says. */
export interface Wire {
  readonly port: number;
  /** The next answer to a COMMIT is lost, with the connection: it was done, and nobody hears of it. */
  loseNextCommit(): void;
  close(): void;
}

const COMMIT = Buffer.from('commit\0');

export const openWire = async (serverPort: number): Promise<Wire> => {
  let isLosing = false;
  const open = new Set<Socket>();
  const wire = createServer((client) => {
    const server = connect(serverPort, '127.0.0.1');
    let isLost = false;
    const cut = (): void => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      open.add(socket);
      socket.on('error', cut);
      socket.on('close', cut);
    }
    client.on('data', (said) => {
      if (isLosing && said.includes(COMMIT)) {
        isLosing = false;
        isLost = true;
      }
      server.write(said);
    });
    server.on('data', (said) => {
      if (isLost) cut();
      else client.write(said);
    });
  });
  wire.listen(0, '127.0.0.1');
  await once(wire, 'listening');
  return {
    port: (wire.address() as AddressInfo).port,
    loseNextCommit: () => {
      isLosing = true;
    },
    close: () => {
      wire.close();
      for (const socket of open) socket.destroy();
    },
  };
};
