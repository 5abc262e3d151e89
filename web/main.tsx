/** The beginning of the dashboard. */
import { render } from 'preact';
import './styles/tokens.css';
import './styles/base.css';
import './styles/frame.css';
import './styles/live.css';
import { startClock } from './core/clock.ts';
import { startKeyboard } from './core/keyboard.ts';
import { startRouter } from './core/router.ts';
import { startSession } from './core/session.ts';
import { App } from './frame/app.tsx';

const root = document.getElementById('app');
if (root) {
  startRouter();
  startClock();
  startKeyboard();
  void startSession();
  render(<App />, root);
}
