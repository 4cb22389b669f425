/** The tab's title: the page's name, and before it how much has happened since one last looked. */

let page = "";
let news = 0;

function write(): void {
  const name = page === "" ? "TITAN" : `${page} · TITAN`;
  document.title = news > 0 ? `(${news}) ${name}` : name;
}

/** The name of the page on screen. */
export function setPageTitle(title: string): void {
  page = title;
  write();
}

/** Jobs ended elsewhere and not looked at yet; a person in another tab sees the number there. */
export function setTitleBadge(count: number): void {
  news = count;
  write();
}
