// The files that the person has chosen for the next message.

import { byId, el } from './dom.js';
import { sizeText } from './files.js';

const THUMBNAIL = 96; // pixels

/** Reads a file or blob as a file part of a message. */
async function partOf(blob, filename, mediaType) {
  const reader = new FileReader();
  await new Promise((resolve, reject) => {
    reader.onload = resolve;
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
  return { type: 'file', filename, mediaType, url: `data:${mediaType};base64,${reader.result.slice(reader.result.indexOf(',') + 1)}`, size: blob.size };
}

/** Returns the file parts of a message that the server has, with their content. */
export const contentOf = (parts) => Promise.all((parts ?? []).map(async ({ url, filename, mediaType }) => {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${filename} is kept no longer`);
  return partOf(await response.blob(), filename, mediaType);
}));

/**
 * Attachments shows the chosen files above the message box and calls onChange()
 * when there are others. A file comes by the button, by pasting, or by dragging it
 * onto the page. Each conversation has its own.
 */
export class Attachments {
  constructor({ maxFile, maxFiles, onChange }) {
    Object.assign(this, { maxFile, maxFiles, onChange });
    this.chosen = new Map(); // conversation to its file parts
    this.list = byId('chosen');
    this.input = byId('files');
    if (!this.input) return; // the program allows none
    byId('attach').addEventListener('click', () => this.input.click());
    this.input.addEventListener('change', () => {
      this.add([...this.input.files]);
      this.input.value = '';
    });
    byId('composer-text').addEventListener('paste', (event) => {
      if (event.clipboardData.files.length === 0) return;
      event.preventDefault();
      this.add([...event.clipboardData.files]);
    });
    const main = byId('main');
    main.addEventListener('dragover', (event) => event.dataTransfer.types.includes('Files') && event.preventDefault());
    main.addEventListener('drop', (event) => {
      if (event.dataTransfer.files.length === 0) return;
      event.preventDefault();
      this.add([...event.dataTransfer.files]);
    });
  }

  /** Shows those of another conversation. */
  open(conversation) {
    this.conversation = conversation;
    this.draw();
  }

  parts() {
    return this.chosen.get(this.conversation) ?? [];
  }

  /** Takes other parts. */
  set(parts) {
    this.chosen.set(this.conversation, parts);
    this.draw();
    this.onChange();
  }

  async add(files) {
    const { conversation } = this;
    const large = files.filter((file) => file.size > this.maxFile);
    const read = await Promise.allSettled(files.filter((file) => !large.includes(file)).map((file) => partOf(file, file.name, file.type || 'application/octet-stream')));
    const parts = [...(this.chosen.get(conversation) ?? []), ...read.filter((each) => each.status === 'fulfilled').map((each) => each.value)];
    const problems = large.map((file) => `${file.name} is larger than ${sizeText(this.maxFile)}.`);
    if (read.some((each) => each.status === 'rejected')) problems.push('A file could not be read.');
    if (parts.length > this.maxFiles) problems.push(`A message has at most ${this.maxFiles} files.`);
    this.chosen.set(conversation, parts.slice(0, this.maxFiles));
    if (conversation === this.conversation) {
      this.draw();
      byId('chosen-problem').textContent = problems.join(' ');
      byId('composer-text').focus({ preventScroll: true });
      this.onChange();
    }
  }

  draw() {
    if (!this.input) return;
    byId('chosen-problem').textContent = '';
    this.list.replaceChildren(...this.parts().map((part, i) => el('li', { class: 'chosen-file' },
      thumbnail(part),
      el('span', { class: 'chosen-name', dir: 'auto' }, part.filename),
      el('span', { class: 'chosen-size' }, sizeText(part.size)),
      el('button', { class: 'chosen-remove', type: 'button', 'aria-label': `Remove ${part.filename}`, onclick: () => this.removeAt(i) }, '×'))));
    this.list.hidden = this.parts().length === 0;
  }

  removeAt(i) {
    this.set(this.parts().filter((_, at) => at !== i));
    (this.list.querySelectorAll('.chosen-remove')[i] ?? byId('composer-text')).focus();
  }
}

// A picture is drawn, as the page's policy shows none that is not the server's.
function thumbnail({ mediaType, url }) {
  if (!mediaType.startsWith('image/')) return null;
  const canvas = el('canvas', { class: 'chosen-picture', 'aria-hidden': 'true', width: 0, height: 0 });
  const bytes = Uint8Array.from(atob(url.slice(url.indexOf(',') + 1)), (c) => c.charCodeAt(0));
  createImageBitmap(new Blob([bytes], { type: mediaType })).then((bitmap) => {
    const scale = Math.min(1, THUMBNAIL / Math.max(bitmap.width, bitmap.height));
    canvas.width = Math.max(1, bitmap.width * scale);
    canvas.height = Math.max(1, bitmap.height * scale);
    canvas.getContext('2d').drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  }, () => canvas.remove()); // it is no picture that the browser knows
  return canvas;
}
