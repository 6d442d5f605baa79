import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { session, signOut } from '../data/session.js';
import { Icon } from '../element/icon.js';
import { Popup } from '../element/popup.js';
import { Link } from '../route/link.js';
import { place } from '../route/location.js';
import { isCurrent, SCREENS, type Screen } from '../route/screens.js';
import { setTheme, type Theme, theme } from '../theme/theme.js';
import { Help, openHelp } from './help.js';
import { LiveBadge } from './live-badge.js';
import { openPalette, Palette } from './palette.js';
import { SliceBar } from './slice-bar.js';
import './frame.css';

export function Frame({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <div class="frame">
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <nav class="rail" aria-label="Screens">
        <Link to="/" class="brand" aria-label="Midwatch, overview">
          <Brand />
          <span>Midwatch</span>
        </Link>
        <NavLinks />
        <div class="rail-end">
          <Settings />
        </div>
      </nav>
      <header class="top">
        <SliceBar />
        <div class="top-end">
          <LiveBadge />
          <button type="button" class="search" aria-label="Search and commands, Ctrl K" onClick={openPalette}>
            <Icon name="search" />
            <kbd>Ctrl K</kbd>
          </button>
          <div class="phone-only">
            <Settings />
          </div>
        </div>
      </header>
      <main id="content" tabIndex={-1} aria-label={title} key={place.value.path}>
        {children}
      </main>
      <Tabs />
      <Palette />
      <Help />
    </div>
  );
}

/** On a phone. They are more than fit: the current one is brought into view. */
function Tabs() {
  const { path } = place.value;
  const bar = useRef<HTMLElement>(null);
  useEffect(() => {
    bar.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [path]);
  return (
    <nav ref={bar} class="tabs" aria-label="Screens">
      <NavLinks />
    </nav>
  );
}

type NavScreen = Screen & { nav: NonNullable<Screen['nav']> };

export const NAV_SCREENS = SCREENS.filter((screen): screen is NavScreen => screen.nav !== null);

function NavLinks() {
  return (
    <ul>
      {NAV_SCREENS.map((screen) => (
        <li key={screen.path}>
          <Link to={screen.path} aria-current={isCurrent(screen) ? 'page' : undefined}>
            <Icon name={screen.nav.icon} />
            <span>{screen.title}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

const THEMES: readonly { theme: Theme; word: string }[] = [
  { theme: 'system', word: 'As the system' },
  { theme: 'light', word: 'Light' },
  { theme: 'dark', word: 'Dark' },
];

function Settings() {
  const viewer = session.value?.viewer;
  return (
    <Popup
      name={`Account: ${viewer?.subject}`}
      class="quiet"
      label={
        <>
          <Icon name="person" />
          <span class="wide">{viewer?.subject}</span>
        </>
      }
    >
      {(close) => (
        <div class="choices">
          <h3>
            {viewer?.subject}, {viewer?.roles.join(', ').toLowerCase()}
          </h3>
          {THEMES.map(({ theme: choice, word }) => (
            <button
              key={choice}
              type="button"
              aria-pressed={theme.value === choice}
              onClick={() => {
                setTheme(choice);
                close();
              }}
            >
              {word}
            </button>
          ))}
          <button
            type="button"
            onClick={() => {
              close();
              openHelp();
            }}
          >
            <Icon name="keyboard" /> Keys
          </button>
          <a href="/graphql" target="_blank" rel="noreferrer">
            GraphQL explorer
          </a>
          <button type="button" onClick={signOut}>
            Sign out
          </button>
        </div>
      )}
    </Popup>
  );
}

/** A watch lamp over the horizon. */
export function Brand() {
  return (
    <svg class="brand-mark" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">
      <path class="sky" d="M12 2a10 10 0 0 1 10 10H2A10 10 0 0 1 12 2" />
      <path class="sea" d="M2.500 14.500h19M4.500 17.500h15M8 20.500h8" />
      <circle class="lamp" cx="12" cy="8" r="2.200" />
    </svg>
  );
}
