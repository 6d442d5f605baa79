import { expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/main.js';

it.each([...COMMANDS])('midwatch %s is the command of that name', async (name, load) => {
  expect((await load()).name).toBe(name);
});
