import { expect, test } from 'vitest';
import { sign } from '../../../src/notify/channel/webhook.js';

test('a signature is that of the example of Standard Webhooks', () => {
  // The example of Svix, from whose signatures the standard was made (docs.svix.com/receiving/verifying-payloads/how).
  const secret = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64');
  const message = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: '1614265330', body: '{"test": 2432232314}' };
  expect(sign(secret, message)).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
});
