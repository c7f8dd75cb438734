// Loads the page again when a file of it did not arrive, as happens when the
// network changes meanwhile. It is no module: it must run before they load.

(() => {
  const KEY = 'chat-web:boot-failures';
  let failed = false;

  addEventListener('error', (event) => {
    if (failed || !(event.target instanceof HTMLScriptElement || event.target instanceof HTMLLinkElement)) return;
    failed = true;
    const failures = Number(sessionStorage.getItem(KEY) ?? 0);
    sessionStorage.setItem(KEY, String(failures + 1));
    setTimeout(() => location.reload(), Math.min(250 * 2 ** failures, 15_000));
  }, true);

  addEventListener('load', () => {
    if (!failed) sessionStorage.removeItem(KEY);
  });
})();
