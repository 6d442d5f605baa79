import { render } from 'preact';
import { App } from './app.js';
import { applyTheme } from './theme/theme.js';
import './theme/tokens.css';
import './theme/base.css';
import './theme/control.css';

applyTheme();
render(<App />, document.getElementById('app') as HTMLElement);
