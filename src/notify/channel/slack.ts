import type { NotifiableAlert } from '../alert.js';
import type { Notice } from '../plan/notice.js';
import type { Reach } from './address.js';
import type { Channel } from './channel.js';
import { post } from './post.js';
import { countsOf, detailsOf, headlineOf, titleOf } from './wording.js';

export interface SlackOptions {
  /** Of the incoming webhook: whoever has it may post, so it is a secret. */
  url: string;
  reach: Reach;
  deadlineMs: number;
}

/** Slack's own bounds (docs.slack.dev/reference/block-kit/blocks). */
const HEADER_MAX = 150;
const SECTION_MAX = 3_000;

/** Block Kit over an incoming webhook. Texts are `plain_text`, in which Slack makes nothing bold and nobody is mentioned. */
export function createSlack({ url, reach, deadlineMs }: SlackOptions): Channel {
  const secrets = [url, new URL(url).pathname];
  return {
    traits: { alertsMax: 15, resendEveryMs: null, tellsAcknowledgement: false },
    send: (notice, { nowMs, signal }) => {
      const request = { url, headers: { 'content-type': 'application/json' }, body: JSON.stringify(slackBody(notice)) };
      return post(request, { reach, deadlineMs, signal, nowMs, secrets });
    },
  };
}

function slackBody(notice: Notice): object {
  const headline = headlineOf(notice);
  return {
    // What a phone shows of it, and whoever cannot show blocks.
    text: escapeWithin(`${headline}: ${countsOf(notice)}`, SECTION_MAX),
    blocks: [
      { type: 'header', text: plain(headline, HEADER_MAX) },
      ...notice.alerts.map((alert) => ({ type: 'section', text: plain(wordsOf(alert), SECTION_MAX) })),
      { type: 'context', elements: [plain(countsOf(notice), SECTION_MAX)] },
    ],
  };
}

function wordsOf(alert: NotifiableAlert): string {
  return `${titleOf(alert)}\n${detailsOf(alert)}`;
}

function plain(text: string, charactersMax: number): object {
  return { type: 'plain_text', text: escapeWithin(text, charactersMax), emoji: false };
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Escaped as Slack wants it, so that `<!channel>` is text; cut where it would be longer, never within an escape. */
function escapeWithin(text: string, charactersMax: number): string {
  let escaped = '';
  for (const character of text) {
    const next = ESCAPES[character] ?? character;
    if (escaped.length + next.length >= charactersMax) return `${escaped}…`;
    escaped += next;
  }
  return escaped;
}
