// A menu whose options the bot is asked for while the person types: a combobox
// with a list, after https://www.w3.org/WAI/ARIA/apg/patterns/combobox/.

import { problem } from './actions.js';
import { el, randomId } from './dom.js';
import { listOf, text } from './safe.js';

const PAUSE = 250; // milliseconds without a key before the bot is asked

/** SearchBox has the element, its input, and the value that was chosen. */
export class SearchBox {
  /** load(query) returns a promise of groups: {label, options}. */
  constructor({ placeholder, initialOption, minQueryLength }, load) {
    this.load = load;
    this.least = minQueryLength > 0 ? minQueryLength : 0;
    this.value = text(initialOption?.value);
    this.asked = 0;
    this.options = []; // {element, label, value}
    this.active = -1;
    this.list = el('div', { class: 'search-list', role: 'listbox', id: randomId(), hidden: true });
    this.status = el('p', { class: 'search-status', role: 'status', hidden: true });
    this.input = el('input', {
      class: 'input', type: 'text', dir: 'auto', role: 'combobox', autocomplete: 'off', placeholder: text(placeholder) || 'Search…',
      'aria-autocomplete': 'list', 'aria-expanded': 'false', 'aria-controls': this.list.id,
    });
    this.input.value = text(initialOption?.label);
    this.element = el('div', { class: 'search' }, this.input, this.list, this.status);
    this.input.addEventListener('input', () => {
      this.value = '';
      this.ask(PAUSE);
    });
    this.input.addEventListener('keydown', (event) => this.key(event));
    this.input.addEventListener('click', () => this.list.hidden && this.ask(0));
    this.input.addEventListener('blur', () => this.hide());
    this.list.addEventListener('pointerdown', (event) => event.preventDefault()); // the input keeps the focus
  }

  ask(pause) {
    clearTimeout(this.timer);
    const query = this.value ? '' : this.input.value.trim();
    const asked = ++this.asked;
    if ([...query].length < this.least) {
      this.hide();
      this.say(query ? `Type at least ${this.least} characters.` : '');
      return;
    }
    this.timer = setTimeout(async () => {
      this.say('Searching…');
      let groups;
      let failure = '';
      try {
        groups = listOf(await this.load(query));
      } catch (error) {
        groups = [];
        failure = problem(error);
      }
      if (asked !== this.asked || document.activeElement !== this.input) return;
      this.show(groups);
      this.say(failure || (this.options.length === 0 ? 'Nothing was found.' : ''));
    }, pause);
  }

  say(message) {
    this.status.textContent = message;
    this.status.hidden = message === '';
  }

  show(groups) {
    this.options = [];
    this.list.replaceChildren(...groups.map(({ label, options }) => el('div', { role: 'group', 'aria-label': text(label) || null },
      label ? el('div', { class: 'search-group', dir: 'auto', 'aria-hidden': 'true' }, text(label)) : null,
      ...listOf(options).map((option) => this.option(option)))));
    this.list.hidden = this.options.length === 0;
    this.input.setAttribute('aria-expanded', String(!this.list.hidden));
    this.activate(-1);
    this.list.scrollIntoView({ block: 'nearest' });
  }

  option({ label, value, description }) {
    const element = el('div', { class: 'search-option', dir: 'auto', role: 'option', id: randomId(), 'aria-selected': 'false' },
      text(label), description ? el('small', {}, text(description)) : null);
    const option = { element, label: text(label), value: text(value) };
    element.addEventListener('click', () => this.choose(option));
    this.options.push(option);
    return element;
  }

  hide() {
    clearTimeout(this.timer);
    this.asked++;
    this.list.hidden = true;
    this.say('');
    this.input.setAttribute('aria-expanded', 'false');
    this.activate(-1);
  }

  activate(index) {
    this.active = index;
    this.options.forEach(({ element }, i) => element.setAttribute('aria-selected', String(i === index)));
    const element = this.options[index]?.element;
    if (element) {
      this.input.setAttribute('aria-activedescendant', element.id);
      element.scrollIntoView({ block: 'nearest' });
    } else {
      this.input.removeAttribute('aria-activedescendant');
    }
  }

  choose(option) {
    this.value = option.value;
    this.input.value = option.label;
    this.hide();
  }

  key(event) {
    const open = !this.list.hidden;
    const count = this.options.length;
    switch (event.key) {
      case 'ArrowDown':
      case 'ArrowUp': {
        event.preventDefault();
        if (!open) return this.ask(0);
        const step = event.key === 'ArrowDown' ? 1 : -1;
        return this.activate(this.active < 0 && step < 0 ? count - 1 : (this.active + step + count) % count);
      }
      case 'Enter':
        if (!open) return undefined;
        event.preventDefault(); // the form is not submitted
        return this.options[this.active] && this.choose(this.options[this.active]);
      case 'Escape':
        if (!open) return undefined;
        event.preventDefault(); // the modal stays open
        event.stopPropagation();
        return this.hide();
      default:
        return undefined;
    }
  }
}
