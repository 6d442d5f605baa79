import { useEffect, useState } from 'preact/hooks';
import { type Failure, toFailure } from '../../data/failure.js';
import { beginOidc, session, signIn } from '../../data/session.js';
import { Brand } from '../../frame/frame.js';
import { go, hrefOf, place } from '../../route/location.js';
import './sign-in.css';

/** The code of a one-time link. It is taken out of the URL before anything else is done. */
function takeCode(): string | null {
  const code = new URLSearchParams(window.location.hash.slice(1)).get('code');
  if (code !== null) go(hrefOf(place.value.path, place.value.search), { isStep: false });
  return code;
}

/** Where to go on: what was asked for before somebody had to sign in. */
function returnPath(): string {
  const { path, search } = place.value;
  if (path !== '/sign-in') return hrefOf(path, search);
  return '/';
}

export function SignIn() {
  const [failure, setFailure] = useState<Failure | null>(null);
  const [isBusy, setBusy] = useState(false);
  const told = place.value.search.get('failed');
  const attempt = async (work: () => Promise<unknown>) => {
    setBusy(true);
    setFailure(null);
    try {
      await work();
    } catch (error) {
      setFailure(toFailure(error));
      setBusy(false);
    }
  };
  const enter = (proof: Parameters<typeof signIn>[0]) =>
    attempt(async () => {
      await signIn(proof);
      go(returnPath(), { isStep: false });
    });
  // A link is opened once
  useEffect(() => {
    const code = takeCode();
    if (code !== null) void enter({ code });
  }, []);
  return (
    <main class="sign-in" aria-label="Sign in">
      <div class="card">
        <div class="brand">
          <Brand />
          <span>Midwatch</span>
        </div>
        <h1>Sign in</h1>
        {(failure ?? told) !== null && (
          <p class="refused" role="alert">
            {failure?.message ?? told}
          </p>
        )}
        {session.value?.hasIdentityProvider && (
          <>
            <button
              type="button"
              class="primary"
              disabled={isBusy}
              onClick={() => attempt(async () => window.location.assign(await beginOidc(returnPath())))}
            >
              Sign in with your organisation
            </button>
            <p class="or">or</p>
          </>
        )}
        <Paste isBusy={isBusy} onCredential={(credential) => enter({ credential })} />
        <p class="hint">
          <code>npm start</code> prints a link that signs you in, <code>npx midwatch token</code> a token to paste here.
          Neither is kept in this browser: it gets a session of its own, for twelve hours at most.
        </p>
      </div>
    </main>
  );
}

function Paste({ isBusy, onCredential }: { isBusy: boolean; onCredential: (credential: string) => void }) {
  const [credential, setCredential] = useState('');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onCredential(credential.trim());
      }}
    >
      <label for="credential">Token or API key</label>
      <input
        id="credential"
        type="password"
        autoComplete="off"
        required
        value={credential}
        onInput={(event) => setCredential(event.currentTarget.value)}
      />
      <button type="submit" disabled={isBusy || credential.trim() === ''}>
        {isBusy ? 'Signing in …' : 'Sign in'}
      </button>
    </form>
  );
}
