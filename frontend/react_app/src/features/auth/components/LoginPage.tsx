import { useEffect } from "react";

import { LoginForm } from "./LoginForm";
import styles from "./login.module.css";

interface Props {
  onDone: () => void;
  /** Who has just chosen a password by a link: they are told that it is set, and give it once more. */
  welcome?: string;
}

export function LoginPage({ onDone, welcome }: Props) {
  useEffect(() => {
    document.title = "Log in · TITAN";
  }, []);
  return (
    <main className={styles.room}>
      <div className={styles.panel}>
        <h1 className={styles.name}>TITAN</h1>
        <p className={styles.lead}>
          {welcome === undefined
            ? "Pairs that really are cointegrated, and how sure that is."
            : `The password of ${welcome} is set. Log in with it.`}
        </p>
        <LoginForm onDone={onDone} initialName={welcome} />
        {welcome === undefined ? (
          <p className={styles.hint}>The demo account&rsquo;s name and password are printed where TITAN was started.</p>
        ) : null}
      </div>
    </main>
  );
}
