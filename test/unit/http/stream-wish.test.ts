import { describe, expect, it } from 'vitest';
import { readStreamWish } from '../../../src/http/stream-wish.js';

const URQL =
  'application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed';

describe('an event stream is wanted', () => {
  it.each([
    'text/event-stream',
    'Text/Event-Stream; charset=utf-8',
    'text/event-stream, application/json',
    'text/event-stream, */*',
    'application/json;q=0.5, text/event-stream',
    'application/json;q=0.8, text/event-stream;q=0.9, application/graphql-response+json;q=0.1',
  ])('for every operation by %s', (accept) => {
    expect(readStreamWish(accept)).toBe('every');
  });

  it.each([
    URQL,
    'application/json, text/event-stream',
    'text/event-stream;q=0.4, application/json;q=0.5',
    'text/event-stream;q=0.9, application/graphql-response+json',
    '*/*',
    undefined,
  ])('for subscriptions alone by %s', (accept) => {
    expect(readStreamWish(accept)).toBe('subscriptions');
  });

  it.each(['application/json', 'text/html, application/json', 'text/event-stream;q=0', '*/*;q=0', ''])(
    'for none by %j',
    (accept) => {
      expect(readStreamWish(accept)).toBe('none');
    },
  );
});
