/**
 * How much memory a program takes: the proportional set size of it and all its children.
 *
 * @module
 */

/** Milliseconds between two looks. */
const PAUSE = 20;

function read(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return ""; // It ended meanwhile.
  }
}

function childrenOf(pid: number): number[] {
  return read(`/proc/${pid}/task/${pid}/children`).split(" ").filter(Boolean).map(Number);
}

/**
 * Memory now.
 *
 * @param pid A process.
 * @returns KiB of it and its children; what they share counts once.
 */
export function memoryOf(pid: number): number {
  const own = Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0);
  return childrenOf(pid).reduce((sum, child) => sum + memoryOf(child), own);
}

/**
 * The most memory during some work.
 *
 * @param pid A process.
 * @param work The work.
 * @returns How many KiB more than before it.
 */
export async function growthDuring(pid: number, work: () => Promise<void>): Promise<number> {
  const before = memoryOf(pid);
  let most = before;
  const timer = setInterval(() => most = Math.max(most, memoryOf(pid)), PAUSE);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  return Math.max(most, memoryOf(pid)) - before;
}
