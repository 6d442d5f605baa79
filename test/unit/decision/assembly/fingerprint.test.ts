import { describe, expect, it } from 'vitest';
import { assembleTrace } from '../../../../src/decision/assembly/assemble.js';
import { spanTree } from '../../../support/span-tree.js';

const fingerprints = (text: string) => assembleTrace(spanTree(text)).map(({ decision }) => decision.fingerprint);

describe('the fingerprint of a decision', () => {
  it('is that of its first model call', () => {
    const [one] = fingerprints(`
      agent A
        model m promptDigest=p toolsDigest=t
        model m promptDigest=q toolsDigest=u`);
    const [same] = fingerprints('agent A promptDigest=z\n  model m promptDigest=p toolsDigest=t');
    const [changed] = fingerprints('agent A\n  model m promptDigest=p toolsDigest=u');
    expect(one).toMatch(/^[0-9a-f]{16}$/);
    expect(same).toBe(one);
    expect(changed).not.toBe(one);
  });

  it('is put together where the agent’s span shows the prompt and the call the tools', () => {
    const [split] = fingerprints('agent A promptDigest=p\n  model m toolsDigest=t');
    const [together] = fingerprints('agent A\n  model m promptDigest=p toolsDigest=t');
    expect(split).toBe(together);
  });

  it('is none of another agent’s', () => {
    const [caller, callee] = fingerprints('agent A\n  tool ask\n    agent B\n      model m promptDigest=p');
    expect(caller).toBeNull();
    expect(callee).not.toBeNull();
  });

  it('is none where it failed before it called a model: half a set-up would look like another', () => {
    expect(fingerprints('agent A promptDigest=p fail=refused')).toEqual([null]);
    expect(fingerprints('agent A promptDigest=p')).not.toEqual([null]);
  });
});
