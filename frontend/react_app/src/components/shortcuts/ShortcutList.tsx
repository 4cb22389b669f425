import { shortcutGroups, type KeyedPage } from "./groups";
import styles from "./shortcuts.module.css";
import { SingleKeySwitch } from "./SingleKeySwitch";

/** Every key that does something, and the switch for those pressed alone. */
export function ShortcutList({ pages }: { pages: readonly KeyedPage[] }) {
  return (
    <div className={styles.groups}>
      {shortcutGroups(pages).map(({ title, single, shortcuts }) => (
        <section key={title}>
          <h3>{title}</h3>
          <dl className={styles.keys}>
            {shortcuts.map(({ keys, does }) => (
              <div key={does} className={styles.line}>
                <dt>
                  {keys.map((name) => (
                    <kbd key={name}>{name}</kbd>
                  ))}
                </dt>
                <dd>{does}</dd>
              </div>
            ))}
          </dl>
          {single ? <SingleKeySwitch /> : null}
        </section>
      ))}
    </div>
  );
}
