/**
 * The nonce of this page's content security policy, which lets through the few styles that are made while the
 * application runs. It stands in a `meta` element: browsers hide the `nonce` attribute of elements from scripts.
 */
function read(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="titan-nonce"]')?.content ?? "";
}

let known: string | undefined;

export function styleNonce(): string {
  known ??= read();
  return known;
}
