import type { FunctionComponent } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { type Failure, toFailure } from './data/failure.js';
import { loadSession, session } from './data/session.js';
import { Empty, FailureNotice, Skeleton } from './element/panel.js';
import { Frame, NAV_SCREENS } from './frame/frame.js';
import { handleKey, useShortcuts } from './frame/keys.js';
import { Link } from './route/link.js';
import { go, place } from './route/location.js';
import { matchScreen, type Screen, type ScreenProps } from './route/screens.js';
import { hrefTo } from './route/slice.js';
import { SignIn } from './screen/sign-in/sign-in.js';
import { withNames } from './text/unseen.js';

export function App() {
  const [failure, setFailure] = useState<Failure | null>(null);
  const load = () => {
    setFailure(null);
    loadSession().catch((error: unknown) => setFailure(toFailure(error)));
  };
  useEffect(load, []);
  if (failure !== null) return <FailureNotice failure={failure} onRetry={load} />;
  if (session.value === null) return null;
  const isLink = place.value.path === '/sign-in' && window.location.hash.startsWith('#code=');
  return session.value.viewer === null || isLink ? <SignIn /> : <SignedIn />;
}

function SignedIn() {
  const match = matchScreen(place.value.path);
  useShortcuts(
    NAV_SCREENS.map(({ path, title, nav }) => ({
      keys: `g ${nav.key}`,
      does: `Go to ${title.toLowerCase()}`,
      run: () => go(hrefTo(path)),
    })),
  );
  useEffect(() => {
    window.addEventListener('keydown', handleKey);
    return () => window.removeEventListener('keydown', handleKey);
  }, []);
  const title = match === null ? 'Nothing here' : match.name || match.screen.title;
  useEffect(() => {
    document.title = `${withNames(title)} · Midwatch`;
  }, [title]);
  return (
    <Frame title={title}>
      {match === null ? <Nowhere /> : <Loaded key={match.screen.path} screen={match.screen} name={match.name} />}
    </Frame>
  );
}

/** A screen’s code comes when it is first gone to. */
function Loaded({ screen, name }: { screen: Screen; name: string }) {
  const [Component, setComponent] = useState<FunctionComponent<ScreenProps> | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  useEffect(() => {
    screen.load().then(
      (loaded) => setComponent(() => loaded),
      (error: unknown) => setFailure(toFailure(error)),
    );
  }, [screen]);
  if (failure !== null) return <FailureNotice failure={failure} onRetry={() => window.location.reload()} />;
  if (Component === null) return <Skeleton rows={6} height="2rem" />;
  return <Component key={name} name={name} />;
}

function Nowhere() {
  return (
    <Empty isPage title={`There is nothing at ${withNames(place.value.path)}`}>
      <Link to="/">Go to the overview</Link>
    </Empty>
  );
}
