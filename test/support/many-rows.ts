import type { Page } from 'playwright-core';

/** Has the list of decisions answered with so many rows, made in the page itself: a server would take minutes to record them. */
export async function answerWithRows(page: Page, count: number): Promise<void> {
  // Run by tsx, functions are named by a helper that pages do not have.
  await page.addInitScript('globalThis.__name ??= (value) => value');
  await page.addInitScript((total) => {
    const pageSize = 20_000;
    const newestMs = Date.now();
    const row = (at: number) => ({
      id: `row-${at}`,
      startedAt: new Date(newestMs - at).toISOString(),
      latencyMs: 900,
      outcome: at % 7 === 0 ? 'ERROR' : 'SUCCESS',
      errorType: at % 7 === 0 ? 'timeout' : null,
      requestType: 'refund',
      model: 'gpt-4o',
      customerSegment: 'retail',
      costUsd: 0.01,
      toolCalls: 2,
      failedToolCalls: 0,
      hallucinationScore: null,
      tokens: { total: 1_200 },
      agent: { name: `agent-${at}` },
    });
    const answer = (body: string) => {
      const from = Number(JSON.parse(body).variables.after ?? 0);
      const end = Math.min(total, from + pageSize);
      const nodes = Array.from({ length: end - from }, (_, offset) => row(from + offset));
      const pageInfo = { hasNextPage: end < total, endCursor: String(end) };
      return Response.json({ data: { resumeFrom: { decisionRecorded: 'Place:0' }, decisions: { nodes, pageInfo } } });
    };
    const ask = window.fetch.bind(window);
    window.fetch = async (input, init) => {
      const body = String(init?.body ?? '');
      return body.includes('query Decisions(') ? answer(body) : ask(input, init);
    };
  }, count);
}

export interface Scrolled {
  /** The most rows that were in the document at a time. */
  rowsMax: number;
  /** Steps after which what should be seen was not there. */
  blank: number;
  /** How long a frame of each step took. */
  frameMs: number[];
}

/** Scrolls so many pixels at a time to the last of `count` rows. */
export async function scrollThrough(
  page: Page,
  { count, stepPx }: { count: number; stepPx: number },
): Promise<Scrolled> {
  await page.locator('.virtual-list').waitFor();
  return page.evaluate(
    async ([total, px]) => {
      const list = document.querySelector('.virtual-list') as HTMLElement;
      const drawn = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      const scrolled = { rowsMax: 0, blank: 0, frameMs: [] as number[] };
      while (list.querySelector(`[aria-posinset="${total}"]`) === null) {
        const start = performance.now();
        list.scrollTop += px;
        await drawn();
        scrolled.frameMs.push((performance.now() - start) / 2);
        const rows = [...list.querySelectorAll('.item')].map((row) => row.getBoundingClientRect());
        scrolled.rowsMax = Math.max(scrolled.rowsMax, rows.length);
        const { top } = list.getBoundingClientRect();
        if (!rows.some((row) => row.top <= top + 1 && row.bottom > top)) scrolled.blank += 1;
      }
      return scrolled;
    },
    [count, stepPx] as const,
  );
}
