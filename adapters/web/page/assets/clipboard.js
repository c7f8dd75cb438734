// Copying text.

import { el } from './dom.js';

const TOLD = 1600; // milliseconds that a button says what became of it

/** Returns a button that copies what text() returns, and says whether it could. */
export function copyButton(className, text) {
  const LABEL = 'Copy';
  let timer;
  const button = el('button', { class: className, type: 'button' }, LABEL);
  button.addEventListener('click', async () => {
    button.textContent = await writeClipboard(text()) ? 'Copied' : 'Not copied';
    clearTimeout(timer);
    timer = setTimeout(() => { button.textContent = LABEL; }, TOLD);
  });
  return button;
}

async function writeClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Without a secure context there is only the old way.
    const focused = document.activeElement;
    const area = el('textarea', { class: 'hidden', readonly: true });
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    focused?.focus({ preventScroll: true });
    return done;
  }
}
