import { once } from 'node:events';
import { AppError } from '../errors.js';
import { formatVerifierKey, parseVerifierKey, type VerifierKey } from '../ledger/note/key.js';
import { readPolicyFile } from '../ledger/policy-file.js';
import { createLog } from '../log.js';
import { startWitness } from '../witness/start.js';
import type { TrustedLogs } from '../witness/witness.js';
import type { Command } from './command.js';
import type { CommandInput } from './input.js';
import { printLine, tell } from './output.js';

const DEFAULT_ADDRESS = '127.0.0.1:4010';
const ADDRESS = /^(?:\[([0-9a-fA-F:.]+)\]|([^:\s]+)):(\d{1,5})$/;
const PORT_MAX = 65_535;

export const witness: Command = {
  name: 'witness',
  summary: 'Run a witness: it cosigns heads of ledgers, each only if it continues the one cosigned before.',
  positionals: [],
  options: {
    data: { value: 'DIR', help: 'Where its key and what it cosigned are kept; required, and made at first.' },
    listen: { value: 'HOST:PORT', help: `Where it takes checkpoints (${DEFAULT_ADDRESS}).` },
    name: { value: 'NAME', help: 'The name of the key that is made at first, such as witness.example/1.' },
    installation: {
      value: 'VKEY',
      help: 'A Midwatch whose ledgers to cosign, all it ever has, by its installation log’s verifier key.',
      isRepeatable: true,
    },
    log: { value: 'VKEY', help: 'Another log to cosign, by its verifier key.', isRepeatable: true },
    policy: { value: 'FILE', help: 'The logs of this C2SP tlog-policy; read anew on SIGHUP.' },
  },
  run: async (input) => {
    const options = readOptions(input);
    const log = createLog('info');
    const running = await startWitness({ ...options, trusted: readTrusted(input), log });
    printLine(formatVerifierKey(running.key));
    tell(`${running.key.name} takes checkpoints at ${running.url}/add-checkpoint`);
    tell(`a policy's line for it: witness NAME ${formatVerifierKey(running.key)} ${running.url}`);
    process.on('SIGHUP', () => {
      try {
        running.trust(readTrusted(input));
      } catch (error) {
        log.error({ err: (error as Error).message }, 'the logs were not read anew: those known before stay');
      }
    });
    const stop = new AbortController();
    await Promise.race(['SIGINT', 'SIGTERM'].map((signal) => once(process, signal, { signal: stop.signal })));
    stop.abort();
    await running.close();
    return 0;
  },
};

function readOptions(input: CommandInput): { dataDir: string; host: string; port: number; name: string | null } {
  const dataDir = input.value('data');
  if (dataDir === undefined || dataDir === '') {
    throw new AppError('VALIDATION_FAILED', '--data is required, such as --data ./witness');
  }
  const address = input.value('listen') ?? DEFAULT_ADDRESS;
  const [, v6, named, digits] = ADDRESS.exec(address) ?? [];
  const host = v6 ?? named;
  if (host === undefined || Number(digits) > PORT_MAX) {
    throw new AppError('VALIDATION_FAILED', `--listen: ${JSON.stringify(address)} is no HOST:PORT`);
  }
  return { dataDir, host, port: Number(digits), name: input.value('name') ?? null };
}

function readTrusted(input: CommandInput): TrustedLogs {
  const file = input.value('policy');
  const ofPolicy = file === undefined ? [] : readPolicyFile(file, '--policy').logs;
  return { logs: [...ofPolicy, ...readKeys(input, 'log')], installations: readKeys(input, 'installation') };
}

function readKeys(input: CommandInput, option: string): VerifierKey[] {
  return input.values(option).map((text) => {
    const key = parseVerifierKey(text);
    if (key?.type === 'note') return key;
    throw new AppError('VALIDATION_FAILED', `--${option}: ${JSON.stringify(text)} is no log’s verifier key`);
  });
}
