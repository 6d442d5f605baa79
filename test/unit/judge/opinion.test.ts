import { describe, expect, it } from 'vitest';
import { readOpinion, sightingOf } from '../../../src/judge/opinion.js';

const ANSWER = 'Your parcel arrives\non 12 May. It was sent from Lyon.';

describe('a reply', () => {
  it.each([
    ['{"unsupported": ["sent from Lyon"], "score": 0.7}'],
    ['```json\n{"unsupported": ["sent from Lyon"], "score": 0.7}\n```'],
    ['Here it is: {"score": 0.7, "why": "no source", "unsupported": ["sent from Lyon"]}'],
  ])('%j is an opinion', (reply) => {
    expect(readOpinion(reply, ANSWER)).toEqual({ score: 0.7, unsupported: ['sent from Lyon'] });
  });

  it.each([
    [''],
    ['The answer is fine.'],
    ['}{'],
    ['null'],
    ['[]'],
    ['{"score": 0.7}'],
    ['{"score": "0.7", "unsupported": []}'],
    ['{"score": 1.01, "unsupported": []}'],
    ['{"score": -0.1, "unsupported": []}'],
    ['{"score": 1e999, "unsupported": []}'],
    ['{"score": 0.7, "unsupported": [7]}'],
    ['{"score": 0.7, "unsupported": []'],
  ])('%j is none', (reply) => {
    expect(readOpinion(reply, ANSWER)).toBeNull();
  });

  it('is quoted where the answer says just that, but for white space', () => {
    const reply = { score: 1, unsupported: ['parcel  arrives on 12 May.', 'ring +44 900 1', '', ' ', 'Your parcel'] };
    expect(readOpinion(JSON.stringify(reply), ANSWER)?.unsupported).toEqual([
      'parcel arrives on 12 May.',
      'Your parcel',
    ]);
  });

  it('is quoted from the texts of an answer that is JSON', () => {
    const answer = JSON.stringify([{ role: 'assistant', content: 'It says "sent"\nfrom Lyon.' }]);
    const reply = JSON.stringify({ score: 1, unsupported: ['"sent" from Lyon.', 'from Paris'] });
    expect(readOpinion(reply, answer)?.unsupported).toEqual(['"sent" from Lyon.']);
  });

  it('is quoted in bounds', () => {
    const answer = Array.from({ length: 9 }, (_, index) => `${index}`.repeat(400)).join(' ');
    const { unsupported = [] } =
      readOpinion(JSON.stringify({ score: 1, unsupported: answer.split(' ') }), answer) ?? {};
    expect(unsupported.map(({ length }) => length)).toEqual([300, 300, 300, 300, 300]);
  });
});

describe('what is found', () => {
  const decision = { id: 'd1', agentName: 'support', customerSegment: 'retail' };
  const judge = { model: 'gpt-5-mini', url: 'https://llm.example.com:8443/v1?code=canary', nowMs: 7 };

  it('names the judge and the model, and quotes apart from the evidence', () => {
    expect(sightingOf(decision, { score: 0.5, unsupported: ['from Lyon'] }, judge)).toEqual({
      kind: 'UNGROUNDED_ANSWER',
      severity: 'WARNING',
      score: 0.5,
      observed: 0.5,
      expected: 0.5,
      summary: 'gpt-5-mini, asked for a second opinion, says that the answer of support is made up by 50 %.',
      evidence: { judge: 'llm.example.com:8443', model: 'gpt-5-mini', score: 0.5, unsupported: 1 },
      incident: 'd1 judge',
      agent: 'support',
      decisionId: 'd1',
      customerSegment: 'retail',
      metric: null,
      quotes: ['from Lyon'],
      detectedAtMs: 7,
    });
  });

  it('is nothing below one half', () => {
    expect(sightingOf(decision, { score: 0.49, unsupported: ['from Lyon'] }, judge)).toBeNull();
  });
});
