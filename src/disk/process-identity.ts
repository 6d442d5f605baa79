import { readFileSync } from 'node:fs';

/**
 * Names a process for good: `<pid>.<start>`. Numbers come again, soon in a container, where every server is the same
 * one; so the name says when the process started, too, where the system tells (0 where not).
 */
export function identifyProcess(pid: number): string {
  return `${pid}.${readStartTime(pid) ?? 0}`;
}

/** Whether the process that `identity` names still runs; what is no identity names none. */
export function isRunning(identity: string): boolean {
  const [, pid, start] = /^(\d+)\.(\d+)/.exec(identity) ?? [];
  if (pid === undefined || !isAlive(Number(pid))) return false;
  const startTime = readStartTime(Number(pid));
  return startTime === null || start === '0' || startTime === start;
}

/** Field 22 of proc_pid_stat(5), in clock ticks after boot; null where there is no /proc, or no such process in it. */
function readStartTime(pid: number): string | null {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return null;
  }
  // The second field, the program's name in parentheses, may hold spaces and parentheses itself.
  const fieldsFromThird = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fieldsFromThird[19] ?? null;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another user is alive although it may not be signalled.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
