import { describe, expect, it } from 'vitest';
import { assembleTrace } from '../../../src/decision/assembly/assemble.js';
import { readLabels } from '../../../src/ingest/convention/field/labels.js';
import { makeSpan } from '../../support/span-tree.js';
import { wireSpan } from '../../support/wire-span.js';

describe('labels of a span', () => {
  const wire = wireSpan({
    attributes: { tenant: 'own', count: 3, flag: true, list: ['a'], empty: '' },
    resource: { tenant: 'shared', region: 'eu' },
  });

  it('are the attributes that are asked for: its own, else its resource’s', () => {
    expect(readLabels(wire, ['tenant', 'region', 'count', 'flag', 'absent'])).toEqual({
      tenant: 'own',
      region: 'eu',
      count: '3',
      flag: 'true',
    });
  });

  it('are null when there are none, or no scalars', () => {
    expect(readLabels(wire, [])).toBeNull();
    expect(readLabels(wire, ['list', 'empty', '__proto__'])).toBeNull();
  });

  it('are gathered from all spans of a decision', () => {
    const [assembled] = assembleTrace([
      makeSpan({ kind: 'agent', agentName: 'a', spanId: 's1', endMs: 9, labels: { tenant: 'x' } }),
      makeSpan({ kind: 'tool', spanId: 's2', parentSpanId: 's1', endMs: 8, labels: { tenant: 'y', region: 'eu' } }),
    ]);
    expect(assembled?.labels).toEqual(
      new Map([
        ['tenant', new Set(['x', 'y'])],
        ['region', new Set(['eu'])],
      ]),
    );
    expect(assembled?.isRiskClassStated).toBe(false);
  });
});
