import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { AppError } from '../errors.js';

/** Where the build puts them: each file, and beside it the same in Brotli and gzip where that is smaller. */
const ROOT = path.resolve(import.meta.dirname, '../dashboard');
const PAGE = '/index.html';
const ENCODINGS = [
  { name: 'br', suffix: '.br' },
  { name: 'gzip', suffix: '.gz' },
] as const;

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
};

/** Nothing but this server's own files, run as files: whatever an agent wrote can only ever be text. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  vary: 'accept-encoding',
};

interface StaticFile {
  type: string;
  etag: string;
  /** By encoding; `identity` is always there. */
  bodies: ReadonlyMap<string, Buffer>;
}

/** The dashboard's files, read once. */
export class Dashboard {
  readonly #files: ReadonlyMap<string, StaticFile>;

  /** Throws UNAVAILABLE when they were not built. */
  constructor() {
    try {
      this.#files = readFiles();
    } catch (cause) {
      throw new AppError('UNAVAILABLE', 'the dashboard is not built: npm run build does that', { cause });
    }
  }

  /** Whether the request is for one of the files, or by a person for a screen of the dashboard. */
  answers(request: IncomingMessage, path: string): boolean {
    if (request.method !== 'GET' && request.method !== 'HEAD') return false;
    return path === '/' || this.#files.has(path) || request.headers.accept?.includes('text/html') === true;
  }

  answer(request: IncomingMessage, response: ServerResponse, path: string): void {
    const isAsset = path.startsWith('/assets/');
    const file = this.#files.get(path) ?? this.#files.get(PAGE);
    if (file === undefined || (isAsset && !this.#files.has(path))) {
      throw new AppError('NOT_FOUND', `there is nothing at ${path}`);
    }
    const headers = {
      ...HEADERS,
      etag: file.etag,
      // The names of assets change with what is in them; everything else is asked for again.
      'cache-control': isAsset ? 'public, max-age=31536000, immutable' : 'no-cache',
    };
    if (request.headers['if-none-match'] === file.etag) {
      response.writeHead(304, headers).end();
      return;
    }
    const { encoding, body } = choose(file, request.headers['accept-encoding'] ?? '');
    response.writeHead(200, {
      ...headers,
      ...(encoding === 'identity' ? {} : { 'content-encoding': encoding }),
      'content-type': file.type,
      'content-length': body.length,
    });
    response.end(request.method === 'HEAD' ? undefined : body);
  }
}

function choose({ bodies }: StaticFile, accepted: string): { encoding: string; body: Buffer } {
  const names = accepted.split(',').map((part) => part.trim().toLowerCase());
  const accepts = (name: string) =>
    names.some((part) => part === name || (part.startsWith(`${name};`) && !/q=0(\.0*)?$/.test(part)));
  for (const { name } of ENCODINGS) {
    const body = bodies.get(name);
    if (body !== undefined && accepts(name)) return { encoding: name, body };
  }
  return { encoding: 'identity', body: bodies.get('identity') as Buffer };
}

function readFiles(): Map<string, StaticFile> {
  const names = readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).map((name) => name.split(path.sep).join('/'));
  const files = new Map<string, StaticFile>();
  for (const name of names) {
    const type = TYPES[path.extname(name)];
    if (type === undefined) continue;
    const body = readFileSync(path.join(ROOT, name));
    const bodies = new Map([['identity', body]]);
    for (const { name: encoding, suffix } of ENCODINGS) {
      if (names.includes(name + suffix)) bodies.set(encoding, readFileSync(path.join(ROOT, name + suffix)));
    }
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
    files.set(`/${name}`, { type, etag, bodies });
  }
  if (!files.has(PAGE)) throw new AppError('UNAVAILABLE', `${PAGE} is missing`);
  return files;
}
