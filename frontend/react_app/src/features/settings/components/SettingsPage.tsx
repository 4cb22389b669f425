import { Link } from "@tanstack/react-router";

import { Page } from "@/components/page";
import { ShortcutList, type KeyedPage } from "@/components/shortcuts";

import { KeysSection } from "../keys/KeysSection";
import { PreferencesSection } from "../preferences/PreferencesSection";
import { SECTION_WORDS, SECTIONS, type Section } from "../search";
import { SecuritySection } from "../security/SecuritySection";
import { NotificationsSection } from "./NotificationsSection";
import { ProfileSection } from "./ProfileSection";
import styles from "./settings.module.css";

interface Props {
  section: Section;
  /** The pages that letters lead to. */
  pages: readonly KeyedPage[];
}

/** What a person sets for themselves; each part has its own address. */
export function SettingsPage({ section, pages }: Props) {
  return (
    <Page title="Settings">
      <div className={styles.split}>
        <nav aria-label="Parts of the settings" className={styles.parts}>
          <ul>
            {SECTIONS.map((each) => (
              <li key={each}>
                <Link to="/settings/$section" params={{ section: each }} className={styles.part}>
                  {SECTION_WORDS[each]}
                </Link>
              </li>
            ))}
          </ul>
        </nav>
        <section className={styles.body} aria-label={SECTION_WORDS[section]}>
          {section === "profile" ? <ProfileSection /> : null}
          {section === "preferences" ? <PreferencesSection /> : null}
          {section === "security" ? <SecuritySection /> : null}
          {section === "keys" ? <KeysSection /> : null}
          {section === "notifications" ? <NotificationsSection /> : null}
          {section === "keyboard" ? (
            <>
              <h2>Keyboard</h2>
              <ShortcutList pages={pages} />
            </>
          ) : null}
        </section>
      </div>
    </Page>
  );
}
