import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/demo/random.js';
import { DUTIES } from '../../../src/demo/topic/by-role.js';
import type { Task } from '../../../src/demo/topic/topic.js';

const figuresIn = (text: string): string[] => text.match(/\d+(?:[.-]\d+)*/g) ?? [];
const unsupported = ({ question, lookup }: Task, answer: string): string[] => {
  const known = new Set(figuresIn(`${question} ${JSON.stringify(lookup)}`));
  return figuresIn(answer).filter((figure) => !known.has(figure));
};

const topics = Object.entries(DUTIES).flatMap(([role, { topics: own }]) =>
  [...new Set(own)].map((topic) => ({ name: `${role}: ${topic(createRandom(1)).requestType}`, topic })),
);

describe.each(topics)('$name', ({ topic }) => {
  const random = createRandom(11);
  const tasks = Array.from({ length: 200 }, () => topic(random));

  it('answers with figures that were asked or looked up', () => {
    for (const task of tasks) expect(unsupported(task, task.answer)).toEqual([]);
  });

  it('invents figures that were not', () => {
    const invented = tasks.filter((task) => unsupported(task, task.inventedAnswer).length > 0);
    expect(invented.length).toBe(tasks.length);
  });
});
