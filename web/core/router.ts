/** The router: the address bar is the state of the page. Screens read `address`, and change it with `go`. */
import { computed, signal } from '@preact/signals';

/** Where the page is: the first part of the path, and the query. */
export interface Address {
  readonly screen: string;
  readonly query: URLSearchParams;
}

const current = signal(window.location.href);

export const address = computed<Address>(() => {
  const { pathname, searchParams } = new URL(current.value);
  return { screen: pathname.split('/')[1] || 'live', query: searchParams };
});

/** Changes the address. `replace` leaves no step for the back button: for what changes while one watches. */
export function go(to: string, replace = false): void {
  const url = new URL(to, window.location.href).href;
  if (url === window.location.href) return;
  if (replace) window.history.replaceState(null, '', url);
  else window.history.pushState(null, '', url);
  current.value = url;
}

/** An address within the page, without the parameters that are null. */
export function link(screen: string, query: Readonly<Record<string, string | number | null>> = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== null) params.set(name, String(value));
  const text = params.toString();
  return text ? `/${screen}?${text}` : `/${screen}`;
}

/** Follows the back button and plain clicks on links of the page. Called once. */
export function startRouter(): void {
  window.addEventListener('popstate', () => {
    current.value = window.location.href;
  });
  document.addEventListener('click', (event) => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const anchor = event.target instanceof Element ? event.target.closest('a') : null;
    if (!anchor || anchor.origin !== window.location.origin) return;
    if (anchor.target || anchor.hasAttribute('download') || anchor.pathname.startsWith('/api/')) return;
    event.preventDefault();
    go(anchor.href);
  });
}
