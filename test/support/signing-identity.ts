import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export interface SigningFiles {
  /** The certificate that signs and the root above it, PEM. */
  certificates: string;
  key: string;
  /** The root alone. */
  roots: string;
}

/** A key with a certificate for signing under a root of its own, made by openssl in a directory. */
export function issueSigner(
  directory: string,
  { kind, days = 30, usage = 'digitalSignature' }: { kind: 'rsa' | 'ec' | 'p384'; days?: number; usage?: string },
): SigningFiles {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: directory, stdio: 'pipe' });
  const algorithm =
    kind === 'rsa'
      ? ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048']
      : ['-algorithm', 'EC', '-pkeyopt', `ec_paramgen_curve:${kind === 'ec' ? 'P-256' : 'P-384'}`];
  const at = (name: string) => `${kind}-${name}`;
  openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', at('root.key'));
  const root = ['-x509', '-new', '-key', at('root.key'), '-out', at('root.pem'), '-days', '365'];
  openssl('req', ...root, '-subj', '/CN=Test Root', '-addext', 'keyUsage=critical,keyCertSign');
  openssl('genpkey', ...algorithm, '-out', at('signer.key'));
  openssl(
    'req',
    '-new',
    '-key',
    at('signer.key'),
    '-subj',
    '/O=Acme Bank/CN=Acme Compliance',
    '-out',
    at('signer.csr'),
  );
  writeFileSync(path.join(directory, at('extensions')), `basicConstraints=CA:FALSE\nkeyUsage=critical,${usage}\n`);
  const signer = ['-req', '-in', at('signer.csr'), '-CA', at('root.pem'), '-CAkey', at('root.key'), '-CAcreateserial'];
  openssl('x509', ...signer, '-days', String(days), '-extfile', at('extensions'), '-out', at('signer.pem'));
  const file = (name: string) => path.join(directory, at(name));
  const chain = readFileSync(file('signer.pem'), 'utf8') + readFileSync(file('root.pem'), 'utf8');
  writeFileSync(file('chain.pem'), chain);
  return { certificates: file('chain.pem'), key: file('signer.key'), roots: file('root.pem') };
}
