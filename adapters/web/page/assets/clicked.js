// Which buttons of a card the person has clicked, for as long as the tab lives.

const KEY = 'chat-web:clicked';
const MOST = 500; // buttons

let memory = []; // where the browser stores nothing

function load() {
  try {
    const stored = JSON.parse(sessionStorage.getItem(KEY));
    return Array.isArray(stored) ? stored : memory;
  } catch {
    return memory;
  }
}

/**
 * Returns the set of the buttons that were clicked in a message's card. A card
 * that the bot has changed begins anew.
 */
export function clickedIn(message, content) {
  const name = (action) => JSON.stringify([message, hash(JSON.stringify(content)), action]);
  return {
    has: (action) => load().includes(name(action)),
    add(action) {
      memory = [...load().filter((each) => each !== name(action)), name(action)].slice(-MOST);
      try {
        sessionStorage.setItem(KEY, JSON.stringify(memory));
      } catch {
        // Then it is forgotten with the page.
      }
    },
  };
}

/** Returns a number that changes with the text. */
export function hash(text) {
  let h = 0;
  for (let i = 0; i < text.length; i++) h = (h * 31 + text.charCodeAt(i)) | 0;
  return h;
}
