import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** What a program comes to when nobody reads its output, as when `head` has seen enough; `isDeaf`: nor its messages. */
export async function unread(
  program: string,
  args: readonly string[],
  { isDeaf = false, ...options }: { cwd?: string; env?: NodeJS.ProcessEnv; isDeaf?: boolean } = {},
): Promise<{ code: number | null; stderr: string }> {
  const child = spawn(program, args, options);
  child.stdout.destroy();
  if (isDeaf) child.stderr.destroy();
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, stderr };
}
