// Building the page from nodes. No text ever becomes HTML.

/** Returns an element with properties and children; a string becomes a text node. */
export const el = (tag, properties, ...children) => build(document.createElement(tag), properties, children);

/** Returns an element of a drawing. */
export const svg = (tag, properties, ...children) => build(document.createElementNS('http://www.w3.org/2000/svg', tag), properties, children);

function build(node, properties = {}, children = []) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === 'class') node.setAttribute('class', value);
    else if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? '' : String(value));
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

export const byId = (id) => document.getElementById(id);

/** Returns a random id of 128 bits. */
export function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
}
