// SPDX-License-Identifier: Apache-2.0
(() => {
  const root = document.documentElement;
  const stored = () => {
    try {
      return localStorage.getItem('gauntlet-theme');
    } catch {
      return null; // A page from a file may have no storage.
    }
  };
  const setTheme = (theme) => {
    root.dataset.theme = theme;
    try {
      localStorage.setItem('gauntlet-theme', theme);
    } catch {
      // The choice then lasts as long as the page.
    }
  };
  // Before the first paint, so that the page does not flash.
  const theme = stored();
  if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;

  const startTheme = () => {
    const button = document.getElementById('theme');
    button.hidden = false;
    button.addEventListener('click', () => {
      const now = root.dataset.theme ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
      setTheme(now === 'dark' ? 'light' : 'dark');
    });
  };

  const startCopy = () => {
    for (const button of document.querySelectorAll('.copy')) {
      button.hidden = false;
      button.addEventListener('click', async () => {
        const code = button.parentElement.querySelector('code');
        try {
          await navigator.clipboard.writeText(code.textContent);
        } catch {
          getSelection().selectAllChildren(code); // Without a secure context: the reader copies what is selected.
          return;
        }
        button.textContent = 'Copied';
        setTimeout(() => (button.textContent = 'Copy'), 1500);
      });
    }
  };

  const openTarget = () => {
    const id = decodeURIComponent(location.hash.slice(1));
    const target = id === '' ? null : document.getElementById(id);
    if (target === null) return;
    for (let at = target; at !== null; at = at.parentElement) {
      if (at instanceof HTMLDetailsElement) at.open = true;
    }
    target.scrollIntoView();
  };

  const startFilter = () => {
    const bar = document.querySelector('.filter');
    if (bar === null) return openTarget;
    const checks = [...document.querySelectorAll('.check')].map((element) => ({ element, text: element.textContent.toLowerCase() }));
    const search = document.getElementById('search');
    const buttons = [...bar.querySelectorAll('[data-filter]')];
    const wanted = new Set();
    const fits = (element) =>
      wanted.size === 0 || wanted.has(element.dataset.verdict) || (wanted.has('flaky') && element.dataset.flaky === 'true');
    const apply = () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const { element, text } of checks) {
        element.hidden = !(fits(element) && words.every((word) => text.includes(word)));
        if (!element.hidden) shown += 1;
      }
      for (const button of buttons) button.setAttribute('aria-pressed', String(wanted.has(button.dataset.filter)));
      document.getElementById('shown').textContent = shown === checks.length ? '' : `${shown} of ${checks.length} shown`;
    };
    const only = (verdict) => {
      wanted.clear();
      if (verdict !== undefined) wanted.add(verdict);
      else search.value = '';
      apply();
    };
    bar.hidden = false;
    search.addEventListener('input', apply);
    for (const button of buttons) {
      button.addEventListener('click', () => {
        if (!wanted.delete(button.dataset.filter)) wanted.add(button.dataset.filter);
        apply();
      });
    }
    for (const link of document.querySelectorAll('[data-show]')) link.addEventListener('click', () => only(link.dataset.show));
    document.addEventListener('keydown', (event) => {
      if (event.key === '/' && !event.ctrlKey && !event.metaKey && document.activeElement !== search) {
        event.preventDefault();
        search.focus();
      }
      if (event.key === 'Escape' && document.activeElement === search) only(undefined);
    });
    return () => {
      // A link to a check that the filter hides shows it again.
      if (document.getElementById(decodeURIComponent(location.hash.slice(1)))?.hidden) only(undefined);
      openTarget();
    };
  };

  addEventListener('DOMContentLoaded', () => {
    startTheme();
    startCopy();
    const reveal = startFilter();
    reveal();
    addEventListener('hashchange', reveal);
  });
})();
