import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** What a program comes to when nobody reads its output, as when `head` has seen enough. */
export async function unread(
  program: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<{ code: number | null; stderr: string }> {
  const child = spawn(program, args, options);
  child.stdout.destroy();
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, stderr };
}
