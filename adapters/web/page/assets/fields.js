// The inputs of a modal.

import { onCommit, problem, radioField, selectField } from './actions.js';
import { fields as cardFields, paragraph } from './card.js';
import { el, randomId } from './dom.js';
import { text } from './safe.js';
import { SearchBox } from './search-box.js';

/**
 * Returns the parts of an input: {id, element, value(), problem(), setError(text),
 * focus()}, or only {element} for one without a value. context has
 * act(action, value), which reports a choice at once, and load(action, query) for
 * the options of an external select.
 */
export function field(input, context) {
  switch (input.type) {
    case 'text': return { element: paragraph(input) };
    case 'fields': return { element: cardFields(input) };
    case 'text_input': return labelled(input, textInput(input));
    case 'date_input': return labelled(input, el('input', { class: 'input', type: 'date', value: input.initialValue }));
    case 'number_input': return labelled(input, numberInput(input));
    case 'select': return chosen(input, labelled(input, selectField(input).menu), context);
    case 'radio_select': return chosen(input, radios(input), context);
    case 'external_select': return external(input, context);
    default: return null; // of a newer version
  }
}

function textInput({ placeholder, initialValue, multiline, maxLength }) {
  const control = el(multiline ? 'textarea' : 'input', {
    class: 'input', dir: 'auto', placeholder: text(placeholder) || null, maxlength: maxLength > 0 ? maxLength : null,
    ...(multiline ? { rows: 4 } : { type: 'text', autocomplete: 'off' }),
  });
  control.value = text(initialValue);
  return control;
}

const numberInput = ({ placeholder, initialValue, min, max, decimal }) => el('input', {
  class: 'input', type: 'number', placeholder: text(placeholder) || null, value: initialValue,
  min, max, step: decimal ? 'any' : 1, inputmode: decimal ? 'decimal' : 'numeric',
});

// Puts a label above a control, and an error below it.
function labelled({ id, label, optional }, control, focus = control) {
  const error = el('p', { class: 'field-error', id: randomId() });
  focus.id = randomId();
  focus.required = !optional;
  const element = el('div', { class: 'field' },
    el('label', { class: 'field-label', dir: 'auto', for: focus.id }, text(label), note(optional)), control, error);
  focus.addEventListener('input', () => tell(focus, error, '')); // it is being mended
  return {
    id, element,
    value: () => focus.value.trim(),
    problem: () => (focus.value.trim() === '' && !optional && !focus.validity.badInput ? MISSING : focus.validationMessage),
    setError: (message) => tell(focus, error, message),
    focus: () => focusOn(focus, element),
  };
}

// Focuses a control with its label in sight.
function focusOn(control, element) {
  control.focus({ preventScroll: true });
  element.scrollIntoView({ block: 'nearest' });
}

const MISSING = 'Please fill in this field.';

const note = (optional) => (optional ? el('span', { class: 'field-note' }, ' (optional)') : null);

function tell(control, error, message) {
  error.textContent = message;
  if (message) {
    control.setAttribute('aria-invalid', 'true');
    control.setAttribute('aria-describedby', error.id);
  } else {
    control.removeAttribute('aria-invalid');
    control.removeAttribute('aria-describedby');
  }
}

function radios(input) {
  const group = radioField(input);
  const error = el('p', { class: 'field-error', id: randomId() });
  const value = () => group.querySelector('input:checked')?.value ?? '';
  group.firstChild.append(note(input.optional) ?? '');
  group.addEventListener('change', () => tell(group, error, ''));
  return {
    id: input.id,
    element: el('div', { class: 'field' }, group, error),
    value,
    problem: () => (value() === '' && !input.optional ? 'Please choose one of these.' : ''),
    setError: (message) => tell(group, error, message),
    focus: () => focusOn(group.querySelector('input:checked, input'), group),
  };
}

// Reports each choice at once if the bot asked for that.
function chosen(input, part, { act }) {
  if (input.dispatchAction) {
    onCommit(part.element, () => {
      if (part.value()) act(input.id, part.value(), randomId()).catch((error) => part.setError(problem(error)));
    });
  }
  return part;
}

function external(input, { load }) {
  const box = new SearchBox(input, (query) => load(input.id, query));
  const part = labelled(input, box.element, box.input);
  return {
    ...part,
    value: () => box.value,
    problem: () => (box.value === '' && (!input.optional || box.input.value.trim() !== '') ? 'Please choose one of the options.' : ''),
  };
}
